"""What hair grows on: roots spread over a head's skin, and the skin that strands may not enter.

Decimetres on MakeHuman's axes. Where hair grows is looked up on Mira (`domain`), whatever the head's shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from avgen.casting.surface import vertex_normals
from scripts.mira.basemesh import triangulate
from scripts.mira.geometry import Head
from scripts.mira.look.landmarks import bust_faces, domain

Array = NDArray[np.float64]
Index = NDArray[np.int64]

GUARDS = 30_000
"""Points of the skin that strands are kept away from."""


@dataclass(frozen=True, slots=True)
class Strands:
    """Polyline hairs: points [n, k, 3] in decimetres and radii [n, k] in metres."""

    points: Array
    radii: Array

    def some(self, kept: NDArray[np.bool_]) -> Strands:
        """The strands of a mask [n]."""
        return Strands(self.points[kept], self.radii[kept])


@dataclass(frozen=True, slots=True)
class Roots:
    """Where strands leave the skin.

    Attributes:
        points: [n, 3] on the head.
        normals: [n, 3] of its skin.
        domain: [n, 3] the same places on Mira.
        corners: [n, 3] vertices of the triangles they lie in.
        weights: [n, 3] barycentrics.
    """

    points: Array
    normals: Array
    domain: Array
    corners: Index
    weights: Array

    def where(self, kept: NDArray[np.bool_]) -> Roots:
        """The roots of a mask [n]."""
        return Roots(*(getattr(self, name)[kept] for name in self.__slots__))


class Skin:
    """A head's skin, above the chest.

    Args:
        head: whose.
        vertices: [V, 3] the head's, deformed; at rest without.
    """

    def __init__(self, head: Head, vertices: Array | None = None) -> None:
        self.domain = domain()
        self.vertices = head.rest if vertices is None else vertices
        self.triangles = triangulate([tuple(v for v, _ in face) for face in bust_faces(head)])
        self.normals = vertex_normals(self.vertices, self.triangles)
        guards = self.spread(GUARDS, np.random.default_rng(0), np.ones(len(self.triangles), bool))
        self._guards, self._outward = guards.points, guards.normals
        self._tree = cKDTree(guards.points)

    def spread(self, count: int, rng: np.random.Generator, keep: NDArray[np.bool_]) -> Roots:
        """Roots spread by area over the triangles of a mask."""
        triangles = self.triangles[keep]
        corners = self.vertices[triangles]
        cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(cross, axis=1)
        chosen = triangles[rng.choice(len(triangles), count, p=area / area.sum())]
        uv = rng.random((count, 2))
        outside = uv.sum(1) > 1
        uv[outside] = 1 - uv[outside]
        weights = np.stack([1 - uv.sum(1), uv[:, 0], uv[:, 1]], 1)
        points, places, normals = (
            np.einsum("nk,nkd->nd", weights, values[chosen])
            for values in (self.vertices, self.domain, self.normals)
        )
        return Roots(points, unit(normals), places, chosen, weights)

    def between(self, points: Array, least: Array, most: Array) -> Array:
        """Points [n, 3], moved along the skin's normals to heights in a range [n] above it."""
        near = self._tree.query(points)[1]
        normal = self._outward[near]
        height = ((points - self._guards[near]) * normal).sum(1)
        return points + normal * (np.clip(height, least, np.maximum(most, least)) - height)[:, None]


def unit(vectors: Array) -> Array:
    """Vectors [..., 3] of length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def tapered(count: int, steps: int, radius: float, thinning: float, power: float = 3.0) -> Array:
    """Radii [count, steps] in metres that thin towards the tips."""
    along = np.linspace(0, 1, steps)
    return np.tile(radius * (1 - thinning * along**power), (count, 1))


def load_hair(store: Path) -> dict[str, Strands]:
    """Strands that a sitter's hair was kept as."""
    with np.load(store) as stored:
        names = {key.split("_")[0] for key in stored.files}
        return {name: Strands(stored[f"{name}_points"], stored[f"{name}_radii"]) for name in sorted(names)}
