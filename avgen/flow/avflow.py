"""The joint audio-visual flow: two transformers linked by highways (paper section 3.2, figure 2)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avgen.errors import StageError
from avgen.flow.branches import Branch, Highway, both
from avgen.flow.config import FACE, MEL, AVFlowConfig
from avgen.flow.dit import Positions
from avgen.flow.gaze import GazeStabiliser
from avgen.flow.path import OTPath
from avgen.flow.solver import FittedSolver, adams_bashforth, expected, time_grid
from avgen.nn.weights import fill, read_weights
from avgen.nn.windows import windows
from avgen.speech.mel import SPEECH, MelScale
from avgen.tracks import Kind
from avgen.types import FloatArray

SOLVER: Final = "solver."
"""How the names of a fitted solver's tensors begin, in the file of the flow's weights."""
TOKENS: Final = "tokens"
"""The condition that is given as logits."""
EMOTION: Final = "emotion"
"""The condition whose zeros say neutral, which a model without emotions is anyway."""


@dataclass(frozen=True, slots=True)
class _Draw:
    """What the velocity depends on while one clip is drawn."""

    conditions: Tensor
    """[1, N, M]."""
    noise: Tensor
    """[1, N, K] x_0."""
    known: Mapping[str, Tensor]
    """Tracks [1, N, channels] that are given, as they stand in x_1."""
    guidance_scale: float
    chunk: int
    past: Tensor | None = None
    """[1, P, K] the first frames of x_1, if they were drawn before."""


class TrackScale(nn.Module):
    """Mean and spread of a track's channels."""

    mean: Tensor
    std: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("std", torch.ones(channels))

    def normalise(self, x: Tensor) -> Tensor:
        """[..., channels] -> about zero mean and unit variance."""
        return (x - self.mean.to(x.device)) / self.std.to(x.device)

    def restore(self, x: Tensor) -> Tensor:
        """Inverse of `normalise`."""
        return x * self.std.to(x.device) + self.mean.to(x.device)


