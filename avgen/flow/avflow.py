"""The joint audio-visual flow: two transformers linked by highways (paper section 3.2, figure 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from avgen.errors import StageError
from avgen.flow.dit import DepthwiseConv, DiTBlock, DiTConfig, Positions, TimeEmbedding, Window
from avgen.flow.gaze import VestibuloOcularReflex
from avgen.flow.path import OTPath
from avgen.flow.solver import FittedSolver, adams_bashforth, time_grid
from avgen.types import CODE_RATE, FloatArray

POSTURE_RATE: Final = 0.7
"""Hz up to which a head's motion is drift of its posture; what is faster nods."""
SOLVER: Final = "solver."
"""How the names of a fitted solver's tensors begin, in the file of the flow's weights."""


@dataclass(frozen=True, slots=True)
class AVFlowConfig:
    """Sizes of the joint model; the transformer defaults are the paper's."""

    num_labels: int
    """D, labels per token frame."""
    face_channels: int
    """C, channels of a face code."""
    emotion_channels: int = 0
    """E, columns of the emotion stream; 0 for a model without it."""
    mel_bins: int = 80
    head_channels: int = 8
    """Channels of the head-pose latent."""
    mel_mean: float = -6.7
    mel_std: float = 3.0
    """The mel is generated as (mel - mel_mean) / mel_std."""
    audio: DiTConfig = field(default_factory=DiTConfig)
    visual: DiTConfig = field(default_factory=DiTConfig)
    highways: bool = True
    slow_head_noise: float = 1.0
    fast_head_noise: float = 1.0
    """Scale of the noise that the head's motion is generated from, below and above `POSTURE_RATE`."""

    def __post_init__(self) -> None:
        if self.audio.num_blocks != self.visual.num_blocks:
            raise ValueError("audio and visual transformers need the same number of blocks for highways")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> AVFlowConfig:
        """Build from plain nested mappings, as stored in actor.yaml."""

        def dit(part: Mapping[str, Any]) -> DiTConfig:
            return DiTConfig(**{**part, "window": Window(**part["window"])})

        return cls(**{**values, "audio": dit(values["audio"]), "visual": dit(values["visual"])})

    @property
    def num_conditions(self) -> int:
        """Columns of the conditions: tokens, and emotion with a flag that it is present."""
        return self.num_labels + (self.emotion_channels + 1 if self.emotion_channels else 0)

    @property
    def halo(self) -> tuple[int, int]:
        """Frames (before, after) on which one output frame depends."""
        before, after = zip(self.audio.halo, self.visual.halo, strict=True)
        if not self.highways:
            return max(before), max(after)
        widest = [max(self.audio.window.past, self.visual.window.past)]
        widest.append(max(self.audio.window.future, self.visual.window.future))
        conv = max(self.audio.conv_kernel, self.visual.conv_kernel) // 2
        blocks = self.audio.num_blocks
        return blocks * (widest[0] + conv) + conv, blocks * (widest[1] + conv) + conv


class AVSample(NamedTuple):
    """One generated clip, numpy at CODE_RATE."""

    mel: FloatArray
    """[N, 80] natural-log mel."""
    face: FloatArray
    """[N, C] face codes, gaze as it is in the world."""
    head_latent: FloatArray
    """[N, 8] latent of the head VAE."""


_A = TypeVar("_A")
_V = TypeVar("_V")


def both(audio: Callable[[], _A], visual: Callable[[], _V], helper: Executor | None) -> tuple[_A, _V]:
    """Do the work of both modalities, the visual one in the helper: the same bits on one core and on two.

    Without a helper one after the other, as training needs it and a GPU does best.
    """
    if helper is None:
        return audio(), visual()
    later = helper.submit(torch.inference_mode()(visual))
    return audio(), later.result()


