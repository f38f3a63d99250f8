"""Delays between two curves, and takes of one text brought to one clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from avgen.types import CODE_RATE, FloatArray, Interval


class Delay(NamedTuple):
    """How far one curve comes behind another."""

    frames: float
    """At the curves' rate; negative where it comes before."""
    correlation: float
    """Of the two at that delay."""


def delay(first: Sequence[FloatArray], second: Sequence[FloatArray], max_lag: int) -> Delay:
    """Delay at which two curves correlate best, over all clips at once.

    The peak of the correlation is placed between frames by a parabola through its neighbours.

    Args:
        first: one curve [N] per clip, for instance its loudness.
        second: the curves that may be late, of the same lengths.
        max_lag: longest delay tried, in frames.

    Raises:
        ValueError: no clip is longer than max_lag, or a curve does not vary.
    """
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if len(a) > max_lag + 1]
    if not pairs:
        raise ValueError(f"a delay of up to {max_lag} frames needs a longer clip")
    scores = np.array([_correlation(pairs, shift) for shift in range(-max_lag, max_lag + 1)])
    if not np.isfinite(scores).all():
        raise ValueError("a curve without variation has no delay")
    best = int(scores.argmax())
    offset = 0.0
    if 0 < best < len(scores) - 1:
        before, peak, after = scores[best - 1 : best + 2]
        bend = before - 2 * peak + after
        offset = float(0.5 * (before - after) / bend) if bend < 0 else 0.0
    return Delay(best - max_lag + offset, float(scores[best]))


def _correlation(pairs: Sequence[tuple[FloatArray, FloatArray]], shift: int) -> float:
    """Pearson correlation of the first curves with the second ones `shift` frames later."""
    early = np.concatenate([a[max(0, -shift) : len(a) - max(0, shift)] for a, _ in pairs])
    late = np.concatenate([b[max(0, shift) : len(b) - max(0, -shift)] for _, b in pairs])
    if early.std() == 0 or late.std() == 0:
        return float("nan")
    return float(np.corrcoef(early, late)[0, 1])


def on_clock(
    values: FloatArray, words: Sequence[Interval], clock: Sequence[Interval], num_frames: int
) -> FloatArray:
    """Stretch one take of a text so that its words fall where another take has them.

    Args:
        values: [N, K] of the take, at the code rate.
        words: of the take.
        clock: the same words of the take to follow.
        num_frames: length of that take.

    Returns:
        [num_frames, K], linear between frames and between the borders of words.

    Raises:
        ValueError: the takes have not the same words.
    """
    if [word.label for word in words] != [word.label for word in clock]:
        raise ValueError("two takes of one text need the same words")
    here, there = (
        np.array([0.0, *(edge for word in take for edge in (word.start, word.end)), length / CODE_RATE])
        for take, length in ((words, len(values)), (clock, num_frames))
    )
    times = np.interp((np.arange(num_frames) + 0.5) / CODE_RATE, there, here)
    position = np.clip(times * CODE_RATE - 0.5, 0, len(values) - 1)
    before = np.floor(position).astype(np.int64)
    share = (position - before)[:, None]
    after = np.minimum(before + 1, len(values) - 1)
    stretched: FloatArray = ((1 - share) * values[before] + share * values[after]).astype(np.float32)
    return stretched
