"""Which accents get a stroke, of which kind and with which hand; where hands rest; what a script asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from avgen.body.channels import SIDES
from avgen.body.gestures.hearing import Accent, Hearing
from avgen.body.gestures.manner import Manner
from avgen.body.gestures.poses import FINGERS_SHOWN, KINDS
from avgen.body.gestures.words import FUNCTION, NUMBERS, meant_by
from avgen.types import CODE_RATE, Interval

APEX_LAG: Final = 0.05
APEX_SPREAD: Final = 0.03
"""Seconds from a stressed vowel's onset to the end of its stroke, and their deviation: strokes end on the
pitch accent (Loehr 2004; Shattuck-Hufnagel and Ren 2018), their fastest moment is before it."""
LEAST_GAP: Final = 0.60
"""Seconds between two strokes, at tempo 1."""
EARLIEST: Final = 0.55
"""Seconds into a clip before which no stroke can end."""
UNIT_GAP: Final = 0.90
"""Seconds between strokes after which hands go back to rest."""
TAKEN: Final = {"me": 0.45, "you": 0.55, "deny": 0.75, "wide": 0.75, "small": 0.5, "count": 0.7, "shrug": 0.7}
"""How often a word that asks for a gesture gets it; others 0.5."""
RIGHT_HANDED: Final = 0.85
"""Share of seeds that prefer the right hand; the preferred one makes 72% of one-handed strokes."""
PREFERENCE: Final = 0.72
LISTENING: Final = 2.0
"""Seconds of silence after which somebody listens."""
SHIFT_SECONDS: Final = 9.0
"""Between changes of where hands rest while listening, in the median."""
NEAR_MARK: Final = 1.2
"""Seconds after a mark in which its gesture looks for an accent."""


class Stroke(NamedTuple):
    """A stroke.

    Attributes:
        kind: name of KINDS.
        apex: its end, in seconds.
        hands: the sides that take part.
        size: as a factor.
        tempo: as a factor.
        strength: of its accent, 0 to 1.
        shape: name of the hand's shape at its end; empty for the kind's own.
    """

    kind: str
    apex: float
    hands: tuple[str, ...]
    size: float
    tempo: float
    strength: float
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a body does in a clip.

    Attributes:
        strokes: in order.
        rests: where hands rest from some second on, in order; the first at 0.
        beats: time and strength of the accents that have no stroke of their own.
    """

    strokes: tuple[Stroke, ...]
    rests: tuple[tuple[float, str], ...]
    beats: tuple[tuple[float, float], ...]

    def rest_at(self, time: float) -> str:
        """Where hands rest at a time."""
        return next(name for start, name in reversed(self.rests) if start <= time)


def plan(hearing: Hearing, manner_at: Callable[[float], Manner], rng: np.random.Generator) -> Plan:
    """Plan a clip.

    Args:
        hearing: of it.
        manner_at: manner at a time in seconds, moved by emotion.
        rng: of the choices.
    """
    planner = _Planner(hearing, manner_at, rng)
    asked = planner.asked()
    strokes = list(asked)
    for accent in hearing.accents:
        stroke = planner.answer(accent, asked)
        if stroke is not None:
            strokes.append(stroke)
    strokes.sort(key=lambda stroke: stroke.apex)
    apexes = np.array([stroke.apex for stroke in strokes] or [-9.0])
    beats = tuple(
        (one.time + APEX_LAG, one.strength)
        for one in hearing.accents
        if np.abs(apexes - one.time).min() > 0.35
    )
    return Plan(tuple(strokes), planner.rests(strokes), beats)