class Branch(nn.Module):
    """Everything of one modality except its blocks: input projection, flow time, output projection."""

    def __init__(self, config: DiTConfig, channels: int, num_conditions: int) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.embed = nn.Linear(channels + num_conditions, width)
        kernel = config.conv_kernel
        self.conv: nn.Module = DepthwiseConv(width, kernel) if kernel else nn.Identity()
        self.time = TimeEmbedding(width)
        self.blocks = nn.ModuleList(DiTBlock(config) for _ in range(config.num_blocks))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, channels)
        nn.init.normal_(self.head.weight, std=0.02)

    def enter(self, x_t: Tensor, conditions: Tensor) -> Tensor:
        """In-context conditioning: noise beside the conditions, to the width of the blocks."""
        out: Tensor = self.conv(self.embed(torch.cat([x_t, conditions], dim=-1)))
        return out

    def leave(self, x: Tensor) -> Tensor:
        """[B, N, width] -> velocity [B, N, channels]."""
        out: Tensor = self.head(self.norm(x))
        return out


class Highway(nn.Module):
    """Linear fusion of both modalities after a block (paper equations 1 and 2)."""

    def __init__(self, audio_width: int, visual_width: int) -> None:
        super().__init__()
        self.to_audio = nn.Linear(audio_width + visual_width, audio_width)
        self.to_visual = nn.Linear(audio_width + visual_width, visual_width)
        for layer in (self.to_audio, self.to_visual):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def from_visual(self, x_v: Tensor) -> tuple[Tensor, Tensor]:
        """What x_v [B, N, d_v] and the biases add to both; the narrower modality is done first."""
        width = x_v.shape[-1]
        to_audio, to_visual = (
            F.linear(x_v, layer.weight[:, -width:], layer.bias) for layer in (self.to_audio, self.to_visual)
        )
        return to_audio, to_visual

    @staticmethod
    def from_audio(layer: nn.Linear, x_a: Tensor) -> Tensor:
        """What x_a [B, N, d_a] adds to the modality of a layer."""
        return F.linear(x_a, layer.weight[:, : x_a.shape[-1]])


