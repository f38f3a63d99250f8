"""Rules for short forms of words: titles before names, streets after them, words cut by the writer."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.abbreviations import (
    ALSO_WORDS,
    BOOKS,
    CUT,
    DIRECTIONS,
    NUMBERED,
    NUMBERED_BOOKS,
    POINTLESS_NUMBERED,
    POINTLESS_TITLES,
    STREETS,
    SURE_BOOKS,
    SURE_STREETS,
    TITLES,
    WITH_POINT,
)
from avgen.text.letters import LETTER_A
from avgen.text.patterns import Rules, after, alternatives

_NAME = r"(?:[A-Z][\w'-]*\.?|\d+(?:st|nd|rd|th))"
_AFTER_NAME = re.compile(rf"(?<![\w.]){_NAME} $")
_AFTER_HOUSE = re.compile(rf"\d[A-Za-z]? (?:{_NAME} ){{1,3}}$")
_NO_NAMES = re.compile(
    r"\b(?:The|This|That|My|Your|His|Her|Our|Their|An?|Is|Ask|See|Call|And|Yes|Hi|Hello|Dear|Hey) $"
)


def full_stop(match: re.Match[str]) -> str:
    """The abbreviation's full stop is the sentence's too where the sentence ends."""
    return "." if match[0].endswith(".") and not after(match).strip("\"”')") else ""


def _as_written(reading: str, cut: str) -> str:
    """A capital where the short form has one."""
    return reading[0].upper() + reading[1:] if cut[0].isupper() else reading


def _title(match: re.Match[str]) -> str:
    return TITLES[match[0].rstrip(".")]


def _street(match: re.Match[str]) -> str | None:
    """After a name it is a street; before one a title, unless a number of a house stands before both."""
    written = match.string[max(0, match.start() - 60) : match.start()]
    named = _AFTER_NAME.search(written) and not _NO_NAMES.search(written)
    name, point = match.groups()
    before_name = name in TITLES and re.match(" [A-Z][a-z]", after(match))
    if before_name and not _AFTER_HOUSE.search(written):
        return None
    marked = written[-2:].strip() and (name in SURE_STREETS or (point and name != "Dr"))
    return STREETS[name] + full_stop(match) if named or marked else None


def _small_street(match: re.Match[str]) -> str:
    return STREETS[match[1].capitalize()].lower() + full_stop(match)


def _house(match: re.Match[str]) -> list[str]:
    """The number of a house before the side of the town; a unit would follow a number in the same way."""
    return [numerals.cardinal(match[1]), DIRECTIONS[match[2]]]


def _numbered(match: re.Match[str]) -> str:
    cut = match[0].rstrip(".")
    return _as_written(NUMBERED[cut.lower()], cut)


def _book(match: re.Match[str]) -> list[str]:
    words = [BOOKS[match[2]]]
    return [NUMBERED_BOOKS[match[1]], *words] if match[1] else words


def _cut(match: re.Match[str]) -> str | None:
    cut = match[0].rstrip(".")
    if cut.isupper():
        return None  # "MSG" and "PPL" are other things
    return _as_written(CUT[cut.lower()], cut) + full_stop(match)


def _with_point(match: re.Match[str]) -> str | None:
    if match[1].lower() in ALSO_WORDS and not after(match).strip("\"”')"):
        return None  # the full stop is the sentence's: "Ask the ref."
    return _as_written(WITH_POINT[match[1].lower()], match[1]) + full_stop(match)


def _edition(match: re.Match[str]) -> str:
    return "edition" + full_stop(match)


def _estimated(match: re.Match[str]) -> str:
    return _as_written("estimated", match[0])


def _spaced_letters(match: re.Match[str]) -> list[str]:
    """An acronym with spaces: "the U. S. A."."""
    letters = match[0].replace(".", "").split()
    return [*letters[:-1], letters[-1].replace("A", LETTER_A) + full_stop(match)]


def _doctorate(match: re.Match[str]) -> str:
    return "PhD" + full_stop(match)


_START = r"(?<![\w.'/])"
_NUMBER_OR_LETTER = r"(?= ?(?:#?\d|[A-Z]\b))"
_STREET = alternatives(STREETS)
_ROADS = f"{_STREET}|Street|Avenue|Road|Boulevard|Drive|Lane|Court|Place|Square|Highway"
_ROAD_AHEAD = rf"(?= (?:[A-Z\d][\w']* ){{1,3}}(?:{_ROADS})\b)"
_EDITIONS = (r"\d(?:st|nd|rd|th)", r"rev\.", "[Nn]ew", "[Rr]evised", "[Ff]irst", "[Ss]econd", "[Tt]hird")

ABBREVIATION_RULES: Final[Rules] = (
    (r"(?<![\w.])[Ee]\. g\.", lambda match: _as_written("for example", match[0])),
    (r"(?<![\w.])[Ii]\. e\.", lambda match: _as_written("that is", match[0])),
    (r"(?<=\d )([AaPp])\. [Mm]\.", lambda match: f"{match[1].upper()}.M" + full_stop(match)),
    (r"(?<![\w.])Ph\. ?D\.?", _doctorate),
    (rf"{_START}(?:([123]|I{{1,3}}) )({alternatives(BOOKS)})\.?(?= \d)", _book),
    (rf"{_START}()({alternatives(BOOKS)})\.?(?= \d+:\d)", _book),
    (rf"{_START}()({alternatives(SURE_BOOKS)})\.(?= \d)", _book),
    (rf"(?<![\w.,])(\d{{1,6}}) ({alternatives(DIRECTIONS)})\.?{_ROAD_AHEAD}", _house),
    (rf"(?:{'|'.join(f'(?<={kind} )' for kind in _EDITIONS)})ed\.", _edition),
    (r"(?<=[A-Za-z.] )v\.(?= [A-Z])", lambda match: "versus"),
    (rf"{_START}(?i:{alternatives(NUMBERED)})\.{_NUMBER_OR_LETTER}", _numbered),
    (rf"{_START}(?i:{alternatives(POINTLESS_NUMBERED)}){_NUMBER_OR_LETTER}", _numbered),
    (rf"{_START}({_STREET})(\.?)(?!\w|'(?!s\b)|\.\w)", _street),
    (r"(?<=[a-z] )(st|ave|rd|ln)(?:\.(?!\w)|(?![\w.'/@-]))", _small_street),
    (r"(?<![\w.])(?:[A-Z]\. ){1,5}[A-Z]\.(?! ?[A-Z])", _spaced_letters),
    (
        rf"({alternatives(TITLES)})\.(?= [A-Z])|{_START}(?:{alternatives(POINTLESS_TITLES)})(?= [A-Z][a-z])",
        _title,
    ),
    (r"[Ee]st\.(?= (?:cost|time|value|price|arrival|delivery|total)\b|:)", _estimated),
    (rf"{_START}((?i:{alternatives(WITH_POINT)}))\.(?!\w| [IVXLC]+\b)", _with_point),
    (rf"{_START}(?i:{alternatives(CUT)})(?:\.(?!\w)|(?![\w.'/@-]))", _cut),
    (rf"{_START}({alternatives(TITLES)})\.(?! ?\w*\d|\w)", _title),
)
"""Tried after names and addresses, before dates and numbers."""
