"""Hair of the face: brows, lashes, a short beard, grown on the deformed face. Decimetres, MakeHuman axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from scripts.mira.basemesh import triangulate
from scripts.mira.geometry import Head
from scripts.mira.look.bun import Surface
from scripts.mira.look.landmarks import beard_share, bust_faces, domain
from scripts.mira.look.strands import Skin, Strands, tapered, unit

Array = NDArray[np.float64]

LASH_ROWS = (("2", 170, 1.0), ("1", 80, 0.55))
"""Helper strip (2 upper, 1 lower lid), hairs, relative length."""
LASH_LENGTH = {"woman": 1.0, "man": 0.72}
NUM_BEARD_HAIRS = 26_000


@dataclass(frozen=True, slots=True)
class Brow:
    """The shape of brows.

    Attributes:
        hairs: of each.
        height: y of the middle at four places from the nose outwards.
        width: times the usual.
    """

    hairs: int
    height: tuple[float, float, float, float]
    width: float


BROWS = {
    "woman": Brow(420, (6.905, 6.958, 6.990, 6.905), 1.0),
    "man": Brow(620, (6.910, 6.950, 6.968, 6.895), 1.30),
}
"""By sex."""


def _brow_hairs(brow: Brow, side: int, rng: np.random.Generator) -> list[tuple[float, float, float, float]]:
    """x, y, angle and length of the hairs of one brow, on Mira's face seen from the front."""
    n = brow.hairs
    u = rng.random(n) ** 0.9
    x = side * (0.095 + u * 0.42)
    middle = np.interp(u, [0, 0.3, 0.65, 1], brow.height) + (0.006 if side > 0 else 0)
    half = np.interp(u, [0, 0.12, 0.6, 1], [0.030, 0.036, 0.026, 0.008]) * brow.width
    v = rng.uniform(-1, 1, n) * np.clip(1.05 - 0.25 * rng.random(n), 0, 1)
    lean = np.interp(u, [0, 0.12, 0.35, 0.7, 1], [80, 58, 30, 6, -28]) - v * 16 + rng.normal(0, 7, n)
    length = np.interp(u, [0, 0.25, 0.8, 1], [0.075, 0.095, 0.085, 0.055]) * rng.uniform(0.65, 1.1, n)
    return list(zip(x, middle + v * half, np.radians(lean), length, strict=True))


def grow_brows(head: Head, vertices: Array, brow: Brow, count: int = 6) -> Strands:
    """Both brows: rooted by barycentrics on Mira at rest, drawn on the deformed mesh."""
    rng = np.random.default_rng(2)
    rest = domain()
    faces = [tuple(v for v, _ in face) for face in bust_faces(head)]

    def is_brow(v: int) -> bool:
        return 6.75 < rest[v, 1] < 7.2 and rest[v, 2] > 0.85

    surface = Surface(rest, triangulate([face for face in faces if all(map(is_brow, face))]))
    t = np.linspace(0, 1, count)[:, None]
    points, radii = [], []
    for side in (1, -1):
        for x, y, angle, length in _brow_hairs(brow, side, rng):
            thickness = rng.uniform(0.7, 1.1)
            hit = surface.tree.ray_cast(Vector((x, y, 2.5)), Vector((0, 0, -1)))
            if hit[0] is None:
                continue
            triangle = surface.triangles[hit[2]]
            weights = np.linalg.lstsq(rest[triangle].T, np.array(hit[0]), rcond=None)[0]
            a, b, c = vertices[triangle]
            normal = np.cross(b - a, c - a)
            normal *= np.sign(normal[2]) / np.linalg.norm(normal)
            direction = np.array([side * np.cos(angle), np.sin(angle), 0])
            direction -= normal * (direction @ normal)
            direction /= np.linalg.norm(direction)
            sag = np.array([side * 0.25, -0.30, 0]) * 0.35
            root = weights @ vertices[triangle]
            points.append(
                root + (direction * t + sag * t**2) * length + normal * (0.002 + 0.018 * np.sin(t * 2.2))
            )
            radii.append(0.000040 * (1 - 0.75 * t[:, 0] ** 1.5) * thickness)
    return Strands(np.array(points), np.array(radii))


