"""What a flow of gestures is told of a clip: what is heard, the manner, and the plan that it carries out.

When hands stroke and how is planned by `avgen.body.gestures.planning`, from words, prosody, marks and chance;
how a body gets there is what the flow has learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.body.channels import SIDES
from avgen.body.gestures.curves import STRIDE, coarse_times, num_coarse
from avgen.body.gestures.hearing import Hearing
from avgen.body.gestures.manner import manner_of
from avgen.body.gestures.planning import Plan
from avgen.body.gestures.poses import FINGERS_SHOWN, KINDS, RESTS
from avgen.body.gestures.words import FUNCTION
from avgen.emotion import EMOTIONS
from avgen.gestures import Gestures
from avgen.types import FloatArray

HEARD: Final = ("loudness", "speaking", "question", "accent", "strength", "rank", "content")
"""Columns of the condition `heard`."""
STROKES: Final = (*KINDS, *SIDES, "size", "fingers", "nudge")
"""Columns of the condition `strokes`: the kind at each apex, the hands that take part, its size, how many
fingers of five are shown, and the small beats on accents that get no stroke."""
MANNER: Final = ("amount", "size", "tempo", "both")
"""Columns of the condition `manner`."""
SIZES: Final = {
    "heard": len(HEARD),
    "strokes": len(STROKES),
    "manner": len(MANNER),
    "rest": len(RESTS),
    "emotion": len(EMOTIONS),
}
"""Channels of the conditions besides `tokens`, by name."""
BUMP_SECONDS: Final = 0.06
"""Deviation of the bump that stands for a moment."""


def coarse(values: FloatArray) -> FloatArray:
    """Values [N, K] at the code rate -> [M, K] at a third of it, each the mean of three frames."""
    count = num_coarse(len(values))
    padded = np.pad(values, ((1, STRIDE * count - len(values) - 1), (0, 0)), "edge")
    mean: FloatArray = padded.reshape(count, STRIDE, -1).mean(1, dtype=np.float32)
    return mean


def cues(hearing: Hearing, gestures: Gestures, emotion: FloatArray, plan: Plan) -> dict[str, FloatArray]:
    """The conditions of SIZES, each [M, channels].

    Args:
        hearing: of the clip.
        gestures: how much and in what manner.
        emotion: [N, E] weights of the emotions.
        plan: of the performance.
    """
    time = coarse_times(hearing.frames)
    felt = coarse(emotion)
    return {
        "heard": _heard(hearing, time),
        "strokes": _strokes(time, plan),
        "manner": _manner(gestures, felt),
        "rest": _rests(time, plan.rests),
        "emotion": felt,
    }


def _bumps(
    time: NDArray[np.float64], at: Sequence[float], heights: Sequence[float], width: float
) -> FloatArray:
    """[M] the highest of bumps at some seconds."""
    out = np.zeros(len(time))
    for middle, height in zip(at, heights, strict=True):
        first, last = np.searchsorted(time, [middle - 4 * width, middle + 4 * width])
        near = time[first:last] - middle
        out[first:last] = np.maximum(out[first:last], height * np.exp(-0.5 * (near / width) ** 2))
    return out.astype(np.float32)


def _heard(hearing: Hearing, time: NDArray[np.float64]) -> FloatArray:
    accents = hearing.accents
    at, strength = [one.time for one in accents], [one.strength for one in accents]
    content = [float(not one.words or one.words[0] not in FUNCTION) for one in accents]
    ranks = np.sort([s for s, is_one in zip(strength, content, strict=True) if is_one] or [0.0])
    rank = [float(np.searchsorted(ranks, s) / len(ranks)) for s in strength]
    speaking, question = np.zeros(len(time)), np.zeros(len(time))
    for phrase in hearing.phrases:
        inside = slice(*np.searchsorted(time, [phrase.start, phrase.end]))
        speaking[inside], question[inside] = 1.0, phrase.question
    loudness = coarse(np.clip(hearing.loudness[:, None] / 2, -2, 1).astype(np.float32))[:, 0]
    heights = ([1.0] * len(at), strength, rank, content)
    return np.stack(
        [loudness, speaking, question, *(_bumps(time, at, height, BUMP_SECONDS) for height in heights)],
        axis=1,
        dtype=np.float32,
    )


def _strokes(time: NDArray[np.float64], plan: Plan) -> FloatArray:
    heights: dict[str, list[tuple[float, float]]] = {name: [] for name in STROKES}
    for one in plan.strokes:
        fingers = FINGERS_SHOWN.index(one.shape) + 1 if one.shape in FINGERS_SHOWN else 0
        named = {one.kind: 1.0, **dict.fromkeys(one.hands, 1.0), "size": one.size, "fingers": fingers / 5}
        for name, height in named.items():
            heights[name].append((one.apex, height))
    heights["nudge"] = list(plan.beats)
    columns = []
    for moments in heights.values():
        at, high = ([moment[k] for moment in moments] for k in (0, 1))
        columns.append(_bumps(time, at, high, BUMP_SECONDS))
    return np.stack(columns, axis=1)


def _manner(gestures: Gestures, felt: FloatArray) -> FloatArray:
    manner = manner_of(gestures)
    moods, index = np.unique(felt, axis=0, return_inverse=True)
    rows = []
    for mood in moods:
        now = manner.felt(mood)
        rows.append((now.amount, np.log(now.size), np.log(now.tempo), now.both > 0))
    return np.array(rows, np.float32)[index.reshape(-1)]


def _rests(time: NDArray[np.float64], rests: Sequence[tuple[float, str]]) -> FloatArray:
    out = np.zeros((len(time), len(RESTS)), np.float32)
    names = list(RESTS)
    for start, name in rests:
        row = np.zeros(len(RESTS), np.float32)
        row[names.index(name)] = 1.0
        out[np.searchsorted(time, start) :] = row
    return out
