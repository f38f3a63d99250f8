"""A user's own lexicon: how the words of a project are said.

It is applied to written words before anything else reads them, so it also speaks what the front end
would refuse. Marks in the text win over it; it wins over everything built in.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from avgen.errors import InputError
from avgen.files import sha256_text
from avgen.text.letters import UnspeakableError, fold
from avgen.text.markup import Written
from avgen.text.normalise import normalise
from avgen.text.phonemes import from_ipa, parts_of_speech, possessive, pronounce

PARTS_OF_SPEECH: Final = ("noun", "verb", "adjective", "adverb")
MAX_BYTES: Final = 5_000_000
MAX_WORD: Final = 100
MAX_SPOKEN: Final = 300
_MAX_MARKS: Final = 50
"""More punctuation than this around a word is data and not language."""
_COLUMNS: Final = (["word", "spoken"], ["word", "spoken", "pos"])
_OPENING: Final = "\"“”‘'«([{¿¡"
_CLOSING: Final = re.compile(r"[^\w\s]*")
_SOUND: Final = re.compile(r"/(.*)/")


@dataclass(frozen=True, slots=True)
class Entry:
    """How a word is said.

    Attributes:
        word: one written word or several; with capitals inside it matches only so, otherwise in any
            case.
        spoken: plain words, or IPA between slashes.
        part_of_speech: one of `PARTS_OF_SPEECH` where it is said so only as that; None for everywhere.

    Raises:
        InputError: empty, too long, or not speakable.
    """

    word: str
    spoken: str
    part_of_speech: str | None = None

    def __post_init__(self) -> None:
        for name, text, limit in (("word", self.word, MAX_WORD), ("spoken", self.spoken, MAX_SPOKEN)):
            if not text.strip():
                raise InputError(f"{name} is empty; write for example: tomato,/təˈmeɪtoʊ/")
            if len(text) > limit:
                raise InputError(f"{name} has {len(text)} characters, at most {limit} are read")
        if "](/" in self.word or not any(char.isalnum() for char in self.word):
            raise InputError(f"{self.word!r} is not a word")
        if self.part_of_speech not in (None, *PARTS_OF_SPEECH):
            raise InputError(f"{self.part_of_speech!r} is not a part of speech: {', '.join(PARTS_OF_SPEECH)}")
        if self.part_of_speech and " " in self.word.strip():
            raise InputError(f"{self.word!r}: only a single word can have a part of speech")
        _check_spoken(self.spoken)

    @property
    def key(self) -> tuple[str, ...]:
        """The written words it matches, in small letters unless it has capitals inside."""
        words = _written(self.word)
        return tuple(words.split() if self.is_exact else words.casefold().split())

    @property
    def is_exact(self) -> bool:
        """Whether capitals have to be as in the entry."""
        return any(word[1:] != word[1:].lower() for word in self.word.split())

    @property
    def symbols(self) -> str:
        """What is spoken, as symbols of the front end."""
        return _symbols(self.spoken)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Entries, applied to the written words of a sentence.

    Attributes:
        entries: none of them with the word and the part of speech of another.
    """

    entries: tuple[Entry, ...]
    _index: dict[tuple[str, ...], list[Entry]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[tuple[str, ...], list[Entry]] = {}
        for entry in self.entries:
            index.setdefault(entry.key, []).append(entry)
        object.__setattr__(self, "_index", index)

    @property
    def digest(self) -> str:
        """SHA-256 of the content in any order, for the keys of what was made with it."""
        rows = sorted(
            (*entry.key, entry.spoken.strip(), entry.part_of_speech or "") for entry in self.entries
        )
        return sha256_text(json.dumps(rows, ensure_ascii=False))

    def apply(self, words: Sequence[Written]) -> list[Written]:
        """Write the entries' sounds into the words they match, longest entries first.

        Args:
            words: the written words of a sentence.

        Returns:
            The words; several that one entry matches become one.
        """
        if not self.entries:
            return list(words)
        longest = max(map(len, self._index))
        applied: list[Written] = []
        position = 0
        while position < len(words):
            for count in range(min(longest, len(words) - position), 0, -1):
                if word := self._read(words, position, count):
                    break
            else:
                word, count = words[position], 1
            applied.append(word)
            position += count
        return applied

    def _read(self, words: Sequence[Written], position: int, count: int) -> Written | None:
        run = words[position : position + count]
        if any("](/" in word.source for word in run):
            return None
        source = _written(" ".join(word.source for word in run))
        if len(source) > MAX_WORD + _MAX_MARKS:
            return None
        read = self._core(source, words, position) or (count == 1 and self._compound(source, words, position))
        if not read:
            return None
        return replace(run[-1], text=" ".join(word.text for word in run), source=read, line=run[0].line)

    def _core(self, source: str, words: Sequence[Written], position: int) -> str | None:
        """Match a word without the marks around it, the longest core first."""
        for start, stop, owner in _cores(source):
            core = source[start:stop]
            for key in (tuple(core.split()), tuple(core.casefold().split())):
                for entry in sorted(self._index.get(key, ()), key=lambda entry: entry.part_of_speech is None):
                    if _suits(entry, words, position):
                        symbols = possessive(entry.symbols) if owner else entry.symbols
                        shown = re.sub(r"[\[\] ]", "_", core)
                        mark = f"[{shown}](/{symbols.replace(' ', '_')}/)"
                        return source[:start] + mark + source[stop + owner :]
        return None

    def _compound(self, source: str, words: Sequence[Written], position: int) -> str | None:
        """Match the pieces of a word with hyphens."""
        pieces = source.split("-")
        read = [self._core(piece, words, position) if piece else None for piece in pieces]
        if len(pieces) == 1 or not any(read):
            return None
        return "-".join(said or piece for said, piece in zip(read, pieces, strict=True))


def read_lexicon(path: Path) -> Lexicon:
    """Read a CSV file with the header `word,spoken` or `word,spoken,pos`.

    Args:
        path: the file, UTF-8.

    Raises:
        InputError: names the file and the line.
    """
    entries: dict[tuple[tuple[str, ...], str | None], int] = {}
    read: list[Entry] = []
    for line, cells in _rows(path):
        try:
            entry = Entry(cells[0], cells[1], "".join(cells[2:]).strip().lower() or None)
        except InputError as error:
            raise InputError(f"{path}: line {line}: {error}") from None
        first = entries.setdefault((entry.key, entry.part_of_speech), line)
        if first != line:
            raise InputError(f"{path}: line {line}: {entry.word!r} stands in line {first} already; keep one")
        read.append(entry)
    return Lexicon(tuple(read))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of the rows after the header."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not header and any(cells):
                header = [cell.strip().lower() for cell in cells]
                if header not in _COLUMNS:
                    raise InputError(
                        f"{path}: line {line}: the first line must be word,spoken or word,spoken,pos"
                    )
            elif any(cell.strip() for cell in cells):
                if not 2 <= len(cells) <= len(header):
                    raise InputError(f"{path}: line {line}: {len(cells)} cells, expected {','.join(header)}")
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}: line {line}: not valid CSV: {error}") from None
    if not header:
        raise InputError(f"{path}: the file is empty; its first line must be word,spoken")


