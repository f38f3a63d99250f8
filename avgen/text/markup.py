"""Script text to paragraphs of written words: line wraps, Markdown habits and avgen's own marks.

Marks: `[tomato](/təmˈAtO/)` says how a word is pronounced, `[pause 0.8]` or `[pause 800ms]` is silence,
`[emotion happy:0.7]` is how everything after it is said.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from avgen.emotion import parse_emotion
from avgen.errors import InputError
from avgen.text.phonemes import from_ipa
from avgen.text.script import Pause

_MAX_PAUSE = 10.0

_RULE = re.compile(r"\s*([-*_=~#`])(?:\s*\1){2,}\s*")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)[\s#]*")
_BULLET = re.compile(r"\s*(?:[-*+•‣▪◦·–—]|\[[ xX]\])\s+(\S.*)")
_NUMBERED = re.compile(r"\s*(\d{1,3})[.)](\s+[^\W\d].*)")
_QUOTE = re.compile(r"\s*>+\s+(.*)")
_CLAUSE_END = re.compile(r"[,;:—–-]$")

_LINK = re.compile(r"\[([^\[\]]+)\]\(/([^()\n]*?)/\)")
_WEB_LINK = re.compile(r"!?\[([^\[\]]+)\]\([!-'*-~]+\)")
_BROKEN_LINK = re.compile(r"\[([^\[\]]+)\]\((?:/|[^\s()]*[^\x00-\x7f])[^()\n]*\)?")
_PAUSE = re.compile(r"\[\s*pause\s*:?\s*(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|sec|seconds?)?\s*\]", re.IGNORECASE)
_EMOTION = re.compile(r"\[\s*emotion\b\s*:?\s*([^\[\]]*?)\s*\]", re.IGNORECASE)
_COMMAND = re.compile(
    r"\[\s*/?\s*(paus\w*)\b[^\]]*\]|\[\s*([a-z]+)\s*(?:[:= ]\s*[-+]?[\d.,]+\s*[a-z]*)?\s*\]", re.IGNORECASE
)
_PAUSE_NAMES = ("pause", "break", "silence", "wait", "sleep")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3}|_{1,3}|~~|`+)(?=[^\s*_`])(.+?)(?<=[^\s*_`])\1(?![\w*])")

# Marks travel through the line as private characters: \ue000 text \ue001 phonemes \ue002, \ue003 for a
# space inside, \ue004 seconds \ue005, \ue006 emotion \ue007.
_PRIVATE = {ord(c): " " for c in "\ue000\ue001\ue002\ue003\ue004\ue005\ue006\ue007"}
_PRONOUNCED = re.compile("\ue000([^\ue001]*)\ue001([^\ue002]*)\ue002")
_TOKEN = re.compile("\ue004([^\ue005]*)\ue005|\ue006([^\ue007]*)\ue007|[^\\s\ue004\ue006]+")


@dataclass(frozen=True, slots=True)
class Written:
    """A whitespace-separated piece of the script.

    Attributes:
        text: as written, marks removed.
        source: what the front end reads; a pronunciation is kept as `[text](/symbols/)`.
        line: line number from 1.
        closes: a sentence ends here whatever the punctuation (headings, list items, deliberate breaks).
    """

    text: str
    source: str
    line: int
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Feeling:
    """An `[emotion]` mark: weights in the order of `avgen.emotion.EMOTIONS`."""

    emotion: tuple[float, ...]


Block = list[Written | Pause | Feeling]


def read_blocks(text: str, source: str, first_line: int = 1) -> list[Block]:
    """Split a script into paragraphs of written words and explicit pauses.

    Args:
        text: the whole script.
        source: name of the script for error messages.
        first_line: number of the text's first line in that script.

    Returns:
        Paragraphs, none of them empty.

    Raises:
        InputError: a mark is broken; the message names the line.
    """
    text = text.removeprefix("\ufeff").translate(_PRIVATE)
    lines = re.sub(r"\r\n?|[\u2028\u2029]", "\n", text).split("\n")
    blocks: list[Block] = []
    for first, group in _paragraphs(lines):
        block: Block = []
        width = max(len(line.strip()) for line in group)
        for offset, line in enumerate(group):
            body = _body(line)
            items = list(_items(body, first + offset + first_line - 1, source))
            following = group[offset + 1] if offset + 1 < len(group) else ""
            if items and isinstance(items[-1], Written) and _is_break(line, following, width):
                items[-1] = replace(items[-1], closes=True)
            block += items
        if block:
            blocks.append(block)
    return blocks


def _paragraphs(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield (number of the first line, lines) for stretches between blank lines, rules and headings."""
    start = 0
    for index, line in enumerate([*lines, ""]):
        heading = bool(_HEADING.fullmatch(line)) and not _RULE.fullmatch(line)
        if line.strip() and not _RULE.fullmatch(line) and not heading:
            continue
        if index > start:
            yield start + 1, lines[start:index]
        if heading:
            yield index + 1, [line]
        start = index + 1


