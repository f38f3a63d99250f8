"""Catmull-Clark subdivision of polygon meshes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def subdivide(faces: list[tuple[int, ...]], points: Array) -> tuple[list[tuple[int, ...]], Array]:
    """One step of Catmull-Clark subdivision: quads, and points [V + E + F, d] from points [V, d]."""
    count = len(points)
    middles = np.array([points[list(face)].mean(0) for face in faces])
    edges: dict[tuple[int, int], int] = {}
    beside: list[list[int]] = []
    for index, face in enumerate(faces):
        for i, j in zip(face, (*face[1:], face[0]), strict=True):
            edge = edges.setdefault((min(i, j), max(i, j)), len(edges))
            if edge == len(beside):
                beside.append([])
            beside[edge].append(index)
    ends = np.array(list(edges))
    inner = np.array([len(both) == 2 for both in beside])
    halves = points[ends].mean(1)
    edge_points = halves.copy()
    edge_points[inner] = (halves[inner] + middles[[both for both in beside if len(both) == 2]].mean(1)) / 2
    out = _moved_vertices(points, faces, middles, ends, halves, inner)
    quads: list[tuple[int, ...]] = []
    for index, face in enumerate(faces):
        around = [
            count + edges[min(i, j), max(i, j)] for i, j in zip(face, (*face[1:], face[0]), strict=True)
        ]
        centre = count + len(edges) + index
        quads += [(v, around[k], centre, around[k - 1]) for k, v in enumerate(face)]
    return quads, np.concatenate([out, edge_points, middles])


def _moved_vertices(
    points: Array,
    faces: list[tuple[int, ...]],
    middles: Array,
    ends: Index,
    halves: Array,
    inner: NDArray[np.bool_],
) -> Array:
    """Where a subdivision step takes the vertices themselves."""
    total, valence = np.zeros_like(points), np.zeros((len(points), 1))
    half_total, degree = np.zeros_like(points), np.zeros((len(points), 1))
    rim_total, rim = np.zeros_like(points), np.zeros(len(points))
    for middle, face in zip(middles, faces, strict=True):
        total[list(face)] += middle
        valence[list(face)] += 1
    for k in range(2):
        np.add.at(half_total, ends[:, k], halves)
        np.add.at(degree, ends[:, k], 1)
        np.add.at(rim_total, ends[~inner, k], halves[~inner])
        np.add.at(rim, ends[~inner, k], 1)
    n = np.maximum(valence, 1)
    moved = (total / n + 2 * half_total / np.maximum(degree, 1) + (n - 3) * points) / n
    out = np.where(valence > 0, moved, points)
    out[rim == 2] = rim_total[rim == 2] / 4 + points[rim == 2] / 2
    return out
