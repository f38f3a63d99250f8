"""Rules for what a slash between two numbers means: fractions, shares, dates without a year."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.letters import MIXED
from avgen.text.patterns import Rules, after, before
from avgen.text.readings import MONTHS

_DENOMINATORS: Final = (*range(2, 13), 15, 16, 20, 32, 64, 128, 1000)


def words_of(numerator: str, denominator: str) -> str | None:
    """Read a proper fraction of a usual denominator: "3/4" as "three quarters"; None for every other."""
    top, bottom = int(numerator), int(denominator)
    if bottom in (10, 100) and top <= bottom:
        return f"{numerals.cardinal(numerator)} out of {numerals.cardinal(denominator)}"
    if not (0 < top < bottom and bottom in _DENOMINATORS):
        return None
    name = {2: "half", 4: "quarter"}.get(bottom) or numerals.ordinal(denominator)
    plural = {"half": "halves"}.get(name, name + "s")
    return f"{numerals.cardinal(numerator)} {name if top == 1 else plural}"


def _fraction(match: re.Match[str]) -> str:
    top, bottom = match[1], match[2]
    if re.match(" ?=", after(match)) and "⁄" not in match[0] and int(top) >= int(bottom):
        return f"{numerals.cardinal(top)} divided by {numerals.cardinal(bottom)}"
    if _are_shares(top, bottom):
        return f"{numerals.cardinal(top)} {numerals.cardinal(bottom)}"
    if bottom in ("10", "100") and top == "1" and after(match).startswith((" of ", "th")):
        return f"one {numerals.ordinal(bottom)}"
    if words := words_of(top, bottom):
        return words
    if top == bottom and top == "5":
        return "five out of five"
    if 1 <= int(top) <= 12 and 1 <= int(bottom) <= 31 and "⁄" not in match[0]:
        return f"{MONTHS[int(top) - 1]} {numerals.ordinal(bottom)}"
    return f"{numerals.cardinal(top)} over {numerals.cardinal(bottom)}"


def _are_shares(top: str, bottom: str) -> bool:
    """Tell whether two numbers share a whole or name a thing: "80/20", "20/20", "9/11", "24/7"."""
    if (top, bottom) in (("9", "11"), ("7", "7"), ("24", "7")):
        return True
    parts = int(top), int(bottom)
    return len(top) == len(bottom) == 2 and (parts[0] == parts[1] or (sum(parts) == 100 and parts[0] > 31))


def _mixed(match: re.Match[str]) -> list[str] | None:
    words = words_of(match[2], match[3])
    if words is None:
        return None
    article = {"one half": "a half", "one quarter": "a quarter", "one third": "a third"}.get(words, words)
    return [numerals.cardinal(match[1]), f"and {article}"]


def _rating(match: re.Match[str]) -> str:
    return f"{numerals.number(match[1])} out of {numerals.cardinal(match[2])}"


def _side_by_side(match: re.Match[str]) -> str:
    return f"{numerals.cardinal(match[1])} {numerals.cardinal(match[2])}"


def _seasons(match: re.Match[str]) -> str:
    """A season or a school year: "2023/24"."""
    last = numerals.year(match[2]) if len(match[2]) == 4 else numerals.code(match[2]).replace("zero", "oh")
    return f"{numerals.year(match[1])} {last}"


def _odds(match: re.Match[str]) -> str | None:
    if not re.search(r"\bodds (?:of|are|were|at|is) $", before(match)):
        return None
    return f"{numerals.cardinal(match[1])} to {numerals.cardinal(match[2])}"


def _around_the_clock(match: re.Match[str]) -> str:
    return "twenty four seven three sixty five"


_END = r"(?:(?:rd|th|nd)s?)?(?![\d/]|[.,]\d)"

FRACTION_RULES: Final[Rules] = (
    (r"24/7/365(?!\d)", _around_the_clock),
    (rf"(\d{{1,6}}) ?{MIXED}(\d{{1,6}})⁄(\d{{1,6}})", _mixed),
    (r"(\d{1,6})[ -](\d{1,2})/(\d{1,2})(?![\d/])", _mixed),
    (rf"{MIXED}?(\d{{1,6}})⁄(\d{{1,6}})", _fraction),
    (r"(\d{1,3}\.\d{1,3})/(5|10|20|100)(?![\d/])", _rating),
    (r"(\d)/([5])(?= stars?\b)", _rating),
    (r"(\d{1,2})/(\d{1,2})(?= (?:time|meter|beat|signature|measure)\b)", _side_by_side),
    (r"(?<![\d/])((?:19|20)\d\d)/(\d{4}|\d\d)(?![\d/]|[.,]\d)", _seasons),
    (r"(?<![\d/])(\d{1,3})/(\d{1,2})(?![\d/]|[.,]\d)", _odds),
    (rf"(?<![\d/])(\d{{1,3}})/(\d{{1,4}}){_END}", _fraction),
)
