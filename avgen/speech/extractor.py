"""Recorded speech to frame-level tokens: whisper's encoder hears, a small ConvNeXt tells the labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from torch import Tensor, nn
from torchaudio.functional import resample

from avgen.nn.convnext import ConvNeXtBlock
from avgen.nn.weights import fill, read_weights
from avgen.nn.windows import windows
from avgen.speech.audio import at_level
from avgen.speech.encoder import ENCODER_RATE, FEATURE_RATE, EncoderConfig, WhisperEncoder, whisper_mel
from avgen.types import HOP_SIZE, SAMPLE_RATE, FloatArray

FEATURE_SAMPLES: Final = SAMPLE_RATE // FEATURE_RATE
"""Samples of a recording per feature: 441."""
LEAD_FEATURES: Final = 125
"""Features (2.5 s) on either side of a window that it hears beyond its own."""


@dataclass(frozen=True, slots=True)
class ExtractorConfig:
    """Size of the network."""

    num_labels: int
    """D, labels per token frame."""
    channels: int = 160
    kernel: int = 7
    """Frames that each depthwise convolution sees."""
    dilations: tuple[int, ...] = (1, 2, 4)
    """Spacing of those frames, one per block."""
    expansion: int = 3
    """Hidden width of a block, in multiples of `channels`."""
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    speech_level: float = -24.9
    """Level of the speech that the actor's networks know, pauses left out, in dB relative to full scale."""
    change_cost: float = 3.0
    """Nats that a change of label costs: more leaves out sounds that are heard for a moment."""

    def __post_init__(self) -> None:
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel must be odd, got {self.kernel}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ExtractorConfig:
        """Build from a plain mapping, as stored in actor.yaml."""
        encoder = EncoderConfig(**values["encoder"])
        return cls(**{**values, "dilations": tuple(values["dilations"]), "encoder": encoder})


class LabelHead(nn.Module):
    """Features at the code rate -> logits of the label that is being spoken."""

    def __init__(self, config: ExtractorConfig) -> None:
        super().__init__()
        width, kernel = config.channels, config.kernel
        self.enter = nn.Linear(config.encoder.width, width)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, kernel, config.expansion, dilation) for dilation in config.dilations
        )
        self.norm = nn.LayerNorm(width)
        self.leave = nn.Linear(width, config.num_labels)

    def forward(self, features: Tensor) -> Tensor:
        """[B, N, width] -> [B, N, D]."""
        x = self.enter(features)
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.leave(self.norm(x))
        return out


class WhisperExtractor(nn.Module):
    """The encoder and the head, over recordings of any length."""

    label_set: ClassVar = "phonemes"

    def __init__(self, config: ExtractorConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = WhisperEncoder(config.encoder)
        self.head = LabelHead(config)

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> WhisperExtractor:
        """Float32 model on the CPU from a safetensors file.

        Raises:
            ActorError: if the file is damaged or does not fit the configuration.
        """
        return fill(cls(ExtractorConfig.from_dict(config)), read_weights(file), file)

    @property
    def speech_level(self) -> float:
        """Level of speech that the actor's networks know, in dB relative to full scale."""
        return self.config.speech_level

    @property
    def change_cost(self) -> float:
        """Nats that a change of label costs."""
        return self.config.change_cost

    @torch.inference_mode()
    def logits(self, samples: FloatArray) -> FloatArray:
        """Logits of a whole recording, heard in windows that overlap; memory is bounded by theirs.

        Args:
            samples: [S] of speech at SAMPLE_RATE and any level, whole hops.

        Returns:
            [S // 256, D].
        """
        parts = [self.head(features[None])[0, own] for features, own in self._heard(samples)]
        out: FloatArray = torch.cat(parts).numpy()
        return out

    @torch.inference_mode()
    def features(self, samples: FloatArray) -> FloatArray:
        """What the encoder hears in a recording [S] at the code rate: [S // 256, width]."""
        out: FloatArray = torch.cat([features[own] for features, own in self._heard(samples)]).numpy()
        return out

    def _heard(self, samples: FloatArray) -> Iterator[tuple[Tensor, slice]]:
        """Yield each window's features [n, width] at the code rate, and which of these frames are its own."""
        size = self.config.encoder.max_features - 2 * LEAD_FEATURES
        loud = at_level(samples, self.config.speech_level)
        return heard_in_windows(loud, size, lambda heard: self.encoder(whisper_mel(heard)[None])[0])


def heard_in_windows(
    samples: FloatArray, size: int, encode: Callable[[Tensor], Tensor]
) -> Iterator[tuple[Tensor, slice]]:
    """Hear a recording in windows that overlap.

    Args:
        samples: [S] at SAMPLE_RATE.
        size: features that are a window's own; it hears LEAD_FEATURES more on either side.
        encode: features [T, width] at FEATURE_RATE of sound [320 T] at ENCODER_RATE.

    Yields:
        Each window's features [n, width] at the code rate, and which of these frames are its own.
    """
    total = -(-len(samples) // FEATURE_SAMPLES)
    for span in windows(total, size, LEAD_FEATURES, LEAD_FEATURES):
        part = samples[span.first * FEATURE_SAMPLES : span.last * FEATURE_SAMPLES]
        part = np.pad(part, (0, (span.last - span.first) * FEATURE_SAMPLES - len(part)))
        features = encode(resample(torch.from_numpy(part), SAMPLE_RATE, ENCODER_RATE))
        seen_first, first, stop, seen_last = (
            min(_first_frame(at), len(samples) // HOP_SIZE)
            for at in (span.first, span.start, span.stop, span.last)
        )
        own = slice(first - seen_first, stop - seen_first)
        yield at_code_rate(features, span.first, seen_first, seen_last), own


def _first_frame(feature: int) -> int:
    """The first code frame whose centre does not lie before the start of a feature."""
    return max(0, -(-(feature * FEATURE_SAMPLES - HOP_SIZE // 2) // HOP_SIZE))


def at_code_rate(features: Tensor, offset: int, first: int, last: int) -> Tensor:
    """Features at the centres of code frames, linear between their own.

    Args:
        features: [T, width] at 50 Hz.
        offset: number of the first of them in the recording.
        first: code frame of the recording to start with.
        last: code frame to end before.

    Returns:
        [last - first, width].
    """
    centres = (torch.arange(first, last, dtype=torch.float64) + 0.5) * HOP_SIZE / FEATURE_SAMPLES
    place = (centres - 0.5 - offset).clamp(0, len(features) - 1)
    low = place.long().clamp(max=max(0, len(features) - 2))
    weight = (place - low)[:, None].to(features.dtype)
    return torch.lerp(features[low], features[(low + 1).clamp(max=len(features) - 1)], weight)
