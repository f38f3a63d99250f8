"""The flow of gestures: trunk, arms and hands that go with speech which is there already.

A flow of its own, after the joint one: it is told what is said, how it sounds and which strokes are planned,
and makes the body's tracks. Bodies move slowly (below 6 Hz), so it works at a third of the code rate, some
frames a token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avgen.body.channels import BODY_CHANNELS, within_limits
from avgen.body.gestures.curves import smooth, upsample
from avgen.body.gestures.hearing import Hearing
from avgen.body.gestures.keeping import keep_clear
from avgen.body.gestures.synthesis import plan_of
from avgen.body.gestures.synthesiser import hear_clip
from avgen.body.skeleton import Skeleton
from avgen.errors import StageError
from avgen.flow.branches import Branch
from avgen.flow.config import Condition, spans
from avgen.flow.dit import DiTConfig, Positions, Window
from avgen.flow.gesture_cues import coarse, cues
from avgen.flow.path import towards_noise
from avgen.flow.solver import adams_bashforth
from avgen.gestures import Gestures
from avgen.nn.weights import fill, read_weights
from avgen.nn.windows import windows
from avgen.tracks import Codes
from avgen.types import FloatArray, Tokens

SEAM_SECONDS: Final = 0.03
"""Deviation of the Gaussian that smooths the seams between tokens."""
TEMPERATURE: Final = 1.2
"""Deviation of an actor's noise: at 1, hands are slower than those that were learnt from, and rest longer."""
TOKENS: Final = "tokens"
"""The condition whose probabilities come from the clip's tokens; the others are cues."""

Draw = Callable[[Mapping[str, FloatArray], int], Mapping[str, FloatArray]]
"""Tracks by name, at a third of the code rate, from conditions and a seed."""


