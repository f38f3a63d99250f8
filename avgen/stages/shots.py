"""Who of a dialogue is seen when: whoever speaks, and listeners now and then, with hard cuts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from avgen.types import Interval

BREATH_SECONDS: Final = 0.7
"""Words of one person that are not further apart belong together."""
PHRASE_SECONDS: Final = 0.12
"""A pause between two words ends a phrase, if it is that long."""
LEAST_SHOT: Final = 1.2
"""Seconds that a shot lasts at least; shorter ones are left out."""
LONG_SPEECH: Final = 7.0
"""Whoever speaks for longer is not seen all the time."""
ALONE_SECONDS: Final = 4.0
"""That the speaker is seen before each reaction."""
REACTION_SECONDS: Final = (1.5, 3.5)
"""That a listener is seen: to the end of a phrase, if there is one in between."""
ACT_SECONDS: Final = (0.3, 1.3)
"""Before and after the start of a nod or a laugh that whoever acts is seen."""
REST_SECONDS: Final = 1.5
"""That the speaker is seen after a reaction."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Words of one person without a longer pause.

    Attributes:
        person: who speaks.
        start: in seconds.
        end: in seconds.
        phrases: when phrases end inside.
    """

    person: int
    start: float
    end: float
    phrases: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Shot:
    """One person in the whole picture, until the next shot.

    Attributes:
        person: who is seen.
        start: in seconds.
    """

    person: int
    start: float


def find_shots(
    words: Sequence[Sequence[Interval]], seconds: float, acts: Iterable[Shot] = ()
) -> tuple[Shot, ...]:
    """Choose who is seen; the first shot starts at 0.

    Args:
        words: of each person, when they are heard.
        seconds: length of the dialogue.
        acts: who nods or laughs, and when.
    """
    speeches = sorted(
        (speech for person, said in enumerate(words) for speech in speeches_of(person, said)),
        key=lambda speech: speech.start,
    )
    shots: list[Shot] = []
    before: Speech | None = None
    for number, speech in enumerate(speeches):
        inside = before is not None and speech.end <= before.end  # somebody agrees, or tries to come in
        if inside and speech.end - speech.start < LEAST_SHOT:
            continue
        cut = 0.0 if before is None else max((before.end + speech.start) / 2, before.start)
        shots.append(Shot(speech.person, min(cut, speech.start)))
        shots += _reactions(speech, _listener(speeches, number))
        before = speech
    shots.sort(key=lambda shot: shot.start)
    for one in acts:
        shots = _with_act(shots, one)
    return _settled(shots, seconds)


def speeches_of(person: int, words: Sequence[Interval]) -> Iterator[Speech]:
    """Yield what a person says without a longer pause, by the times of the words."""
    start = 0
    for stop in range(1, len(words) + 1):
        if stop < len(words) and words[stop].start - words[stop - 1].end < BREATH_SECONDS:
            continue
        said = words[start:stop]
        ends = (a.end for a, b in pairwise(said) if b.start - a.end >= PHRASE_SECONDS)
        yield Speech(person, said[0].start, said[-1].end, tuple(ends))
        start = stop


def _listener(speeches: Sequence[Speech], number: int) -> int:
    """Who is seen listening to a speech: whoever else speaks next, or spoke before."""
    order = [*speeches[number + 1 :], *reversed(speeches[:number])]
    speaker = speeches[number].person
    return next((speech.person for speech in order if speech.person != speaker), speaker)


def _reactions(speech: Speech, listener: int) -> Iterable[Shot]:
    """Shots of a listener during a long speech, each with the one that goes back to the speaker."""
    if speech.end - speech.start <= LONG_SPEECH:
        return
    back = speech.start
    least, most = REACTION_SECONDS
    for cut in speech.phrases:
        if cut < back + ALONE_SECONDS or cut + least + REST_SECONDS > speech.end:
            continue
        latest = min(cut + most, speech.end - REST_SECONDS)
        back = max((end for end in speech.phrases if cut + least <= end <= latest), default=cut + least)
        yield Shot(listener, cut)
        yield Shot(speech.person, back)


def _with_act(shots: Sequence[Shot], act: Shot) -> list[Shot]:
    """Shots in order, with one of a listener who nods or laughs, if nobody else comes into view just then."""
    before, after = ACT_SECONDS
    seen = [shot for shot in shots if shot.start <= act.start - before]
    meanwhile = [shot for shot in shots[len(seen) :] if shot.start < act.start + after + LEAST_SHOT]
    if not seen or seen[-1].person == act.person or meanwhile:
        return [*shots]
    back = Shot(seen[-1].person, act.start + after)
    return [*seen, Shot(act.person, act.start - before), back, *shots[len(seen) :]]


def _settled(shots: Iterable[Shot], seconds: float) -> tuple[Shot, ...]:
    """Shots in order that last long enough, and whose neighbours show different people."""
    kept: list[Shot] = []
    for shot in shots:
        while kept and shot.start - kept[-1].start < LEAST_SHOT and len(kept) > 1:
            kept.pop()
        if kept and shot.start - kept[-1].start < LEAST_SHOT:
            continue
        if (not kept or kept[-1].person != shot.person) and (not kept or seconds - shot.start >= LEAST_SHOT):
            kept.append(Shot(shot.person, shot.start if kept else 0.0))
    return tuple(kept)
