"""Where the eyes of two people who talk are: on the other, longer while they listen, and aside now and then.

Who speaks looks aside as a turn begins and back as it ends (Kendon 1967, Acta Psychologica 26:22); listeners
look at the speaker for about 75% of the time, speakers at the listener for 40% (Argyle and Ingham 1972,
Semiotica 6:32).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.text.labels import LABEL_SETS
from avgen.types import CODE_RATE, FloatArray, Tokens

Array = NDArray[np.float64]
LOOKS: Final = {"listening": (2.9, 0.75), "speaking": (0.95, 1.45)}
"""Median seconds of a look at the other and of one aside,"""
LOOK_SPREAD: Final = 0.5
"""and the standard deviation of their logarithms."""
BRIDGED_SECONDS: Final = 1.2
TURN_SECONDS: Final = 0.9
"""Silence within a turn at most, and length of a turn at least: short answers are none."""
BACK_SECONDS: Final = (0.6, 0.3)
"""Before the end of an own turn: from then on one looks aside no more; then one is back at the latest."""
ASIDE_SECONDS: Final = (-0.2, 0.3)
"""From the start of an own turn to the look aside with which it begins, least and most."""
LEAST_LOOK: Final = 0.25
NEAR_DEGREES: Final = 0.6
"""Spread of looks at the other."""
ASIDE_DEGREES: Final = (4.0, 5.6)
"""Least distance of looks aside, and the mean of what is beyond; most are sideways, their height is"""
FLAT: Final = 0.75
"""of what it would be in a circle, and this share is up."""
UP: Final = 0.45
SACCADE_SECONDS: Final = (0.021, 0.0022)
"""Of a saccade, and more for each degree of it (the main sequence)."""


def attend_to(tokens: Tokens, seed: int) -> FloatArray:
    """Degrees [N, 2] upwards and to the own left at which somebody looks who talks with the viewer.

    Args:
        tokens: what one says oneself.
        seed: of the looks.
    """
    seconds, turns = len(tokens.logits) / CODE_RATE, own_turns(tokens)
    time: Array = (np.arange(len(tokens.logits), dtype=np.float64) + 0.5) / CODE_RATE
    chance = np.random.default_rng(seed)
    gaze: Array = np.zeros((len(time), 2))
    current: Array = np.zeros(2)
    now, away = chance.uniform(0.2, 2.0), False
    while now < seconds:
        speaks = any(start <= now < end for start, end in turns)
        to_end = min((end - now for _, end in turns if end > now - BACK_SECONDS[1]), default=np.inf)
        away = bool(not away and to_end >= BACK_SECONDS[0])
        stay = chance.lognormal(np.log(LOOKS["speaking" if speaks else "listening"][away]), LOOK_SPREAD)
        if speaks and away:
            stay = min(stay, max(to_end - BACK_SECONDS[1], BACK_SECONDS[1]))
        elif not (speaks or away):
            begin = min((start - now for start, _ in turns if start > now), default=np.inf)
            stay = min(stay, begin + chance.uniform(*ASIDE_SECONDS))
        target = aside(chance) if away else chance.normal(0, NEAR_DEGREES, 2)
        gaze += _saccade(time - now, float(np.hypot(*(target - current))))[:, None] * (target - current)
        current = target
        now += max(stay, LEAST_LOOK)
    return gaze.astype(np.float32)


def own_turns(tokens: Tokens) -> list[tuple[float, float]]:
    """Start and end, in seconds, of each turn of somebody's own."""
    silent = LABEL_SETS[tokens.label_set].silent
    turns: list[tuple[float, float]] = []
    for one in tokens.phonemes:
        if one.label in silent:
            continue
        if turns and one.start - turns[-1][1] < BRIDGED_SECONDS:
            turns[-1] = turns[-1][0], one.end
        else:
            turns.append((one.start, one.end))
    return [turn for turn in turns if turn[1] - turn[0] > TURN_SECONDS]


def aside(chance: np.random.Generator) -> Array:
    """Draw where one looks aside: degrees [2] upwards and to the left."""
    least, more = ASIDE_DEGREES
    distance, angle = least + chance.gamma(4, more / 4), chance.choice([0, np.pi]) + chance.normal(0, 0.5)
    up = FLAT * abs(distance * np.sin(angle)) * chance.choice([1, -1], p=[UP, 1 - UP])
    return np.array([up, distance * np.cos(angle)])


def _saccade(time: Array, degrees: float) -> Array:
    """Share [N] of a saccade that is done at times [N] in seconds after its start."""
    first, more = SACCADE_SECONDS
    phase = np.clip(time / (first + more * degrees), 0.0, 1.0)
    done: Array = phase**3 * (10 - 15 * phase + 6 * phase**2)
    return done
