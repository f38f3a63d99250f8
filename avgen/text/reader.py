"""Text to a `Script`: the front end's steps in order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from avgen.errors import InputError
from avgen.text.letters import UnspeakableError, fold
from avgen.text.lexicon import Lexicon
from avgen.text.markup import Written, read_document
from avgen.text.normalise import normalise
from avgen.text.page import EmotionMark, Manner, VoiceMark
from avgen.text.phonemes import PUNCTUATION, pronounce
from avgen.text.script import GIVEN, PLAIN, Note, Paragraph, Pause, Prosody, Script, Sentence, Word
from avgen.text.sentences import split_sentences

_MAX_SYMBOLS = 300
"""Longer sentences are cut at clauses: nobody speaks longer in one breath."""
_MAX_LETTERS = 500
"""No word and no address is longer; what is, is data and not language."""
_PLAIN_WORD = re.compile(r"[A-Za-z]+[',.!?;:]*")
"""There is always something to say in it."""


def read_script(
    text: str,
    *,
    source: str = "script",
    first_line: int = 1,
    lexicon: Lexicon | None = None,
    voices: Collection[str] | None = None,
) -> Script:
    """Read English text as a person would.

    Args:
        text: the script; `[tomato](/təˈmeɪtoʊ/)` gives a pronunciation, `[pause 0.8]` a pause in seconds,
            `[emotion happy:0.7]` how everything after it is said, `[voice ada]` who says it. Markdown,
            HTML, SSML and formulas in LaTeX are read for what they mean.
        source: name of the script in error messages.
        first_line: number of the text's first line in that script.
        lexicon: the user's own words; marks in the text win over them.
        voices: names that `[voice]` may give; None for any.

    Returns:
        Paragraphs of sentences and pauses, with the symbols every word is spoken with, and notes on
        blanks that were not filled in and text that is not spoken.

    Raises:
        InputError: nothing to speak, text the actor cannot speak, or a broken mark; names the line.
    """
    document = read_document(text, source, first_line, voices)
    paragraphs = []
    emotion, voice = None, None
    for block in document.blocks:
        items: list[Sentence | Pause] = []
        units = list(split_sentences(block))
        for unit, following in zip(units, [*units[1:], None], strict=True):
            if isinstance(unit, Pause):
                items.append(unit)
            elif isinstance(unit, EmotionMark):
                emotion = unit.emotion
            elif isinstance(unit, VoiceMark):
                voice = unit.mix
            else:
                ending = "," if isinstance(following, Pause) else "."
                parts = _sentences(unit, ending, source, lexicon)
                items += [replace(part, emotion=emotion, voice=voice) for part in parts]
        if items:
            paragraphs.append(Paragraph(tuple(items)))
    script = Script(tuple(paragraphs), document.notes, document.closing_marks)
    if not script.sentences:
        raise InputError(_mute(source))
    return script


def check_script(
    text: str,
    *,
    source: str = "script",
    first_line: int = 1,
    lexicon: Lexicon | None = None,
    voices: Collection[str] | None = None,
) -> tuple[Note, ...]:
    """Refuse what `read_script` refuses, many times faster: plain words need no look into the lexicon.

    Args:
        text: the script.
        source: name of the script in error messages.
        first_line: number of the text's first line in that script.
        lexicon: the user's own words; marks in the text win over them.
        voices: names that `[voice]` may give; None for any.

    Returns:
        The notes of the script.

    Raises:
        InputError: as `read_script` does.
    """
    spoken = False
    document = read_document(text, source, first_line, voices)
    for block in document.blocks:
        for unit in split_sentences(block):
            if isinstance(unit, Pause | Manner):
                continue
            if not any(_PLAIN_WORD.fullmatch(word.source) for word in _folded(unit, source, lexicon)):
                _sentences(unit, ".", source, lexicon)
            spoken = True
    if not spoken:
        raise InputError(_mute(source))
    return document.notes


def _mute(source: str) -> str:
    return f"{source}: there is nothing to speak; write at least one English sentence"


def _sentences(
    written: Sequence[Written], ending: str, source: str, lexicon: Lexicon | None
) -> list[Sentence]:
    """Read one sentence; several come back where it is too long for one breath."""
    words = _words(_folded(written, source, lexicon), ending)
    line = written[0].line
    if not words:
        text = " ".join(word.text for word in written)
        raise InputError(_unspeakable(source, line, text, "nothing to say in it"))
    parts = list(_breaths(words))
    return [Sentence(tuple(part), line, complete=part is parts[-1]) for part in parts]


def _unspeakable(source: str, line: int, text: str, reason: str) -> str:
    shown = text if len(text) <= 40 else text[:37] + "..."
    return (
        f"{source} line {line}: cannot speak '{shown}' ({reason}); respell it in English, "
        "or write how it sounds: [tomato](/təˈmeɪtoʊ/)"
    )


def _folded(written: Sequence[Written], source: str, lexicon: Lexicon | None) -> list[Written]:
    """Apply the lexicon and fold the sources; words without a reading (emoji) join their neighbour's text."""
    kept: list[Written] = []
    silent: list[list[str]] = [[]]
    for word in lexicon.apply(written) if lexicon else written:
        if folded := _fold(word, source):
            kept.append(word if folded == word.source else replace(word, source=folded))
            silent.append([])
        else:
            silent[-1].append(word.text)
    if kept:
        kept[0] = replace(kept[0], text=_spaced([*silent[0], kept[0].text]))
    return [
        replace(word, text=_spaced([word.text, *after])) if after else word
        for word, after in zip(kept, silent[1:], strict=True)
    ]


