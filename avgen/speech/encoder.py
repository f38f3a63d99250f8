"""Whisper tiny.en's audio encoder (Radford et al. 2022): what it hears in up to 30 seconds of speech.

Its features know people, rooms and telephones that no corpus of ours holds; a small network reads labels off
them (`avgen.speech.extractor`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from avgen.types import FloatArray

ENCODER_RATE: Final = 16_000
"""Samples per second that it hears."""
FEATURE_RATE: Final = 50
"""Features per second that it gives."""
FEATURE_HOP: Final = ENCODER_RATE // FEATURE_RATE
"""Samples per feature."""
_FFT_SIZE: Final = 400
_HOP_SIZE: Final = 160
_BANDS: Final = 80
_DECADES: Final = 8.0
"""Of power that it sees below the loudest of what it is given."""
_FLOOR: Final = 1e-10


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """Size of the encoder; the defaults are tiny.en's."""

    width: int = 384
    """Channels of a feature."""
    num_heads: int = 6
    num_blocks: int = 4
    max_features: int = 1500
    """Positions that it knows: 30 s."""


@cache
def whisper_filters() -> FloatArray:
    """[80, 201] triangular filters of unit area on Slaney's mel scale, 0 to 8 kHz."""
    knee, step = 1000.0, np.log(6.4) / 27
    top = knee * 3 / 200 + np.log(ENCODER_RATE / 2 / knee) / step
    mels = np.linspace(0.0, top, _BANDS + 2)
    edges = np.where(mels < 15, mels * 200 / 3, knee * np.exp((mels - 15) * step))
    bins = np.linspace(0, ENCODER_RATE / 2, _FFT_SIZE // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    areas = 2 / (edges[2:] - edges[:-2])
    filters: FloatArray = (np.clip(np.minimum(rising, falling), 0, None) * areas[:, None]).astype(np.float32)
    return filters


def whisper_mel(samples: Tensor) -> Tensor:
    """Log mel as the encoder knows it.

    Args:
        samples: [S] at 16 kHz, a multiple of FEATURE_HOP.

    Returns:
        [80, S // 160].
    """
    window = torch.hann_window(_FFT_SIZE)
    spectrum = torch.stft(samples, _FFT_SIZE, _HOP_SIZE, window=window, return_complex=True)[:, :-1]
    power = torch.from_numpy(whisper_filters()) @ spectrum.abs().square()
    decades = power.clamp(min=_FLOOR).log10()
    return torch.maximum(decades, decades.max() - _DECADES) / 4 + 1


class EncoderBlock(nn.Module):
    """Attention and two pointwise layers, each behind its normalisation, with residuals."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.attention_norm, self.norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """[B, T, width] -> [B, T, width]."""
        parts = self.query_key_value(self.attention_norm(x)).unflatten(-1, (3, self.num_heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        heard = scaled_dot_product_attention(query, key, value)
        x = x + self.mix(heard.transpose(1, 2).flatten(2))
        out: Tensor = x + self.narrow(gelu(self.widen(self.norm(x))))
        return out


class WhisperEncoder(nn.Module):
    """Two convolutions, positions, transformer blocks."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        width = config.width
        self.enter = nn.Conv1d(_BANDS, width, 3, padding=1)
        self.halve = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.positions = nn.Parameter(torch.zeros(config.max_features, width))
        self.blocks = nn.ModuleList(EncoderBlock(width, config.num_heads) for _ in range(config.num_blocks))
        self.norm = nn.LayerNorm(width)

    def forward(self, mel: Tensor) -> Tensor:
        """[B, 80, 2T] of `whisper_mel` -> features [B, T, width] at 50 Hz; T is at most `max_features`."""
        x = gelu(self.halve(gelu(self.enter(mel)))).transpose(1, 2)
        x = x + self.positions[: x.shape[1]]
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.norm(x)
        return out
