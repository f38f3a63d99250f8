"""An actor who listens while somebody speaks: sound and faces in, motion and pictures out, block by block.

live = avgen.load_actor("mira").live(seed=1)
for sound, picture in camera:              # 10 frames of 256 samples at 22,050 Hz, and what is seen then
    reaction = live.push(sound, picture)   # reaction.codes, reaction.pictures

Nothing of what comes later is known: each block is drawn after those before it, whose frames the flow sees
on their path from noise (`AVFlow.extend`). What happens in front of the actor is answered after one block and
the time that drawing it takes; the partner's cues are answered by nods, as in dialogues.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avgen.actors.actor import Actor
from avgen.actors.components import Models
from avgen.config import RenderConfig
from avgen.emotion import Emotion
from avgen.errors import ActorError, InputError
from avgen.partner import Partner
from avgen.speech.audio import ACTIVE_RANGE_DB
from avgen.speech.cues import find_cues
from avgen.stages.acts import agreeing, tilted
from avgen.stages.answers import ANSWER_SECONDS, ANSWERED, APART_SECONDS
from avgen.stages.listen import heard
from avgen.stages.sample import HEAD_LATENT
from avgen.text.labels import EDGE, LABELS, label_index
from avgen.tracks import Codes, Track
from avgen.types import CODE_RATE, HOP_SIZE, LOGIT, Cues, FloatArray, Waveform

BLOCK_FRAMES: Final = 10
"""Frames that are drawn together: 116 ms, the paper's window."""
CONTEXT_FRAMES: Final = 48
"""Frames before them that are looked at."""
AHEAD_FRAMES: Final = 10
"""Frames after them that are drawn as if nothing more happened; the next block begins as they do and leaves
them bit by bit, so that nothing jumps."""
HEARD_FRAMES: Final = 172
"""Frames of sound, two seconds, in which the newest ones are understood."""
INVITED_FRAMES: Final = 516
"""Frames of sound, six seconds, in which the partner's cues are looked for."""
PAUSE_FRAMES: Final = 30
"""Without speech after which nobody speaks."""
MOST_NODDING: Final = 1.5
"""Seconds that the longest nod takes."""
NOISE_FRAMES: Final = 1 << 14
"""Frames of noise that are drawn at once: three minutes."""


class Reaction(NamedTuple):
    """What the actor does in a block."""

    codes: Codes
    """Of the block."""
    pictures: NDArray[np.uint8]
    """[T, H, W, 3 or 4] those whose middle lies in it."""


class Nods:
    """When the actor nods: after cues in what the partner has said so far, as in dialogues."""

    def __init__(self, seed: int) -> None:
        self._seed, self._sound, self._frames = seed, np.zeros(0, np.float32), 0
        self.starts: list[float] = []

    def hear(self, sound: FloatArray | None, frames: int) -> None:
        """Take another block of some frames, at whose end it is known.

        Args:
            sound: [frames * 256] of the partner; None if nobody is heard.
            frames: of the block.
        """
        before, self._frames = self._frames / CODE_RATE, self._frames + frames
        now = self._frames / CODE_RATE
        self.starts = [start for start in self.starts if start > now - APART_SECONDS - MOST_NODDING]
        sound = np.zeros(frames * HOP_SIZE, np.float32) if sound is None else sound
        self._sound = np.concatenate([self._sound, sound])[-INVITED_FRAMES * HOP_SIZE :]
        if not self._sound.any():
            return
        first = now - len(self._sound) / HOP_SIZE / CODE_RATE
        for cue in find_cues(self._sound):
            chance = np.random.default_rng([self._seed, round((first + cue) * CODE_RATE)])
            start = max(first + cue + chance.uniform(*ANSWER_SECONDS), now)
            free = not self.starts or start >= self.starts[-1] + APART_SECONDS
            if first + cue > before and free and chance.random() < ANSWERED:
                self.starts.append(start)


