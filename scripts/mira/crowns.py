"""Procedural parts that replace the mesh's crude helpers: tooth rows with gums, and eyeballs.

Tooth rows are in decimetres; the eyeball has radius 1 and looks along +Z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avgen.casting.head import CORNEA_CENTRE, CORNEA_RADIUS, LIMBUS

Array = NDArray[np.float64]

WIDTHS = {
    "upper": (0.083, 0.066, 0.074, 0.068, 0.066, 0.095, 0.09),
    "lower": (0.053, 0.058, 0.066, 0.068, 0.070, 0.100, 0.095),
}
HEIGHTS = {
    "upper": (0.100, 0.090, 0.100, 0.084, 0.078, 0.070, 0.066),
    "lower": (0.085, 0.086, 0.098, 0.084, 0.078, 0.070, 0.066),
}
LIFTS = {
    "upper": (0, 0.006, -0.003, 0.004, 0.006, 0.012, 0.016),
    "lower": (0, 0, -0.004, 0.003, 0.004, 0.008, 0.010),
}
DEPTHS = (0.065, 0.058, 0.075, 0.085, 0.09, 0.10, 0.10)
LEAN = 0.12
GUM_RADIUS = (0.050, 0.085)
MAX_ANGLE = np.pi / 2 * 0.98


@dataclass(frozen=True, slots=True)
class Part:
    """A small mesh: vertices [n, 3], polygons, and per-vertex values for shading."""

    vertices: Array
    faces: list[tuple[int, ...]]
    values: dict[str, Array]


def _signed_power(x: Array, exponent: float) -> Array:
    return np.sign(x) * np.abs(x) ** exponent


def _ring_faces(rings: int, around: int, start: int = 0) -> list[tuple[int, ...]]:
    """Quads of a tube of `rings` closed rings of `around` vertices."""
    faces: list[tuple[int, ...]] = []
    for i in range(rings - 1):
        for j in range(around):
            k = (j + 1) % around
            a, b = start + i * around, start + (i + 1) * around
            faces.append((a + j, a + k, b + k, b + j))
    return faces


@dataclass(frozen=True, slots=True)
class CrownGrid:
    """How finely a crown is meshed: heights of its rings (0 biting edge, 1 gum) and vertices a ring."""

    levels: tuple[float, ...]
    around: int


FINE_CROWN = CrownGrid(tuple(float(k) for k in np.linspace(0, 1, 14)), 28)
COARSE_CROWN = CrownGrid((0.0, 0.04, 0.10, 0.18, 0.5, 1.0), 16)


def crown(width: float, height: float, depth: float, grid: CrownGrid) -> tuple[Array, list[tuple[int, ...]]]:
    """Rounded-box tooth: x width, y from the biting edge (0) to the gum (height), z depth."""
    around = grid.around
    theta = np.linspace(0, 2 * np.pi, around, endpoint=False)
    points = []
    for k in grid.levels:
        cap = (1 - (1 - min(k / 0.16, 1)) ** 2.4) ** 0.45 if k < 0.16 else 1.0
        belly = 0.80 + 0.20 * np.sin(np.pi * min(k * 0.9 + 0.12, 1))
        half_width = width / 2 * belly * (0.90 + 0.10 * cap) * max(cap, 0.05) ** 0.25
        half_depth = depth / 2 * (0.40 + 0.60 * k**0.7) * max(cap, 0.02) ** 0.6
        x = half_width * _signed_power(np.cos(theta), 0.62)
        z = half_depth * _signed_power(np.sin(theta), 0.75)
        points.append(np.stack([x, np.full_like(theta, k * height), z], 1))
    faces = _ring_faces(len(grid.levels), around)
    faces.append(tuple(range(around))[::-1])
    return np.concatenate(points), faces


@dataclass(frozen=True, slots=True)
class Arch:
    """Half of a dental arch from (0, front) to (half_width, back), sampled by arc length."""

    front: float
    back: float
    half_width: float

    def at(self, angle: Array) -> tuple[Array, Array]:
        """Points x, z at arch angles (0 = midline)."""
        x = self.half_width * _signed_power(np.sin(angle), 0.9)
        return x, self.back + (self.front - self.back) * np.cos(angle)

    def table(self) -> tuple[Array, Array, Array, Array]:
        """Angle, x, z and arc length of 400 samples of one half."""
        angle = np.linspace(0, MAX_ANGLE, 400)
        x, z = self.at(angle)
        length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
        return angle, x, z, length


def _gum(arch: Arch, row: str, scale: float) -> Array:
    """Elliptical tube along the arch with papillae between the teeth, [161 * 16, 3]."""
    angle, _, _, length = arch.table()
    theta = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    along = np.linspace(-MAX_ANGLE, MAX_ANGLE, 161)
    x, z = arch.at(along)
    arc = np.interp(np.abs(np.sin(along)), np.sin(angle), length)
    edges = np.cumsum([0, *(w * scale for w in WIDTHS[row])])
    tooth = np.searchsorted(edges, np.minimum(arc, edges[-1] - 1e-6), "right") - 1
    within = (arc - edges[tooth]) / (edges[tooth + 1] - edges[tooth])
    papilla = 0.012 * (1 - np.sin(np.pi * within))
    top = np.array(HEIGHTS[row]) + np.array(LIFTS[row])
    centre_y = np.interp(arc, (edges[:-1] + edges[1:]) / 2, top) + 0.075 - papilla
    nx, nz = np.gradient(z), -np.gradient(x)
    norm = np.hypot(nx, nz)
    nx, nz = nx / norm, nz / norm
    y = centre_y[:, None] + GUM_RADIUS[1] * np.sin(theta)
    out = GUM_RADIUS[0] * np.cos(theta)
    ring = [x[:, None] + nx[:, None] * out, y, z[:, None] - 0.040 + nz[:, None] * out - LEAN * y]
    return np.stack(ring, -1).reshape(-1, 3)


def tooth_row(row: str, arch: Arch, edge_y: float, grid: CrownGrid = FINE_CROWN) -> Part:
    """Fourteen crowns and their gum along an arch.

    Args:
        row: "upper" or "lower".
        arch: where the row runs, decimetres.
        edge_y: height of the incisors' biting edge.
        grid: of the crowns.
    """
    _, xs, zs, length = arch.table()
    scale = min(length[-1] / sum(WIDTHS[row]), 1.05)
    rng = np.random.default_rng(3)
    vertices, faces, start = [], [], 0
    for side in (1, -1):
        position = 0.0
        for width, height, lift, depth in zip(WIDTHS[row], HEIGHTS[row], LIFTS[row], DEPTHS, strict=True):
            width *= scale
            centre = position + width / 2
            position += width
            x, z = np.interp(centre, length, xs), np.interp(centre, length, zs)
            dx = np.interp(centre + 0.005, length, xs) - np.interp(centre - 0.005, length, xs)
            dz = np.interp(centre + 0.005, length, zs) - np.interp(centre - 0.005, length, zs)
            turn = np.arctan2(-dz, dx) + rng.normal(0, 0.03)
            points, polygons = crown(width * 1.01, height + 0.03, depth, grid)
            points[:, 1] += lift + rng.normal(0, 0.0012)
            c, s = np.cos(turn), np.sin(turn)
            qx, qz = c * points[:, 0] + s * points[:, 2], -s * points[:, 0] + c * points[:, 2]
            qz = qz - points[:, 1] * LEAN * c + z - 0.035
            vertices.append(np.stack([side * (qx + x), points[:, 1], qz], 1))
            ordered = polygons if side > 0 else [f[::-1] for f in polygons]
            faces += [tuple(start + i for i in f) for f in ordered]
            start += len(points)
    gum = _gum(arch, row, scale)
    faces += _ring_faces(161, 16, start)
    points = np.concatenate([*vertices, gum])
    is_gum = np.concatenate([np.zeros(start), np.ones(len(gum))])
    heights = np.clip(points[:, 1] / 0.12, 0, 1)
    if row == "lower":
        points[:, 1] *= -1
        faces = [f[::-1] for f in faces]
    points[:, 1] += edge_y
    return Part(points, faces, {"gum": is_gum, "hgt": heights})


def _cap(phi: float) -> tuple[float, float]:
    """Radius and height of the eyeball's profile at polar angle phi."""
    if phi > LIMBUS:
        return float(np.sin(phi)), float(np.cos(phi))
    radius = np.sin(LIMBUS) * phi / LIMBUS
    return float(radius), float(CORNEA_CENTRE + np.sqrt(CORNEA_RADIUS**2 - radius**2))


