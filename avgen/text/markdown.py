"""Blocks of Markdown and of plain habits: paragraphs, headings, lists, quotations, tables, wrapped words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from avgen.text import numerals
from avgen.text.lines import Line
from avgen.text.page import CELL, Page, Spoken
from avgen.text.phonemes import is_word

_RULE = re.compile(r"([-*_=~#`])(?: ?\1){2,}")
_EMPTY = re.compile(r"#{1,6}|(?:[-*+] )?\[[ xX]\]")
"""A heading or a task without words."""
_HEADING = re.compile(r"#{1,6} ")
_BULLET = re.compile(r"(?:[-*+•‣▪◦·–—]|\[[ xX]\]) (.*)")
_TASK = re.compile(r"\[[ xX]\] (?=.)")
_NUMBERED = re.compile(r"(\d{1,3})[.)]( \W{0,4}[^\W\d].*)|\[(\d{1,3})\]( .*)")
_ROMAN = re.compile(rf"({numerals.ROMAN_PATTERN})[.)] (?=\S)")
_QUOTE = re.compile(r"(>[> ]*) (.*)")
_CLAUSE_END: Final = (*",;:—–-",)
_FOOTNOTE = re.compile(r"\[\^[^\[\]]{1,40}\]: ?(?=.)")
_TARGET = re.compile(r"\[[^\[\]^][^\[\]]{0,80}\]: ?(?:<?https?://|<?www\.|#|/|\.)\S*.*")
_TABLE_RULE = re.compile(r"[|:+ -]*")
_HYPHEN = re.compile(r"([^\W\d_]{2,})[-‐\u00ad]")
_NEXT_WORD = re.compile(r"([a-z]+)(\S*) ?")
_AFTER_PREFIX: Final = frozenset(["and", "or", "nor", "but", "to", "versus", "vs"])
"""What follows a hyphen that stands for a left out word: "pre- and post-war"."""


def paragraphs(lines: Sequence[Line], page: Page) -> Iterator[list[Line]]:
    """Take away what marks lines as headings, list items, quotations or rows of a table.

    Args:
        lines: of the whole text.
        page: takes notes and inline values.

    Yields:
        Paragraphs; `closes` is set on lines with which a sentence ends.
    """
    romans = {numerals.roman(m[1]) for line in lines if (m := _ROMAN.match(line.text)) and m[1]}
    for group in _stretches(lines):
        group = _joined(group)
        if any(_is_table_rule(line.text) for line in group) or any(_is_row(line.text) for line in group):
            yield list(_rows(group, page))
        elif body := _bodies(group, romans, page):
            yield body


def _stretches(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield the lines between blank lines, rules and headings; headings alone."""
    group: list[Line] = []
    for line in lines:
        is_rule = not line.code and bool(_RULE.fullmatch(line.text) or _EMPTY.fullmatch(line.text))
        heading = bool(_HEADING.match(line.text)) and not is_rule
        if line.text and not is_rule and not heading:
            group.append(line)
            continue
        if group:
            yield group
        if heading:
            yield [line]
        group = []
    if group:
        yield group


def _bodies(group: Sequence[Line], romans: set[int], page: Page) -> list[Line]:
    """The lines' own words, and where sentences end."""
    width = max(line.width for line in group)
    bodies: list[Line] = []
    for line, following in zip(group, [*group[1:], None], strict=True):
        if _TARGET.fullmatch(line.text):
            page.note(line.number, "silent", line.text)
            continue
        closes = line.closes or _is_break(line, following, width, romans)
        bodies.append(replace(line, text=_body(line.text, romans, page), closes=closes))
    return bodies


def _body(text: str, romans: set[int], page: Page) -> str:
    """Remove what marks a line as heading, list item or quotation; a list number is kept as "1,"."""
    if _HEADING.match(text):
        text = text.lstrip("#").strip(" #")
    for pattern, group in ((_QUOTE, 2), (_BULLET, 1)):
        if match := pattern.fullmatch(text):
            text = match[group]
    text = _FOOTNOTE.sub("", _TASK.sub("", text, count=1), count=1)
    if match := _NUMBERED.fullmatch(text):
        return f"{match[1] or match[3]},{match[2] or match[4]}"
    if (match := _ROMAN.match(text)) and _is_item(match[1], romans):
        number = numerals.cardinal(str(numerals.roman(match[1])))
        return page.put(Spoken(f"{match[1]},", (f"{number},",))) + " " + text[match.end() :]
    return text


def _is_item(numeral: str, romans: set[int]) -> bool:
    """Tell a roman list number from an initial: its neighbour starts a line too."""
    value = numerals.roman(numeral) if numeral else 0
    return value > 0 and bool({value - 1, value + 1} & romans)


def _is_break(line: Line, following: Line | None, width: int, romans: set[int]) -> bool:
    """Tell whether the writer broke the line on purpose: the next word would still have fitted."""
    if following is None or _starts_item(following.text, romans) or _HEADING.match(line.text):
        return True
    if line.code:
        return False
    next_word = following.text.split(maxsplit=1)[0]
    fitted = line.width + 1 + len(next_word) <= width
    return fitted and not next_word[0].islower() and not line.text.endswith(_CLAUSE_END)


def _starts_item(text: str, romans: set[int]) -> bool:
    if _BULLET.fullmatch(text) or _NUMBERED.fullmatch(text):
        return True
    match = _ROMAN.match(text)
    return match is not None and _is_item(match[1], romans)


# --- words cut at the end of a line ------------------------------------------------------------------


def _joined(group: Sequence[Line]) -> list[Line]:
    """Bring together the halves of a word that a hyphen cuts at a line's end."""
    lines = list(group)
    for index in range(len(lines) - 1):
        head, tail = lines[index].text, lines[index + 1].text
        cut = _HYPHEN.fullmatch(head.rpartition(" ")[2]) if head.endswith(("-", "‐", "\u00ad")) else None
        rest = _NEXT_WORD.match(tail) if cut and not lines[index].code else None
        if not cut or not rest or rest[1] in _AFTER_PREFIX:
            continue
        whole = cut[1] + rest[1]
        hyphen = "" if head[-1] == "\u00ad" or is_word(whole) else "-"
        word = f"{cut[1]}{hyphen}{rest[1]}{rest[2]}"
        lines[index] = replace(lines[index], text=head[: len(head) - len(cut[0])] + word)
        lines[index + 1] = replace(lines[index + 1], text=tail[rest.end() :])
    return [line for line in lines if line.text]


# --- tables ------------------------------------------------------------------------------------------


def _is_table_rule(text: str) -> bool:
    return "|" in text and "-" in text and bool(_TABLE_RULE.fullmatch(text))


def _is_row(text: str) -> bool:
    return CELL in text or (text.startswith("|") and text.endswith("|") and text.count("|") > 2)


def _rows(group: Iterable[Line], page: Page) -> Iterator[Line]:
    """Rows of a table as sentences, their cells apart; rules and rows without words are silent."""
    for line in group:
        cells = [cell.strip() for cell in re.split(rf"[|{CELL}]", line.text)]
        words = [cell for cell in cells if any(c.isalnum() for c in cell)]
        if words:
            parts = [word if word[-1] in ",;:.!?" else f"{word}," for word in words[:-1]]
            yield replace(line, text=" ".join([*parts, words[-1]]), closes=True)
        elif not _is_table_rule(line.text):
            page.note(line.number, "silent", line.text)
