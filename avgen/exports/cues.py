"""Words and their times -> subtitles that people can read: sentence by sentence, two short lines at most."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from avgen.exports import Material
from avgen.exports.onsets import heard
from avgen.types import Interval, Tokens

LINE_LENGTH: Final = 42
"""Characters of a line; only a single word may be longer."""
READING_SPEED: Final = 20.0
"""Characters per second that people read; a cue stays that long if what follows leaves it the time."""
LEAST_SECONDS: Final = 1.0
"""A cue stays this long, likewise."""
MOST_SECONDS: Final = 7.0
"""A cue that is spoken for longer is divided where it can be."""
LONG_SILENCE: Final = 1.0
"""Seconds without a word that no cue should bridge."""
SHORT_SILENCE: Final = 0.15
"""Seconds without a word that tell of the end of a clause."""
_SENTENCE_ENDS: Final = frozenset(".?!$")
"""Labels of the pauses after sentences."""
_CLAUSE_END: Final = re.compile(r"[,;:.!?…—–][\"”’'»)\]}]*$")
_BINDING_WORDS: Final = """
    a an the of to in on at by for from with and or but nor as if than that i my your his her its our their
"""
_BINDING: Final = frozenset(_BINDING_WORDS.split())
"""Words that belong to what follows them: a line does not end in one if it can be helped."""
_BAD_BREAK: Final = 0.6
_WORSE_BREAK: Final = 1.2
_ORPHAN: Final = 1.5
_EPSILON: Final = 1e-6

Words = Sequence[Interval]


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands in the picture together.

    Attributes:
        lines: one or two, each of words with their times.
        start: in seconds, when the first word is heard.
        end: in seconds; not before the last word ends, nor after the next cue of the same person starts.
        speaker: whose words they are, where several people speak.
    """

    lines: tuple[tuple[Interval, ...], ...]
    start: float
    end: float
    speaker: str = ""

    @property
    def words(self) -> tuple[Interval, ...]:
        """The words of all lines."""
        return tuple(word for line in self.lines for word in line)


def spoken_words(material: Material) -> tuple[Interval, ...]:
    """Return the words of a clip when they are heard, none beyond the end of its video."""
    return shown(heard(material.tokens.words, material.waveform), material.seconds)


def shown(intervals: Words, end: float) -> tuple[Interval, ...]:
    """Return intervals none of which goes beyond an end in seconds."""
    return tuple(Interval(one.label, min(one.start, end), min(one.end, end)) for one in intervals)


def sentences(words: Words, tokens: Tokens) -> Iterator[tuple[Interval, ...]]:
    """Yield the words of each sentence.

    It ends where a pause of its kind is heard and no small letter follows; a long silence ends it too.
    """
    ends = [word.end for word in words]
    pauses = (pause for pause in tokens.phonemes if pause.label in _SENTENCE_ENDS)
    after = {bisect_right(ends, pause.start + _EPSILON): pause for pause in pauses}
    start = 0
    for stop in range(1, len(words)):
        silence = words[stop].start - words[stop - 1].end
        if silence >= LONG_SILENCE or (stop in after and not words[stop].label[:1].islower()):
            yield tuple(words[start:stop])
            start = stop
    yield tuple(words[start:])


def make_cues(material: Material) -> tuple[Cue, ...]:
    """Divide what a clip says into cues; those of several people in the order in which they start."""
    if material.people:
        named = (
            replace(cue, speaker=name) for name, one in material.people.items() for cue in make_cues(one)
        )
        return tuple(sorted(named, key=lambda cue: cue.start))
    words = spoken_words(material)
    spoken = list(sentences(words, material.tokens))
    starts = [sentence[0].start for sentence in spoken[1:]] + [material.seconds]
    groups = [
        group for sentence, until in zip(spoken, starts, strict=True) for group in _divide(sentence, until)
    ]
    starts = [group[0].start for group in groups[1:]] + [material.seconds]
    cues = (_cue(group, until) for group, until in zip(groups, starts, strict=True))
    return tuple(cue for cue in cues if cue.end > cue.start)


def text_of(words: Words) -> str:
    """The words as one line."""
    return " ".join(word.label for word in words)


def _cue(words: Words, until: float) -> Cue:
    """Cue of some words; it stays into the silence before `until` for as long as reading takes."""
    start = words[0].start
    wanted = start + max(LEAST_SECONDS, len(text_of(words)) / READING_SPEED)
    end = max(words[-1].end, min(until, wanted))
    lines = _lines(words)
    assert lines is not None
    return Cue(lines, start, end)


def _divide(sentence: Words, until: float) -> list[Words]:
    """Divide a sentence into the words of its cues, at the least cost in all.

    Args:
        sentence: its words.
        until: when the next sentence starts.
    """
    costs, breaks = [0.0], [0]
    for stop in range(1, len(sentence) + 1):
        following = sentence[stop].start if stop < len(sentence) else until
        best = (float("inf"), stop - 1)
        for start in range(stop - 1, -1, -1):
            words = sentence[start:stop]
            if len(words) > 1 and _lines(words) is None:
                break
            cost = costs[start] + _cost(words, following, len(words) == len(sentence))
            if stop < len(sentence):
                cost += _break_cost(sentence[stop - 1], following)
            best = min(best, (cost, start))
        costs.append(best[0])
        breaks.append(best[1])
    groups: list[Words] = []
    stop = len(sentence)
    while stop:
        groups.insert(0, sentence[breaks[stop] : stop])
        stop = breaks[stop]
    return groups


def _cost(words: Words, until: float, whole: bool) -> float:
    """How little some words suit as a cue: too fast, too long, too short, with a silence inside."""
    length = len(text_of(words))
    fullness = length / (2 * LINE_LENGTH)
    speed = length / max(until - words[0].start, _EPSILON) / READING_SPEED
    seconds = (words[-1].end - words[0].start) / MOST_SECONDS
    silences = sum(after.start - before.end >= LONG_SILENCE for before, after in pairwise(words))
    orphan = _ORPHAN if len(words) == 1 and not whole else 0.0
    return 1 + fullness**2 + 4 * max(0, min(speed, 10) - 1) + 4 * max(0, seconds - 1) + 3 * silences + orphan


def _break_cost(word: Interval, following: float) -> float:
    """How little suits a break after a word, after which the next one starts at `following` seconds."""
    if _CLAUSE_END.search(word.label) or following - word.end >= SHORT_SILENCE:
        return 0.0
    return _WORSE_BREAK if word.label.lower() in _BINDING else _BAD_BREAK


def _lines(words: Words) -> tuple[tuple[Interval, ...], ...] | None:
    """Lay words out in one line or two of about the same length; None if they don't fit."""
    if len(words) == 1 or len(text_of(words)) <= LINE_LENGTH:
        return (tuple(words),)
    fitting = (cut for cut in range(1, len(words)) if _fits(words[:cut]) and _fits(words[cut:]))
    cut = min(fitting, key=lambda cut: _cut_cost(words, cut), default=0)
    return (tuple(words[:cut]), tuple(words[cut:])) if cut else None


def _fits(line: Words) -> bool:
    return len(line) == 1 or len(text_of(line)) <= LINE_LENGTH


def _cut_cost(words: Words, cut: int) -> float:
    """How little suits a second line that starts with word `cut`."""
    upper, lower = len(text_of(words[:cut])), len(text_of(words[cut:]))
    orphan = _ORPHAN if cut in (1, len(words) - 1) else 0.0
    return 2 * abs(upper - lower) / LINE_LENGTH + _break_cost(words[cut - 1], words[cut].start) + orphan
