"""How a text will be read, sentence by sentence, for people who check it before they render."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from avgen.text.lexicon import Lexicon
from avgen.text.phonemes import is_guessed
from avgen.text.reader import read_script
from avgen.text.script import GIVEN, Note, Sentence, Word

_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:['.-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class WordNote:
    """What is worth knowing about a word.

    Attributes:
        kind: `changed` where other words are spoken than are written, `guessed` where the word is in no
            lexicon, `placeholder` for a blank that nobody filled in, `silent` for text that is not spoken.
        word: as written.
        spoken: the words that are spoken; for `guessed` the one word among them; "" for `silent`.
    """

    kind: str
    word: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, what is heard of it, and what is worth knowing.

    Attributes:
        line: of the script on which it starts, from 1.
        text: as written.
        spoken: plain words and punctuation.
        phonemes: symbols of the front end, words separated by spaces.
        notes: of its words in order, then of its line.
    """

    line: int
    text: str
    spoken: str
    phonemes: str
    notes: tuple[WordNote, ...]


def explain(
    text: str, *, source: str = "script", first_line: int = 1, lexicon: Lexicon | None = None
) -> tuple[Line, ...]:
    """Say how a text will be read.

    Args:
        text: as `read_script` takes it.
        source: name of the script in error messages.
        first_line: number of the text's first line in that script.
        lexicon: the user's own words.

    Returns:
        One line for each sentence, in order.

    Raises:
        InputError: as `read_script` does.
    """
    script = read_script(text, source=source, first_line=first_line, lexicon=lexicon)
    placed = _placed(script.notes, script.sentences)
    return tuple(_line(sentence, notes) for sentence, notes in zip(script.sentences, placed, strict=True))


def _line(sentence: Sentence, notes: Sequence[Note]) -> Line:
    of_words = [note for word in sentence.words for note in _notes(word)]
    of_line = [
        WordNote(note.kind, note.text, "" if note.kind == "silent" else _bare(note.text)) for note in notes
    ]
    spoken = " ".join(word.spoken for word in sentence.words)
    return Line(sentence.line, sentence.text, spoken, "".join(sentence.symbols), (*of_words, *of_line))


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", text).split())


def _notes(word: Word) -> Iterator[WordNote]:
    if _letters(word.text) != _letters(word.spoken):
        yield WordNote("changed", word.text, word.spoken)
    for match in _PLAIN_WORD.finditer(GIVEN.sub(" ", word.reading)):
        if is_guessed(match[0]):
            yield WordNote("guessed", word.text, match[0])


def _letters(text: str) -> str:
    """What is compared: letters and digits without accents and case."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if c.isalnum()).casefold()


def _placed(notes: Sequence[Note], sentences: Sequence[Sentence]) -> list[list[Note]]:
    """Notes by sentence: a placeholder to the one on its line that holds it, others to the line's last."""
    placed: list[list[Note]] = [[] for _ in sentences]
    last = holder = 0
    for note in notes:
        while last + 1 < len(sentences) and sentences[last + 1].line <= note.line:
            last += 1
        if note.kind != "placeholder":
            placed[last].append(note)
            continue
        while holder < last and not _holds(sentences[holder], note, sentences[last].line):
            holder += 1
        placed[holder].append(note)
    return placed


def _holds(sentence: Sentence, note: Note, line: int) -> bool:
    return sentence.line == line and note.text in sentence.text
