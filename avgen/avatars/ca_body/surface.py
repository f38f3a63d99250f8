"""The body's surface: what lies on its map, on its vertices, and in which direction it faces."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from avgen.avatars.raster.compile import kernel
from avgen.avatars.raster.triangles import EMPTY, barycentrics, plane, rasterise
from avgen.types import FloatArray


class Surface(nn.Module):
    """Triangles in space and on the map.

    Attributes:
        vi: [F, 3] vertices of the triangles.
        vt: [n, 2] places on the map, x and y in 0..1; the first row has y = 0.
        vti: [F, 3] places of the triangles' corners.
        v2uv: [V, k] places of the vertices; below 0 where a vertex has fewer.
    """

    vi: Tensor
    vt: Tensor
    vti: Tensor
    v2uv: Tensor

    def __init__(self, vertices: int, faces: int, places: int, most: int) -> None:
        super().__init__()
        self.register_buffer("vi", torch.empty(faces, 3, dtype=torch.int64))
        self.register_buffer("vt", torch.empty(places, 2))
        self.register_buffer("vti", torch.empty(faces, 3, dtype=torch.int64))
        self.register_buffer("v2uv", torch.empty(vertices, most, dtype=torch.int64))

    def to_vertices(self, maps: Tensor) -> Tensor:
        """Values of maps [B, C, h, w] at the vertices [B, V, C]: the mean over the places of each."""
        grid = (2 * self.vt - 1)[None, None].expand(len(maps), -1, -1, -1)
        found = functional.grid_sample(maps, grid, padding_mode="border", align_corners=True)[:, :, 0]
        there = (self.v2uv >= 0).to(maps.dtype)
        values = found[:, :, self.v2uv.clamp(min=0)] * there
        return (values.sum(-1) / there.sum(-1).clamp(min=1)).transpose(1, 2)

    def normals(self, vertices: Tensor) -> Tensor:
        """Unit normals [B, V, 3] of posed vertices [B, V, 3]: large triangles count more."""
        a, b, c = (vertices[:, self.vi[:, k]] for k in range(3))
        crossed = torch.cross(b - a, c - a, dim=-1)
        total = torch.zeros_like(vertices)
        for k in range(3):
            total.index_add_(1, self.vi[:, k], crossed)
        return functional.normalize(total, dim=-1)

    def facing(self, vertices: Tensor, position: Tensor) -> Tensor:
        """Cosine [B, V] between the normals and the way from a camera [3] to every vertex."""
        rays = functional.normalize(vertices - position, dim=-1)
        return (self.normals(vertices) * rays).sum(-1)


class Unwrapped:
    """The map texel by texel: which vertices it lies between.

    Args:
        surface: what is mapped.
        side: texels along the side of the map.
    """

    def __init__(self, surface: Surface, side: int) -> None:
        device = surface.vt.device
        places = surface.vt.cpu().numpy() * np.float32(side - 1) + np.float32(0.5)
        points = np.concatenate([places, np.ones_like(places[:, :1])], 1)
        corners = surface.vti.cpu().numpy().astype(np.int32)
        index, weights = _locate(np.ascontiguousarray(points, np.float32), corners, side)
        self.corners = surface.vi[torch.from_numpy(index).long().to(device)]
        self.weights = torch.from_numpy(weights).to(device)

    def to_map(self, values: Tensor) -> Tensor:
        """Values of vertices [B, V] on the map [B, 1, side, side]; 0 where nothing is."""
        return (values[:, self.corners] * self.weights).sum(-1)[:, None]


def _locate(points: FloatArray, faces: NDArray[np.int32], side: int) -> tuple[NDArray[np.int32], FloatArray]:
    """Triangle [side, side] and barycentrics [side, side, 3] of every texel; all 0 where there is none."""
    depth = np.empty((side, side), np.float32)
    index = np.empty((side, side), np.int32)
    rasterise(points, faces, 0, False, depth, index)
    weights = np.zeros((side, side, 3), np.float32)
    _weigh(points, faces, index, weights)
    return np.maximum(index, 0), weights


@kernel
def _weigh(points, faces, index, weights):  # type: ignore[no-untyped-def]
    """Write the barycentrics of every texel that a triangle covers."""
    for row in range(index.shape[0]):
        for column in range(index.shape[1]):
            t = index[row, column]
            if t != EMPTY:
                x, y = np.float32(column) + np.float32(0.5), np.float32(row) + np.float32(0.5)
                a, b, c = barycentrics(plane(points, faces, t), x, y)
                weights[row, column, 0] = a
                weights[row, column, 1] = b
                weights[row, column, 2] = c