class AVFlow(nn.Module):
    """Velocity field of several tracks of motion and the mel, given any subset of its conditions.

    A condition that is absent is all zero: token probabilities sum to one and others carry a flag, so the
    model can tell. Training withholds them at random, which makes guidance possible.
    """

    def __init__(self, config: AVFlowConfig) -> None:
        super().__init__()
        self.config = config
        audible = config.tracks[MEL]
        self.audio = Branch(config.audio, audible, config.num_conditions)
        self.visual = Branch(config.visual, config.num_channels - audible, config.num_conditions)
        if config.highways:
            widths = config.audio.width, config.visual.width
            self.highways = nn.ModuleList(Highway(*widths) for _ in range(config.audio.num_blocks))
        self.gaze = GazeStabiliser(config.tracks[FACE])
        self.scales = nn.ModuleDict({name: TrackScale(config.tracks[name]) for name in config.scaled})
        self.solvers: dict[int, FittedSolver] = {}
        """Those fitted to these weights, by their number of evaluations."""

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """How its tracks lie between frames, of those that are not linear."""
        return self.config.kinds

    @property
    def told(self) -> Collection[str]:
        """Names of its conditions."""
        return self.config.conditions

    @property
    def emotional(self) -> bool:
        """Whether it was trained with emotions."""
        return EMOTION in self.config.conditions

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> AVFlow:
        """Model for sampling, float32 on the CPU, from a safetensors file, with the solvers fitted to it.

        Raises:
            ActorError: if the file is damaged or does not fit the configuration.
        """
        model, tensors = cls(AVFlowConfig.from_dict(config)), read_weights(file)
        for name in [name for name in tensors if name.startswith(SOLVER) and name.endswith(".times")]:
            times, weights = tensors.pop(name), tensors.pop(name.removesuffix("times") + "weights")
            model.solvers[len(times)] = FittedSolver(times, weights)
        return fill(model, {_renamed(name): tensor for name, tensor in tensors.items()}, file)

    def conditions(self, given: Mapping[str, Tensor]) -> Tensor:
        """Join the streams of conditions; what is absent becomes zeros, its flag too.

        Args:
            given: any subset of the conditions by name, each [B, N, channels]; tokens are probabilities. A
                stream may be absent for a while, where its rows are NaN.

        Returns:
            [B, N, config.num_conditions].

        Raises:
            StageError: if nothing is given, or something that the model does not take.
        """
        self._check("condition", {name: one.channels for name, one in self.config.conditions.items()}, given)
        if not given:
            raise StageError(f"this actor's flow was given none of {', '.join(self.config.conditions)}.")
        frames, parts = next(iter(given.values())), []
        for name, condition in self.config.conditions.items():
            if name in given:
                present = F.pad(given[name], (0, int(condition.flag)), value=1.0)
                parts.append(present.masked_fill(given[name].isnan().any(-1, keepdim=True), 0.0))
            else:
                parts.append(frames.new_zeros(*frames.shape[:2], condition.columns))
        return torch.cat(parts, dim=-1)

    def forward(self, x_t: Tensor, t: Tensor, conditions: Tensor, helper: Executor | None = None) -> Tensor:
        """Velocity at x_t.

        Args:
            x_t: [B, N, K] state: the tracks side by side, the mel normalised.
            t: [B] flow times in [0, 1].
            conditions: [B, N, M] what `conditions` joined; columns of zeros for what is absent.
            helper: a thread for the visual modality.

        Returns:
            [B, N, K].
        """
        mel = self.config.tracks[MEL]
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
        parts = [
            self(x_t[:, span.seen], t, conditions[:, span.seen], helper)[:, span.own]
            for span in windows(x_t.shape[1], chunk, *self.config.halo)
        ]
        return torch.cat(parts, dim=1)

    def noise(self, num_frames: int, seed: int, temperature: float = 1.0) -> Tensor:
        """x_0 [1, N, K], drawn on the CPU; of some tracks it is coloured."""
        generator = torch.Generator().manual_seed(seed)
        x_0 = torch.randn(1, num_frames, self.config.num_channels, generator=generator) * temperature
        for name, noise in self.config.noise.items():
            columns = self.config.track_columns[name]
            x_0[..., columns] = noise.coloured(x_0[..., columns])
        return x_0

    @torch.inference_mode()
    def sample(
        self,
        conditions: Mapping[str, FloatArray],
        seed: int,
        *,
        known: Mapping[str, FloatArray] | None = None,
        num_steps: int = 7,
        temperature: float = 1.0,
        guidance_scale: float = 1.0,
        advance: Callable[[int, int], None] = lambda done, total: None,
        chunk: int = 2048,
    ) -> dict[str, FloatArray]:
        """Generate one clip; the result depends on nothing but the arguments and the weights.

        Args:
            conditions: any subset by name, each [N, channels]; `tokens` are logits.
            seed: of the noise x_0.
            known: tracks [N, channels] that are given; the flow makes the others to go with them. With a
                recording's `mel`, only motion is generated.
            num_steps: evaluations of a fitted solver; where none of so many was fitted, steps of the method
                of Adams and Bashforth, an evaluation each and one more. One step gives no draw but the mean
                of all, as regression does.
            temperature: standard deviation of x_0.
            guidance_scale: s in v = v_0 + s (v_1 - v_0), where v_0 knows no condition; 1 for none.
            advance: told how many evaluations of how many are done.
            chunk: frames per evaluation; bounds memory, not part of the result.

        Returns:
            Every track by name, [N, channels]: the natural-log mel, the face code with gaze as it is in the
            world, and whatever else this flow makes.

        Raises:
            StageError: if something is given that the model does not take, or an emotion that it knows not.
        """
        device, known = self.audio.head.weight.device, known or {}
        told = self.conditions(self._told(conditions)).to(device)
        x_0 = self.noise(told.shape[1], seed, temperature).to(device)
        given = {name: value.to(device) for name, value in self._given(known).items()}
        x_1 = self._solve(_Draw(told, x_0, given, guidance_scale, chunk), num_steps, advance)
        return {**self._tracks(x_1), **known}

    @torch.inference_mode()
    def extend(
        self,
        conditions: Mapping[str, FloatArray],
        past: Mapping[str, FloatArray],
        x_0: Tensor,
        *,
        num_steps: int = 7,
        guidance_scale: float = 1.0,
    ) -> dict[str, FloatArray]:
        """Go on from what was drawn before, for whoever hears and sees only what has happened.

        While the new frames are drawn, those before them follow their own path from their noise, as tracks
        that are known do.

        Args:
            conditions: any subset by name, each [P + N, channels], of the frames before and the new ones;
                `tokens` are logits.
            past: every track by name, [P, channels], of the frames before, as they were drawn.
            x_0: [1, P + N, K] noise of all these frames, from `noise`.
            num_steps: as in `sample`.
            guidance_scale: as in `sample`.

        Returns:
            Every track by name, [N, channels], of the new frames.

        Raises:
            StageError: if something is given that the model does not take.
        """
        told = self.conditions(self._told(conditions))
        given = self._given(past)
        before = torch.cat([given[name] for name in self.config.tracks], dim=-1)
        frames = before.shape[1]
        device = self.audio.head.weight.device
        past_x_1 = before.to(device) if frames else None
        draw = _Draw(told.to(device), x_0.to(device), {}, guidance_scale, x_0.shape[1], past_x_1)
        return self._tracks(self._solve(draw, num_steps)[frames:])

    def _solve(
        self, draw: _Draw, num_steps: int, advance: Callable[[int, int], None] = lambda done, total: None
    ) -> Tensor:
        """x_1 [N, K] of the noise."""
        device = draw.noise.device
        fitted = self.solvers.get(num_steps)
        general = expected if num_steps == 1 else partial(adams_bashforth, grid=time_grid(num_steps))
        solve = fitted or general
        done, total = count(1), num_steps if fitted else num_steps + 1
        with nullcontext() if device.type == "cuda" else ThreadPoolExecutor(1) as helper:

            def velocity(x_t: Tensor, t: Tensor) -> Tensor:
                v = self._velocity(draw, helper, x_t, t)
                advance(next(done), total)
                return v

            x_1: Tensor = solve(velocity, draw.noise)[0].cpu()
        return x_1

    def _velocity(self, draw: _Draw, helper: Executor | None, x_t: Tensor, t: Tensor) -> Tensor:
        """Guided velocity at x_t, in which the tracks that are given follow their own path."""
        t = t.expand(1).to(x_t.device)
        if draw.known or draw.past is not None:
            x_t = x_t.clone()
        if draw.past is not None:
            frames = draw.past.shape[1]
            x_t[:, :frames], _ = OTPath().sample(draw.noise[:, :frames], draw.past, t)
        for name, track in draw.known.items():
            columns = self.config.track_columns[name]
            x_t[..., columns], _ = OTPath().sample(draw.noise[..., columns], track, t)
        v = self.streamed(x_t, t, draw.conditions, draw.chunk, helper)
        if draw.guidance_scale != 1.0:
            free = self.streamed(x_t, t, torch.zeros_like(draw.conditions), draw.chunk, helper)
            v = free + draw.guidance_scale * (v - free)
        return v

    def _told(self, conditions: Mapping[str, FloatArray]) -> dict[str, Tensor]:
        """Conditions [1, N, channels] as the network reads them."""
        told = {name: torch.from_numpy(values)[None] for name, values in conditions.items()}
        emotion = None if self.emotional else told.pop(EMOTION, None)
        if emotion is not None and emotion.any():
            raise StageError("this actor's flow was trained without emotions. Leave them out.")
        if TOKENS in told:
            told[TOKENS] = told[TOKENS].softmax(-1)
        return told

    def _given(self, known: Mapping[str, FloatArray]) -> dict[str, Tensor]:
        """Tracks [1, N, channels] as they stand in x_1."""
        given = {name: torch.from_numpy(values)[None] for name, values in known.items()}
        self._check("track", self.config.tracks, given)
        for name, scale in self._scales():
            if name in given:
                given[name] = scale.normalise(given[name])
        return given

    def _tracks(self, x_1: Tensor) -> dict[str, FloatArray]:
        """The state [N, K] at t = 1, track by track, each on its own scale."""
        parts = {name: x_1[:, columns] for name, columns in self.config.track_columns.items()}
        for name, scale in self._scales():
            parts[name] = scale.restore(parts[name])
        return {name: part.contiguous().numpy() for name, part in parts.items()}

    def _scales(self) -> Iterator[tuple[str, MelScale | TrackScale]]:
        """Yield the scale of every track that has one."""
        yield MEL, SPEECH
        for name, scale in self.scales.items():
            yield name, cast(TrackScale, scale)

    @staticmethod
    def _check(what: str, sizes: Mapping[str, int], given: Mapping[str, Tensor]) -> None:
        """Refuse a name that the model does not know, and a number of channels that it does not have."""
        known = ", ".join(f"{name} [{size}]" for name, size in sizes.items())
        for name, value in given.items():
            if sizes.get(name) != value.shape[-1]:
                raise StageError(
                    f"this actor's flow has no {what} {name} of {value.shape[-1]} channels; it has {known}."
                )


def _renamed(name: str) -> str:
    """A tensor's name; files made before the gaze had its own call it by the reflex that holds it."""
    return name.replace("reflex.", "gaze.") if name.startswith("reflex.") else name