class Live:
    """A conversation in which the actor listens.

    Attributes:
        frames: that were drawn so far.
    """

    def __init__(
        self, actor: Actor, models: Models, config: RenderConfig, seed: int, block_frames: int = BLOCK_FRAMES
    ) -> None:
        """Prepare the actor.

        Args:
            actor: who listens.
            models: components of the actor.
            config: settings; those of the flow and of the picture count.
            seed: of the noise.
            block_frames: drawn together, at least 1.

        Raises:
            ActorError: if the actor's flow has not learnt to listen, or draws no track that the avatar needs.
            InputError: if a setting is wrong.
        """
        if not actor.listens:
            raise ActorError(f"actor {actor.name} has not learnt to listen. Take one who has.")
        if block_frames < 1 or not isinstance(config.emotion, Emotion):
            raise InputError("live: expected blocks of at least one frame, and an emotion by its name.")
        self._flow: Any = models["flow"]
        self._head: Any = models["head_vae"]
        self._models, self._config, self._block = models, config, block_frames
        view = actor.view(config.camera)
        self._avatar = models.figure(view)
        made = {*self._flow.config.tracks, "head"}
        if missing := [name for name in self._avatar.tracks if name not in made]:
            raise ActorError(f"actor {actor.name}: live: its flow makes no {', '.join(missing)}.")
        size = config.width, config.height
        self._renderer = self._avatar.renderer(models.device, view, size, config.background)
        self._constant = {"emotion": np.array(config.emotion, np.float32)}
        if len(shares := actor.shares(config.voice)) > 1:
            self._constant["voice"] = np.array(shares, np.float32)
        self._seed, self._noise, self._drawn = seed, torch.zeros(1, 0, 0), 0
        self._ahead: dict[str, FloatArray] = {}
        self._past: dict[str, FloatArray] = {}
        self._conditions: dict[str, FloatArray] = {}
        self._x_0 = torch.zeros(1, 0, self._flow.config.num_channels)
        self._levels = np.zeros((0, 1), np.float32)
        self._sound = np.zeros(0, np.float32)
        self._loudest, self._quiet = 0.0, PAUSE_FRAMES
        self._nods = Nods(seed)
        self._last: dict[str, FloatArray] = {}
        self._tracker: Any = None
        self.frames = 0
        self._pictures = 0

    @property
    def samples(self) -> int:
        """Samples of a block, at 22,050 Hz."""
        return self._block * HOP_SIZE

    @property
    def seconds(self) -> float:
        """Length of a block: what the actor knows is at least as old."""
        return self._block / CODE_RATE

    def push(
        self,
        sound: FloatArray | None = None,
        picture: NDArray[np.uint8] | None = None,
        *,
        face: FloatArray | None = None,
        tokens: FloatArray | None = None,
    ) -> Reaction:
        """Take what happened in a block, and return what the actor does in the next one.

        Args:
            sound: [samples] of the partner, in [-1, 1]; None if the partner is not heard.
            picture: [H, W, 3] sRGB of the partner at the end of the block, in which the face is tracked.
            face: [K] of the partner instead, as in `avgen.partner.Partner`.
            tokens: [block, D] logits of what the actor says itself; None if nothing.

        Raises:
            InputError: if an array is of another shape.
        """
        expected = {"sound": (self.samples,), "tokens": (self._block, len(LABELS))}
        for name, array in (("sound", sound), ("tokens", tokens)):
            if array is not None and array.shape != expected[name]:
                raise InputError(f"live: {name}: expected {expected[name]}, got {array.shape}.")
        if picture is not None:
            face = self._tracked(picture)
        self._nods.hear(sound, self._block)
        told = self._told(self._heard(sound), face, tokens)
        fresh = self._fresh()
        drawn = self._draw(told, fresh)
        codes = self._finish(drawn, told)
        self.frames += self._block
        return Reaction(codes, self._show(codes))

    def close(self) -> None:
        """Let go of the face tracker, if there is one."""
        if self._tracker is not None:
            self._tracker.__exit__(None, None, None)
            self._tracker = None

    def _tracked(self, picture: NDArray[np.uint8]) -> FloatArray:
        from avgen.casting.portrait.tracker import FaceTracker

        if self._tracker is None:
            self._tracker = FaceTracker().__enter__()
        face: FloatArray = self._tracker(picture, (self.frames + self._block) / CODE_RATE)
        return face

    def _heard(self, sound: FloatArray | None) -> FloatArray | None:
        """Probabilities [block, D] of what the partner says; in a pause they are sure."""
        if sound is None:
            return None
        self._sound = np.concatenate([self._sound, sound])[-HEARD_FRAMES * HOP_SIZE :]
        power = float(np.square(sound, dtype=np.float32).mean())
        self._loudest = max(self._loudest, power)
        speaks = power > 0 and power > self._loudest * 10 ** (-ACTIVE_RANGE_DB / 10)
        self._quiet = 0 if speaks else self._quiet + self._block
        if self._quiet >= PAUSE_FRAMES:
            return np.eye(len(LABELS), dtype=np.float32)[[label_index(EDGE)] * self._block]
        return heard(Waveform(self._sound), self._models["extractor"])[-self._block :]

    def _told(
        self, partner: FloatArray | None, face: FloatArray | None, tokens: FloatArray | None
    ) -> dict[str, FloatArray]:
        """Conditions of the frames before and of the new ones."""
        frames = self._block
        silence = LOGIT * np.eye(len(LABELS), dtype=np.float32)[[label_index(EDGE)] * frames]
        new = {"tokens": silence if tokens is None else np.asarray(tokens, np.float32)}
        new |= {name: np.tile(value, (frames, 1)) for name, value in self._constant.items()}
        seen = None if face is None else np.tile(np.asarray(face, np.float32), (frames, 1))
        perceived = Partner(partner, seen).conditions()
        for name in ("partner_tokens", "partner_face"):
            if name in self._flow.told:
                width = self._flow.config.conditions[name].channels
                new[name] = perceived.get(name, np.full((frames, width), np.nan, np.float32))
        return {
            name: np.concatenate([self._conditions[name], values]) if self._conditions else values
            for name, values in new.items()
        }

    def _fresh(self) -> Tensor:
        """Noise [1, P + block + ahead, K] of the frames before, of the new ones, and of those after them."""
        if self._drawn + self._block + AHEAD_FRAMES > self._noise.shape[1]:
            frames = max(NOISE_FRAMES, self._block + AHEAD_FRAMES)
            self._noise = self._flow.noise(frames, self._seed + self.frames, self._config.temperature)
            self._drawn = 0
        new = self._noise[:, self._drawn : self._drawn + self._block + AHEAD_FRAMES]
        self._drawn += self._block
        return torch.cat([self._x_0, new], dim=1)

    def _draw(self, told: dict[str, FloatArray], x_0: Tensor) -> dict[str, FloatArray]:
        """Tracks of the frames before and of the new ones, which are kept for the next block."""
        config, block = self._config, self._block
        still = {name: np.pad(values, ((0, AHEAD_FRAMES), (0, 0)), "edge") for name, values in told.items()}
        past = self._past or {
            name: np.zeros((0, channels), np.float32) for name, channels in self._flow.config.tracks.items()
        }
        steps, scale = config.steps, config.guidance_scale
        new = self._flow.extend(still, past, x_0, num_steps=steps, guidance_scale=scale)
        joined = {name: joint(self._ahead.get(name), values[:block]) for name, values in new.items()}
        self._ahead = {name: values[block:] for name, values in new.items()}
        drawn = {name: np.concatenate([past[name], values]) for name, values in joined.items()}
        self._past = {name: values[-CONTEXT_FRAMES:] for name, values in drawn.items()}
        self._conditions = {name: values[-CONTEXT_FRAMES:] for name, values in told.items()}
        self._x_0 = x_0[:, :-AHEAD_FRAMES][:, -CONTEXT_FRAMES:]
        return drawn

    def _finish(self, drawn: dict[str, FloatArray], told: dict[str, FloatArray]) -> Codes:
        """Codes of the new frames: the head goes on from where it is, and the eyes hold their gaze."""
        block = self._block
        cues = Cues(drawn["mel"], told["tokens"], told["emotion"], listens=True)
        levels = self._head.levels(drawn[HEAD_LATENT], cues)
        new = levels[-block:]
        if len(self._levels):
            off = self._levels[-1] - levels[-block - 1]
            new = new + off * self._head.config.emphasis ** np.arange(1, block + 1, dtype=np.float32)[:, None]
            self._levels = np.concatenate([self._levels, new])[-CONTEXT_FRAMES:]
        else:
            self._levels = new
        head = self._head.posed(self._levels)[-block:]
        times = (self.frames + np.arange(block, dtype=np.float64) + 0.5) / CODE_RATE + self.seconds
        head = tilted(head, agreeing(times, self._nods.starts))
        tracks = {name: values[-block:] for name, values in drawn.items() if name != HEAD_LATENT}
        tracks |= {"face": self._flow.gaze.hold(tracks["face"], head), "head": head}
        kinds = {**self._flow.kinds, "head": "pose"}
        return Codes({name: Track(values, kinds.get(name, "linear")) for name, values in tracks.items()})

    def _show(self, codes: Codes) -> NDArray[np.uint8]:
        """Pictures whose middle lies between the last frame of the block before and this one's."""
        fps, config = self._config.fps, self._config
        first = self._pictures
        end = (self.frames - 0.5) / CODE_RATE
        self._pictures = max(first, int(np.floor(end * fps - 0.5)) + 1)
        centres = (np.arange(first, self._pictures) + 0.5) / fps
        whole = {
            name: Track(np.concatenate([self._last.get(name, values[:1]), values]), codes.tracks[name].kind)
            for name, values in ((name, codes[name]) for name in self._avatar.tracks)
        }
        self._last = {name: codes[name][-1:] for name in self._avatar.tracks}
        start = (self.frames - self._block - 1) / CODE_RATE
        if not len(centres):
            channels = 4 if config.background.transparent else 3
            return np.zeros((0, config.height, config.width, channels), np.uint8)
        return self._renderer.render(Codes(whole).at(centres - start, self._avatar.tracks))


def joint(expected: FloatArray | None, drawn: FloatArray) -> FloatArray:
    """Values [N, K] that begin as was expected [A, K] before and go over to what is drawn [N, K] now."""
    if expected is None:
        return drawn
    frames = min(len(expected), len(drawn))
    share = (np.arange(1, frames + 1, dtype=np.float32) / (len(expected) + 1))[:, None]
    joined: FloatArray = drawn.copy()
    joined[:frames] = share * drawn[:frames] + (1 - share) * expected[:frames]
    return joined
