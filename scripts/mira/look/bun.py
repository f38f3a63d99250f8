"""Mira's hair, slicked back into a bun, and the fine hairs along its line. Decimetres, MakeHuman axes."""

from __future__ import annotations

import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from numpy.typing import NDArray

from scripts.mira.basemesh import triangulate
from scripts.mira.geometry import Head
from scripts.mira.look.landmarks import BUN_CENTRE, HEAD_CENTRE, above_hairline, bust_faces
from scripts.mira.look.strands import Strands

Array = NDArray[np.float64]

NUM_STRANDS = 42_000
NUM_BABY_HAIRS = 900
NUM_BUN_STRANDS = 5_000


class Surface:
    """Nearest-point queries on a triangle mesh."""

    def __init__(self, vertices: Array, triangles: NDArray[np.int64]) -> None:
        self.vertices = vertices
        self.triangles = triangles
        self.tree = BVHTree.FromPolygons(vertices.tolist(), triangles.tolist())

    def nearest(self, point: Array) -> tuple[Array, Array]:
        """Nearest surface point and its normal."""
        place, normal, _, _ = self.tree.find_nearest(Vector(point))
        return np.array(place), np.array(normal)

    def sample(self, count: int, rng: np.random.Generator, keep: NDArray[np.int64]) -> Array:
        """Points [count, 3] spread by area over the triangles `keep`."""
        triangles = self.triangles[keep]
        corners = self.vertices[triangles]
        cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(cross, axis=1)
        chosen = rng.choice(len(triangles), count, p=area / area.sum())
        uv = rng.random((count, 2))
        outside = uv.sum(1) > 1
        uv[outside] = 1 - uv[outside]
        weights = np.stack([1 - uv.sum(1), uv[:, 0], uv[:, 1]], 1)
        return (corners[chosen] * weights[:, :, None]).sum(1)


def _scalp(head: Head) -> tuple[Surface, NDArray[np.int64]]:
    """The head's surface and which of its triangles grow hair."""
    faces = [tuple(v for v, _ in face) for face in bust_faces(head)]
    faces = [face for face in faces if all(head.rest[v, 1] > 5.9 for v in face)]
    triangles = triangulate(faces)
    centres = head.rest[triangles].mean(1)
    keep = np.where((above_hairline(centres) > -0.12) & (centres[:, 1] > 6.0))[0]
    return Surface(head.rest, triangles), keep


def _combed(surface: Surface, root: Array, rise: float, step: float, side: float, count: int) -> Array:
    """One strand [count, 3] combed along the scalp from its root to the bun."""
    out = np.zeros((count, 3))
    _, normal = surface.nearest(root)
    point = root - normal * 0.01
    for j in range(count):
        out[j] = point
        to_bun = BUN_CENTRE - point
        distance = np.linalg.norm(to_bun) + 1e-6
        front = np.clip((point[2] + 0.2) / 0.5, 0, 1) * np.clip((point[1] - 7.0) / 0.35, 0, 1)
        sideways = np.array([side, -0.1, 0]) * 0.22 * np.exp(-((abs(point[0]) / 0.42) ** 2)) * front
        direction = to_bun / distance + sideways
        _, normal = surface.nearest(point)
        direction -= normal * (direction @ normal)
        direction /= np.linalg.norm(direction) + 1e-6
        place, normal = surface.nearest(point + direction * min(step, distance * 0.6))
        lift = rise * np.clip(j / (count - 1) * 5, 0, 1) ** 0.8 * min(distance / 0.5, 1)
        point = place + normal * (lift + 0.004)
    return out


