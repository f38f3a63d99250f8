"""Layers of the codec avatar: convolutions with a bias for every texel, and blocks of two of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE: Final = 0.2
"""Of the leaky rectifier below zero."""


def activate(x: Tensor) -> Tensor:
    """Leaky rectifier, in place."""
    return functional.leaky_relu_(x, SLOPE)


def resize(x: Tensor, side: int) -> Tensor:
    """Bilinear resampling [B, C, h, w] -> [B, C, side, side]; corner texels stay on corner texels."""
    return functional.interpolate(x, (side, side), mode="bilinear", align_corners=True)


class UntiedConv2d(nn.Module):
    """A square convolution with a bias [C, h, w] of its own for every texel of its output.

    Args:
        inputs: channels.
        outputs: channels.
        kernel: texels along each side.
        side: of its output.
        stride: of its steps; with 1 it keeps the size.
        groups: that do not see each other.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, side: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs // groups, kernel, kernel))
        self.bias = nn.Parameter(torch.empty(outputs, side, side))
        self.stride, self.padding, self.groups = stride, (kernel - 1) // 2, groups

    def forward(self, x: Tensor) -> Tensor:
        """[B, inputs, h, w] -> [B, outputs, side, side]."""
        y = functional.conv2d(x, self.weight, None, self.stride, self.padding, 1, self.groups)
        return y.add_(self.bias)


class UntiedConvTranspose2d(nn.Module):
    """A transposed convolution to twice the size, 4 texels wide, with a bias for every texel of its output.

    Args:
        inputs: channels.
        outputs: channels.
        side: of its output.
    """

    def __init__(self, inputs: int, outputs: int, side: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs, 4, 4))
        self.bias = nn.Parameter(torch.empty(outputs, side, side))

    def forward(self, x: Tensor) -> Tensor:
        """[B, inputs, side / 2, side / 2] -> [B, outputs, side, side]."""
        return functional.conv_transpose2d(x, self.weight, None, 2, 1).add_(self.bias)


class ConvBlock(nn.Module):
    """Two convolutions, each followed by the rectifier, beside a linear path.

    Args:
        inputs: channels, also between the two.
        outputs: channels.
        side: of what goes in.
        kernel: of the convolutions.
        change: -1 halves the size in the second convolution, 1 doubles it before the first, 0 keeps it.
        groups: that do not see each other.
    """

    def __init__(
        self, inputs: int, outputs: int, side: int, kernel: int = 3, change: int = 0, groups: int = 1
    ) -> None:
        super().__init__()
        self.side = 2 * side if change > 0 else side
        stride = 2 if change < 0 else 1
        self.conv_resize = nn.Conv2d(inputs, outputs, 1, stride, groups=groups)
        self.conv1 = UntiedConv2d(inputs, inputs, kernel, self.side, groups=groups)
        self.conv2 = UntiedConv2d(inputs, outputs, kernel, self.side // stride, stride, groups)

    def forward(self, x: Tensor) -> Tensor:
        """[B, inputs, side, side] -> [B, outputs, new side, new side]."""
        if x.shape[-1] != self.side:
            x = resize(x, self.side)
        y = activate(self.conv2(activate(self.conv1(x))))
        return y.add_(self.conv_resize(x))


def up_blocks(widths: Sequence[int], side: int, groups: int = 1) -> nn.Sequential:
    """Blocks that double the size, from a side on; widths of all inputs and the last output, per group."""
    return nn.Sequential(
        *(
            ConvBlock(groups * inputs, groups * outputs, side << k, change=1, groups=groups)
            for k, (inputs, outputs) in enumerate(pairwise(widths))
        )
    )


def down_blocks(widths: Sequence[int], side: int) -> nn.Sequential:
    """Blocks that halve the size, from a side on."""
    steps = enumerate(pairwise(widths))
    return nn.Sequential(*(ConvBlock(*channels, side >> k, change=-1) for k, channels in steps))


def growing(widths: Sequence[int], side: int) -> nn.Sequential:
    """Transposed convolutions from a side on, rectifiers between them."""
    layers: list[nn.Module] = []
    for k, (inputs, outputs) in enumerate(pairwise(widths)):
        layers += [UntiedConvTranspose2d(inputs, outputs, side << (k + 1)), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers[:-1])


def dense(inputs: int, outputs: int) -> nn.Sequential:
    """A linear layer and the rectifier."""
    return nn.Sequential(nn.Linear(inputs, outputs), nn.LeakyReLU(SLOPE))


def channels_last(module: nn.Module) -> None:
    """Lay out a module's convolutions with the channels of a texel side by side: a third faster on a CPU."""
    for value in module.parameters():
        if value.ndim == 4:
            value.data = value.data.contiguous(memory_format=torch.channels_last)
        elif value.ndim == 3:
            value.data = value.data[None].contiguous(memory_format=torch.channels_last)[0]
