"""Source-filter vocoder: a small ConvNeXt reads pitch and two envelopes off the mel; DSP makes the sound."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from avgen.errors import ActorError
from avgen.nn.convnext import ConvNeXtBlock
from avgen.nn.weights import fill, read_weights
from avgen.nn.windows import windows
from avgen.speech.mel import SOUND
from avgen.speech.prosody import Prosody
from avgen.types import HOP_SIZE, MEL_BINS, FloatArray
from avgen.vocoders import synthesis

ENVELOPES: Final = synthesis.BINS + synthesis.NOISE_FRAMES * synthesis.NOISE_BINS
"""Envelope values of a frame: of the pulses, then of the noise in time order."""
_WINDOW: Final = 1024
_LOOK_AHEAD: Final = 3
"""Frames of pitch beyond a window that its last samples depend on."""


@dataclass(frozen=True, slots=True)
class SourceFilterConfig:
    """Size of the network."""

    channels: int = 256
    """Width of the trunk."""
    blocks: int = 5
    """ConvNeXt blocks."""
    kernel_size: int = 7
    """Frames each depthwise convolution sees."""
    expansion: int = 3
    """Hidden width of a block, in multiples of `channels`."""
    pitch_bins: int = 128
    """Classes of F0, spaced evenly in log frequency."""
    min_pitch: float = 60.0
    """Hz of the lowest class."""
    max_pitch: float = 500.0
    """Hz of the highest class."""

    def __post_init__(self) -> None:
        """Checks what the convolutions and the pitch scale need."""
        if self.kernel_size % 2 == 0 or not 0 < self.min_pitch < self.max_pitch:
            raise ActorError("source_filter: kernel_size must be odd and 0 < min_pitch < max_pitch")

    @property
    def context(self) -> int:
        """Frames on either side that a frame's prediction depends on."""
        return (self.blocks + 1) * (self.kernel_size // 2)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> SourceFilterConfig:
        """Configuration from an actor file's values."""
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ActorError(f"source_filter: unknown configuration key {sorted(unknown)[0]!r}")
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Controls:
    """What the network says about each frame.

    Attributes:
        harmonic: [..., N, 513] log magnitude of the pulse filter.
        breath: [..., 4 N, 129] log standard deviation of the noise.
        voicing: [..., N] logit of being voiced.
        pitch_logits: [..., N, P] over the pitch classes.
    """

    harmonic: Tensor
    breath: Tensor
    voicing: Tensor
    pitch_logits: Tensor


class ControlNetwork(nn.Module):
    """Mel -> controls of the synthesis.

    The buffers `envelope_mean` and `envelope_scale` [513 + 4 * 129] put the outputs on the training targets'
    scale.
    """

    envelope_mean: Tensor
    envelope_scale: Tensor

    def __init__(self, config: SourceFilterConfig) -> None:
        super().__init__()
        self.config = config
        kernel = config.kernel_size
        self.stem = nn.Conv1d(MEL_BINS, config.channels, kernel, padding=kernel // 2)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(config.channels, config.kernel_size, config.expansion) for _ in range(config.blocks)
        )
        self.norm = nn.LayerNorm(config.channels)
        self.envelopes = nn.Linear(config.channels, ENVELOPES)
        self.pitch = nn.Linear(config.channels, 1 + config.pitch_bins)
        self.register_buffer("envelope_mean", torch.zeros(ENVELOPES))
        self.register_buffer("envelope_scale", torch.ones(ENVELOPES))

    def forward(self, mel: Tensor) -> Controls:
        """[B, N, 80] log mel -> controls of B clips."""
        x = self.stem(SOUND.normalise(mel).transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        envelopes = self.envelopes(x) * self.envelope_scale + self.envelope_mean
        breath = envelopes[..., synthesis.BINS :].unflatten(-1, (synthesis.NOISE_FRAMES, -1)).flatten(1, 2)
        pitch = self.pitch(x)
        return Controls(envelopes[..., : synthesis.BINS], breath, pitch[..., 0], pitch[..., 1:])

    def pitch_class(self, f0: Tensor) -> Tensor:
        """Hz -> fractional pitch class."""
        low, high = self.config.min_pitch, self.config.max_pitch
        octaves = torch.log2(f0.clamp(low, high) / low) / math.log2(high / low)
        return octaves * (self.config.pitch_bins - 1)

    def f0(self, controls: Controls) -> Tensor:
        """[..., N] Hz: mean class around the most likely one; 0 where unvoiced."""
        low, high = self.config.min_pitch, self.config.max_pitch
        chance = controls.pitch_logits.softmax(-1)
        classes = torch.arange(self.config.pitch_bins, device=chance.device)
        near = (classes - chance.argmax(-1, keepdim=True)).abs() <= 3
        mean = (chance * near * classes).sum(-1) / (chance * near).sum(-1)
        hertz = low * 2 ** (mean / (self.config.pitch_bins - 1) * math.log2(high / low))
        return torch.where(controls.voicing > 0, hertz, 0.0)


class _Sources:
    """Pulses and noise of consecutive windows of one clip, made once and in order."""

    def __init__(self, frames: int, seed: int, device: torch.device) -> None:
        self.samples = frames * HOP_SIZE
        self.rng = np.random.default_rng(seed)
        self.phase: Tensor | float = 0.0
        self.made = 0
        self.tail = torch.zeros(2, synthesis.EDGE, device=device)

    def until(self, f0: Tensor, first_frame: int, stop_frame: int) -> Tensor:
        """[2, (n + 3) * 256] pulses and noise around the window that ends before `stop_frame`.

        Args:
            f0: [M] Hz of the frames from `first_frame` on, 3 frames past the window where the clip goes on.
            first_frame: clip frame of f0[0].
            stop_frame: first clip frame after the window.
        """
        end = stop_frame * HOP_SIZE + synthesis.EDGE
        count = min(end, self.samples) - self.made
        first = self.made - first_frame * HOP_SIZE
        pitch = synthesis.at_samples(synthesis.hold_pitch(f0), first, count)
        voiced = synthesis.at_samples((f0 > 0).float(), first, count) > 0.5
        pulses, self.phase = synthesis.pulse_train(pitch, voiced, self.phase)
        noise = torch.from_numpy(self.rng.standard_normal(count, np.float32))
        made = torch.stack([pulses, noise.to(pulses.device)])
        silence = made.new_zeros(2, end - self.made - count)
        window = torch.cat([self.tail, made, silence], -1)
        self.made += count
        self.tail = window[:, -2 * synthesis.EDGE :]
        return window


class SourceFilter:
    """Vocoder of the actors trained on a CPU: about a hundredth of a second per second of speech."""

    def __init__(self, network: ControlNetwork) -> None:
        self.network = network.eval()

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> SourceFilter:
        """Builds the network of `config` (see `SourceFilterConfig`) and fills it from a safetensors file.

        Raises:
            ActorError: if the file is damaged or does not fit the configuration.
        """
        network = ControlNetwork(SourceFilterConfig.from_mapping(config))
        return cls(fill(network, read_weights(file), file))

    def to(self, device: torch.device | str) -> SourceFilter:
        """Moves the network; synthesis follows it."""
        self.network.to(device)
        return self

    @torch.inference_mode()
    def __call__(
        self, mel: FloatArray, seed: int, prosody: Prosody | None = None, *, window_frames: int = _WINDOW
    ) -> FloatArray:
        """Speech of a mel spectrogram.

        Args:
            mel: [N, 80] natural-log mel.
            seed: of the noise.
            prosody: how pitch and envelopes [N] depart from those of the mel.
            window_frames: frames computed at a time; bounds memory, does not change the samples.

        Returns:
            [N * 256] samples in [-1, 1] at 22,050 Hz.
        """
        device = self.network.envelope_mean.device
        frames = len(mel)
        output = torch.zeros((frames + 3) * HOP_SIZE)
        sources = _Sources(frames, seed, device)
        reach = self.network.config.context + _LOOK_AHEAD
        for span in windows(frames, window_frames, reach, reach):
            part = torch.from_numpy(np.ascontiguousarray(mel[span.seen], np.float32))
            controls = self.network(part[None].to(device))
            f0, harmonic = self.network.f0(controls)[0], controls.harmonic[0]
            breath = controls.breath[0].unflatten(0, (-1, synthesis.NOISE_FRAMES))
            if prosody is not None:
                pitch, melody, level, tilt, mean_pitch = (
                    torch.from_numpy(x[span.seen]).to(device) for x in prosody
                )
                harmonic = synthesis.between_harmonics(harmonic, f0)
                harmonic = harmonic + synthesis.colour(level, tilt, synthesis.BINS)
                breath = breath + synthesis.colour(level, tilt, synthesis.NOISE_BINS)[:, None]
                f0 = synthesis.transpose(f0, pitch, melody, mean_pitch)
            pulses, noise = sources.until(f0, span.first, span.stop)
            speech = synthesis.filter_sources(
                pulses, noise, harmonic[span.own], breath[span.own].flatten(0, 1)
            )
            output[span.start * HOP_SIZE : (span.stop + 3) * HOP_SIZE] += speech.cpu()
        samples = output[synthesis.EDGE : synthesis.EDGE + frames * HOP_SIZE]
        return np.asarray(samples.clamp(-1, 1).numpy(), np.float32)
