"""Written English to plain words, each still tied to the piece of text it came from.

A sentence is scanned once from left to right; at every place the first rule that matches reads what it
matched. A rule that covers several written words gives one reading for each of them, or a single
reading for all: then they count as one written word ("Nov 21" stays two, "5 000" becomes one).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from avgen.text.abbreviation_rules import ABBREVIATION_RULES
from avgen.text.code_rules import CODE_RULES, GROUP_RULES
from avgen.text.date_rules import DATE_RULES
from avgen.text.fraction_rules import FRACTION_RULES
from avgen.text.letters import UnspeakableError, fold
from avgen.text.maths_rules import MATHS_RULES, NAMED_RULES
from avgen.text.money_rules import MONEY_RULES
from avgen.text.number_rules import NUMBER_RULES
from avgen.text.quantity_rules import QUANTITY_RULES
from avgen.text.range_rules import RANGE_RULES
from avgen.text.small_words import LETTER_RULES, SMALL_WORD_RULES
from avgen.text.word_rules import NAME_RULES, WORD_RULES

_ORDER = (
    *(NAME_RULES, SMALL_WORD_RULES, CODE_RULES, ABBREVIATION_RULES, DATE_RULES, GROUP_RULES, RANGE_RULES),
    *(MATHS_RULES, MONEY_RULES, QUANTITY_RULES, FRACTION_RULES, NUMBER_RULES, LETTER_RULES, WORD_RULES),
    NAMED_RULES,
)
_RULES = [(re.compile(pattern), read) for rules in _ORDER for pattern, read in rules]
_MAX_CHARACTERS = 1500
"""So much is read at a time: what a rule looks at is never farther away than that."""
_MAX_INSIDE = 40
_ENDS_WORD = re.compile(r"[\w'),;:.!?…]")
_STARTS_WORD = re.compile(r"[\w\[]")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a run of written words is said.

    Attributes:
        start: index of the first written word.
        stop: index after the last.
        text: plain words and punctuation the G2P knows; empty where nothing is said.
    """

    start: int
    stop: int
    text: str


def normalise(words: Sequence[str]) -> list[Reading]:
    """Read the written words of a sentence.

    Args:
        words: folded written words (`fold`), none of them empty, none with whitespace.

    Returns:
        Readings that cover all words in order.
    """
    return [reading for start, part in _parts(words) for reading in _readings(part, start)]


def _parts(words: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Cut endless sentences, at a comma where there is one, so that the work grows with their length."""
    start = 0
    while start < len(words):
        stop, size, comma = start, 0, start
        while stop < len(words) and (stop == start or size + len(words[stop]) < _MAX_CHARACTERS):
            size += len(words[stop]) + 1
            stop += 1
            comma = stop if words[stop - 1].endswith((",", ";", ":")) else comma
        stop = stop if stop == len(words) or comma == start else comma
        yield start, words[start:stop]
        start = stop


def _readings(words: Sequence[str], first_word: int) -> list[Reading]:
    text = _commas_for_brackets(" ".join(words))
    starts = [0, *(space.end() for space in re.finditer(" ", text))]
    spoken: list[list[str]] = [[] for _ in words]
    joined = [False] * len(words)
    position = 0
    while position < len(text):
        if text[position] == " ":
            position += 1
            continue
        stop, parts = _read(text, position)
        first, last = bisect_right(starts, position) - 1, bisect_right(starts, stop - 1) - 1
        if len(parts) != last - first + 1:
            parts = [" ".join(parts)]
            joined[first + 1 : last + 1] = [True] * (last - first)
        for index, part in enumerate(parts, first):
            spoken[index].append(part)
        position = stop
    return _group([_glue(pieces) for pieces in spoken], joined, first_word)


def read_plainly(text: str) -> str:
    """Read any text as plain words, to compare what was written with what was heard.

    Args:
        text: one sentence or more; letters the front end cannot speak are left as they are.

    Returns:
        Words and punctuation; where only a pronunciation says how a word is read, the word itself.
    """
    words = [folded for word in text.split() if (folded := _fold_or_keep(word))]
    spoken = " ".join(reading.text for reading in normalise(words) if reading.text)
    return re.sub(r"\[([^\]]*)\]\(/[^)]*/\)", r"\1", spoken)


def _fold_or_keep(word: str) -> str:
    try:
        return fold(word)
    except UnspeakableError:
        return word


def _commas_for_brackets(text: str) -> str:
    """Round brackets in running text are heard as commas: "a (big) one" as "a, big, one"."""
    text = re.sub(r"(?<!\(s)(?<!\(\d{3})(?<![-/,.;:=!?])\)(?= \w)", _closing_bracket, text)
    return re.sub(r"(?<=[\w%\"”']) \((?!0\)|\d{2,4}\))(?=\w)", ", ", text)


def _closing_bracket(match: re.Match[str]) -> str:
    """Brackets inside a word are no aside: "a 401(k) plan", "f(x) is"."""
    opened = match.string.rfind("(", max(0, match.start() - _MAX_INSIDE), match.start())
    return ")" if re.match(r"[\w)]\(", match.string[max(0, opened - 1) : opened + 1]) else ","


def _read(text: str, position: int) -> tuple[int, list[str]]:
    """Let the first matching rule read; a place no rule knows is passed over."""
    for pattern, read in _RULES:
        match = pattern.match(text, position)
        if match and (reading := read(match)) is not None:
            return match.end(), [reading] if isinstance(reading, str) else reading
    return position + 1, [""]


def _glue(pieces: Sequence[str]) -> str:
    """Join the pieces of one written word; a space where two spoken words would run together."""
    glued: list[str] = []
    for piece in pieces:
        if glued and piece and _ENDS_WORD.match(glued[-1][-1]) and _STARTS_WORD.match(piece):
            glued.append(" ")
        if piece:
            glued.append(piece)
    return " ".join("".join(glued).split())


def _group(spoken: Sequence[str], joined: Sequence[bool], first_word: int) -> list[Reading]:
    readings: list[Reading] = []
    for index, text in enumerate(spoken):
        if joined[index]:
            previous = readings.pop()
            text = _glue([previous.text, text])
            readings.append(Reading(previous.start, first_word + index + 1, text))
        else:
            readings.append(Reading(first_word + index, first_word + index + 1, text))
    return readings
