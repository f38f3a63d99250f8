"""Gaze and blinks: fixations, saccades, glances away, and when the lids fall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.mira.performance.curves import minimum_jerk
from scripts.mira.performance.speech import Speech
from scripts.mira.performance.styles import Mood

Array = NDArray[np.float64]
AWAY_DEGREES: Final = 3.0
"""Farther than this from the viewer counts as looking away."""
AWAY_PROBABILITY: Final = 0.62
LARGE_SHIFT: Final = 6.0
"""Degrees from which a saccade may carry a blink."""
BLINK_GAP: Final = 6.2
"""Median of the spontaneous gap between blinks, seconds."""
LEAST_BLINK_GAP: Final = 0.9
FULL_BLINK: Final = 1.07


@dataclass(frozen=True, slots=True)
class Shift:
    """A saccade: when it starts (seconds) and how far it goes (degrees)."""

    time: float
    amplitude: float


@dataclass(frozen=True, slots=True)
class Gaze:
    """Where the eyes look.

    Attributes:
        direction: [2, N] degrees in the world, to the actor's left and up; 0 is the viewer.
        micro: [2, N] small saccades on top of it.
        shifts: saccades in order.
    """

    direction: Array
    micro: Array
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Blinks:
    """Lid closure [2, N] (left, right; 1 is contact) and the start of every blink in seconds."""

    closure: Array
    times: tuple[float, ...]


def saccade_seconds(amplitude: float) -> float:
    """Duration of a saccade of some degrees (main sequence)."""
    return 0.021 + 0.0022 * amplitude


def look_around(speech: Speech, felt: Mood, rng: np.random.Generator) -> Gaze:
    """Gaze of a passage: mostly at the viewer, glances away while thinking, back at phrase ends."""
    direction = np.zeros((2, speech.frames))
    shifts: list[Shift] = []
    current = np.zeros(2)
    now = rng.uniform(0, 0.8)
    while now < speech.time[-1]:
        target, stay = _next_fixation(speech, now, current, float(felt["away"][speech.frame(now)]), rng)
        amplitude = float(np.hypot(*(target - current)))
        step = minimum_jerk((speech.time - now) / saccade_seconds(amplitude))
        direction += (target - current)[:, None] * step
        shifts.append(Shift(now, amplitude))
        current = target
        now += max(stay, 0.25)
    direction[1] += felt["gaze"]
    return Gaze(direction, micro_saccades(speech.time, rng), tuple(shifts))


def _next_fixation(
    speech: Speech, now: float, current: Array, away: float, rng: np.random.Generator
) -> tuple[Array, float]:
    """Where to look next (degrees) and for how long (seconds)."""
    to_end = min((p.end - now for p in speech.phrases if p.end > now - 0.2), default=np.inf)
    near_start = any(abs(p.start - now) < 0.35 for p in speech.phrases)
    if np.hypot(*current) > AWAY_DEGREES or to_end < 0.55:
        return rng.normal(0, 0.5, 2), rng.lognormal(np.log(1.3), 0.5)
    if rng.random() < AWAY_PROBABILITY * away * (1.5 if near_start else 1.0):
        distance = rng.gamma(6, 1.35)
        angle = rng.choice([0, np.pi]) + rng.normal(0, 0.5)
        up = 0.75 * abs(distance * np.sin(angle)) * rng.choice([1, -1], p=[0.45, 0.55])
        stay = min(rng.lognormal(np.log(0.95), 0.45), max(to_end - 0.15, 0.3))
        return np.array([distance * np.cos(angle), up]), stay
    return rng.normal(0, 0.6, 2), rng.lognormal(np.log(0.8), 0.5)


def micro_saccades(time: Array, rng: np.random.Generator) -> Array:
    """Small saccades [2, N] in degrees about where the eyes look."""
    micro = np.zeros((2, len(time)))
    now = rng.exponential(0.6)
    while now < time[-1]:
        pulse = minimum_jerk((time - now) / 0.022) * np.exp(-np.clip(time - now, 0, 9) / 0.7)
        micro += rng.normal(0, 0.30, 2)[:, None] * pulse
        now += 0.3 + rng.exponential(0.5)
    return micro


def blink(
    speech: Speech,
    shifts: tuple[Shift, ...],
    felt: Mood,
    rng: np.random.Generator,
    due: Sequence[tuple[float, float]] = (),
) -> Blinks:
    """Blinks at log-normal gaps, and with phrase ends, large gaze shifts and accents.

    Args:
        speech: the passage.
        shifts: saccades.
        felt: the style of every frame.
        rng: source of chance.
        due: other occasions, in seconds, and the probability of a blink on each.
    """
    times = _blink_times(speech, shifts, felt["blink"], rng, due)
    closure = np.zeros((2, speech.frames))
    for start in times:
        length = felt["blink_length"][speech.frame(start)]
        down = 0.078 * length * rng.lognormal(0, 0.1)
        hold = length * rng.uniform(0.008, 0.025)
        up = 0.150 * length * rng.lognormal(0, 0.12)
        depth = FULL_BLINK if rng.random() < 0.88 else rng.uniform(0.55, 0.9)
        for side, lag in enumerate((0.0, rng.normal(0, 0.003))):
            closing = minimum_jerk((speech.time - start - lag) / down)
            opening = np.clip((speech.time - start - lag - down - hold) / up, 0, 1) ** 0.75
            closure[side] = np.maximum(closure[side], depth * closing * (1 - minimum_jerk(opening)))
    closure += felt["droop"] * np.clip(1 - closure, 0, 1)
    return Blinks(closure, tuple(times))


def _blink_times(
    speech: Speech,
    shifts: tuple[Shift, ...],
    rate: Array,
    rng: np.random.Generator,
    due: Sequence[tuple[float, float]],
) -> list[float]:
    wanted = []
    now = rng.uniform(0, 3.0)
    while now < speech.time[-1]:
        wanted.append(now)
        now += max(rng.lognormal(np.log(BLINK_GAP), 0.55) / rate[speech.frame(now)], 0.5)
    occasions = [(p.end + rng.uniform(-0.08, 0.15), 0.45) for p in speech.phrases]
    occasions += [(s.time, 0.45 * min(s.amplitude / 12, 1)) for s in shifts if s.amplitude > LARGE_SHIFT]
    occasions += [(a.time + 0.12, 0.06 * a.strength) for a in speech.accents]
    occasions += due
    wanted += [
        time for time, probability in occasions if rng.random() < probability * rate[speech.frame(time)]
    ]
    times: list[float] = []
    for time in sorted(wanted):
        if not times or time - times[-1] > LEAST_BLINK_GAP:
            times.append(time)
    doubles = [time + rng.uniform(0.28, 0.36) for time in times if rng.random() < 0.05]
    return sorted(times + doubles)