@dataclass(frozen=True, slots=True)
class GestureFlowConfig:
    """What a flow of gestures is told, what it makes, and how large it is."""

    conditions: Mapping[str, Condition]
    """What it is told, by name, in the order of the columns."""
    tracks: Mapping[str, int]
    """Channels of what it makes, by name, in the order of the state."""
    network: DiTConfig = field(default_factory=DiTConfig)
    patch: int = 4
    """Frames of a token."""
    latent: int = 48
    """Numbers D that stand for the frames of a token."""
    shift: float = 2.0
    """By how much training and the steps of the solver lie near noise, where what is done when is decided."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> GestureFlowConfig:
        """Build from plain nested mappings, as stored in actor.yaml."""
        network = values["network"]
        return cls(
            **{
                **values,
                "conditions": {name: Condition(**part) for name, part in values["conditions"].items()},
                "network": DiTConfig(**{**network, "window": Window(**network["window"])}),
            }
        )

    @property
    def num_channels(self) -> int:
        """Channels K of the state."""
        return sum(self.tracks.values())

    @property
    def condition_columns(self) -> dict[str, slice]:
        """Where each condition stands among the columns of all."""
        return spans({name: condition.columns for name, condition in self.conditions.items()})

    @property
    def num_conditions(self) -> int:
        """Columns M of all conditions, flags included."""
        return sum(condition.columns for condition in self.conditions.values())


class GestureFlow(nn.Module):
    """Velocity field of latents of the body's tracks, given any subset of its conditions.

    The latent of a token is what principal components tell of its frames, each at unit variance: bodies move
    smoothly, and many channels move together. So no noise is generated that no body has.
    """

    mean: Tensor
    spread: Tensor
    basis: Tensor

    def __init__(self, config: GestureFlowConfig) -> None:
        super().__init__()
        self.config = config
        self.branch = Branch(config.network, config.latent, config.patch * config.num_conditions)
        size = config.patch * config.num_channels
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))
        self.register_buffer("basis", torch.zeros(config.latent, size))

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> GestureFlow:
        """Model for sampling, float32 on the CPU, from a safetensors file.

        Raises:
            ActorError: if the file is damaged or does not fit the configuration.
        """
        return fill(cls(GestureFlowConfig.from_dict(config)), read_weights(file), file)

    def conditions(self, given: Mapping[str, Tensor]) -> Tensor:
        """Join the streams of conditions; what is absent becomes zeros, its flag too.

        Args:
            given: any subset of the conditions by name, each [B, N, channels]; at least one.

        Returns:
            [B, N, M].

        Raises:
            StageError: if something is given that the model does not take.
        """
        for name, value in given.items():
            known = self.config.conditions.get(name)
            if known is None or known.channels != value.shape[-1]:
                raise StageError(
                    f"this actor's gestures have no condition {name} of {value.shape[-1]} channels."
                )
        frames, parts = next(iter(given.values())), []
        for name, condition in self.config.conditions.items():
            if name in given:
                parts.append(F.pad(given[name], (0, int(condition.flag)), value=1.0))
            else:
                parts.append(frames.new_zeros(*frames.shape[:2], condition.columns))
        return torch.cat(parts, dim=-1)

    def forward(self, x_t: Tensor, t: Tensor, conditions: Tensor) -> Tensor:
        """Velocity at x_t [B, L, D].

        The network adds to the velocity that data without any structure would have, so that it needs to learn
        nothing of the noise (Karras et al. 2022).

        Args:
            x_t: [B, L, D] latents of L tokens.
            t: [B] flow times in [0, 1].
            conditions: [B, L * patch, M] what `conditions` joined.
        """
        at = t[:, None, None]
        power = at.square() + (1 - at).square()
        found = self._network(x_t * power.rsqrt(), t, self._by_token(conditions))
        return (2 * at - 1) / power * x_t + power.rsqrt() * found

    def _network(self, x_t: Tensor, t: Tensor, told: Tensor) -> Tensor:
        """[B, L, D] of a state of unit variance."""
        x, time = self.branch.enter(x_t, told), self.branch.time(t)
        positions = Positions.of(x.shape[1], self.config.network, x.device)
        for block in self.branch.blocks:
            x = block(x, time, positions)
        out: Tensor = self.branch.leave(x)
        return out

    def decode(self, latent: Tensor) -> Tensor:
        """Codes [B, L * patch, K] of latents [B, L, D]."""
        frames = latent @ self.basis + self.mean
        return frames.reshape(len(latent), -1, self.config.num_channels)

    def encode(self, code: Tensor) -> Tensor:
        """Latents [B, L, D] of codes [B, L * patch, K], projected with channels counted in their spreads."""
        basis = self.basis / self.spread
        out: Tensor = (self._by_token(code) - self.mean) / self.spread @ torch.linalg.pinv(basis)
        return out

    def _by_token(self, frames: Tensor) -> Tensor:
        """[B, L * patch, K] -> [B, L, patch * K]."""
        return frames.reshape(len(frames), -1, self.config.patch * frames.shape[2])

    def streamed(self, x_t: Tensor, t: Tensor, conditions: Tensor, chunk: int) -> Tensor:
        """The same as `forward`, in chunks of tokens with the halo each depends on: bounded memory."""
        patch, parts = self.config.patch, list[Tensor]()
        for span in windows(x_t.shape[1], chunk, *self.config.network.halo):
            told = conditions[:, patch * span.first : patch * span.last]
            parts.append(self(x_t[:, span.seen], t, told)[:, span.own])
        return torch.cat(parts, dim=1)

    @torch.inference_mode()
    def sample(
        self,
        conditions: Mapping[str, FloatArray],
        seed: int,
        *,
        num_steps: int = 12,
        temperature: float = 1.0,
        chunk: int = 512,
    ) -> dict[str, FloatArray]:
        """Generate the tracks of one clip; the result depends on nothing but the arguments and the weights.

        Args:
            conditions: any subset by name, each [N, channels] at a third of the code rate.
            seed: of the noise.
            num_steps: steps of the method of Adams and Bashforth.
            temperature: standard deviation of the noise.
            chunk: tokens per evaluation; bounds memory, not part of the result.

        Returns:
            Every track by name, [N, channels] at a third of the code rate.
        """
        told = self.conditions({name: torch.from_numpy(value)[None] for name, value in conditions.items()})
        frames = told.shape[1]
        told = F.pad(told, (0, 0, 0, -frames % self.config.patch))
        generator = torch.Generator().manual_seed(seed)
        tokens = told.shape[1] // self.config.patch
        x_0 = torch.randn(1, tokens, self.config.latent, generator=generator) * temperature

        def velocity(x_t: Tensor, t: Tensor) -> Tensor:
            return self.streamed(x_t, t.expand(1), told, chunk)

        grid = towards_noise(torch.linspace(0.0, 1.0, num_steps + 1), self.config.shift)
        x_1 = self.decode(adams_bashforth(velocity, x_0, grid))[0, :frames]
        return {
            name: x_1[:, columns].contiguous().numpy() for name, columns in spans(self.config.tracks).items()
        }

    def draw(self, conditions: Mapping[str, FloatArray], seed: int) -> dict[str, FloatArray]:
        """`sample` as actors move."""
        return self.sample(conditions, seed, temperature=TEMPERATURE)


class LearntGestures:
    """The component of an actor that gestures as it learnt to."""

    def __init__(self, flow: GestureFlow) -> None:
        self._flow = flow

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> LearntGestures:
        """Read the flow.

        Raises:
            ActorError: if the file is damaged or does not fit the configuration.
        """
        return cls(GestureFlow.load(config, file))

    def perform(
        self,
        skeleton: Skeleton,
        codes: Codes,
        tokens: Tokens,
        emotion: FloatArray,
        *,
        gestures: Gestures,
        seed: int,
    ) -> tuple[FloatArray, FloatArray]:
        """Body code of a clip, [N, 30] and [N, 32]; the arguments are those of `GestureSynthesiser`."""
        hearing = hear_clip(codes, tokens)
        return perform_learnt(self._flow.draw, skeleton, hearing, tokens.logits, gestures, emotion, seed)


def perform_learnt(
    draw: Draw,
    skeleton: Skeleton,
    hearing: Hearing,
    logits: FloatArray,
    gestures: Gestures,
    emotion: FloatArray,
    seed: int,
) -> tuple[FloatArray, FloatArray]:
    """Let a body speak along, as the gesture synthesiser does; the same seed gives the same performance.

    Args:
        draw: draws the motion, as `GestureFlow.draw` does.
        skeleton: of the person.
        hearing: of the clip.
        logits: [N, D] tokens.
        gestures: how much and in what manner.
        emotion: [N, E] weights of the emotions.
        seed: non-negative.

    Returns:
        `body` [N, 30] and `hands` [N, 32].
    """
    plan = plan_of(hearing, gestures, emotion, seed)
    tokens = torch.from_numpy(logits).softmax(-1).numpy()
    told = {TOKENS: coarse(tokens), **cues(hearing, gestures, emotion, plan)}
    drawn = draw(told, seed)
    moved = smooth(np.concatenate([drawn["body"], drawn["hands"]], 1).astype(np.float64), SEAM_SECONDS)
    code = within_limits(moved.astype(np.float32))
    code[:, : len(BODY_CHANNELS)] = keep_clear(skeleton, code[:, : len(BODY_CHANNELS)])
    whole = within_limits(upsample(code.astype(np.float64), hearing.frames))
    return whole[:, : len(BODY_CHANNELS)], whole[:, len(BODY_CHANNELS) :]