class _Planner:
    """Chooses, accent by accent."""

    def __init__(
        self, hearing: Hearing, manner_at: Callable[[float], Manner], rng: np.random.Generator
    ) -> None:
        self._hearing, self._manner_at, self._rng = hearing, manner_at, rng
        self._preferred = "R" if rng.random() < RIGHT_HANDED else "L"
        self._last = Stroke("", -9.0, (self._preferred,), 1.0, 1.0, 0.0)
        content = [one.strength for one in hearing.accents if _is_content(one)]
        self._ranks = np.sort(content or [0.0])

    def asked(self) -> list[Stroke]:
        """Strokes that the script asks for."""
        return [stroke for mark in self._hearing.marks if (stroke := self._asked(mark)) is not None]

    def _asked(self, mark: Interval) -> Stroke | None:
        act, _, detail = mark.label.partition(" ")
        if act == "hands":
            return None
        near = [a for a in self._hearing.accents if -0.05 <= a.time - mark.start <= NEAR_MARK]
        time, strength = (near[0].time, max(near[0].strength, 0.6)) if near else (mark.start + 0.2, 0.6)
        kind = detail if act == "point" else act
        shape = FINGERS_SHOWN[int(detail) - 1] if act == "count" else ""
        return self._stroke(kind, time, strength, self._manner_at(time), shape)

    def _is_quiet(self, time: float) -> bool:
        """Whether the script lets hands rest."""
        states = [mark.label for mark in self._hearing.marks if mark.start <= time + 0.05]
        return next((s == "hands rest" for s in reversed(states) if s.startswith("hands")), False)

    def answer(self, accent: Accent, asked: Sequence[Stroke]) -> Stroke | None:
        """The stroke that an accent gets, if any."""
        rng, manner = self._rng, self._manner_at(accent.time)
        gap, luck = LEAST_GAP / manner.tempo * rng.lognormal(0, 0.15), rng.random()
        if accent.time - max(self._last.apex, EARLIEST - gap) < gap or self._is_quiet(accent.time):
            return None
        if any(abs(one.apex - accent.time) < LEAST_GAP for one in asked):
            return None
        meant = meant_by(accent.words)
        rank = np.searchsorted(self._ranks, accent.strength) / len(self._ranks)
        wanted = 0.25 + 0.60 * manner.amount  # share of the content words' accents
        chance = 0.9 if rank >= 1 - wanted else 0.18 * manner.amount
        if meant:
            chance += 0.3 * manner.amount
        elif not _is_content(accent):
            chance *= 0.25
        if luck > chance * min(1.0, 0.35 + manner.amount):
            return None
        kind, shape = self._kind(accent, meant, manner)
        self._last = self._stroke(kind, accent.time, accent.strength, manner, shape)
        return self._last

    def _kind(self, accent: Accent, meant: str, manner: Manner) -> tuple[str, str]:
        rng = self._rng
        if meant and rng.random() < TAKEN.get(meant, 0.5):
            number = NUMBERS.get(accent.words[0], 1) if meant == "count" else 0
            return meant, FINGERS_SHOWN[number - 1] if number else ""
        phrases = self._hearing.phrases
        nears_end = phrases[accent.phrase].end - accent.time < 0.7
        if phrases[accent.phrase].question and nears_end and rng.random() < 0.7:
            return str(rng.choice(["present", "you", "shrug"], p=[0.45, 0.35, 0.2])), ""
        if accent.time - self._last.apex < 2 and self._last.kind in manner.kinds and rng.random() < 0.4:
            return self._last.kind, ""
        return str(rng.choice(list(manner.kinds), p=list(manner.kinds.values()))), ""

    def _stroke(self, kind: str, time: float, strength: float, manner: Manner, shape: str) -> Stroke:
        rng = self._rng
        if rng.random() < KINDS[kind].both + manner.both * (KINDS[kind].both > 0.2):
            hands: tuple[str, ...] = SIDES
        elif time - self._last.apex < UNIT_GAP and len(self._last.hands) == 1 and rng.random() < 0.85:
            hands = self._last.hands
        else:
            other = SIDES[1 - SIDES.index(self._preferred)]
            hands = (self._preferred if rng.random() < PREFERENCE else other,)
        size = (0.75 + 0.65 * strength) * rng.lognormal(0, 0.15) * manner.size
        apex = time + APEX_LAG + rng.normal(0, APEX_SPREAD)
        return Stroke(kind, apex, hands, size, manner.tempo, strength, shape)

    def rests(self, strokes: Sequence[Stroke]) -> tuple[tuple[float, str], ...]:
        """Where hands rest: now and then another place after a gesture, and while listening."""
        rng, manner = self._rng, self._manner_at(0.0)

        def another() -> str:
            return str(rng.choice(list(manner.rests), p=list(manner.rests.values())))

        out = [(0.0, another())]
        end = self._hearing.frames / CODE_RATE
        apexes = [stroke.apex for stroke in strokes]
        for here, following in zip([0.0, *apexes], [*apexes, end], strict=True):
            if here and following - here > UNIT_GAP + 0.6 and rng.random() < 0.22:
                out.append((here, another()))
            time = here + LISTENING + rng.lognormal(np.log(SHIFT_SECONDS), 0.5)
            while time < following - LISTENING:
                out.append((time, another()))
                time += rng.lognormal(np.log(SHIFT_SECONDS), 0.5)
        return tuple(out)


def _is_content(accent: Accent) -> bool:
    return not accent.words or accent.words[0] not in FUNCTION
