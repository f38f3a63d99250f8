"""What the networks hear: wav2vec (Schneider et al. 2019) and vq-wav2vec (Baevski et al. 2020), in part.

Their training commands, published with fairseq (MIT licence), say what the names of their tensors do not:
GELU without log compression for vq-wav2vec, ReLU with it for wav2vec, whose aggregator has skip connections
scaled by the square root of one half.
"""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor, nn

SOUND_RATE: Final = 16_000
"""Samples per second that they hear."""
KERNELS: Final = (10, 8, 4, 4, 4, 1, 1, 1)
"""Of the features' convolutions; those of the network that lips are heard by lack the last."""
_STRIDES: Final = (5, 4, 2, 2, 2, 1, 1, 1)
AGGREGATOR_KERNELS: Final = range(2, 14)
SKIP_SCALE: Final = math.sqrt(0.5)


class Features(nn.Module):
    """Strided convolutions, each normalised over channels and time.

    Args:
        width: of the features.
        convolutions: how many.
        quantised: whether it is vq-wav2vec's, rather than wav2vec's.
    """

    def __init__(self, width: int, convolutions: int, quantised: bool) -> None:
        super().__init__()
        self.quantised = quantised
        self.conv_layers = nn.ModuleList()
        for kernel, stride in zip(KERNELS[:convolutions], _STRIDES[:convolutions], strict=True):
            inputs = width if len(self.conv_layers) else 1
            conv = nn.Conv1d(inputs, width, kernel, stride, bias=False)
            activation = nn.GELU() if quantised else nn.ReLU()
            self.conv_layers.append(nn.Sequential(conv, nn.Identity(), nn.GroupNorm(1, width), activation))

    def forward(self, samples: Tensor) -> Tensor:
        """[B, S] -> [B, width, M]."""
        x = samples[:, None]
        for layer in self.conv_layers:
            x = layer(x)
        return x if self.quantised else torch.log1p(x.abs())


class Aggregator(nn.Module):
    """Convolutions that look back further and further."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv_layers = nn.ModuleList(
            nn.Sequential(
                nn.ReplicationPad1d((kernel - 1, 0)),
                nn.Conv1d(width, width, kernel),
                nn.Identity(),
                nn.GroupNorm(1, width),
                nn.ReLU(),
            )
            for kernel in AGGREGATOR_KERNELS
        )

    def forward(self, x: Tensor) -> Tensor:
        """[B, width, M] -> the same."""
        for layer in self.conv_layers:
            x = (layer(x) + x) * SKIP_SCALE
        return x


class VQWav2Vec(nn.Module):
    """The part of vq-wav2vec that the generators hear with."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.feature_extractor = Features(width, len(KERNELS), quantised=True)

    def forward(self, sound: Tensor) -> Tensor:
        """Features [M, C width] of the channels of sound [C, S]."""
        features: Tensor = self.feature_extractor(sound)
        return features.flatten(0, 1).T


class Wav2Vec(nn.Module):
    """The part of wav2vec that lips are heard with."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.feature_extractor = Features(width, len(KERNELS) - 1, quantised=False)
        self.feature_aggregator = Aggregator(width)

    def forward(self, samples: Tensor) -> Tensor:
        """[B, S] -> [B, width, M]."""
        made: Tensor = self.feature_aggregator(self.feature_extractor(samples))
        return made
