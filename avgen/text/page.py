"""What the steps from text to written words share: the source's name, its notes, and what travels inline.

A value that stands inside a line (a pause, a formula, a change of prosody) travels through the steps as
a number between two private characters, which no pattern of Markdown or punctuation can touch.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from avgen.emotion import Emotion
from avgen.errors import InputError
from avgen.text.script import Note, Pause, Prosody
from avgen.voices import Mix

OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
"""Around the number of an inline value."""
CELL: Final = "\ue002"
"""Stands between two cells of a table."""
PRIVATE: Final = OPEN + CLOSE + CELL
"""Characters that no text may bring along."""
INLINE: Final = re.compile("\ue000(\\d+)\ue001")
"""An inline value's place in a line; its number as a group."""
_MAX_SHOWN = 40


@dataclass(frozen=True, slots=True)
class EmotionMark:
    """An `[emotion]` mark: how everything after it is said."""

    emotion: Emotion


@dataclass(frozen=True, slots=True)
class VoiceMark:
    """A `[voice]` mark: who says everything after it."""

    mix: Mix


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of text that is read as other words.

    Attributes:
        text: as written.
        words: what the front end reads instead, without whitespace inside each; at least one.
    """

    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """Text in which nothing is a mark: code, and characters after a backslash."""

    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """From here on words have this prosody."""

    prosody: Prosody


@dataclass(frozen=True, slots=True)
class Place:
    """A named place, SSML's mark."""

    name: str


Manner = EmotionMark | VoiceMark
"""A mark that holds until the next of its kind; it ends a sentence."""
Inline = Manner | Pause | Spoken | Literal | Change | Place


class Page:
    """A text while it is read.

    Attributes:
        source: its name in messages.
        voices: that it may name; None where nobody knows yet who will speak it.
        notes: what its writer should know.
    """

    def __init__(self, source: str, voices: Collection[str] | None = None) -> None:
        self.source = source
        self.voices = voices
        self.notes: list[Note] = []
        self._values: list[Inline] = []

    def put(self, value: Inline) -> str:
        """Keep a value and return the characters that stand for it."""
        self._values.append(value)
        return f"{OPEN}{len(self._values) - 1}{CLOSE}"

    def get(self, number: str) -> Inline:
        """The value of a number that `INLINE` found."""
        return self._values[int(number)]

    def note(self, line: int, kind: str, text: str) -> None:
        """Tell the writer something; `Note` lists the kinds."""
        self.notes.append(Note(line, kind, shorten(self.plain(text))))

    def plain(self, text: str) -> str:
        """A text with its inline values as they were written."""
        return INLINE.sub(lambda match: _written(self.get(match[1])), text)

    def error(self, line: int, message: str) -> InputError:
        """An error that names source and line."""
        return InputError(f"{self.source} line {line}: {message}")


def _written(value: Inline) -> str:
    return value.text if isinstance(value, Spoken | Literal) else ""


def shorten(text: str) -> str:
    """Text for a message: on one line, its tail left out."""
    text = " ".join(text[: 4 * _MAX_SHOWN].split())
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 3] + "..."