def grow_hair(head: Head, count: int = 16) -> Strands:
    """The slicked-back hair: density fades at the hairline, locks differ in height, few flyaways."""
    rng = np.random.default_rng(1)
    surface, keep = _scalp(head)
    roots = surface.sample(2 * NUM_STRANDS, rng, keep)
    height = above_hairline(roots)
    density = np.clip((height + 0.035 + 0.02 * rng.standard_normal(len(roots))) / 0.09, 0, 1)
    grows = rng.random(len(roots)) < density
    roots, height = roots[grows][:NUM_STRANDS], height[grows][:NUM_STRANDS]
    lock = np.sin(roots @ np.array([31.0, 17, 23])) + np.sin(roots @ np.array([-13.0, 41, 11]))
    points = np.zeros((len(roots), count, 3))
    for i, root in enumerate(roots):
        side = np.tanh(root[0] / 0.25 + rng.normal(0, 0.1))
        length = np.linalg.norm(BUN_CENTRE - root) * 1.12 * (0.93 + 0.05 * rng.random()) + 0.1
        rise = 0.035 + 0.085 * rng.random() ** 0.35 + 0.004 * lock[i]
        rise = rise * (0.35 + 0.65 * np.clip(height[i] / 0.35, 0, 1)) + 0.008
        points[i] = _combed(surface, root, rise, length / (count - 1), side, count)
    along = np.linspace(0, 1, count)
    radii = np.tile(0.000075 * (1 - 0.55 * along**3), (len(roots), 1))
    _disarrange(points, radii, along, rng)
    return Strands(points, radii)


def _disarrange(points: Array, radii: Array, along: Array, rng: np.random.Generator) -> None:
    """Jitter, a slight wave, and one strand in 250 that flies away; in place."""
    n = len(points)
    points += rng.standard_normal((n, 1, 3)) * 0.005 * along[None, :, None]
    phase = np.linspace(0, 7, len(along))[None, :, None] + rng.random((n, 1, 3)) * 2 * np.pi
    points += np.sin(phase) * 0.004 * rng.random((n, 1, 1)) * along[None, :, None] ** 0.5
    flies = rng.random(n) < 0.004
    outward = points[flies] - HEAD_CENTRE
    outward /= np.linalg.norm(outward, axis=2, keepdims=True)
    reach = rng.random((int(flies.sum()), 1, 1)) ** 2
    points[flies] += outward * (along**1.5 * 0.16)[None, :, None] * reach
    radii[flies] *= 0.6


def grow_baby_hairs(head: Head, count: int = 6) -> Strands:
    """Short fine hairs along the hairline."""
    rng = np.random.default_rng(11)
    surface, keep = _scalp(head)
    roots = surface.sample(6 * NUM_BABY_HAIRS, rng, keep)
    height = above_hairline(roots)
    roots = roots[(height > -0.075) & (height < 0.02)][:NUM_BABY_HAIRS]
    points = np.zeros((len(roots), count, 3))
    for i, root in enumerate(roots):
        _, normal = surface.nearest(root)
        direction = BUN_CENTRE - root + rng.normal(0, 0.5, 3)
        direction -= normal * (direction @ normal)
        direction /= np.linalg.norm(direction)
        length, bend = 0.05 + 0.12 * rng.random(), rng.normal(0, 0.35, 3)
        for j, t in enumerate(np.linspace(0, 1, count)):
            place, normal = surface.nearest(root + (direction * t + bend * t * t * 0.5) * length)
            points[i, j] = place + normal * (0.004 + 0.02 * t)
    radii = np.tile(0.000028 * (1 - 0.7 * np.linspace(0, 1, count)), (len(roots), 1))
    return Strands(points, radii)


def grow_bun(count: int = 28) -> Strands:
    """Strands wound around a torus."""
    rng = np.random.default_rng(5)
    n, ring, tube = NUM_BUN_STRANDS, 0.20, 0.165
    along = np.linspace(0, 1, count)
    theta = rng.random((n, 1)) * 2 * np.pi + along * 3.2
    phi = rng.random((n, 1)) * 2 * np.pi + along * 1.6
    radius = tube * (0.86 + 0.14 * rng.random((n, 1))) + 0.008 * np.sin(5 * phi)
    x = (ring + radius * np.cos(phi)) * np.cos(theta)
    y = (ring + radius * np.cos(phi)) * np.sin(theta)
    points = np.stack([x, y, radius * np.sin(phi)], 2) + BUN_CENTRE - [0, 0, 0.02]
    return Strands(points, np.full((n, count), 0.000055))