def _lash_roots(head: Head, side: str, strip: str) -> NDArray[np.int64]:
    """Quads (root, root, tip, tip) [n, 4] of a helper lash strip whose root edge lies on the lid."""
    rest = domain()
    centre = rest[head.mesh.indices(f"helper-{side}-eye")].mean(0)
    segments = []
    for face in head.mesh.faces[f"helper-{side}-eyelashes-{strip}"]:
        if len(face) != 4:
            continue
        quad = [v for v, _ in face]
        distance = np.linalg.norm(rest[quad] - centre, axis=1)
        j = int(np.argmin(distance + np.roll(distance, -1)))
        segments.append((quad[j], quad[(j + 1) % 4], quad[(j + 3) % 4], quad[(j + 2) % 4]))
    quads = np.array(segments)
    distance = np.linalg.norm(rest[quads[:, 0]] - centre, axis=1)
    return quads[distance < np.percentile(distance, 45)]


def grow_lashes(head: Head, vertices: Array, longer: float, count: int = 7) -> Strands:
    """Lashes across the helper strips of both lids, by a factor longer than usual."""
    rng = np.random.default_rng(4)
    t = np.linspace(0, 1, count)[:, None]
    points, radii = [], []
    for side, sign in (("l", 1), ("r", -1)):
        eye = vertices[head.mesh.indices(f"helper-{side}-eye")].mean(0)
        for strip, hairs, scale in LASH_ROWS:
            quads = _lash_roots(head, side, strip)
            width = np.linalg.norm(domain()[quads[:, 1]] - domain()[quads[:, 0]], axis=1)
            up = np.array([0, 1.0 if strip == "2" else -1.0, 0])
            for chosen in rng.choice(len(quads), hairs, p=width / width.sum()):
                r0, r1, t0, t1 = vertices[quads[chosen]]
                u = rng.random()
                root = r0 * (1 - u) + r1 * u
                direction = t0 * (1 - u) + t1 * u - root
                direction /= np.linalg.norm(direction) + 1e-9
                outward = (root[0] - eye[0]) / 0.16 * sign
                fan = np.array([0.45 * outward * sign, 0, 0]) + rng.normal(0, 0.08, 3)
                length = longer * scale * (0.052 + 0.020 * np.clip(outward, -1, 1)) * rng.uniform(0.7, 1.1)
                forward = np.array([0, 0, 0.75]) * t * (1 - 0.35 * t)
                curl = up * (0.75 * t**2 - 0.25 * t)
                points.append(root + (direction * t * 0.7 + forward + fan * t + curl) * length)
                radii.append(0.000055 * (1 - 0.8 * t[:, 0]) + 0.000004)
    return Strands(np.array(points), np.array(radii))


def grow_beard(head: Head, vertices: Array, fullness: float, count: int = 5) -> Strands:
    """A short beard, which lies down on the skin; longer and denser with its fullness in 0..1."""
    rng = np.random.default_rng(6)
    skin = Skin(head, vertices)
    keep = beard_share(skin.domain)[skin.triangles].max(1) > 0
    roots = skin.spread(int(NUM_BEARD_HAIRS * min(1.0, 0.5 + fullness)), rng, keep)
    share = beard_share(roots.domain)
    kept = rng.random(len(share)) < share
    roots, share = roots.where(kept), share[kept]
    n = len(share)
    length = (0.02 + 0.10 * fullness) * rng.uniform(0.6, 1.1, n) * (0.5 + 0.5 * share)
    down = np.stack([0.35 * np.sign(roots.domain[:, 0]), np.full(n, -1.0), np.full(n, -0.1)], 1)
    flat = unit(down - roots.normals * (down * roots.normals).sum(1)[:, None] + rng.normal(0, 0.25, (n, 3)))
    t = np.linspace(0, 1, count)[None, :, None]
    rise = roots.normals[:, None] * (0.55 * t - 0.30 * t**2) + flat[:, None] * t
    points = roots.points[:, None] + rise * length[:, None, None]
    return Strands(points, tapered(n, count, 0.000048, 0.5))
