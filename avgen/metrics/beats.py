"""Beat alignment of sound and motion (paper section 4, BC), with the chance level beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.types import CODE_RATE, FloatArray

Beats = NDArray[np.int64]
Array = NDArray[np.floating[Any]]

SIGMA: Final = 3.0
"""Tolerance in frames at the code rate (35 ms); the paper does not say which it used."""
SMOOTHING: Final = 3.0
"""Standard deviation in frames of the Gaussian over a motion's speed."""
TOP_DECIBELS: Final = 80.0
"""Sound this far below a clip's loudest band counts as silence."""
MAX_SHUFFLES: Final = 20


class Alignment(NamedTuple):
    """Beat alignment of a set of clips."""

    own: float
    """Of every clip's motion with its own sound."""
    shuffled: float | None
    """Of every clip's motion with the sound of other clips; None for a single clip."""
    error: float | None
    """Standard error of `own` over clips; None for a single clip."""


def onset_strength(mel: FloatArray) -> Array:
    """Rise of the log mel [N, 80], averaged over bands, of every frame [N] (Ellis 2007; librosa)."""
    floor = mel.max() - TOP_DECIBELS / (20 / np.log(10))
    floored = np.maximum(mel, floor)
    rise: Array = np.maximum(np.diff(floored, axis=0, prepend=floored[:1]), 0).mean(1)
    return rise


def onsets(mel: FloatArray) -> Beats:
    """Frames of the audio beats: peaks of the onset strength, picked as librosa's `onset_detect` does.

    A peak is the greatest of 30 ms before it, exceeds the mean of 100 ms around it by 0.07 of the clip's
    range, and comes more than 30 ms after the peak before.
    """
    strength = onset_strength(mel)
    strength = (strength - strength.min()) / (np.ptp(strength) or 1.0)
    short, wide = int(0.03 * CODE_RATE), int(0.1 * CODE_RATE)
    found: list[int] = []
    for n, value in enumerate(strength):
        near = strength[max(n - short, 0) : n + 1]
        around = strength[max(n - wide, 0) : n + wide + 1]
        is_peak = value == near.max() and value >= around.mean() + 0.07
        if is_peak and (not found or n - found[-1] > short):
            found.append(n)
    return np.array(found, np.int64)


def motion_beats(motion: Array) -> Beats:
    """Frames of the motion beats: local minima of its speed (Li et al. 2021; Siyao et al. 2022).

    Args:
        motion: [N, K] positions, angles or face channels.
    """
    speed = np.linalg.norm(np.gradient(np.asarray(motion, np.float64), axis=0), axis=1)
    reach = int(4 * SMOOTHING)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / SMOOTHING) ** 2)
    smooth = np.convolve(np.pad(speed, reach, "edge"), kernel / kernel.sum(), "valid")
    inner = smooth[1:-1]
    beats: Beats = np.flatnonzero((inner < smooth[:-2]) & (inner <= smooth[2:])).astype(np.int64) + 1
    return beats


def beat_align_score(motion: Beats, audio: Beats, sigma: float = SIGMA) -> float | None:
    """Mean over motion beats of exp(-d^2 / 2 sigma^2), d frames to the nearest audio beat (Li et al. 2021).

    Motion goes on where nobody speaks, unlike dance to music: beats before the first sound and after the last
    do not count.

    Args:
        motion: frames of the motion beats.
        audio: frames of the audio beats.
        sigma: tolerance in frames.

    Returns:
        In [0, 1]; None without an audio beat or a motion beat between the first and the last.
    """
    if not len(audio):
        return None
    inside = motion[(motion >= audio[0]) & (motion <= audio[-1])]
    if not len(inside):
        return None
    distance = np.abs(inside[:, None] - audio[None]).min(1)
    return float(np.exp(-(distance**2) / (2 * sigma**2)).mean())


def alignment(motion: Sequence[Beats], audio: Sequence[Beats], sigma: float = SIGMA) -> Alignment | None:
    """Beat alignment of clips, and of every clip's motion with the audio beats of others.

    The second is what motion at this pace scores by chance: a score means only as much as it exceeds it.

    Args:
        motion: beats of every clip's motion.
        audio: beats of every clip's sound.
        sigma: tolerance in frames.

    Returns:
        Means over clips and pairs; None if no clip has beats of both kinds.
    """
    scores = [beat_align_score(m, a, sigma) for m, a in zip(motion, audio, strict=True)]
    known = [score for score in scores if score is not None]
    if not known:
        return None
    error = float(np.std(known, ddof=1) / np.sqrt(len(known))) if len(known) > 1 else None
    pairs = (
        (motion[i], audio[(i + shift) % len(audio)])
        for shift in range(1, min(len(audio), MAX_SHUFFLES + 1))
        for i in range(len(motion))
    )
    shuffled = _mean(beat_align_score(*_common(m, a), sigma) for m, a in pairs if len(m) and len(a))
    return Alignment(float(np.mean(known)), shuffled, error)


def _common(motion: Beats, audio: Beats) -> tuple[Beats, Beats]:
    """Beats of two clips up to the end of the shorter one."""
    end = min(motion[-1], audio[-1])
    return motion[motion <= end], audio[audio <= end + 4 * SIGMA]


def _mean(scores: Any) -> float | None:
    known = [score for score in scores if score is not None]
    return float(np.mean(known)) if known else None
