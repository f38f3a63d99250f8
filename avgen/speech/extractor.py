"""Recorded speech to frame-level tokens: a small ConvNeXt reads label logits off the mel spectrogram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from avgen.types import MEL_BINS, FloatArray

_WINDOW_FRAMES: Final = 4096


@dataclass(frozen=True, slots=True)
class ExtractorConfig:
    """Size of the network."""

    num_labels: int
    """D, labels per token frame."""
    channels: int = 192
    kernel: int = 7
    """Frames that each depthwise convolution sees."""
    dilations: tuple[int, ...] = (1, 2, 4, 1, 2, 4)
    """Spacing of those frames, one per block."""
    expansion: int = 3
    """Hidden width of a block, in multiples of `channels`."""
    speech_level: float = -24.9
    """Level of the speech it was trained on, pauses left out, in dB relative to full scale."""

    def __post_init__(self) -> None:
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel must be odd, got {self.kernel}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ExtractorConfig:
        """Build from a plain mapping, as stored in actor.yaml."""
        return cls(**{**values, "dilations": tuple(values["dilations"])})

    @property
    def context(self) -> int:
        """Frames on either side that one frame's logits depend on."""
        return (self.kernel // 2) * (1 + sum(self.dilations))


class DilatedBlock(nn.Module):
    """Dilated depthwise convolution, normalisation, two pointwise layers, residual."""

    def __init__(self, config: ExtractorConfig, dilation: int) -> None:
        super().__init__()
        width, reach = config.channels, config.kernel // 2 * dilation
        self.depthwise = nn.Conv1d(
            width, width, config.kernel, padding=reach, dilation=dilation, groups=width
        )
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, width * config.expansion)
        self.narrow = nn.Linear(width * config.expansion, width)
        self.scale = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        """[B, N, width] -> [B, N, width]."""
        y: Tensor = self.norm(self.depthwise(x.transpose(1, 2)).transpose(1, 2))
        y = self.narrow(nn.functional.gelu(self.widen(y)))
        return x + self.scale * y


class MelExtractor(nn.Module):
    """Mel spectrogram -> logits of the label that is being spoken."""

    def __init__(self, config: ExtractorConfig) -> None:
        super().__init__()
        self.config = config
        width, kernel = config.channels, config.kernel
        self.stem = nn.Conv1d(MEL_BINS, width, kernel, padding=kernel // 2)
        self.blocks = nn.ModuleList(DilatedBlock(config, dilation) for dilation in config.dilations)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, config.num_labels)

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> MelExtractor:
        """Float32 model on the CPU from a safetensors file."""
        model = cls(ExtractorConfig.from_dict(config))
        model.load_state_dict({name: tensor.float() for name, tensor in load_file(file).items()})
        return model.eval()

    @property
    def speech_level(self) -> float:
        """Level of speech whose mel it knows, in dB relative to full scale."""
        return self.config.speech_level

    def forward(self, mel: Tensor) -> Tensor:
        """[B, N, 80] natural-log mel -> [B, N, D] logits."""
        x = self.stem(((mel + 6.0) / 3.0).transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.head(self.norm(x))
        return out

    @torch.inference_mode()
    def logits(self, mel: FloatArray, window_frames: int = _WINDOW_FRAMES) -> FloatArray:
        """Logits of a whole recording.

        Args:
            mel: [N, 80] natural-log mel of speech as loud as the training voice.
            window_frames: frames at a time; bounds memory, does not change the result.

        Returns:
            [N, D].
        """
        reach, parts = self.config.context, []
        for start in range(0, len(mel), window_frames):
            first, stop = max(0, start - reach), min(start + window_frames, len(mel))
            part = torch.from_numpy(np.ascontiguousarray(mel[first : stop + reach], np.float32))
            parts.append(self(part[None])[0, start - first : stop - first].numpy())
        return np.concatenate(parts)
