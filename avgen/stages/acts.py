"""What people act by rules, on top of what the flow draws: nods and laughs of a script, nods of listeners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.emotion import Emotion
from avgen.inputs.dialogues import AGREES, LAUGH, LAUGHS, NODS
from avgen.types import CODE_RATE, EmotionChange, FloatArray, Interval, Tokens

Times = NDArray[np.float64]

NOD_SECONDS: Final = 0.38
"""Of one dip; nods of people who agree take about 0.3 to 0.5 s each."""
NOD_DEGREES: Final = (8.0, 5.0)
"""By which the head goes down in each dip of a nod."""
AGREE_DEGREES: Final = 4.6
AGREE_SPREAD: Final = 0.25
AGREE_FADE: Final = 0.65
"""By which it goes down in the first dip of a listener's nod: median, and spread of its logarithm; each
further dip is so much of the one before it,"""
AGREE_DIPS: Final = (0.4, 0.42, 0.18)
"""and with these shares there are one, two and three of them,"""
AGREE_SECONDS: Final = (0.38, 0.5)
"""each so long."""
AMUSED: Final = Emotion.parse("happy:1")
"""How people look and sound who laugh."""
LAUGH_EDGES: Final = (0.2, 0.6)
"""Seconds by which a face is amused before a laugh is heard, and after."""
LAUGH_LIFT_DEGREES: Final = 5.0
"""By which the head goes back while it laughs,"""
LAUGH_SHAKE_DEGREES: Final = 1.2
"""and by which each call shakes it,"""
LAUGH_CALLS_PER_SECOND: Final = 4.4
"""of which there are so many (see `avgen.inputs.dialogues`)."""


def act(head: FloatArray, tokens: Tokens) -> FloatArray:
    """Let a head nod and laugh, on top of what it does, where the script says so, and nod as it listens.

    Args:
        head: poses [N, 7].
        tokens: of the clip.
    """
    nods, agreed = ([one.start for one in tokens.marks if one.label == label] for label in (NODS, AGREES))
    laughs = laughs_of(tokens)
    if not (nods or agreed or laughs):
        return head
    times: Times = (np.arange(len(head), dtype=np.float64) + 0.5) / CODE_RATE
    return tilted(head, nodding(times, nods) + agreeing(times, agreed) - laughing(times, laughs))


def laughs_of(tokens: Tokens) -> tuple[Interval, ...]:
    """When somebody laughs."""
    starts = {mark.start for mark in tokens.marks if mark.label == LAUGHS}
    return tuple(word for word in tokens.words if word.label.startswith(LAUGH) and word.start in starts)


def amused(tokens: Tokens, emotion: Emotion) -> Tokens:
    """Let a face and a voice be amused while they laugh; then they are again as they were.

    Args:
        tokens: of the clip.
        emotion: before its first change of emotion.
    """
    changes: Sequence[EmotionChange] = tokens.emotions
    for laugh in laughs_of(tokens):
        start, end = max(laugh.start - LAUGH_EDGES[0], 0.0), laugh.end + LAUGH_EDGES[1]
        held = [emotion, *(change.emotion for change in changes if change.start <= end)][-1]
        around = [change for change in changes if not start <= change.start <= end]
        both = EmotionChange(start, AMUSED), EmotionChange(end, held)
        changes = sorted((*around, *both), key=lambda change: change.start)
    return replace(tokens, emotions=tuple(changes))


def nodding(times: Times, starts: Iterable[float]) -> Times:
    """Degrees [N] by which nods lower a head at times [N] in seconds, each from its start on."""
    down: Times = np.zeros(len(times))
    for start in starts:
        down += _dips(times, start, NOD_SECONDS, NOD_DEGREES)
    return down


def agreeing(times: Times, starts: Iterable[float]) -> Times:
    """Degrees [N] by which nods of somebody who listens lower a head; chance goes by when each starts."""
    down: Times = np.zeros(len(times))
    for start in starts:
        chance = np.random.default_rng(round(start * CODE_RATE))
        first = AGREE_DEGREES * chance.lognormal(0.0, AGREE_SPREAD)
        count = 1 + chance.choice(len(AGREE_DIPS), p=AGREE_DIPS)
        seconds = chance.uniform(*AGREE_SECONDS)
        down += _dips(times, start, seconds, [first * AGREE_FADE**number for number in range(count)])
    return down


def _dips(times: Times, start: float, seconds: float, depths: Sequence[float]) -> Times:
    """Degrees [N] of one dip after the other, each so long."""
    down: Times = np.zeros(len(times))
    for number, degrees in enumerate(depths):
        phase = np.clip((times - start) / seconds - number, 0.0, 1.0)
        down += degrees * np.sin(np.pi * phase) ** 2
    return down


def laughing(times: Times, laughs: Iterable[Interval]) -> Times:
    """Degrees [N] by which laughs throw a head back at times [N] in seconds: it goes up, and shakes."""
    up: Times = np.zeros(len(times))
    for laugh in laughs:
        edges = laugh.start - LAUGH_EDGES[0], laugh.start + LAUGH_EDGES[0], laugh.end, laugh.end + 1.0
        share = np.interp(times, edges, (0.0, 1.0, 1.0, 0.0))
        share = share**2 * (3 - 2 * share)  # it neither starts nor stops at once
        calls = np.sin(2 * np.pi * LAUGH_CALLS_PER_SECOND * (times - laugh.start))
        up += share * (LAUGH_LIFT_DEGREES + LAUGH_SHAKE_DEGREES * calls)
    return up


def tilted(head: FloatArray, degrees: Times) -> FloatArray:
    """Head poses [N, 7] that look down by degrees [N] more."""
    half = np.radians(degrees) / 2
    cos, sin = np.cos(half), np.sin(half)
    w, x, y, z = head[:, :4].T
    turned = np.stack([w * cos - x * sin, x * cos + w * sin, y * cos + z * sin, z * cos - y * sin], axis=1)
    return np.concatenate([turned, head[:, 4:]], axis=1).astype(np.float32)
