"""A hand's way: a sum of minimum-jerk submovements from key to key (Flash and Henis 1991)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from avgen.body.arms import ArmAxes
from avgen.body.gestures.curves import drift, minimum_jerk, pulse
from avgen.body.gestures.planning import LISTENING, UNIT_GAP, Plan, Stroke
from avgen.body.gestures.poses import KEY, KINDS, RESTS, SHAPE, SHAPES, SWIVEL, WRIST
from avgen.body.rotations import Array

OVERLAP: Final = 0.15
"""Share of a preparation that the stroke has begun before its end."""
HOLD_SECONDS: Final = 0.28
HOLD_SPREAD: Final = 0.5
LONGEST_HOLD: Final = 1.6
"""A hold after a stroke: log-normal."""
LATE: Final = {"shape": 0.045, "swivel": 0.03}
"""Seconds by which fingers and elbow come after the wrist."""
BEAT_DROP: Final = 0.022
"""Metres by which a raised hand marks an accent that has no stroke of its own."""


class Move(NamedTuple):
    """A submovement: when it begins, how long it takes, in seconds, and the key [KEY] that it goes to."""

    start: float
    length: float
    target: Array


class Way(NamedTuple):
    """What one hand does: its submovements, the first of which is where it starts; when it is raised."""

    moves: list[Move]
    raised: list[tuple[float, float]]


def hand_way(side: str, plan: Plan, axes: ArmAxes, end: float, rng: np.random.Generator) -> Way:
    """Submovements of one hand through a clip of so many seconds."""
    return _Hand(side, plan, axes, end, rng).way()


class _Hand:
    def __init__(self, side: str, plan: Plan, axes: ArmAxes, end: float, rng: np.random.Generator) -> None:
        self._plan, self._axes, self._end, self._rng = plan, axes, end, rng
        self._strokes = [stroke for stroke in plan.strokes if side in stroke.hands]
        self._way = Way([Move(0.0, 0.01, self._rest(0.0))], [])
        self._busy = 0.0
        """Until when the last move is in the way of others."""

    def _rest(self, time: float) -> Array:
        keyed = RESTS[self._plan.rest_at(time)].placed(self._axes)
        keyed[WRIST] += self._rng.normal(0, 0.010, 3)
        keyed[SWIVEL] += self._rng.normal(0, 0.04)
        keyed[SHAPE] += self._rng.normal(0, 0.03, SHAPE.stop - SHAPE.start)
        return keyed

    def way(self) -> Way:
        """Everything."""
        for number, stroke in enumerate(self._strokes):
            before = self._strokes[number - 1].apex if number else 0.0
            self._shift_rest(before, stroke.apex)
            begun = self._stroke(stroke)
            later = self._strokes[number + 1].apex if number + 1 < len(self._strokes) else self._end + 9
            self._after(stroke, later, begun)
        self._shift_rest(self._strokes[-1].apex if self._strokes else 0.0, self._end + LISTENING)
        return self._way

    def _shift_rest(self, start: float, stop: float) -> None:
        """Go to other places of rest between two strokes."""
        for time, _ in self._plan.rests:
            if start + UNIT_GAP < time < stop - LISTENING and time > self._busy:
                self._way.moves.append(Move(time, self._rng.uniform(0.9, 1.5), self._rest(time)))
                self._busy = time + 0.9

    def _stroke(self, stroke: Stroke) -> float:
        """Preparation and stroke; returns when it began."""
        rng, now = self._rng, self._way.moves[-1].target
        start, stop = self._keys(stroke)
        length = float(np.linalg.norm(stop[WRIST] - start[WRIST]))
        stroke_time = np.clip((0.16 + 0.65 * length) * rng.lognormal(0, 0.12), 0.16, 0.45) / stroke.tempo
        travel = float(np.linalg.norm(start[WRIST] - now[WRIST]))
        wanted = np.clip((0.30 + 1.15 * travel) * rng.lognormal(0, 0.12), 0.26, 0.95) / stroke.tempo
        earliest = stroke.apex - stroke_time - (1 - OVERLAP) * wanted
        begin = float(max(earliest, self._busy + 0.02, 0.0))
        given = max(stroke.apex - stroke_time - begin, 0.14) / (1 - OVERLAP)
        if given < wanted:  # no time to get there: a smaller stroke from nearer by
            share = 0.35 + 0.65 * given / wanted
            start, stop = now + share * (start - now), now + share * (stop - now)
        self._way.moves.append(Move(begin, given, start))
        self._way.moves.append(Move(stroke.apex - stroke_time, stroke_time, stop))
        self._busy = stroke.apex + 0.04
        return begin

    def _keys(self, stroke: Stroke) -> tuple[Array, Array]:
        rng, kind = self._rng, KINDS[stroke.kind]
        start, stop = kind.start.placed(self._axes), kind.end.placed(self._axes)
        middle = (start + stop)[WRIST] / 2
        where = rng.normal(0, 1, 3) * (0.022, 0.025, 0.020) + (0, 0.05 * stroke.strength - 0.025, 0)
        for keyed in (start, stop):
            keyed[WRIST] = middle + stroke.size * (keyed[WRIST] - middle) + where
            keyed[SHAPE] += rng.normal(0, 0.03, SHAPE.stop - SHAPE.start)
        if stroke.shape:
            stop[SHAPE] = SHAPES[stroke.shape]
        return start, stop

    def _after(self, stroke: Stroke, later: float, begun: float) -> None:
        """Hold, and go back to rest if the next stroke is far, else sink a little."""
        rng, stop = self._rng, self._way.moves[-1].target
        hold = KINDS[stroke.kind].hold * rng.lognormal(np.log(HOLD_SECONDS), HOLD_SPREAD)
        hold = float(np.clip(hold, 0.08, LONGEST_HOLD))
        rest = self._rest(stroke.apex + 0.01)
        if later - stroke.apex > UNIT_GAP + hold + 0.5:
            distance = float(np.linalg.norm(stop[WRIST] - rest[WRIST]))
            back = np.clip((0.45 + 0.9 * distance) * rng.lognormal(0, 0.15), 0.5, 1.1) / stroke.tempo
            self._way.moves.append(Move(stroke.apex + hold, back, rest))
            self._busy = stroke.apex + hold + 0.5 * back
            self._way.raised.append((begun, stroke.apex + hold))
            return
        if later - stroke.apex > 0.75:
            sag = stop.copy()
            sag[WRIST] += 0.25 * (rest[WRIST] - stop[WRIST]) - (0, 0.02, 0)
            start = stroke.apex + min(0.5 * hold, 0.25)
            self._way.moves.append(Move(start, 0.55 / stroke.tempo, sag))
            self._busy = start + 0.25
        self._way.raised.append((begun, later))


def play(way: Way, beats: Sequence[tuple[float, float]], time: Array, rng: np.random.Generator) -> Array:
    """Keys [M, KEY] at times [M]: the sum of the submovements, small beats on top, and a little unrest."""
    out = np.tile(way.moves[0].target, (len(time), 1))
    for (start, length, target), (_, _, source) in zip(way.moves[1:], way.moves, strict=False):
        first = int(np.searchsorted(time, start))
        change, u = target - source, (time[first:] - start) / length
        step = minimum_jerk(u)[:, None]
        part = out[first:]
        part += step * change
        late = minimum_jerk(u - LATE["swivel"] / length) - step[:, 0]
        part[:, SWIVEL] += late * change[SWIVEL]
        behind = minimum_jerk((u - LATE["shape"] / length) / 1.1)[:, None] - step
        part[:, SHAPE] += behind * change[SHAPE]
        bow = 0.10 * float(np.linalg.norm(change[WRIST])) * np.sin(np.pi * step[:, 0]) ** 2
        part[:, 2] += bow
        part[:, 0] += 0.5 * bow
    for apex, strength in beats:
        if any(start + 0.4 < apex < stop for start, stop in way.raised):
            out[:, 1] -= BEAT_DROP * strength * pulse(time, apex, 0.18, 0.0, 0.35)
    out[:, WRIST] += 0.005 * drift(rng, len(time), 3, 0.9)
    out[:, SHAPE] += 0.02 * drift(rng, len(time), KEY - SHAPE.start, 1.2)
    return out