def _body(line: str) -> str:
    """Remove what marks a line as heading, list item or quotation; a list number is kept as "1,"."""
    for pattern in (_HEADING, _QUOTE, _BULLET):
        if match := pattern.fullmatch(line):
            line = match[1]
    return _NUMBERED.sub(r"\1,\2", line, count=1) if _NUMBERED.fullmatch(line) else line


def _is_break(line: str, following: str, width: int) -> bool:
    """Tell whether the writer broke the line on purpose: the next word would still have fitted."""
    if not following or any(p.fullmatch(following) for p in (_BULLET, _NUMBERED)) or _HEADING.fullmatch(line):
        return True
    next_word = following.split()[0]
    fitted = len(line.strip()) + 1 + len(next_word) <= width
    return fitted and not next_word[0].islower() and not _CLAUSE_END.search(line.strip())


def _items(body: str, line: int, source: str) -> Iterator[Written | Pause | Feeling]:
    """Split a line at whitespace and at its marks."""
    where = f"{source} line {line}"
    body = _LINK.sub(lambda match: _pronunciation(match, where), body)
    body = _PAUSE.sub(lambda match: _pause(match, where), body)
    body = _EMOTION.sub(lambda match: _emotion(match, where), body)
    _reject_broken_marks(body, where)
    body = _EMPHASIS.sub(r"\2", _WEB_LINK.sub(r"\1", body))
    for match in _TOKEN.finditer(body):
        if match[1]:
            yield Pause(float(match[1]))
        elif match[2]:
            yield Feeling(parse_emotion(match[2]))
        else:
            yield _written(match[0], line)


def _pronunciation(match: re.Match[str], where: str) -> str:
    words, phonemes = match[1].split(), match[2]
    try:
        symbols = from_ipa(phonemes)
    except ValueError as error:
        raise InputError(
            f"{where}: cannot speak {error} in {match[0]!r}: a pronunciation uses English phonemes, "
            "for example [tomato](/təˈmeɪtoʊ/)"
        ) from None
    if not words or not symbols.strip("ˈˌ "):
        raise InputError(f"{where}: nothing to say in {match[0]!r}; write for example [tomato](/təˈmeɪtoʊ/)")
    return "\ue000{}\ue001{}\ue002".format("\ue003".join(words), symbols.replace(" ", "\ue003"))


def _pause(match: re.Match[str], where: str) -> str:
    seconds = float(match[1]) / (1000 if (match[2] or "").lower() == "ms" else 1)
    if seconds > _MAX_PAUSE:
        raise InputError(f"{where}: {match[0]!r} is longer than {_MAX_PAUSE:g} seconds; use several pauses")
    return f"\ue004{seconds}\ue005"


def _emotion(match: re.Match[str], where: str) -> str:
    try:
        parse_emotion(match[1])
    except InputError as error:
        raise InputError(f"{where}: {match[0]!r}: {error}") from None
    return f"\ue006{match[1]}\ue007"


def _reject_broken_marks(body: str, where: str) -> None:
    if match := _BROKEN_LINK.search(body):
        raise InputError(
            f"{where}: {match[0]!r} is not a pronunciation; write phonemes between slashes: "
            f"[{match[1]}](/təˈmeɪtoʊ/)"
        )
    for match in _COMMAND.finditer(body):
        name = (match[1] or match[2]).lower()
        if difflib.get_close_matches(name, _PAUSE_NAMES, n=1, cutoff=0.75):
            raise InputError(f"{where}: {match[0]!r} is not a command; write a pause in seconds: [pause 0.8]")
        if difflib.get_close_matches(name, ("emotion",), n=1, cutoff=0.75):
            raise InputError(f"{where}: {match[0]!r} is not a command; write an emotion: [emotion happy:0.7]")


def _written(token: str, line: int) -> Written:
    text = _PRONOUNCED.sub(lambda match: match[1].replace("\ue003", " "), token)
    source = _PRONOUNCED.sub(lambda match: f"[{match[1]}](/{match[2]}/)".replace("\ue003", "_"), token)
    return Written(text, source, line)
