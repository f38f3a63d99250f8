"""Text to a `Script`: the front end's steps in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from avgen.errors import InputError
from avgen.text.letters import UnspeakableError, fold
from avgen.text.lexicon import Lexicon
from avgen.text.markup import Feeling, Written, read_blocks
from avgen.text.normalise import normalise
from avgen.text.phonemes import PUNCTUATION, pronounce
from avgen.text.script import Paragraph, Pause, Script, Sentence, Word
from avgen.text.sentences import split_sentences

_MAX_SYMBOLS = 300
"""Longer sentences are cut at clauses: nobody speaks longer in one breath."""
_MAX_LETTERS = 500
"""No word and no address is longer; what is, is data and not language."""
_PLAIN_WORD = re.compile(r"[A-Za-z]+[',.!?;:]*")
"""There is always something to say in it."""


def read_script(
    text: str, *, source: str = "script", first_line: int = 1, lexicon: Lexicon | None = None
) -> Script:
    """Read English text as a person would.

    Args:
        text: the script; `[tomato](/təˈmeɪtoʊ/)` gives a pronunciation, `[pause 0.8]` a pause in seconds,
            `[emotion happy:0.7]` how everything after it is said.
        source: name of the script in error messages.
        first_line: number of the text's first line in that script.
        lexicon: the user's own words; marks in the text win over them.

    Returns:
        Paragraphs of sentences and pauses, with the symbols every word is spoken with.

    Raises:
        InputError: nothing to speak, text the actor cannot speak, or a broken mark; names the line.
    """
    paragraphs = []
    emotion = None
    for block in read_blocks(text, source, first_line):
        items: list[Sentence | Pause] = []
        units = list(split_sentences(block))
        for unit, following in zip(units, [*units[1:], None], strict=True):
            if isinstance(unit, Pause):
                items.append(unit)
            elif isinstance(unit, Feeling):
                emotion = unit.emotion
            else:
                ending = "," if isinstance(following, Pause) else "."
                items += [
                    replace(part, emotion=emotion) for part in _sentences(unit, ending, source, lexicon)
                ]
        if items:
            paragraphs.append(Paragraph(tuple(items)))
    script = Script(tuple(paragraphs))
    if not script.sentences:
        raise InputError(_mute(source))
    return script


def check_script(
    text: str, *, source: str = "script", first_line: int = 1, lexicon: Lexicon | None = None
) -> None:
    """Refuse what `read_script` refuses, many times faster: plain words need no look into the lexicon.

    Args:
        text: the script.
        source: name of the script in error messages.
        first_line: number of the text's first line in that script.
        lexicon: the user's own words; marks in the text win over them.

    Raises:
        InputError: as `read_script` does.
    """
    spoken = False
    for block in read_blocks(text, source, first_line):
        for unit in split_sentences(block):
            if isinstance(unit, Pause | Feeling):
                continue
            if not any(_PLAIN_WORD.fullmatch(word.source) for word in _folded(unit, source, lexicon)):
                _sentences(unit, ".", source, lexicon)
            spoken = True
    if not spoken:
        raise InputError(_mute(source))


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
    silent = ""
    for word in lexicon.apply(written) if lexicon else written:
        if len(word.text) > _MAX_LETTERS:
            reason = f"a word of {len(word.text)} characters, at most {_MAX_LETTERS} are read"
            raise InputError(_unspeakable(source, word.line, word.text, reason))
        try:
            folded = word.source if "](/" in word.source else fold(word.source)
        except UnspeakableError as error:
            raise InputError(_unspeakable(source, word.line, word.text, str(error))) from None
        if folded:
            kept.append(replace(word, text=silent + word.text, source=folded))
            silent = ""
        elif kept:
            kept[-1] = replace(kept[-1], text=f"{kept[-1].text} {word.text}")
        else:
            silent += f"{word.text} "
    return kept


def _words(written: Sequence[Written], ending: str) -> list[Word]:
    readings = normalise([word.source for word in written])
    texts = [" ".join(word.text for word in written[r.start : r.stop]) for r in readings]
    spoken = [reading.text for reading in readings]
    words: list[Word] = []
    silent = ""
    for text, symbols in zip(texts, pronounce(spoken), strict=True):
        word = Word(silent + text, tuple(symbols))
        silent = ""
        if word.phonemes:
            words.append(word)
        elif words:
            words[-1] = _join(words[-1], word)
        else:
            silent = f"{word.text} "
    if words and words[-1].symbols[-1] not in PUNCTUATION:
        words[-1] = replace(words[-1], symbols=(*words[-1].symbols, ending))
    return words


def _join(word: Word, silent: Word) -> Word:
    """Hang a piece without sound, such as a dash, on the word before it."""
    space = (" ",) if silent.symbols[:1] == ("—",) else ()
    return Word(f"{word.text} {silent.text}", (*word.symbols, *space, *silent.symbols))


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
