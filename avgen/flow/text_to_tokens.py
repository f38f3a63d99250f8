"""Phonemes to frame-level tokens (paper section 3.4 and supplement B, after Matcha-TTS).

Embeddings and a convolutional encoder feed a duration predictor; a small flow transformer, or plain
repetition of each phoneme for its duration, then gives the logits. Durations are sampled, so that
seeds differ in rhythm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from avgen.flow.dit import DiTBlock, DiTConfig, Positions, TimeEmbedding, Window
from avgen.flow.solver import adams_bashforth, time_grid
from avgen.nn.weights import fill, read_weights
from avgen.types import LOGIT, FloatArray

_FLOW_STEPS: Final = 7
_LEAST: Final = 1e-4
"""Probability of a label of another set that is not heard at all."""


@dataclass(frozen=True, slots=True)
class TextToTokensConfig:
    """Sizes of the text-to-tokens network; the defaults are the paper's (supplement B)."""

    num_labels: int
    width: int = 192
    num_convs: int = 3
    kernel: int = 5
    num_blocks: int = 3
    """Blocks of the flow transformer; 0 leaves it out."""
    decoder: Literal["repeat", "flow"] = "repeat"
    """How durations become logits: repeat each phoneme, or generate by flow matching."""
    num_voices: int = 0
    """Voices that it is told of; each has a rhythm of its own."""
    label_set: str = "phonemes"
    """Of the logits, if that is not the set of what it reads."""
    num_outputs: int = 0
    """D of that set; 0 for what it reads."""

    def __post_init__(self) -> None:
        if self.decoder == "flow" and not self.num_blocks:
            raise ValueError("decoder 'flow' needs num_blocks > 0")
        if self.num_outputs and self.decoder != "flow":
            raise ValueError(f"{self.label_set} cannot be repeated phonemes: decoder must be 'flow'")

    @property
    def num_logits(self) -> int:
        """D, labels of a frame of tokens."""
        return self.num_outputs or self.num_labels


