"""Sound -> motion: the released generators together, as a component of an actor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn

from avgen.errors import ActorError
from avgen.generators import ddim
from avgen.generators.codebooks import DEPTH, POSE, PoseCodec
from avgen.generators.denoisers import CHANNELS, FACE, Condition, Denoiser, FaceDenoiser, PoseDenoiser
from avgen.generators.guide import Guide
from avgen.generators.layers import Memory
from avgen.generators.layout import Layout, read_layout
from avgen.generators.lips import FPS
from avgen.generators.sound import SOUND_RATE, VQWav2Vec
from avgen.generators.windows import Window, blend, cover
from avgen.nn.weights import fill, read_weights
from avgen.types import FloatArray

KEPT: Final = 4
"""Windows whose keys and values stay in memory, up to 65 MB each; those of more are made in every step."""


@dataclass(frozen=True, slots=True)
class MotionConfig:
    """How motion is drawn; the defaults are a compromise for one GPU, the authors took 500 steps."""

    steps: int = 100
    """Evaluations of each diffusion model, from 1 to 1000."""
    face_guidance: float = 10.0
    """How much sound counts for the face; 1 is as trained."""
    pose_guidance: float = 2.0
    """How much sound and keyframes count for the body; 1 is as trained."""
    top_p: float = 0.94
    """Share of the likeliest codes that the guide draws from."""

    def __post_init__(self) -> None:
        whole = isinstance(self.steps, int) and not isinstance(self.steps, bool)
        if not whole or not 1 <= self.steps <= ddim.TIMES:
            raise ActorError(f"motion: steps: expected a whole number from 1 to 1000, got {self.steps!r}.")
        for name, most in (("face_guidance", 100), ("pose_guidance", 100), ("top_p", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
                raise ActorError(f"motion: {name}: expected a number above 0, at most {most}, got {value!r}.")


class Motion(NamedTuple):
    """One sample of motion at 30 frames per second."""

    face: FloatArray
    """[T, 256] codes, as the avatar's decoder takes them."""
    pose: FloatArray
    """[T, 104] parameters."""


