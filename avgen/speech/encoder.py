"""Whisper tiny.en's audio encoder (Radford et al. 2022): what it hears in up to 30 seconds of speech.

Its features know people, rooms and telephones that no corpus of ours holds; a small network reads labels off
them (`avgen.speech.extractor`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from avgen.speech.mel import mel_filters
from avgen.types import MEL_BINS

ENCODER_RATE: Final = 16_000
"""Samples per second that it hears."""
FEATURE_RATE: Final = 50
"""Features per second that it gives."""
FEATURE_HOP: Final = ENCODER_RATE // FEATURE_RATE
"""Samples per feature."""
_FFT_SIZE: Final = 400
_HOP_SIZE: Final = 160
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


def whisper_mel(samples: Tensor) -> Tensor:
    """Log mel as the encoder knows it.

    Args:
        samples: [S] at 16 kHz, a multiple of FEATURE_HOP.

    Returns:
        [80, S // 160].
    """
    window = torch.hann_window(_FFT_SIZE)
    spectrum = torch.stft(samples, _FFT_SIZE, _HOP_SIZE, window=window, return_complex=True)[:, :-1]
    power = torch.from_numpy(mel_filters(_FFT_SIZE, ENCODER_RATE)) @ spectrum.abs().square()
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
        self.enter = nn.Conv1d(MEL_BINS, width, 3, padding=1)
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