def _fold(word: Written, source: str) -> str:
    if max(len(word.text), len(word.source)) > _MAX_LETTERS:
        reason = f"a word of {len(word.text)} characters, at most {_MAX_LETTERS} are read"
        raise InputError(_unspeakable(source, word.line, word.text, reason))
    try:
        return _fold_around(word.source) if "](/" in word.source else fold(word.source)
    except UnspeakableError as error:
        raise InputError(_unspeakable(source, word.line, word.text, str(error))) from None


def _fold_around(source: str) -> str:
    """Fold what stands beside words whose symbols are given."""
    folded, position = "", 0
    for given in GIVEN.finditer(source):
        folded += fold(source[position : given.start()]) + given[0]
        position = given.end()
    return folded + fold(source[position:])


def _spaced(texts: Sequence[str]) -> str:
    return " ".join(text for text in texts if text)


@dataclass(slots=True)
class _Draft:
    """A word and the pieces that join it: what has no sound, and the further words of a reading."""

    texts: list[str]
    symbols: list[str]
    readings: list[str]
    prosody: Prosody = PLAIN
    marks: list[str] = field(default_factory=list)

    def join(self, other: _Draft) -> None:
        """Take another piece in behind this one."""
        is_sound = any(symbol not in PUNCTUATION for symbol in other.symbols)
        if self.symbols and (is_sound or other.symbols[:1] == ["—"]):
            self.symbols.append(" ")
        self.texts += other.texts
        self.symbols += other.symbols
        self.readings += other.readings
        self.marks += other.marks

    def word(self) -> Word:
        """The finished word."""
        reading = _spaced(self.readings)
        return Word(_spaced(self.texts), tuple(self.symbols), reading, self.prosody, tuple(self.marks))


def _words(written: Sequence[Written], ending: str) -> list[Word]:
    readings = normalise([word.source for word in written])
    words: list[_Draft] = []
    silent: list[_Draft] = []
    for reading, symbols in zip(readings, pronounce([r.text for r in readings]), strict=True):
        pieces = written[reading.start : reading.stop]
        marks = [mark for piece in pieces for mark in piece.marks]
        texts = [piece.text for piece in pieces]
        draft = _Draft(texts, list(symbols), [reading.text], pieces[0].prosody, marks)
        has_sound = any(symbol not in PUNCTUATION and symbol != " " for symbol in symbols)
        if words and not (has_sound and any(texts)):
            words[-1].join(draft)
        elif has_sound:
            draft.texts = [text for piece in (*silent, draft) for text in piece.texts]
            draft.marks = [mark for piece in (*silent, draft) for mark in piece.marks]
            words.append(draft)
            silent = []
        else:
            silent.append(draft)
    if words and words[-1].symbols[-1] not in PUNCTUATION:
        words[-1].symbols.append(ending)
    return [word.word() for word in words]


def _breaths(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Cut at the last clause end that fits in `_MAX_SYMBOLS`; at a word where there is no clause end."""
    part: list[Word] = []
    size = 0
    for word in words:
        if part and size + len(word.symbols) > _MAX_SYMBOLS:
            cut = max((i for i, w in enumerate(part, 1) if w.symbols[-1] in PUNCTUATION), default=len(part))
            yield part[:cut]
            part = part[cut:]
            size = sum(len(w.symbols) + 1 for w in part)
        part.append(word)
        size += len(word.symbols) + 1
    yield part
