"""Rules for everything else with digits: telephone numbers, signs, fractions, codes, plain numbers."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.letters import MIXED
from avgen.text.patterns import DASH, NUMBER, SYMBOL, Rules, after, alternatives, before
from avgen.text.readings import BEFORE_NUMBER, MONTHS, ROMAN_CARDINAL, ROMAN_ORDINAL

_NAMES_YEARS = re.compile(
    r"\b(?:in|since|by|from|until|till|of|year|before|after|during|around|circa|to|and|early|late|mid|the|summer|"
    r"winter|spring|fall|autumn|january|february|march|april|may|june|july|august|september|october|november|"
    r"december)[ -]$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r" (?!(?:was|is|has|as|does|plus|versus|this|us|its|his)\b)(?:[a-z]+s|people|men|women|children)\b"
)
_DETERMINER = re.compile(r"\b(?:an?|the|this|that|my|your|his|her|our|their|by|per|via) $", re.IGNORECASE)
_PRONOUN = re.compile(r" (?!(?:of|was|is|and|in|by|on|at|began|ended|died|became|who|ruled|reigned)\b)[a-z]")
"""What follows an I that is no numeral: "the part I like"."""


def _telephone(match: re.Match[str]) -> str | None:
    groups = re.findall(r"\d+", match[0])
    if sum(map(len, groups)) < 7:
        return None
    plus = "plus " if match[0].startswith("+") else ""
    return plus + ", ".join(numerals.digits(group) for group in groups)


def _telephone_prefix(match: re.Match[str]) -> str:
    return ", ".join(numerals.digits(group) for group in match[0].split("-"))


def _digits(match: re.Match[str]) -> str:
    return numerals.digits(match[0])


def _dotted(match: re.Match[str]) -> str:
    parts = match[1].split(".")
    point = " dot " if len(parts) == 4 else " point "
    version = "version " if match[0][0] in "vV" else ""
    return version + point.join(numerals.cardinal(part) for part in parts)


def _fraction_words(numerator: str, denominator: str) -> str | None:
    top, bottom = int(numerator), int(denominator)
    if bottom in (10, 100) and top <= bottom:
        return f"{numerals.cardinal(numerator)} out of {numerals.cardinal(denominator)}"
    if not (0 < top < bottom and (bottom <= 12 or bottom in (16, 32, 64, 128, 1000))):
        return None
    name = {2: "half", 4: "quarter"}.get(bottom) or numerals.ordinal(denominator)
    plural = {"half": "halves"}.get(name, name + "s")
    return f"{numerals.cardinal(numerator)} {name if top == 1 else plural}"


def _fraction(match: re.Match[str]) -> str:
    top, bottom = match[1], match[2]
    if re.match(" ?=", after(match)):
        return f"{numerals.cardinal(top)} divided by {numerals.cardinal(bottom)}"
    if words := _fraction_words(top, bottom):
        return words
    if 1 <= int(top) <= 12 and 1 <= int(bottom) <= 31 and "⁄" not in match[0]:
        return f"{MONTHS[int(top) - 1]} {numerals.ordinal(bottom)}"
    return f"{numerals.cardinal(top)} over {numerals.cardinal(bottom)}"


def _mixed_fraction(match: re.Match[str]) -> list[str] | None:
    words = _fraction_words(match[2], match[3])
    if words is None:
        return None
    article = {"one half": "a half", "one quarter": "a quarter", "one third": "a third"}.get(words, words)
    return [numerals.cardinal(match[1]), f"and {article}"]


def _decade(match: re.Match[str]) -> str:
    number = match[0].strip("'s")
    return numerals.plural(numerals.year(number) if len(number) == 4 else numerals.cardinal(number))


def _power_of_ten(match: re.Match[str]) -> str:
    sign = "minus " if match[2] == "-" else ""
    return f"{numerals.number(match[1])} times ten to the power of {sign}{numerals.cardinal(match[3])}"


def _power(match: re.Match[str]) -> str:
    sign, exponent = match.groups()
    if not sign and exponent in ("2", "3"):
        return "squared" if exponent == "2" else "cubed"
    return f"to the power of {'minus ' if sign else ''}{numerals.cardinal(exponent)}"


def _range(match: re.Match[str]) -> str:
    is_sum = match[0] == "-" and re.match(r" ?[\d.]+ ?=", after(match))
    return "minus" if is_sum else "to"


def _roman(match: re.Match[str]) -> list[str] | None:
    head, numeral = match.groups()
    head, point, _ = head.partition(".")
    if numeral == "I" and head != "World War" and _PRONOUN.match(after(match)):
        return None
    value = str(numerals.roman(numeral))
    if head in ROMAN_ORDINAL:
        return [head, f"the {numerals.ordinal(value)}"]
    return [*(_written_out(head) if point else head).split(), numerals.cardinal(value)]


def _roman_after_name(match: re.Match[str]) -> str | None:
    if _DETERMINER.search(before(match)):
        return None  # "an IV line"
    return numerals.cardinal(str(numerals.roman(match[0])))


def code(number: str) -> str:
    """Read the number of a model, a flight or a road: "320" as "three twenty", "4090" as "forty ninety"."""
    if len(number) > 4 or (number[0] == "0" and number != "0"):
        return numerals.digits(number)
    if len(number) < 3 or number.endswith("00"):
        return numerals.cardinal(number)
    head, tail = number[:-2], number[-2:]
    low = f"oh {numerals.cardinal(tail[1])}" if tail[0] == "0" else numerals.cardinal(tail)
    return f"{numerals.cardinal(head)} {low}"


def _number(match: re.Match[str]) -> str:
    number = match[1]
    is_counted = _COUNTED.match(after(match)) and not _NAMES_YEARS.search(before(match))
    return numerals.year(number) if numerals.is_year(number) and not is_counted else numerals.number(number)


def _written_out(cut: str) -> str:
    """An abbreviation that stands before numbers: "Fig" as "Figure"."""
    reading = BEFORE_NUMBER[cut.lower()]
    return reading.capitalize() if cut[0].isupper() else reading


def _before_number(match: re.Match[str]) -> str:
    return _written_out(match[1])


def _root(match: re.Match[str]) -> str:
    return f"the square root of {numerals.number(match[1])}"


_RANGE_START = "".join(
    rf"(?<={end})|(?<={end} )|"
    for end in (r"\d", r"\d[KMB]", "%", r"\d[ap]m", "°[CF]", r"[ap]\.m\.", "[AP]M")
)[:-1]
_NUMBERED_THINGS = "|".join(
    f"(?<={thing} )" for thing in ("Room", "room", "Route", "Suite", "Highway", "Flight", "Boeing", "Airbus")
)

_BEFORE_ROMAN = rf"{alternatives((*ROMAN_CARDINAL, *ROMAN_ORDINAL))}|(?i:vols?|ch|chap|art|sec|figs?)\."

SIGN_RULES: Final[Rules] = (
    # telephone and other numbers that are dialled, not counted
    (r"\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6}", _telephone),
    (r"(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[.-]\d{4}(?![\d-])", _telephone),
    (r"\(?0\d{2,4}\)?[ -]\d{3,4}[ -]?\d{3,4}(?!\d)", _telephone),
    (r"\d{3}-\d{4}(?![\d-])", _telephone),
    (r"1-8\d\d(?=-)", _telephone_prefix),
    (r"\d+(?:-\d+){2,}(?!\d)", lambda match: ", ".join(map(numerals.cardinal, match[0].split("-")))),
    (rf"(?:{_NUMBERED_THINGS})\d{{3}}(?!\d|[.,]\d)", lambda match: code(match[0])),
    (r"\d{4}(?: \d{4}){3}(?!\d)", _telephone),
    (r"(?<=[Cc]all )\d{3}(?!\d)|(?<=[Dd]ial )\d{3}(?!\d)|(?<= [A-Z]{2} )\d{5}(?:-\d{4})?(?!\d)", _digits),
    (
        r"'?\d{3}0'?s(?!\w)|'\d0s(?!\w)|(?:(?<=[Tt]he )|(?<=[Mm]id[ -])|(?<=early )|(?<=late ))\d0s(?!\w)",
        _decade,
    ),
    (r"'(\d\d)(?![\w'])", lambda match: code(match[1]).replace("zero", "oh")),
    # signs
    (rf"(?<![\w)%.])-(?={SYMBOL}?\.?\d)|−", lambda match: "minus"),
    (rf"(?:{_RANGE_START}){DASH}(?= ?{SYMBOL}?\d)", _range),
    (r"(?<=\d)[x×](?=\d)|(?<=\d )x(?= \d)", lambda match: "by"),
    (r"(?<=\d)[x×](?!\w)", lambda match: "times"),
    (r"(?<=[\w)])\^(-)?(\d+)", _power),
    (r"√(\d+)", _root),
)
"""Telephone numbers, decades, and signs between numbers; they come before quantities."""

NUMBER_RULES: Final[Rules] = (
    (r"[vV](\d+(?:\.\d+)*)(?!\w)", _dotted),
    (r"(\d+(?:\.\d+){2,})", _dotted),
    (r"(\d+(?:\.\d+)?)[eE]([+-]?)(\d+)(?!\w)", _power_of_ten),
    (rf"(\d+){MIXED}(\d+)⁄(\d+)", _mixed_fraction),
    (r"(\d+)[ -](\d{1,2})/(\d{1,2})(?![\d/])", _mixed_fraction),
    (rf"{MIXED}?(\d+)⁄(\d+)", _fraction),
    (r"(\d{1,3})/(\d{1,4})(?![\d/])", _fraction),
    (r"(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)(?![A-Za-z])", lambda match: numerals.ordinal(match[1])),
    (r"(\d{3,4})([pi])(?!\w)", lambda match: f"{code(match[1])} {match[2].upper()}"),
    (r"\d{1,3}(?: 000)+(?!\d)", lambda match: numerals.number(match[0].replace(" ", ""))),
    (r"(?:(?<=[A-Za-z]-)|(?<=[A-Za-z]))(?<!\dx)\d+(?!\d|[.,]\d)", lambda match: code(match[0])),
    (r"\d{16,}|0\d+(?![\d.,])", _digits),
    (NUMBER, _number),
    (rf"((?i:{alternatives(BEFORE_NUMBER)}))\.(?= ?\(?\d)", _before_number),
    (rf"({_BEFORE_ROMAN}) ({numerals.ROMAN_PATTERN})(?!\w|'(?!s\b))", _roman),
    (r"(?<=[a-z] )(?:II|III|IV|VI|VII|VIII|IX|XI|XII|XIII|XIV|XV|XVI)(?!\w|'(?!s\b))", _roman_after_name),
    (r"#(?=\d)", lambda match: "number"),
    (r"~(?=\d)", lambda match: "about"),
)
"""What is left when quantities were read."""
