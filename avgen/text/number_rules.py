"""Rules for what else has digits: versions, ordinals, roman numerals, plain numbers."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.letters import spell
from avgen.text.numerals import code
from avgen.text.patterns import NUMBER, Rules, after, alternatives, before
from avgen.text.readings import BEFORE_NUMBER, ROMAN_CARDINAL, ROMAN_ORDINAL

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
_HYPHENED = re.compile(r"[A-Za-z][\w.]*-(?:[\w.]*-)?$")
_DIGITS_READ: Final = 10
"""A number of so many digits without separators is a code, unless it is round."""


def _dotted(match: re.Match[str]) -> str:
    parts = match[1].split(".")
    point = " dot " if len(parts) == 4 else " point "
    return point.join(numerals.cardinal(part) for part in parts)


def _version(match: re.Match[str]) -> str:
    named = re.search(r"\b(?:version|ver\.?|release|edition) $", before(match), re.IGNORECASE)
    return ("" if named else "version ") + _dotted(match)


def _ordinal(match: re.Match[str]) -> str:
    return numerals.ordinal(match[1])


def _ordinal_sign(match: re.Match[str]) -> str:
    """The sign º: "1º" is first, "45º" are degrees."""
    temperature = re.match(r" ?[CF]\b", after(match))
    if match[2] == "º" and (temperature or int(match[1]) > 12 or re.search(r"[-−.]$", before(match))):
        scale = {"C": " Celsius", "F": " Fahrenheit"}.get(match[3], "")
        return f"{numerals.cardinal(match[1])} {'degree' if match[1] == '1' else 'degrees'}{scale}"
    return numerals.ordinal(match[1])


def _resolution(match: re.Match[str]) -> str:
    return f"{code(match[1])} {match[2].upper()}"


def _hours(match: re.Match[str]) -> str | None:
    """The time of day of soldiers: "1400 hours", "0600 hours"."""
    hour, minute = match[1], match[2]
    if (
        int(hour) > 24
        or int(minute) > 59
        or not (hour[0] == "0" or re.search(r"\b(?:at|by|until|from|to) $", before(match)))
    ):
        return None
    words = f"oh {numerals.cardinal(hour[1])}" if hour[0] == "0" else numerals.cardinal(hour)
    return f"{words} {'hundred' if minute == '00' else code(minute)}"


def _roman(match: re.Match[str]) -> list[str] | None:
    head, numeral = match.groups()
    head, point, _ = head.partition(".")
    if numeral == "I" and head != "World War" and _PRONOUN.match(after(match)):
        return None
    value = str(numerals.roman(numeral))
    if head in ROMAN_ORDINAL:
        return [head, f"the {numerals.ordinal(value)}"]
    return [*(_written_out(head) if point else head).split(), numerals.cardinal(value)]


def _small_roman(match: re.Match[str]) -> list[str] | None:
    head, numeral = match.groups()
    if numeral == "i" and _PRONOUN.match(after(match)):
        return None
    return [head, numerals.cardinal(str(numerals.roman(numeral)))]


def _roman_after_name(match: re.Match[str]) -> str | None:
    if _DETERMINER.search(before(match)):
        return None  # "an IV line"
    return numerals.cardinal(str(numerals.roman(match[0])))


def _roman_alone(match: re.Match[str]) -> str:
    return numerals.cardinal(str(numerals.roman(match[0])))


def _roman_year(match: re.Match[str]) -> str:
    return numerals.year(str(numerals.roman(match[0])))


def _attached(match: re.Match[str]) -> str:
    return code(match[0])


def _digits(match: re.Match[str]) -> str:
    return numerals.digits(match[0])


def _number(match: re.Match[str]) -> str:
    number = match[1]
    if number.isdigit() and _HYPHENED.search(before(match)):
        return code(number)
    if number.isdigit() and len(number) >= _DIGITS_READ and not number.endswith("00000"):
        return numerals.digits(number)
    is_counted = _COUNTED.match(after(match)) and not _NAMES_YEARS.search(before(match))
    return numerals.year(number) if numerals.is_year(number) and not is_counted else numerals.number(number)


def _written_out(cut: str) -> str:
    """An abbreviation that stands before numbers: "Fig" as "Figure"."""
    reading = BEFORE_NUMBER[cut.lower()]
    return reading.capitalize() if cut[0].isupper() else reading


def _before_number(match: re.Match[str]) -> str:
    return _written_out(match[1])


def _numero(match: re.Match[str]) -> str:
    return "Number" if match[0][0] == "N" else "number"


_BEFORE_ROMAN = rf"{alternatives((*ROMAN_CARDINAL, *ROMAN_ORDINAL))}|(?i:vols?|ch|chap|art|sec|figs?)\."
_BEFORE_SMALL = (
    r"[Cc]hapters?|[Pp]arts?|[Aa]ct|[Ss]cene|[Ss]ection|[Vv]olume|[Bb]ook|[Pp]hase|[Aa]rticle|[Pp]ages?|[Aa]ppendix|"
    r"[Ff]igure|[Tt]able|[Nn]ote|[Cc]lause|[Ii]tem|[Ll]evel|[Ss]tage|[Tt]ype|[Cc]lass|[Ss]tep|[Vv]erse|[Cc]anto"
)
_SMALL = r"(?=[ivxl])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_ANY_ROMAN = r"(?:X{0,3}(?:IX|IV|VI{0,3}|I{1,3})|X{1,3})"

NUMBER_RULES: Final[Rules] = (
    (r"'(\d\d)(?![\w'])", lambda match: code(match[1]).replace("zero", "oh")),
    (r"[Nn](?:º|°|\.º|o\.?º)\.?(?= ?#?\d)", _numero),
    (r"(\d{1,18}) ?([ºª])(?: ?([CF])(?!\w))?", _ordinal_sign),
    (r"(?:v|V(?=\d{1,9}\.))(\d{1,9}(?:\.\d{1,9}){0,9})(?!\w)", _version),
    (r"(\d{1,40}(?:\.\d{1,40}){2,12})(?![\d])", _dotted),
    (r"(\d{1,3}(?:,\d{3}){1,6}|\d{1,40})(?i:st|nd|rd|th)(?![A-Za-z])", _ordinal),
    (r"(\d{3,4})([pi])(?!\w)", _resolution),
    (r"(\d\d)(\d\d)(?= (?:hours|hrs)\b)", _hours),
    (
        r"\d{1,3}(?: 000){1,6}(?!\d)|\d{1,2}(?: \d{3}){2,6}(?! ?\d)",
        lambda match: numerals.number(match[0].replace(" ", "")),
    ),
    (r"(?:(?<=[A-Za-z]-)|(?<=[A-Za-z]))(?<!\dx)\d{1,40}(?!\d|[.,]\d)", _attached),
    (r"(?<=\d{4}[-–/])0[1-9](?!\d)", lambda match: f"oh {numerals.cardinal(match[0][1])}"),
    (r"\d{16,}|0\d+(?![\d.,])", _digits),
    (NUMBER, _number),
    (rf"((?i:{alternatives(BEFORE_NUMBER)}))\.(?= ?\(?\d)", _before_number),
    (rf"({_BEFORE_ROMAN}) ({numerals.ROMAN_PATTERN})(?!\w|'(?!s\b))", _roman),
    (rf"({_BEFORE_SMALL}) ({_SMALL})(?![\w'-])", _small_roman),
    (
        rf"(?<![\w.'-])I(?=, II\b)|(?:(?<=[IVX], )|(?<=[IVX] and )|(?<=[IVX] or ))(?:{_ANY_ROMAN})(?![\w'-])",
        _roman_alone,
    ),
    (
        r"(?<![\w.'&-])(?:II|III|VII|VIII|XII|XIII|XIV|XVI|XVII|XVIII|XIX|XXI|XXII|XXIII)(?![\w'&]|\.\w|-\w)",
        _roman_alone,
    ),
    (r"(?<![\w.'-])(?:ii|iii|vii|viii|xii|xiii)(?![\w'-]|\.\w)|(?<=\()(?:iv|vi|ix|xi)(?=\))", _roman_alone),
    (r"(?<=[a-z] )(?:II|III|IV|VI|VII|VIII|IX|XI|XII|XIII|XIV|XV|XVI)(?!\w|'(?!s\b))", _roman_after_name),
    (rf"(?<!\w){numerals.ROMAN_YEAR}(?!\w)", _roman_year),
    (r"(?<!\w)[Vv](?=\d)", lambda match: spell(match[0])),
    (r"#(?= ?\d)", lambda match: "number"),
)
"""What is left when quantities were read."""