def _text(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: no such file; a lexicon is a CSV file with the columns word,spoken")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot read it: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: more than {MAX_BYTES:,} bytes; a lexicon holds words, not texts")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}: line {line}: not UTF-8 text; save the file as UTF-8") from None
    if control := re.search(r"[^\n\r\t\x20-\x7e\x80-\U0010ffff]|[\x80-\x9f]", text):
        line = text.count("\n", 0, control.start()) + 1
        raise InputError(f"{path}: line {line}: control character U+{ord(control[0]):04X}")
    return text


def _written(text: str) -> str:
    """One spelling for characters that look alike."""
    return unicodedata.normalize("NFC", text).replace("’", "'").strip()


def _cores(source: str) -> Iterator[tuple[int, int, int]]:
    """Yield (start, stop, length of a 's behind it), the longest first; marks around it may belong to it."""
    opening = len(source) - len(source.lstrip(_OPENING))
    for start in sorted({0, opening}):
        for stop in range(len(source), start, -1):
            if not _CLOSING.fullmatch(source, stop):
                break
            yield start, stop, 0
            if source[start:stop].endswith("'s"):
                yield start, stop - 2, 2


def _suits(entry: Entry, words: Sequence[Written], position: int) -> bool:
    if entry.part_of_speech is None:
        return True
    return parts_of_speech(tuple(word.source for word in words))[position] == entry.part_of_speech


def _check_spoken(spoken: str) -> None:
    if sound := _SOUND.fullmatch(spoken.strip()):
        try:
            symbols = from_ipa(sound[1])
        except ValueError as error:
            raise InputError(
                f"cannot speak {error} in {spoken!r}; use English phonemes, for example /təˈmeɪtoʊ/"
            ) from None
        speakable = bool(symbols.strip("ˈˌ "))
    else:
        try:
            speakable = any(char.isalnum() for word in spoken.split() for char in fold(word))
        except UnspeakableError as error:
            raise InputError(
                f"cannot speak {spoken!r} ({error}); write English words, or IPA as /.../"
            ) from None
    if not speakable:
        raise InputError(f"nothing to say in {spoken!r}")


@functools.lru_cache(maxsize=4096)
def _symbols(spoken: str) -> str:
    if sound := _SOUND.fullmatch(spoken.strip()):
        return from_ipa(sound[1])
    words = [folded for word in spoken.split() if (folded := fold(word))]
    said = " ".join(pronounce([reading.text for reading in normalise(words)]))
    return " ".join(re.sub(r"[;:,.!?—…]", " ", said).split())
