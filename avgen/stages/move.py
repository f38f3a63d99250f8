"""Waveform -> Codes: motion that follows sound, of an actor who has networks for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np

from avgen.stages.checks import check_array
from avgen.tracks import Codes, Track
from avgen.types import CODE_RATE, FloatArray, Waveform

SOUND_RATE: Final = 16_000
"""Samples per second that motion follows."""
MOTION_RATE: Final = 30
"""Frames per second in which it is drawn."""


class MotionModel(Protocol):
    """What a motion component offers."""

    def draw(
        self, sound: FloatArray, seeds: Sequence[int], advance: Callable[[int, int], None]
    ) -> Sequence[tuple[FloatArray, FloatArray]]:
        """Draw face codes [T, C] and poses [T, K] for every seed, of sound [2, S] of whole seconds."""


class Posed(Protocol):
    """What an avatar offers that is moved by poses."""

    def head_pose(self, pose: FloatArray) -> FloatArray:
        """Head poses [N, 7] of poses [N, K]."""


def move(
    codes: Codes,
    waveform: Waveform,
    motion: MotionModel,
    avatar: Posed,
    *,
    seed: int,
    advance: Callable[[int, int], None],
    partner_sound: Waveform | None = None,
) -> Codes:
    """Draw a body's motion to the sound of a conversation.

    Args:
        codes: of the clip, whose `face` and `head` are replaced.
        waveform: that the actor is heard saying.
        motion: of the actor.
        avatar: of the actor.
        seed: of the noise.
        advance: told how many steps of how many are done.
        partner_sound: of whom the actor talks with, if there is somebody who is heard.

    Raises:
        StageError: if what was drawn is not finite, or not as long as the sound.
    """
    sound = conversation(waveform, partner_sound)
    ((face, pose),) = motion.draw(sound, [seed], advance)
    for name, values in (("face", face), ("pose", pose)):
        frames = sound.shape[1] * MOTION_RATE // SOUND_RATE
        check_array("move", name, values, (frames, values.shape[-1]))
    face, pose = (resampled(values, len(codes)) for values in (face, pose))
    head = Track(avatar.head_pose(pose), "pose")
    return Codes({**codes.tracks, "face": Track(face), "pose": Track(pose), "head": head}, codes.rate)


def conversation(own: Waveform, other: Waveform | None) -> FloatArray:
    """Sound [2, S] at 16 kHz of the actor and of the partner, who is silent if there is none.

    It ends with silence, at a whole second; a partner who goes on longer is cut off.
    """
    first = _heard(own)
    made = np.zeros((2, -(-len(first) // SOUND_RATE) * SOUND_RATE), np.float32)
    made[0, : len(first)] = first
    if other is not None:
        second = _heard(other)[: made.shape[1]]
        made[1, : len(second)] = second
    return made


def _heard(waveform: Waveform) -> FloatArray:
    import torch
    from torchaudio.functional import resample

    samples: FloatArray = resample(
        torch.from_numpy(waveform.samples), waveform.sample_rate, SOUND_RATE
    ).numpy()
    return samples


def resampled(values: FloatArray, frames: int) -> FloatArray:
    """Bring motion [T, K] to the clock of the codes [frames, K], by cubics through its frames (Catmull-Rom).

    Straight lines would cut off the peaks that fall between two frames.
    """
    place = np.clip((np.arange(frames) + 0.5) * (MOTION_RATE / CODE_RATE) - 0.5, 0, len(values) - 1)
    first = np.floor(place).astype(np.int64)
    before, here, there, after = (values[np.clip(first + step, 0, len(values) - 1)] for step in (-1, 0, 1, 2))
    t = (place - first)[:, None].astype(np.float32)
    bend = 2 * before - 5 * here + 4 * there - after + t * (3 * (here - there) + after - before)
    made: FloatArray = (here + 0.5 * t * (there - before + t * bend)).astype(np.float32)
    return made