class SoundToMotion(nn.Module):
    """Face codes and poses that go with a conversation.

    Args:
        layout: sizes of the networks.
        config: how they are sampled.
    """

    def __init__(self, layout: Layout, config: MotionConfig) -> None:
        super().__init__()
        self.config, self.seconds = config, layout.seconds
        self.face = FaceDenoiser(layout.face, layout.positions)
        self.pose = PoseDenoiser(layout.pose, layout.keyframes)
        self.guide = Guide(layout.guide, layout.codes, layout.convolutions)
        self.codebooks = PoseCodec(layout.code, layout.codes)
        self.stats = Stats()

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> SoundToMotion:
        """Read what `avgen actors import` wrote.

        Args:
            config: fields of `MotionConfig` that are not the defaults.
            file: safetensors.

        Raises:
            ActorError: naming a field or a tensor that does not fit.
        """
        if wrong := config.keys() - MotionConfig.__dataclass_fields__.keys():
            raise ActorError(f"motion: unknown: {', '.join(sorted(wrong))}.")
        weights = read_weights(file)
        with torch.device("meta"):
            made = cls(read_layout(weights, file), MotionConfig(**config))
        return fill(made, weights, file).share()

    def share(self) -> SoundToMotion:
        """Let all networks hear with one and the same, where their checkpoints have the same."""
        first = self.face.audio_model
        for network in (self.pose, self.guide):
            if _same(network.audio_model, first):
                network.audio_model = first
        return self

    @torch.inference_mode()
    def draw(
        self, sound: FloatArray, seeds: Sequence[int], advance: Callable[[int, int], None] = lambda *_: None
    ) -> list[Motion]:
        """Draw samples of motion for a conversation.

        Args:
            sound: [2, S] at 16 kHz in [-1, 1], of the actor and of the partner, whole seconds.
            seeds: of the samples, one each.
            advance: told how many steps of how many are done.

        Returns:
            A sample of 30 frames a second for every seed.
        """
        device = self.stats.pose_mean.device
        heard = self.stats.normalise(torch.from_numpy(sound).to(device))
        windows = cover(heard.shape[1] // SOUND_RATE, self.seconds)
        pieces = [heard[:, window.of(SOUND_RATE)] for window in windows]
        progress = _Progress(advance, (1 + len(seeds)) * self.config.steps)
        ears = {network.audio_model for network in (self.face, self.pose, self.guide)}
        features = {ear: [ear(piece) for piece in pieces] for ear in ears}
        faces = self._faces(windows, pieces, features[self.face.audio_model], seeds, progress)
        told = [self.guide.listen(heard) for heard in features[self.guide.audio_model]]
        poses = self._poses(windows, told, features[self.pose.audio_model], seeds, progress)
        return [
            Motion(self.stats.face(face).cpu().numpy(), self.stats.pose(pose).cpu().numpy())
            for face, pose in zip(faces, poses, strict=True)
        ]

    def _faces(
        self,
        windows: list[Window],
        pieces: list[Tensor],
        features: list[Tensor],
        seeds: Sequence[int],
        progress: _Progress,
    ) -> Tensor:
        """[B, T, 256], normalised."""
        told = [
            self.face.listen(heard, piece, (window.stop - window.start) * FPS)
            for window, piece, heard in zip(windows, pieces, features, strict=True)
        ]
        guided = Guided(self.face, told, self.config.face_guidance)
        noise = _noise(seeds, windows[-1].stop * FPS, FACE).to(pieces[0].device)
        return ddim.sample(partial(_predict, windows, guided), noise, self.config.steps, progress)

    def _poses(
        self,
        windows: list[Window],
        guided_by: list[Condition],
        features: list[Tensor],
        seeds: Sequence[int],
        progress: _Progress,
    ) -> Tensor:
        """[B, T, 104], normalised; each sample has its own keyframes."""
        noise = _noise(seeds, windows[-1].stop * FPS, POSE).to(features[0].device)
        made = []
        for seed, start in zip(seeds, noise, strict=True):
            codes = draw_codes(self.guide, windows, guided_by, self.config.top_p, seed)
            keyframes = self.codebooks.decode(codes[None])[0]
            told = [
                self.pose.listen(heard, keyframes[window.of(1)])
                for window, heard in zip(windows, features, strict=True)
            ]
            guided = Guided(self.pose, told, self.config.pose_guidance)
            predict = partial(_predict, windows, guided)
            made.append(ddim.sample(predict, start[None], self.config.steps, progress))
        return torch.cat(made)


class Stats(nn.Module):
    """Means and deviations, in which the generators work."""

    pose_mean: Tensor
    pose_std: Tensor
    code_mean: Tensor
    code_std: Tensor
    audio_mean: Tensor
    audio_std_flat: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name, count in (("pose", POSE), ("code", FACE)):
            self.register_buffer(f"{name}_mean", torch.empty(count))
            self.register_buffer(f"{name}_std", torch.empty(count))
        self.register_buffer("audio_mean", torch.empty(CHANNELS))
        self.register_buffer("audio_std_flat", torch.empty(1))

    def normalise(self, sound: Tensor) -> Tensor:
        """Sound [2, S] as the generators know it."""
        return (sound - self.audio_mean[:, None]) / self.audio_std_flat

    def face(self, normalised: Tensor) -> Tensor:
        """Face codes [T, 256] as the decoder takes them."""
        return normalised * self.code_std + self.code_mean

    def pose(self, normalised: Tensor) -> Tensor:
        """Poses [T, 104] as the skeleton takes them."""
        return normalised * self.pose_std + self.pose_mean


class Guided:
    """A diffusion model with what it is told about every window, and classifier-free guidance.

    Args:
        model: which.
        told: it, of every window.
        scale: of guidance: uncond + scale (cond - uncond).
    """

    def __init__(self, model: Denoiser, told: list[Condition], scale: float) -> None:
        self.model, self.told, self.scale = model, told, scale
        self.nothing = model.unconditional(told[0])
        self.silence = model.memories(self.nothing)
        self.kept = [model.memories(one) for one in told] if len(told) <= KEPT else None

    def __call__(self, number: int, x: Tensor, time: int) -> Tensor:
        """x_0 of a window [B, T, features], by its number."""
        told = self.told[number]
        memories: list[Memory] = self.kept[number] if self.kept else self.model.memories(told)
        conditional: Tensor = self.model(x, time, told, memories)
        if self.scale == 1:
            return conditional
        plain: Tensor = self.model(x, time, self.nothing, self.silence)
        return plain + self.scale * (conditional - plain)


def draw_codes(guide: Guide, windows: list[Window], told: list[Condition], top_p: float, seed: int) -> Tensor:
    """Codes [seconds, DEPTH] of one pose a second; each window goes on where the one before it was."""
    noise = torch.Generator().manual_seed(seed)
    codes = torch.zeros(0, DEPTH, dtype=torch.long, device=told[0].tokens.device)
    for window, one in zip(windows, told, strict=True):
        drawn = guide.draw(one, codes[window.start :], window.stop - window.start, top_p, noise)
        codes = torch.cat([codes[: window.start], drawn])
    return codes


def _predict(windows: list[Window], guided: Guided, x: Tensor, time: int) -> Tensor:
    return blend(windows, FPS, x, lambda number, seen: guided(number, seen, time))


def _noise(seeds: Sequence[int], frames: int, features: int) -> Tensor:
    """[B, frames, features], drawn on the CPU, each sample from its own seed."""
    return torch.stack(
        [torch.randn(frames, features, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    )


def _same(one: VQWav2Vec, other: VQWav2Vec) -> bool:
    theirs = other.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in one.state_dict().items())


class _Progress:
    """Counts steps."""

    def __init__(self, advance: Callable[[int, int], None], total: int) -> None:
        self.advance, self.total, self.done = advance, total, 0

    def __call__(self) -> None:
        self.done += 1
        self.advance(self.done, self.total)
