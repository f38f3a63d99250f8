"""A crew-neck shirt: the skin below the neckline pushed outwards, with a rolled collar."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scripts.mira.look.landmarks import above_neckline

Array = NDArray[np.float64]


def _clip_below(polygons: list[list[int]], height: Array) -> tuple[list[list[int]], Array, Array]:
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
    points: Array, normals: Array, rest: Array, polygons: list[list[int]], collar_grid: tuple[int, int]
) -> tuple[Array, list[list[int]], Array]:
    """Vertices, polygons and rest positions of the shirt.

    Args:
        points: [V, 3] skin, metres on Blender's axes.
        normals: [V, 3] its normals.
        rest: [V, 3] its rest positions, decimetres on MakeHuman's axes.
        polygons: of the skin.
        collar_grid: segments along and around the collar.
    """
    clipped, edges, fraction = _clip_below(polygons, above_neckline(rest))

    def extend(values: Array) -> Array:
        f = fraction[:, None]
        return np.concatenate([values, values[edges[:, 0]] * (1 - f) + values[edges[:, 1]] * f])

    start = len(points)
    points, normals, rest = extend(points), extend(normals), extend(rest)
    thickness = 0.0025 + 0.0035 * np.clip(-above_neckline(rest) / 0.8, 0, 1)
    points = points + normals * thickness[:, None]
    collar = _collar(points[start:], normals[start:], *collar_grid)
    used = np.unique(np.concatenate([np.array(p) for p in clipped]))
    renumber = np.full(len(points), -1)
    renumber[used] = np.arange(len(used))
    out = [[int(renumber[i]) for i in polygon] for polygon in clipped]
    base, (along, around) = len(used), collar_grid
    for i in range(along):
        a, b = base + i * around, base + (i + 1) % along * around
        out += [[a + j, a + (j + 1) % around, b + (j + 1) % around, b + j] for j in range(around)]
    collar_rest = np.stack([collar[:, 0], collar[:, 2], -collar[:, 1]], 1) * 10
    return np.concatenate([points[used], collar]), out, np.concatenate([rest[used], collar_rest])
