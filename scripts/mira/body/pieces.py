"""Pieces of a body or of its clothes, and what tailors do to them: cut, smooth, subdivide, fold the border.

Decimetres on MakeHuman's axes, arms as the mesh has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from avgen.casting.surface import limit_stencil, vertex_normals
from scripts.mira.basemesh import triangulate
from scripts.mira.look.clothes import clip_below
from scripts.mira.subdivision import subdivide

Array = NDArray[np.float64]
Polygons = list[tuple[int, ...]]
PLACE, ON_MIRA, NAIL, WEIGHTS = slice(0, 3), slice(3, 6), 6, slice(7, None)
"""Columns of a piece's values: where a vertex is, where it is on Mira with her arms lowered, how much of it
is nail, its bones."""

FACETS = 0.38
"""Of the way from a smooth surface to the vertices that stand for it: facets then enclose as much."""


@dataclass(frozen=True)
class Piece:
    """Part of a surface.

    Attributes:
        polygons: of vertex indices.
        values: [V, 7 + J] place, the same place on Mira, share of a nail, and the weight of every bone.
    """

    polygons: Polygons
    values: Array

    @property
    def points(self) -> Array:
        """Places [V, 3]."""
        return self.values[:, PLACE]

    @property
    def on_mira(self) -> Array:
        """The same places on Mira [V, 3]."""
        return self.values[:, ON_MIRA]

    @property
    def nail(self) -> Array:
        """Share of a nail [V]."""
        return self.values[:, NAIL]

    @property
    def weights(self) -> Array:
        """Weight of every bone [V, J]."""
        return self.values[:, WEIGHTS]

    @cached_property
    def faces(self) -> NDArray[np.int64]:
        """Triangles [F, 3]."""
        return triangulate(self.polygons)

    @cached_property
    def normals(self) -> Array:
        """Unit normals [V, 3]."""
        return vertex_normals(self.points, self.faces)

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """Both ends of every edge [E, 2]."""
        return np.array(sorted({(min(e), max(e)) for e in _directed(self.polygons)}))

    @cached_property
    def border(self) -> list[tuple[int, int]]:
        """Edges with a polygon on one side only, as that polygon runs through them."""
        directed = set(_directed(self.polygons))
        return [(a, b) for a, b in sorted(directed) if (b, a) not in directed]

    def moved(self, points: Array) -> Piece:
        """The same piece with its vertices elsewhere."""
        return replace(self, values=np.concatenate([points, self.values[:, 3:]], 1))

    def pushed(self, distance: Array | float) -> Piece:
        """The piece moved outwards along its normals, by decimetres [V] or one number."""
        return self.moved(self.points + self.normals * np.broadcast_to(distance, len(self.values))[:, None])

    def only(self, polygons: Polygons) -> Piece:
        """Some of the polygons, and the vertices they use."""
        used = np.unique([v for polygon in polygons for v in polygon])
        renumber = np.full(len(self.values), -1)
        renumber[used] = np.arange(len(used))
        return Piece([tuple(int(renumber[v]) for v in polygon) for polygon in polygons], self.values[used])

    def cut(self, height: Callable[[Piece], Array]) -> Piece:
        """What lies below an edge: where the signed height [V] above it is negative."""
        above = height(self)
        if (above <= 0).all():
            return self
        polygons, edges, fraction = clip_below([list(polygon) for polygon in self.polygons], above)
        f = fraction[:, None]
        new = self.values[edges[:, 0]] * (1 - f) + self.values[edges[:, 1]] * f
        whole = Piece([tuple(polygon) for polygon in polygons], np.concatenate([self.values, new]))
        return whole.only(whole.polygons)

    def split(self, height: Callable[[Piece], Array]) -> Piece:
        """The same surface with vertices along an edge: where the signed height [V] above it is zero."""
        above = height(self) > 0
        if above.all() or not above.any():
            return self
        halves = [self.cut(height), self.cut(lambda piece: -height(piece))]
        starts = 0, len(halves[0].values)
        polygons = [
            tuple(v + start for v in polygon)
            for half, start in zip(halves, starts, strict=True)
            for polygon in half.polygons
        ]
        both = np.concatenate([half.values for half in halves])
        _, first, same = np.unique(np.round(both[:, :3], 5), axis=0, return_index=True, return_inverse=True)
        return Piece([tuple(int(same.ravel()[v]) for v in polygon) for polygon in polygons], both[first])

    def averaged(self, values: Array, rounds: int) -> Array:
        """Values [V, n] averaged with those of the neighbours, some rounds."""
        a, b = self.edges.T
        count = 1 + np.bincount(a, minlength=len(values)) + np.bincount(b, minlength=len(values))
        for _ in range(rounds):
            total = values.copy()
            np.add.at(total, a, values[b])
            np.add.at(total, b, values[a])
            values = total / count[:, None]
        return values

    def softened(self, rounds: int) -> Piece:
        """The piece with the weights of its bones averaged."""
        weights = self.averaged(self.weights, rounds)
        return replace(self, values=np.concatenate([self.values[:, : WEIGHTS.start], weights], 1))

    def spanned(self, rounds: int, share: float = 1.0) -> Piece:
        """The piece drawn over hollows, as cloth is: outwards only, to the mean of the neighbours."""
        out = self
        for _ in range(rounds):
            towards = ((out.averaged(out.points, 1) - out.points) * out.normals).sum(1)
            out = out.pushed(share * np.maximum(towards, 0))
        return out

    def subdivided(self) -> Piece:
        """The piece with four times the polygons, on their smooth surface."""
        polygons, values = subdivide(self.polygons, self.values)
        smooth = limit_stencil(polygons, len(values))(values)[:, PLACE]
        return Piece(polygons, np.concatenate([smooth, values[:, 3:]], 1))

    def on_surface(self) -> Piece:
        """The piece near the smooth surface that it stands for: its facets as much outside as inside."""
        smooth = limit_stencil(self.polygons, len(self.values))(self.values)
        place = smooth[:, PLACE]
        return Piece(self.polygons, smooth).moved(place + FACETS * (self.points - place))

    def hemmed(self, depth: float, roll: float = 0.0) -> Piece:
        """The piece with its borders folded inwards, which shows the cloth's thickness.

        Args:
            depth: decimetres of the fold.
            roll: by which the fold's edge stands out.
        """
        ids = sorted({v for edge in self.border for v in edge})
        rim = {v: len(self.values) + k for k, v in enumerate(ids)}
        inside = {v: len(self.values) + len(ids) + k for k, v in enumerate(ids)}
        lip, fold = self.values[ids].copy(), self.values[ids].copy()
        out = self._outwards(ids)
        lip[:, PLACE] += roll * self.normals[ids] + roll * out
        fold[:, PLACE] += 0.4 * roll * out - depth * self.normals[ids]
        folded: Polygons = [(b, a, rim[a], rim[b]) for a, b in self.border]
        folded += [(rim[b], rim[a], inside[a], inside[b]) for a, b in self.border]
        return Piece(self.polygons + folded, np.concatenate([self.values, lip, fold]))

    def _outwards(self, ids: list[int]) -> Array:
        """Unit directions [n, 3] across the border, in the surface, away from the piece."""
        total = np.zeros_like(self.points)
        for a, b in self.border:
            across = np.cross(self.points[b] - self.points[a], self.normals[a] + self.normals[b])
            total[[a, b]] += across / max(np.linalg.norm(across), 1e-12)
        found = total[ids]
        unit: Array = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return unit


def _directed(polygons: Polygons) -> Iterable[tuple[int, int]]:
    for polygon in polygons:
        yield from zip(polygon, (*polygon[1:], polygon[0]), strict=True)
