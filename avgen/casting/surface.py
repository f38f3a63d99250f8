"""Limit positions of Catmull-Clark surfaces: what the subdivided mesh converges to at its own vertices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LimitStencil:
    """Sparse linear map from control points to limit points: out[row] = sum weight * in[column].

    A vertex of valence n in quads goes to (n^2 p + 4 sum(edge neighbours) + sum(diagonals)) / (n (n + 5));
    a boundary vertex to (4 p + both boundary neighbours) / 6. Triangles count their far edge's ends as
    neighbours only, which is exact enough for the few triangles outside the face.
    """

    rows: Index
    columns: Index
    weights: Array
    num_vertices: int

    def __call__(self, values: Array) -> Array:
        """Limit positions (or displacements) of control values [..., V, 3]."""
        out = np.zeros_like(values)
        flat_in = values.reshape(-1, *values.shape[-2:])
        flat_out = out.reshape(flat_in.shape)
        for source, target in zip(flat_in, flat_out, strict=True):
            for axis in range(source.shape[-1]):
                weighted = self.weights * source[self.columns, axis]
                target[:, axis] = np.bincount(self.rows, weighted, self.num_vertices)
        return out


def limit_stencil(faces: list[tuple[int, ...]], num_vertices: int) -> LimitStencil:
    """Stencil of a mesh given by its polygons; vertices without faces stay where they are."""
    edge_count: dict[tuple[int, int], int] = {}
    diagonals: list[list[int]] = [[] for _ in range(num_vertices)]
    for face in faces:
        size = len(face)
        for k, vertex in enumerate(face):
            edge = (vertex, face[(k + 1) % size])
            key = (min(edge), max(edge))
            edge_count[key] = edge_count.get(key, 0) + 1
            if size == 4:
                diagonals[vertex].append(face[(k + 2) % size])
    neighbours: list[list[int]] = [[] for _ in range(num_vertices)]
    border: list[list[int]] = [[] for _ in range(num_vertices)]
    for (a, b), count in edge_count.items():
        neighbours[a].append(b)
        neighbours[b].append(a)
        if count == 1:
            border[a].append(b)
            border[b].append(a)
    entries: list[tuple[int, int, float]] = []
    for vertex in range(num_vertices):
        entries += _stencil_row(vertex, neighbours[vertex], diagonals[vertex], border[vertex])
    rows, columns, weights = zip(*entries, strict=True)
    return LimitStencil(np.array(rows), np.array(columns), np.array(weights), num_vertices)


def _stencil_row(
    vertex: int, neighbours: list[int], diagonals: list[int], border: list[int]
) -> list[tuple[int, int, float]]:
    if not neighbours:
        return [(vertex, vertex, 1.0)]
    if border:
        return [(vertex, vertex, 1 - len(border) / 6)] + [(vertex, other, 1 / 6) for other in border]
    valence = len(neighbours)
    total = valence**2 + 4 * valence + len(diagonals)
    row = [(vertex, vertex, valence**2 / total)]
    row += [(vertex, other, 4 / total) for other in neighbours]
    return row + [(vertex, other, 1 / total) for other in diagonals]


def vertex_normals(vertices: Array, triangles: NDArray[np.integer]) -> Array:
    """Area-weighted unit normals [V, 3]."""
    corners = vertices[triangles]
    face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, triangles[:, k], face_normals)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    unit: Array = normals / np.maximum(length, 1e-12)
    return unit