def eyeball(rings: int = 48, around: int = 64) -> Part:
    """Sclera with corneal bulge; value `ang` is the polar angle."""
    front = np.linspace(0.001, LIMBUS, rings // 3)
    phi = np.concatenate([front, np.linspace(LIMBUS, np.pi - 0.001, rings)[1:]])
    theta = np.linspace(0, 2 * np.pi, around, endpoint=False)
    points = [
        np.stack([r * np.cos(theta), r * np.sin(theta), np.full_like(theta, z)], 1) for r, z in map(_cap, phi)
    ]
    faces = [f[::-1] for f in _ring_faces(len(phi), around)]
    faces.append(tuple(range(around)))
    return Part(np.concatenate(points), faces, {"ang": np.repeat(phi, around)})


def iris(around: int = 64) -> Part:
    """Shallow cone behind the cornea; value `rad` is the radius in limbus radii."""
    rim, height = np.sin(LIMBUS), np.cos(LIMBUS)
    radii = np.linspace(0.001, rim * 1.04, 20)
    theta = np.linspace(0, 2 * np.pi, around, endpoint=False)
    depth = height - 0.015 - 0.05 * (1 - radii / rim)
    points = [
        np.stack([r * np.cos(theta), r * np.sin(theta), np.full_like(theta, d)], 1)
        for r, d in zip(radii, depth, strict=True)
    ]
    faces = [f[::-1] for f in _ring_faces(len(radii), around)]
    faces.append(tuple(range(around)))
    return Part(np.concatenate(points), faces, {"rad": np.repeat(radii / rim, around)})