class AVFlow(nn.Module):
    """Velocity field of (mel, face code, head latent) given tokens and emotion.

    A condition that is absent is all zero: token probabilities sum to one and emotion carries a flag, so the
    model can tell. Training drops them at random, which makes guidance possible.
    """

    def __init__(self, config: AVFlowConfig) -> None:
        super().__init__()
        self.config = config
        self.audio = Branch(config.audio, config.mel_bins, config.num_conditions)
        visual_channels = config.face_channels + config.head_channels
        self.visual = Branch(config.visual, visual_channels, config.num_conditions)
        if config.highways:
            widths = config.audio.width, config.visual.width
            self.highways = nn.ModuleList(Highway(*widths) for _ in range(config.audio.num_blocks))
        self.reflex = VestibuloOcularReflex(config.face_channels)
        self.solvers: dict[int, FittedSolver] = {}
        """Those fitted to these weights, by their number of evaluations."""

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> AVFlow:
        """Model for sampling, float32 on the CPU, from a safetensors file, with the solvers fitted to it."""
        model, tensors = cls(AVFlowConfig.from_dict(config)), load_file(file)
        for name in [name for name in tensors if name.startswith(SOLVER) and name.endswith(".times")]:
            times, weights = tensors.pop(name), tensors.pop(name.removesuffix("times") + "weights")
            model.solvers[len(times)] = FittedSolver(times, weights)
        model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
        return model.eval()

    @property
    def channels(self) -> tuple[int, int, int]:
        """Channels of mel, face and head latent, in the order of the state."""
        return self.config.mel_bins, self.config.face_channels, self.config.head_channels

    def conditions(self, posteriors: Tensor, emotion: Tensor | None = None) -> Tensor:
        """Join the streams of conditions.

        Args:
            posteriors: [B, N, D] token probabilities.
            emotion: [B, N, E] weights of the emotions; left out by a model that knows none.

        Returns:
            [B, N, D + E + 1], or [B, N, D] by a model without emotion.
        """
        if not self.config.emotion_channels:
            return posteriors
        if emotion is None:
            emotion = posteriors.new_zeros(*posteriors.shape[:2], self.config.emotion_channels)
        return torch.cat([posteriors, emotion, torch.ones_like(emotion[..., :1])], dim=-1)

    def forward(self, x_t: Tensor, t: Tensor, conditions: Tensor, helper: Executor | None = None) -> Tensor:
        """Velocity at x_t.

        Args:
            x_t: [B, N, 80 + C + 8] state: normalised mel, face code, head latent.
            t: [B] flow times in [0, 1].
            conditions: [B, N, D + E + 1] what `conditions` joined; columns of zeros for what is absent.
            helper: a thread for the visual modality.

        Returns:
            [B, N, 80 + C + 8].
        """
        mel = self.config.mel_bins
        x_a, x_v = both(
            partial(self.audio.enter, x_t[..., :mel], conditions),
            partial(self.visual.enter, x_t[..., mel:], conditions),
            helper,
        )
        times = self.audio.time(t), self.visual.time(t)
        positions = [
            Positions.of(x_t.shape[1], config, x_t.device)
            for config in (self.config.audio, self.config.visual)
        ]
        for index in range(self.config.audio.num_blocks):
            x_a, x_v = self._block(index, x_a, x_v, times, positions, helper)
        out = both(partial(self.audio.leave, x_a), partial(self.visual.leave, x_v), helper)
        return torch.cat(out, dim=-1)

    def _block(
        self,
        index: int,
        x_a: Tensor,
        x_v: Tensor,
        times: tuple[Tensor, Tensor],
        positions: Sequence[Positions],
        helper: Executor | None,
    ) -> tuple[Tensor, Tensor]:
        """One block of both transformers and the highway after it."""
        audio = partial(self.audio.blocks[index], x_a, times[0], positions[0])
        visual = partial(self.visual.blocks[index], x_v, times[1], positions[1])
        if not self.config.highways:
            return both(audio, visual, helper)
        highway = cast(Highway, self.highways[index])

        def see() -> tuple[Tensor, tuple[Tensor, Tensor]]:
            seen = visual()
            return seen, highway.from_visual(seen)

        x_a, (x_v, (to_audio, to_visual)) = both(audio, see, helper)
        return both(
            lambda: x_a + to_audio + highway.from_audio(highway.to_audio, x_a),
            lambda: x_v + to_visual + highway.from_audio(highway.to_visual, x_a),
            helper,
        )

    def streamed(
        self, x_t: Tensor, t: Tensor, conditions: Tensor, chunk: int, helper: Executor | None
    ) -> Tensor:
        """The same as `forward`, in chunks of frames with the halo each depends on: bounded memory."""
        num_frames = x_t.shape[1]
        parts = [
            self(x_t[:, a:b], t, conditions[:, a:b], helper)[:, lo:hi]
            for a, b, lo, hi in halo_windows(num_frames, chunk, self.config.halo)
        ]
        return torch.cat(parts, dim=1)

    def noise(self, num_frames: int, seed: int, temperature: float = 1.0) -> Tensor:
        """x_0 [1, N, 80 + C + 8], drawn on the CPU; the head's is coloured."""
        generator = torch.Generator().manual_seed(seed)
        x_0 = torch.randn(1, num_frames, sum(self.channels), generator=generator) * temperature
        head = x_0[..., -self.config.head_channels :]
        head[:] = coloured(head, self.config.slow_head_noise, self.config.fast_head_noise)
        return x_0

    @torch.inference_mode()
    def sample(
        self,
        logits: FloatArray,
        seed: int,
        *,
        emotion: FloatArray | None = None,
        mel: FloatArray | None = None,
        num_steps: int = 7,
        temperature: float = 1.0,
        guidance_scale: float = 1.0,
        chunk: int = 2048,
    ) -> AVSample:
        """Generate one clip; the result depends on nothing but the arguments and the weights.

        Args:
            logits: [N, D] tokens.
            seed: of the noise x_0.
            emotion: [N, E] weights of the emotions; None for neutral.
            mel: [N, 80] recorded speech; the sound then follows it and only motion is generated.
            num_steps: evaluations of a fitted solver; where none of so many was fitted, steps of the method
                of Adams and Bashforth, an evaluation each and one more.
            temperature: standard deviation of x_0.
            guidance_scale: s in v = v_0 + s (v_1 - v_0), where v_0 knows no condition; 1 for none.
            chunk: frames per evaluation; bounds memory, not part of the result.

        Returns:
            mel [N, 80], face [N, C], head latent [N, 8].

        Raises:
            StageError: if an emotion is asked of a model that knows none.
        """
        config, device = self.config, self.audio.head.weight.device
        if emotion is not None and emotion.any() and not config.emotion_channels:
            raise StageError("this actor's flow was trained without emotions. Leave them out.")
        x_0 = self.noise(len(logits), seed, temperature).to(device)
        posteriors = torch.from_numpy(logits).softmax(-1)[None].to(device)
        feelings = None if emotion is None else torch.from_numpy(emotion)[None].to(device)
        conditions = self.conditions(posteriors, feelings)
        spoken = None
        if mel is not None:
            spoken = torch.from_numpy((mel - config.mel_mean) / config.mel_std)[None].to(device)

        def velocity(helper: Executor | None, x_t: Tensor, t: Tensor) -> Tensor:
            t = t.expand(1).to(device)
            if spoken is not None:
                heard, _ = OTPath().sample(x_0[..., : config.mel_bins], spoken, t)
                x_t = torch.cat([heard, x_t[..., config.mel_bins :]], dim=-1)
            v = self.streamed(x_t, t, conditions, chunk, helper)
            if guidance_scale != 1.0:
                free = self.streamed(x_t, t, torch.zeros_like(conditions), chunk, helper)
                v = free + guidance_scale * (v - free)
            return v

        solve = self.solvers.get(num_steps) or partial(adams_bashforth, grid=time_grid(num_steps))
        with nullcontext() if device.type == "cuda" else ThreadPoolExecutor(1) as helper:
            x_1 = solve(partial(velocity, helper), x_0)[0].cpu()
        sound, face, head = torch.split(x_1, list(self.channels), dim=-1)
        if mel is None:
            mel = (sound * config.mel_std + config.mel_mean).numpy()
        return AVSample(mel, face.contiguous().numpy(), head.contiguous().numpy())


