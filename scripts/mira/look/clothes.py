"""Clothes: the skin below a neckline pushed outwards, with a rolled collar, and jackets over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avgen.casting.body_colours import DARK, INNER_SHIRTS
from avgen.casting.person import Colour, Wear
from scripts.mira.look.landmarks import above_neckline

Array = NDArray[np.float64]
Height = Callable[[Array], Array]
"""Signed height [V] of points [V, 3] on Mira above the edge of a cloth."""

FULL, THIN = 0.0035, 0.0005
"""Fullness of a shirt, and of one under a jacket."""
OPENING_HEIGHTS, OPENING = (3.3, 4.2, 4.9, 5.40), (0.00, 0.20, 0.37, 0.46)
LAPEL_HEIGHTS, LAPEL_WIDTHS = (3.4, 4.55, 4.72, 4.76, 5.1, 5.32), (0.02, 0.30, 0.36, 0.24, 0.14, -0.02)
"""Half width of a jacket's opening, and width of its lapels, whose notch is a step."""


@dataclass(frozen=True, slots=True)
class Cloth:
    """What clothes are cut from.

    Attributes:
        points: [V, 3] skin, metres on Blender's axes.
        normals: [V, 3] its normals.
        rest: [V, 3] the same places on Mira at rest, decimetres on MakeHuman's axes.
        polygons: of the skin.
    """

    points: Array
    normals: Array
    rest: Array
    polygons: list[list[int]]


@dataclass(frozen=True, slots=True)
class Garment:
    """A piece of clothing.

    Attributes:
        name: label.
        colour: linear albedo.
        vertices: [V, 3] metres on Blender's axes.
        faces: polygons.
        rest: [V, 3] places on Mira, decimetres.
        thickness: metres of the cloth; 0 has no inside.
    """

    name: str
    colour: Colour
    vertices: Array
    faces: list[list[int]]
    rest: Array
    thickness: float = 0.0


def above_v_neck(points: Array) -> Array:
    """Above the edge of a shirt with a V-neck."""
    x, z = np.abs(points[:, 0]), points[:, 2]
    front = np.clip((z - 0.1) / 0.3, 0, 1)
    return above_neckline(points) + 0.62 * front * np.clip(1 - x / 0.46, 0, 1)


def above_roll_neck(points: Array) -> Array:
    """Above the edge of a collar that encloses half of the neck."""
    return points[:, 1] - 5.58 - 0.16 * np.clip((0.75 - points[:, 2]) / 0.9, 0, 1)


def above_jacket(points: Array) -> Array:
    """Above the edge of a jacket that is open in front."""
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    opening = np.interp(y, OPENING_HEIGHTS, OPENING) - x - 2 * np.clip((0.05 - z) / 0.1, 0, 1)
    return np.maximum(above_neckline(points) - 0.10, opening)


def above_lapels(points: Array) -> Array:
    """Outside the lapels of that jacket."""
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    beside = x - np.interp(y, OPENING_HEIGHTS, OPENING) - np.interp(y, LAPEL_HEIGHTS, LAPEL_WIDTHS)
    return np.maximum(above_jacket(points), beside + np.clip((0.1 - z) / 0.1, 0, 1))


NECKLINES: dict[str, Height] = {
    "crew": above_neckline,
    "v-neck": above_v_neck,
    "roll-neck": above_roll_neck,
    "jacket": above_neckline,
}


def dressed(wear: Wear, cloth: Cloth, collar_grid: tuple[int, int]) -> list[Garment]:
    """Clothes of a cut on posed skin."""
    neckline, colour = NECKLINES[wear.cut], wear.colour
    if wear.cut == "jacket":
        colour = INNER_SHIRTS[0 if sum(wear.colour) / 3 < DARK else 1]
    fullness = THIN if wear.cut == "jacket" else FULL
    vertices, faces, rest = shirt_shape(cloth, collar_grid, neckline, fullness)
    if wear.cut == "jacket":
        covered = above_jacket(rest) < 0
        faces = [face for face in faces if not covered[face].all()]
    out = [Garment("shirt", colour, vertices, faces, rest)]
    if wear.cut == "jacket":
        for name, edge, distance in (("jacket", above_jacket, 0.0052), ("lapels", above_lapels, 0.0068)):
            out.append(Garment(name, wear.colour, *_layer(cloth, edge, distance), 0.0012))
    return out


def _layer(cloth: Cloth, edge: Height, distance: float) -> tuple[Array, list[list[int]], Array]:
    """Vertices, polygons and places on Mira of a cloth that lies at a distance from the skin."""
    clipped, edges, fraction = clip_below(cloth.polygons, edge(cloth.rest))
    points, normals, rest = (
        _extended(values, edges, fraction) for values in (cloth.points, cloth.normals, cloth.rest)
    )
    used, polygons = _compact(clipped, len(points))
    return (points + normals * distance)[used], polygons, rest[used]


