"""Seams of a texture map: texels that lie side by side on the surface and far apart on the map."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Seams(nn.Module):
    """Which texels are copies of which, and where those near a seam are looked up.

    Attributes:
        dst_ij: [n, 2] row and column of texels outside the surface that are filled.
        src_ij: [n, 2] of those that they are filled with.
        uvs: [h, w, 2] place, x and y in -1..1, that each texel continues.
        weights: [h, w] share of what lies there.
    """

    dst_ij: Tensor
    src_ij: Tensor
    uvs: Tensor
    weights: Tensor

    def __init__(self, side: int, count: int) -> None:
        super().__init__()
        self.register_buffer("dst_ij", torch.empty(count, 2, dtype=torch.int64))
        self.register_buffer("src_ij", torch.empty(count, 2, dtype=torch.int64))
        self.register_buffer("uvs", torch.empty(side, side, 2))
        self.register_buffer("weights", torch.empty(side, side))

    def prepare(self) -> None:
        """Find the texels near seams; only they are looked up."""
        self._near = self.weights.nonzero(as_tuple=True)
        self._grid = self.uvs[self._near][None, None]
        self._share = self.weights[self._near]

    def mend(self, maps: Tensor) -> Tensor:
        """Fill texels beyond the seams, in place; maps [B, C, h, w]."""
        (to_row, to_column), (row, column) = self.dst_ij.T, self.src_ij.T
        maps[:, :, to_row, to_column] = maps[:, :, row, column]
        return maps

    def resample(self, maps: Tensor) -> Tensor:
        """Blend texels near seams with what continues them, in place; twice, so that both sides agree."""
        grid = self._grid.to(maps.dtype).expand(len(maps), -1, -1, -1)
        row, column = self._near
        for _ in range(2):
            beside = functional.grid_sample(maps, grid, padding_mode="border", align_corners=True)[:, :, 0]
            maps[:, :, row, column] = torch.lerp(maps[:, :, row, column], beside, self._share.to(maps.dtype))
        return maps