def coloured(noise: Tensor, slow: float, fast: float) -> Tensor:
    """White noise [B, N, K], scaled by `slow` below `POSTURE_RATE` and by `fast` above it.

    Where a flow has not learnt all that speech tells of the head, its nods fall off the beats; less noise
    leaves more of what it has learnt. Its postures spread too little; more noise lets them.
    """
    frequency = torch.fft.rfftfreq(noise.shape[1], 1 / CODE_RATE)
    below = torch.exp(-0.5 * (frequency / POSTURE_RATE) ** 2)
    gain = fast + (slow - fast) * below
    out: Tensor = torch.fft.irfft(torch.fft.rfft(noise, dim=1) * gain[:, None], n=noise.shape[1], dim=1)
    return out


def halo_windows(num_frames: int, chunk: int, halo: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Windows that cover num_frames: (first, last, valid from, valid to), the last two within the window."""
    for start in range(0, num_frames, chunk):
        stop = min(start + chunk, num_frames)
        first, last = max(start - halo[0], 0), min(stop + halo[1], num_frames)
        yield first, last, start - first, stop - first


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weights of the three terms (paper section 4, implementation details)."""

    mel: float = 3.0
    face: float = 1.0
    head: float = 0.2

    def total(self, mel: Tensor, face: Tensor, head: Tensor) -> Tensor:
        """Weighted sum of the three losses."""
        return self.mel * mel + self.face * face + self.head * head


def flow_loss(
    velocity: Callable[[Tensor, Tensor, Tensor], Tensor],
    channels: tuple[int, int, int],
    x_1: Tensor,
    conditions: Tensor,
    x_0: Tensor,
    t: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Flow-matching losses of mel, face and head, before weighting.

    The mel term is the paper's L1 (equation 7). Its minimiser is the median velocity, which drops what is
    rare and cannot be foretold from the tokens, blinks above all; so face and head take L2 (equation 6),
    whose minimiser, the mean, keeps their share.

    Args:
        velocity: an AVFlow, compiled or not.
        channels: how the state divides into mel, face code and head latent.
        x_1: [B, N, 80 + C + 8] data.
        conditions: [B, N, D + E + 1] what `AVFlow.conditions` joined.
        x_0: noise, shaped as x_1.
        t: [B] times.

    Returns:
        Three scalars.
    """
    x_t, target = OTPath().sample(x_0, x_1, t)
    error = velocity(x_t, t, conditions).float() - target
    mel, face, head = torch.split(error, list(channels), dim=-1)
    return mel.abs().mean(), face.square().mean(), head.square().mean()