class ConvLayer(nn.Module):
    """Convolution over phonemes, layer norm, GELU, dropout, residual."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, width, kernel, padding=kernel // 2)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """[B, L, width], mask [B, L, 1] -> [B, L, width]."""
        y = self.conv((x * mask).transpose(1, 2)).transpose(1, 2)
        out: Tensor = x + self.dropout(F.gelu(self.norm(y)))
        return out.mul(mask)


class LogitFlow(nn.Module):
    """Flow transformer from noise and upsampled phoneme features to logits."""

    def __init__(self, config: TextToTokensConfig) -> None:
        super().__init__()
        width = config.width
        shape = DiTConfig(config.num_blocks, width, 2 * width, 4, Window(16, 16), conv_kernel=5)
        self.shape = shape
        self.enter = nn.Linear(config.num_logits + width, width)
        self.time = TimeEmbedding(width)
        self.blocks = nn.ModuleList(DiTBlock(shape) for _ in range(config.num_blocks))
        self.leave = nn.Linear(width, config.num_logits)

    def forward(self, x_t: Tensor, t: Tensor, features: Tensor) -> Tensor:
        """x_t [B, N, D], t [B], features [B, N, width] -> velocity [B, N, D]."""
        x, time = self.enter(torch.cat([x_t, features], dim=-1)), self.time(t)
        positions = Positions.of(x.shape[1], self.shape, x.device)
        for block in self.blocks:
            x = block(x, time, positions)
        out: Tensor = self.leave(x)
        return out


class TextToTokens(nn.Module):
    """Labels of one sentence -> duration of each, and logits at CODE_RATE."""

    def __init__(self, config: TextToTokensConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.num_labels, config.width)
        if config.num_voices:
            self.voice = nn.Linear(config.num_voices, config.width, bias=False)
            nn.init.zeros_(self.voice.weight)
        self.convs = nn.ModuleList(ConvLayer(config.width, config.kernel) for _ in range(config.num_convs))
        self.duration = nn.Linear(config.width, 2)
        self.flow = LogitFlow(config) if config.num_blocks else None

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> TextToTokens:
        """Float32 model on the CPU from a safetensors file.

        Raises:
            ActorError: if the file is damaged or does not fit the configuration.
        """
        return fill(cls(TextToTokensConfig(**config)), read_weights(file), file)

    @property
    def label_set(self) -> str:
        """Name of the set of its logits' labels."""
        return self.config.label_set

    def encode(
        self, labels: Tensor, mask: Tensor, voice: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Phoneme features and duration distribution.

        Args:
            labels: [B, L] label indices.
            mask: [B, L] 1 where a label is.
            voice: [B, V] shares of the voices that speak; none for no voice in particular.

        Returns:
            Features [B, L, width]; mean and log standard deviation, each [B, L], of ln(1 + frames).
        """
        x = self.embed(labels)
        if voice is not None:
            x = x + self.voice(voice)[:, None]
        x = x * mask[..., None]
        for conv in self.convs:
            x = conv(x, mask[..., None])
        mean, log_std = self.duration(x).unbind(-1)
        return x, mean, log_std.clamp(-4.0, 1.0)

    @torch.inference_mode()
    def durations(
        self,
        labels: Sequence[int],
        generator: torch.Generator,
        *,
        speaking_rate: float | FloatArray = 1.0,
        temperature: float = 0.5,
        voice: FloatArray | None = None,
    ) -> NDArray[np.int64]:
        """Sample how long each label of one sentence lasts.

        Args:
            labels: [L] label indices.
            generator: source of randomness, on the CPU.
            speaking_rate: 1 is the actor's own; 1.2 is a fifth faster; of each label [L] where they differ.
            temperature: how far durations stray from their mean, in predicted standard deviations.
            voice: [V] shares of the voices that speak; a model that was told of none does not listen.

        Returns:
            [L] frames at CODE_RATE, possibly 0.
        """
        ids = torch.tensor(labels)[None]
        told = torch.from_numpy(voice)[None] if voice is not None and self.config.num_voices else None
        _, mean, log_std = self.encode(ids, torch.ones_like(ids, dtype=torch.float32), told)
        noise = torch.randn(mean.shape, generator=generator)
        frames = (mean + temperature * log_std.exp() * noise).expm1().clamp(min=0.0) / _rate(speaking_rate)
        ends: NDArray[np.int64] = frames[0].cumsum(0).round().long().numpy()
        return np.diff(ends, prepend=0)

    @torch.inference_mode()
    def logits(
        self, labels: Sequence[int], frames: NDArray[np.int64], generator: torch.Generator
    ) -> FloatArray:
        """Frame-level logits [sum of frames, D] of labels [L] that last frames [L]."""
        ids, repeats = torch.tensor(labels), torch.from_numpy(frames)
        if self.config.decoder == "repeat":
            one_hot = F.one_hot(ids.repeat_interleave(repeats), self.config.num_labels)
            return (LOGIT * one_hot.float()).numpy()
        features, *_ = self.encode(ids[None], torch.ones(1, len(ids)))
        out: FloatArray = self.generate(features[0].repeat_interleave(repeats, dim=0), generator).numpy()
        return out

    def generate(self, features: Tensor, generator: torch.Generator) -> Tensor:
        """Logits [N, D] by flow matching, given features [N, width] at the frame rate."""
        flow = self.flow
        if flow is None:
            raise ValueError("this model has no flow transformer: num_blocks is 0")
        x_0 = torch.randn(1, len(features), self.config.num_logits, generator=generator)
        x_1 = adams_bashforth(lambda x, t: flow(x, t.expand(1), features[None]), x_0, time_grid(_FLOW_STEPS))
        posteriors = (x_1[0] + 1.0) / 2
        return posteriors.clamp(min=_LEAST).log() if self.config.num_outputs else LOGIT * posteriors


def _rate(speaking_rate: float | FloatArray) -> float | Tensor:
    return speaking_rate if isinstance(speaking_rate, float | int) else torch.from_numpy(speaking_rate)
