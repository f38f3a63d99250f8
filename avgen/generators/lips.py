"""Where the points of the lips are, heard in the actor's own speech."""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avgen.generators.layers import Attention
from avgen.generators.sound import SOUND_RATE, Wav2Vec

POINTS: Final = 338
PIECE: Final = 120
"""Frames heard at a time, 4 s."""
FPS: Final = 30
"""Frames per second."""
HEADS: Final = 8
ENCODER_LAYERS: Final = 2
DECODER_LAYERS: Final = 4


class LipRegressor(nn.Module):
    """A transformer from speech to the places of lip points.

    Args:
        width: of its channels.
        hidden: of the feed-forward networks.
        positions: frames that it has places for.
    """

    def __init__(self, width: int, hidden: int, positions: int) -> None:
        super().__init__()
        self.audio_encoder = nn.ModuleDict({"wav2vec_model": Wav2Vec(width)})
        self.regression_model = Regression(width, hidden, positions)
        self.project_output = nn.Linear(width, 3 * POINTS)

    def forward(self, samples: Tensor, frames: int) -> Tensor:
        """Lip points [frames, 3 POINTS] of the speech of one channel [S] at 16 kHz."""
        pieces = []
        for first in range(0, frames, PIECE):
            count = min(PIECE, frames - first)
            heard = samples[first * SOUND_RATE // FPS : (first + count) * SOUND_RATE // FPS]
            features = self.audio_encoder["wav2vec_model"](heard[None])
            features = F.interpolate(features, size=count, mode="linear")
            pieces.append(self.project_output(self.regression_model(features.transpose(1, 2)))[0])
        return torch.cat(pieces)


class Regression(nn.Module):
    """What is heard, read out at every frame at once."""

    def __init__(self, width: int, hidden: int, positions: int) -> None:
        super().__init__()
        self.cond_positional_encoding = Places(width, positions)
        self.target_positional_encoding = Places(width, positions)
        self.transformer_encoder = nn.ModuleList(
            Layer(width, hidden, crossed=False) for _ in range(ENCODER_LAYERS)
        )
        self.transformer_decoder = nn.ModuleList(
            Layer(width, hidden, crossed=True) for _ in range(DECODER_LAYERS)
        )

    def forward(self, heard: Tensor) -> Tensor:
        """[B, T, width] -> the same."""
        memory = heard + self.cond_positional_encoding.pe[: heard.shape[1]]
        for layer in self.transformer_encoder:
            memory = layer(memory)
        x = self.target_positional_encoding.pe[: heard.shape[1]].expand_as(heard)
        for layer in self.transformer_decoder:
            x = layer(x, memory)
        return x


class Places(nn.Module):
    """Positional encoding [positions, width], as its file has it."""

    pe: Tensor

    def __init__(self, width: int, positions: int) -> None:
        super().__init__()
        self.register_buffer("pe", torch.empty(positions, width))


class Layer(nn.Module):
    """Attention to itself, and to what was heard if it is crossed, each normalised first."""

    def __init__(self, width: int, hidden: int, crossed: bool) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.self_attn = nn.ModuleDict({"self_attn": Attention(width, HEADS)})
        if crossed:
            self.cross_attn = nn.ModuleDict({"cross_attn": Attention(width, HEADS)})
            self.norm3 = nn.LayerNorm(width)
        network = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Identity(), nn.Linear(hidden, width))
        self.feedforward = nn.ModuleDict({"ff": network})

    def forward(self, x: Tensor, memory: Tensor | None = None) -> Tensor:
        """[B, T, width] of x and, if it is crossed, of what was heard, of the same shape."""
        y = self.norm1(x)
        x = x + _attend(self.self_attn["self_attn"], y, y)
        y = self.norm2(x)
        if memory is not None:
            x = x + _attend(self.cross_attn["cross_attn"], y, memory)
            y = self.norm3(x)
        made: Tensor = x + self.feedforward["ff"](y)
        return made


def _attend(attention: nn.Module, x: Tensor, memory: Tensor) -> Tensor:
    assert isinstance(attention, Attention)
    made: Tensor = attention(x, attention.remember(memory, memory))
    return made
