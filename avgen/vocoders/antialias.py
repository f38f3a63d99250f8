"""Periodic activations of BigVGAN, applied at twice the sampling rate so that they alias less.

Lee et al., "BigVGAN: A Universal Neural Vocoder with Large-Scale Training", ICLR 2023, section 3.2.
Parameter and buffer names follow NVIDIA's published checkpoints.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

RATIO = 2
TAPS = 12
CUTOFF = 0.5 / RATIO
"""Cycles per (upsampled) sample."""
TRANSITION = 0.6 / RATIO
"""Half width of the transition band, likewise."""
REACH = 7
"""Samples on either side that one activated sample depends on, rounded up."""
_TINY = 1e-9


def kaiser_sinc_filter() -> Tensor:
    """[1, 1, 12] low-pass filter of unit sum: a sinc under a Kaiser window (Kaiser's formula for beta)."""
    half = TAPS // 2
    attenuation = 2.285 * (half - 1) * math.pi * 4 * TRANSITION + 7.95
    if attenuation > 50:
        beta = 0.1102 * (attenuation - 8.7)
    elif attenuation >= 21:
        beta = 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    else:
        beta = 0.0
    time = torch.arange(-half, half) + 0.5
    window = torch.kaiser_window(TAPS, periodic=False, beta=beta)
    taps = 2 * CUTOFF * window * torch.sinc(2 * CUTOFF * time)
    return (taps / taps.sum()).view(1, 1, TAPS)


class Snake(nn.Module):
    """x + sin^2(alpha x) / alpha per channel; with `beta`, its magnitude is learned apart (SnakeBeta)."""

    def __init__(self, channels: int, beta: bool, logscale: bool) -> None:
        super().__init__()
        self.logscale = logscale
        start = torch.zeros(channels) if logscale else torch.ones(channels)
        self.alpha = nn.Parameter(start.clone())
        if beta:
            self.beta = nn.Parameter(start.clone())

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, S] -> [B, C, S]."""
        frequency = self.alpha[None, :, None]
        magnitude = self.beta[None, :, None] if hasattr(self, "beta") else frequency
        if self.logscale:
            frequency, magnitude = frequency.exp(), magnitude.exp()
        return x + torch.sin(x * frequency) ** 2 / (magnitude + _TINY)


class Upsample(nn.Module):
    """Doubles the rate."""

    filter: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filter", kaiser_sinc_filter())

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, S] -> [B, C, 2 S]."""
        channels, side = x.shape[1], TAPS // RATIO - 1
        x = functional.pad(x, (side, side), mode="replicate")
        taps = self.filter.expand(channels, -1, -1)
        x = RATIO * functional.conv_transpose1d(x, taps, stride=RATIO, groups=channels)
        edge = side * RATIO + (TAPS - RATIO) // 2
        return x[..., edge:-edge]


class LowPass(nn.Module):
    """The filter and decimation of `Downsample`, a module of its own as in the published layout."""

    filter: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filter", kaiser_sinc_filter())

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, 2 S] -> [B, C, S]."""
        channels = x.shape[1]
        x = functional.pad(x, (TAPS // 2 - 1, TAPS // 2), mode="replicate")
        return functional.conv1d(x, self.filter.expand(channels, -1, -1), stride=RATIO, groups=channels)


class Downsample(nn.Module):
    """Halves the rate."""

    def __init__(self) -> None:
        super().__init__()
        self.lowpass = LowPass()

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, 2 S] -> [B, C, S]."""
        return self.lowpass(x)  # type: ignore[no-any-return]


class AntialiasedSnake(nn.Module):
    """Upsample, activate, downsample."""

    def __init__(self, channels: int, beta: bool, logscale: bool) -> None:
        super().__init__()
        self.act = Snake(channels, beta, logscale)
        self.upsample = Upsample()
        self.downsample = Downsample()

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, S] -> [B, C, S]."""
        return self.downsample(self.act(self.upsample(x)))  # type: ignore[no-any-return]
