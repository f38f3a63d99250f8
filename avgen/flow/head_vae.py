"""Temporal VAE of head poses, 7 -> 8 channels (paper section 3.1), and its prior given speech."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avgen.flow.carriage import Carriage
from avgen.flow.dit import DiTConfig, Positions, Window, rotate, windowed_attention
from avgen.nn.convnext import ConvNeXtBlock
from avgen.nn.weights import fill, read_weights
from avgen.nn.windows import windows
from avgen.speech.mel import SPEECH
from avgen.types import MEL_BINS, Cues, FloatArray

POSE_CHANNELS = 7


@dataclass(frozen=True, slots=True)
class PriorConfig:
    """Sizes of the prior given speech."""

    num_labels: int
    emotion_channels: int
    width: int = 96
    kernel: int = 11
    dilations: tuple[int, ...] = (1, 2, 4, 4, 2, 1)


@dataclass(frozen=True, slots=True)
class HeadVAEConfig:
    """Sizes of the head-pose VAE."""

    latent: int = 8
    width: int = 64
    num_heads: int = 4
    window: Window = field(default_factory=lambda: Window(past=8, future=8))
    emphasis: float = 0.99
    """a in e_n = m_n - a m_(n-1), what is generated in place of the VAE's latent m; 0 generates m itself."""
    prior: PriorConfig | None = None
    """Of the network that tells mean and spread of e from the speech; None for 0 and 1."""
    carriage: int = 0
    """Parameters of a body that goes with the head; 0 for none."""
    listening_spread: float = 0.7
    """Least spread of e where there is a partner: speech does not tell when a listener nods."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> HeadVAEConfig:
        """Build from plain nested mappings, as stored in actor.yaml."""
        prior = values.get("prior")
        if prior is not None:
            prior = PriorConfig(**{**prior, "dilations": tuple(prior["dilations"])})
        return cls(**{**values, "window": Window(**values["window"]), "prior": prior})


class SpeechPrior(nn.Module):
    """Mean and spread of every latent given the speech (a conditional prior, Sohn et al. 2015).

    Heads come to rest on the beats of speech and nod on its accents. A flow that has to find that out spends
    most of its training on it; here a likelihood tells it directly, and the flow generates what is left.
    """

    def __init__(self, config: PriorConfig, latent: int) -> None:
        super().__init__()
        inputs = MEL_BINS + config.num_labels + config.emotion_channels
        self.enter = nn.Linear(inputs, config.width)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(config.width, config.kernel, 2, dilation) for dilation in config.dilations
        )
        self.leave = nn.Linear(config.width, 2 * latent)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, mel: Tensor, posteriors: Tensor, emotion: Tensor) -> tuple[Tensor, Tensor]:
        """[B, N, 80], [B, N, D], [B, N, E] -> mean and log standard deviation, each [B, N, latent]."""
        x = self.enter(torch.cat([SPEECH.normalise(mel), posteriors, emotion], dim=-1))
        for block in self.blocks:
            x = block(x)
        mean, log_std = self.leave(x).chunk(2, dim=-1)
        return mean, log_std.clamp(-3.0, 2.0)

    def given(self, cues: Cues) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation, each [N, latent], of one passage."""
        mel, logits, emotion = (torch.from_numpy(part).float()[None] for part in cues[:3])
        mean, log_std = self(mel, logits.softmax(-1), emotion)
        return mean[0], log_std[0].exp()


