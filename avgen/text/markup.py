"""Script text to paragraphs of written words and marks.

Three steps: `scan` walks over the whole text (code, tags, formulas), `markdown` finds paragraphs, lists
and tables in its lines, `brackets` reads what stands in a line. What is left is cut into words here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from avgen.text.brackets import read_inline
from avgen.text.lines import Line
from avgen.text.markdown import paragraphs
from avgen.text.page import INLINE, PRIVATE, Change, Literal, Manner, Page, Place, Spoken
from avgen.text.scan import scan
from avgen.text.script import PLAIN, Note, Pause, Prosody

_PRIVATE = {ord(c): " " for c in PRIVATE}
_LINE_END = re.compile(r"\r\n?|[\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Written:
    """A whitespace-separated piece of the script.

    Attributes:
        text: as written, marks removed; empty where the piece belongs to the word before it, which is
            read as several.
        source: what the front end reads; a pronunciation is kept as `[text](/symbols/)`.
        line: line number from 1.
        closes: a sentence ends here whatever the punctuation (headings, list items, deliberate breaks).
        prosody: how it is to be said.
        marks: names of the marks right before it.
    """

    text: str
    source: str
    line: int
    closes: bool = False
    prosody: Prosody = PLAIN
    marks: tuple[str, ...] = ()


Block = list[Written | Pause | Manner]


@dataclass(frozen=True, slots=True)
class Document:
    """A text as written words.

    Attributes:
        blocks: paragraphs of written words, pauses, emotions and voices, none of them empty.
        notes: what its writer should know.
        closing_marks: names of the marks after the last word.
    """

    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]
    closing_marks: tuple[str, ...]


def read_document(
    text: str, source: str, first_line: int = 1, voices: Collection[str] | None = None
) -> Document:
    """Split a script into paragraphs of written words and explicit pauses.

    Args:
        text: the whole script.
        source: name of the script for error messages.
        first_line: number of the text's first line in that script.
        voices: that it may name; None for any.

    Returns:
        Its words, without what is not read aloud.

    Raises:
        InputError: a mark, tag or formula is broken; the message names the line.
    """
    page = Page(source, voices)
    text = _LINE_END.sub("\n", text.removeprefix("\ufeff").translate(_PRIVATE))
    reader = _Reader(page)
    blocks = []
    for paragraph in paragraphs(scan(text, page, first_line), page):
        block = [item for line in paragraph for item in reader.items(line)]
        if block:
            blocks.append(block)
    notes = sorted(page.notes, key=lambda note: note.line)
    return Document(tuple(blocks), tuple(notes), tuple(reader.marks))


class _Draft:
    """A written word while its pieces are collected."""

    def __init__(self) -> None:
        self.text = ""
        self.sources = [""]
        self.prosody = PLAIN
        self.marks: tuple[str, ...] = ()
        self.has_letters = False
        self._after_spoken = False

    def add(self, text: str, words: tuple[str, ...], spoken: bool) -> None:
        """Go on with a piece: its text, and what is read for it."""
        apart = spoken and self._after_spoken and self.sources[-1][-1:].isalnum()
        if apart:
            self.sources.append("")
        self.text += text
        self.sources[-1] += words[0]
        self.sources += words[1:]
        self._after_spoken = spoken


class _Reader:
    """Cuts lines into words; prosody and marks reach beyond a line."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.prosody = PLAIN
        self.marks: list[str] = []

    def items(self, line: Line) -> list[Written | Pause | Manner]:
        """Words, pauses, emotions and voices of a line."""
        body = read_inline(line.text, line.number, self.page)
        body = INLINE.sub(self._literal, body)
        items = [item for token in body.split() for item in self._token(token, line.number)]
        if line.closes:
            _close(items)
        return items

    def _literal(self, match: re.Match[str]) -> str:
        value = self.page.get(match[1])
        return value.text if isinstance(value, Literal) else match[0]

    def _token(self, token: str, line: int) -> Iterator[Written | Pause | Manner]:
        """The words of a piece without white space: several where a pause stands in it."""
        draft = _Draft()
        for index, piece in enumerate(INLINE.split(token)):
            if index % 2 == 0:
                if piece:
                    self._add(draft, piece, (piece,))
                continue
            value = self.page.get(piece)
            if isinstance(value, Spoken):
                self._add(draft, value.text, value.words, spoken=True)
            elif isinstance(value, Change):
                self.prosody = value.prosody
            elif isinstance(value, Place):
                self.marks.append(value.name)
            elif isinstance(value, Pause | Manner):
                yield from _written(draft, line)
                yield value
                draft = _Draft()
        yield from _written(draft, line)

    def _add(self, draft: _Draft, text: str, words: tuple[str, ...], spoken: bool = False) -> None:
        if not draft.has_letters:
            draft.prosody = self.prosody
            if any(c.isalnum() for c in text):
                draft.has_letters, draft.marks = True, tuple(self.marks)
                self.marks.clear()
        draft.add(text, words, spoken)


def _written(draft: _Draft, line: int) -> Iterator[Written]:
    """The word, and a piece without text for each further word that it is read as."""
    if draft.text:
        first, *others = draft.sources
        yield Written(draft.text, first, line, prosody=draft.prosody, marks=draft.marks)
        for source in others:
            yield Written("", source, line, prosody=draft.prosody)


def _close(items: list[Written | Pause | Manner]) -> None:
    """End a sentence with the line's last word."""
    if items and isinstance(items[-1], Written):
        items[-1] = replace(items[-1], closes=True)
