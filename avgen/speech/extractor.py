"""Recorded speech to frame-level tokens: a small ConvNeXt reads label logits off the mel spectrogram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from avgen.nn.convnext import ConvNeXtBlock
from avgen.nn.weights import fill, read_weights
from avgen.nn.windows import windows
from avgen.speech.mel import SOUND, mel_filters
from avgen.types import MEL_BINS, SAMPLE_RATE, FloatArray

WARPS: Final = (1.0, 0.9, 1.1, 1.2, 1.3)
"""Factors by which a speaker's formants are moved to try whether speech is clearer so."""
CLEARER: Final = 0.02
"""Gain in mean log-probability of the likeliest label for which formants are moved at all."""
_WINDOW_FRAMES: Final = 4096


@cache
def band_centres() -> FloatArray:
    """[80] Hz of the mel bands' centres."""
    hertz = np.linspace(0, SAMPLE_RATE / 2, mel_filters().shape[1])
    centres: FloatArray = mel_filters() @ hertz / mel_filters().sum(1)
    return centres


def warping(factor: float) -> FloatArray:
    """[80, 80] matrix that moves formants from f to factor * f Hz (vocal tract length normalisation)."""
    centres = band_centres()
    position = np.interp(centres / factor, centres, np.arange(MEL_BINS))
    low = np.minimum(position.astype(int), MEL_BINS - 2)
    weight = (position - low).astype(np.float32)
    matrix = np.zeros((MEL_BINS, MEL_BINS), np.float32)
    matrix[np.arange(MEL_BINS), low] = 1 - weight
    matrix[np.arange(MEL_BINS), low + 1] = weight
    return matrix


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


class MelExtractor(nn.Module):
    """Mel spectrogram -> logits of the label that is being spoken."""

    def __init__(self, config: ExtractorConfig) -> None:
        super().__init__()
        self.config = config
        width, kernel = config.channels, config.kernel
        self.stem = nn.Conv1d(MEL_BINS, width, kernel, padding=kernel // 2)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, kernel, config.expansion, dilation) for dilation in config.dilations
        )
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, config.num_labels)

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> MelExtractor:
        """Float32 model on the CPU from a safetensors file.

        Raises:
            ActorError: if the file is damaged or does not fit the configuration.
        """
        return fill(cls(ExtractorConfig.from_dict(config)), read_weights(file), file)

    @property
    def speech_level(self) -> float:
        """Level of speech whose mel it knows, in dB relative to full scale."""
        return self.config.speech_level

    def forward(self, mel: Tensor) -> Tensor:
        """[B, N, 80] natural-log mel -> [B, N, D] logits."""
        x = self.stem(SOUND.normalise(mel).transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.head(self.norm(x))
        return out

    def logits(self, mel: FloatArray, window_frames: int = _WINDOW_FRAMES) -> FloatArray:
        """Logits of a whole recording, its formants moved to where the network is surest of what it hears.

        Args:
            mel: [N, 80] natural-log mel of speech as loud as the training voice.
            window_frames: frames at a time; bounds memory, does not change the result.

        Returns:
            [N, D].
        """
        middle = max(0, len(mel) - _WINDOW_FRAMES) // 2
        excerpt = mel[middle : middle + _WINDOW_FRAMES]
        clarity = [_clarity(self._logits(excerpt @ warping(factor).T, window_frames)) for factor in WARPS]
        best = int(np.argmax(clarity))
        factor = WARPS[best] if clarity[best] > clarity[0] + CLEARER else WARPS[0]
        return self._logits(mel @ warping(factor).T, window_frames)

    @torch.inference_mode()
    def _logits(self, mel: FloatArray, window_frames: int) -> FloatArray:
        reach, parts = self.config.context, []
        for span in windows(len(mel), window_frames, reach, reach):
            part = torch.from_numpy(np.ascontiguousarray(mel[span.seen], np.float32))
            parts.append(self(part[None])[0, span.own].numpy())
        return np.concatenate(parts)


def _clarity(logits: FloatArray) -> float:
    """Mean log-probability of the likeliest label of every frame [N, D]."""
    return float(torch.from_numpy(logits).log_softmax(-1).amax(-1).mean())