class TransformerLayer(nn.Module):
    """One pre-norm transformer layer over frames."""

    def __init__(self, config: HeadVAEConfig) -> None:
        super().__init__()
        width = config.width
        self.shape = DiTConfig(width=width, num_heads=config.num_heads, window=config.window)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """[B, N, width] -> [B, N, width]."""
        heads = self.shape.num_heads
        q, k, v = self.qkv(self.norm1(x)).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
        cos, sin, bias = Positions.of(x.shape[1], self.shape, x.device)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        x = x + self.out(windowed_attention(q, k, v, self.shape.window, bias))
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class HeadVAE(nn.Module):
    """Encoder and decoder of one transformer layer each, and what stands between their latent and the flow.

    A head drifts and sways far more than it nods, yet nods are what falls on the beats of speech. An error of
    5% of the latent's spread, white as a flow's errors are, would drown them. Pre-emphasis, as speech coders
    use it, makes the latent nearly a velocity, in which nods prevail; undoing it turns white errors into
    slow ones. What is generated is the pre-emphasised latent less its mean given the speech, over its spread
    given the speech.
    """

    mean: Tensor
    scale: Tensor
    latent_mean: Tensor
    whitening: Tensor

    def __init__(self, config: HeadVAEConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or HeadVAEConfig()
        self.register_buffer("mean", torch.zeros(POSE_CHANNELS))
        self.register_buffer("scale", torch.ones(POSE_CHANNELS))
        self.register_buffer("latent_mean", torch.zeros(config.latent))
        self.register_buffer("whitening", torch.eye(config.latent))
        self.enter = nn.Linear(POSE_CHANNELS, config.width)
        self.encoder = TransformerLayer(config)
        self.to_latent = nn.Linear(config.width, 2 * config.latent)
        self.from_latent = nn.Linear(config.latent, config.width)
        self.decoder = TransformerLayer(config)
        self.leave = nn.Linear(config.width, POSE_CHANNELS)
        self.prior = None if config.prior is None else SpeechPrior(config.prior, config.latent)
        self.carriage = Carriage(config.carriage) if config.carriage else None

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> HeadVAE:
        """Float32 model on the CPU from a safetensors file.

        Raises:
            ActorError: if the file is damaged or does not fit the configuration.
        """
        return fill(cls(HeadVAEConfig.from_dict(config)), read_weights(file), file)

    def encode_moments(self, pose: Tensor) -> tuple[Tensor, Tensor]:
        """Head pose [B, N, 7] -> latent mean and log-variance, each [B, N, 8]."""
        x = self.encoder(self.enter((pose - self.mean) / self.scale))
        mean, log_variance = self.to_latent(x).chunk(2, dim=-1)
        return mean, log_variance.clamp(-12.0, 4.0)

    def decode_normalised(self, latent: Tensor) -> Tensor:
        """Latent [B, N, 8] -> pose [B, N, 7], quaternion not yet normalised."""
        out: Tensor = self.leave(self.decoder(self.from_latent(latent))) * self.scale + self.mean
        return out

    @torch.inference_mode()
    def standardise(self, poses: Sequence[FloatArray]) -> None:
        """Measure the latent's mean and the spread of its steps on poses [N, 7]: `steps` become white."""
        means = [self.encode_moments(torch.from_numpy(pose)[None])[0][0] for pose in poses]
        self.latent_mean.copy_(torch.cat(means).mean(0))
        self.whitening.copy_(torch.eye(self.config.latent))
        steps = torch.cat([self.steps(pose) for pose in poses])
        variances, axes = torch.linalg.eigh(torch.cov(steps.T))
        self.whitening.copy_(axes / variances.clamp(min=1e-6 * variances[-1]).sqrt())

    @torch.inference_mode()
    def steps(self, pose: FloatArray) -> Tensor:
        """Head pose [N, 7] -> whitened pre-emphasised latent [N, 8]; before its first frame all is still."""
        mean = self.encode_moments(torch.from_numpy(pose)[None])[0][0] - self.latent_mean
        before = torch.cat([mean[:1], mean[:-1]])
        out: Tensor = (mean - self.config.emphasis * before) @ self.whitening
        return out

    def _expected(self, prior: SpeechPrior, cues: Cues) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation, each [N, 8], of a passage's steps."""
        mean, std = prior.given(cues)
        return mean, std.clamp(min=self.config.listening_spread) if cues.listens else std

    @torch.inference_mode()
    def encode(self, pose: FloatArray, cues: Cues) -> FloatArray:
        """Head pose [N, 7] -> standardised latent [N, 8], given what the head moves to."""
        steps = self.steps(pose)
        if self.prior is not None:
            mean, std = self._expected(self.prior, cues)
            steps = (steps - mean) / std
        latent: FloatArray = steps.numpy()
        return latent

    def decode(self, latent: FloatArray, cues: Cues, chunk: int = 4096) -> FloatArray:
        """Standardised latent [N, 8] -> head pose [N, 7] with unit quaternions.

        Args:
            latent: what `encode` gives.
            cues: what the head moves to.
            chunk: frames decoded together; bounds memory, not part of the result.
        """
        return self.posed(self.levels(latent, cues), chunk)

    @torch.inference_mode()
    def levels(self, latent: FloatArray, cues: Cues) -> FloatArray:
        """Standardised latent [N, 8] -> the latent itself [N, 8], which every frame adds its step to.

        Args:
            latent: what `encode` gives.
            cues: what the head moves to.
        """
        steps = torch.from_numpy(latent)
        if self.prior is not None:
            mean, std = self._expected(self.prior, cues)
            steps = mean + std * steps
        steps = steps @ torch.linalg.inv(self.whitening)
        return de_emphasise(steps.numpy(), self.config.emphasis)

    @torch.inference_mode()
    def posed(self, levels: FloatArray, chunk: int = 4096) -> FloatArray:
        """The latent itself [N, 8] -> head pose [N, 7] with unit quaternions; `chunk` as in `decode`."""
        halo = self.config.window.past, self.config.window.future
        x = (torch.from_numpy(levels) + self.latent_mean)[None]
        parts = [
            self.decode_normalised(x[:, span.seen])[0, span.own]
            for span in windows(len(levels), chunk, *halo)
        ]
        pose = torch.cat(parts)
        quaternion = F.normalize(pose[:, :4], dim=-1)
        out: FloatArray = torch.cat([quaternion, pose[:, 4:]], dim=-1).numpy().astype(np.float32)
        return out

    @torch.inference_mode()
    def carried(self, head: FloatArray) -> FloatArray | None:
        """Body poses [N, K] that go with head poses [N, 7]; None for a head without a body."""
        if self.carriage is None:
            return None
        body: FloatArray = self.carriage(torch.from_numpy(head)).numpy()
        return body


def de_emphasise(steps: FloatArray, emphasis: float) -> FloatArray:
    """m_n = a m_(n-1) + e_n over the first axis of e [N, K], from m_(-1) = 0."""
    levels: FloatArray = steps.copy()
    for before, level in pairwise(levels):
        level += emphasis * before
    return levels
