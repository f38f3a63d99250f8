"""The ConvNeXt block along time (Liu et al. 2022), shared by networks that read or write speech."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConvNeXtBlock(nn.Module):
    """Depthwise convolution, normalisation, two pointwise layers, scaled residual.

    Args:
        width: channels.
        kernel: frames that the convolution sees, odd.
        expansion: hidden width in multiples of `width`.
        dilation: spacing of those frames.
    """

    def __init__(self, width: int, kernel: int, expansion: int, dilation: int = 1) -> None:
        super().__init__()
        reach = kernel // 2 * dilation
        self.depthwise = nn.Conv1d(width, width, kernel, padding=reach, dilation=dilation, groups=width)
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, width * expansion)
        self.narrow = nn.Linear(width * expansion, width)
        self.scale = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        """[B, N, width] -> [B, N, width]."""
        y: Tensor = self.norm(self.depthwise(x.transpose(1, 2)).transpose(1, 2))
        y = self.narrow(nn.functional.gelu(self.widen(y)))
        return x + self.scale * y