def _extended(values: Array, edges: NDArray[np.int64], fraction: Array) -> Array:
    """Values of vertices, and of the points that a clip made on edges."""
    f = fraction[:, None]
    return np.concatenate([values, values[edges[:, 0]] * (1 - f) + values[edges[:, 1]] * f])


def _compact(polygons: list[list[int]], count: int) -> tuple[NDArray[np.int64], list[list[int]]]:
    """Vertices that polygons use, and the polygons in terms of them."""
    used = np.unique(np.concatenate([np.array(p) for p in polygons]))
    renumber = np.full(count, -1)
    renumber[used] = np.arange(len(used))
    return used, [[int(renumber[i]) for i in polygon] for polygon in polygons]


def clip_below(polygons: list[list[int]], height: Array) -> tuple[list[list[int]], NDArray[np.int64], Array]:
    """Parts of polygons where height <= 0; new vertices are (edge [m, 2], fraction [m])."""
    created: dict[tuple[int, int], int] = {}
    clipped = []

    def cut(i: int, j: int) -> int:
        return created.setdefault((min(i, j), max(i, j)), len(height) + len(created))

    for polygon in polygons:
        kept: list[int] = []
        for a, b in zip(polygon, polygon[1:] + polygon[:1], strict=True):
            if height[a] <= 0:
                kept.append(a)
            if (height[a] <= 0) != (height[b] <= 0):
                kept.append(cut(a, b))
        if len(kept) > 2:
            clipped.append(kept)
    edges = np.array(list(created))
    fraction = height[edges[:, 0]] / (height[edges[:, 0]] - height[edges[:, 1]])
    return clipped, edges, fraction


def _collar(loop: Array, normals: Array, along: int, around: int) -> Array:
    """Elliptical tube [along * around, 3] along the low-passed neckline."""
    centre = loop.mean(0)
    theta = np.arctan2(loop[:, 0] - centre[0], -(loop[:, 1] - centre[1]))
    order = np.argsort(theta)
    grid = np.linspace(-np.pi, np.pi, along, endpoint=False)
    wrapped = np.r_[theta[order] - 2 * np.pi, theta[order], theta[order] + 2 * np.pi]

    def smooth(values: Array) -> Array:
        samples = np.interp(grid, wrapped, np.tile(values[order], 3))
        spectrum = np.fft.rfft(samples) * (np.arange(along // 2 + 1) < 14)
        return np.fft.irfft(spectrum, along)

    path = np.stack([smooth(loop[:, k]) for k in range(3)], 1)
    normal = np.stack([smooth(normals[:, k]) for k in range(3)], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    tangent = np.roll(path, -1, 0) - np.roll(path, 1, 0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    inward = np.cross(tangent, normal)
    inward *= np.sign((inward * (centre - path)).sum(1).mean())
    phi = np.linspace(0, 2 * np.pi, around, endpoint=False)
    cosine, sine = (np.sign(f) * np.abs(f) ** 0.7 for f in (np.cos(phi), np.sin(phi)))
    width, height = cosine * 0.0085 - 0.004, sine * 0.0022 + 0.0008
    tube = path[:, None] + width[None, :, None] * inward[:, None] + height[None, :, None] * normal[:, None]
    return tube.reshape(-1, 3)


def shirt_shape(
    cloth: Cloth, collar_grid: tuple[int, int], neckline: Height, fullness: float
) -> tuple[Array, list[list[int]], Array]:
    """Vertices, polygons and places on Mira of a shirt.

    Args:
        cloth: posed skin.
        collar_grid: segments along and around the collar.
        neckline: where it ends.
        fullness: metres by which it stands off further down.
    """
    clipped, edges, fraction = clip_below(cloth.polygons, neckline(cloth.rest))
    points, normals, rest = (
        _extended(values, edges, fraction) for values in (cloth.points, cloth.normals, cloth.rest)
    )
    start = len(cloth.points)
    thickness = 0.0025 + fullness * np.clip(-neckline(rest) / 0.8, 0, 1)
    points = points + normals * thickness[:, None]
    collar = _collar(points[start:], normals[start:], *collar_grid)
    used, out = _compact(clipped, len(points))
    base, (along, around) = len(used), collar_grid
    for i in range(along):
        a, b = base + i * around, base + (i + 1) % along * around
        out += [[a + j, a + (j + 1) % around, b + (j + 1) % around, b + j] for j in range(around)]
    collar_rest = np.stack([collar[:, 0], collar[:, 2], -collar[:, 1]], 1) * 10
    return np.concatenate([points[used], collar]), out, np.concatenate([rest[used], collar_rest])
