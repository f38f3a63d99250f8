"""Numbers as English words, without hyphens, commas or "and": what the G2P reads best."""

from __future__ import annotations

import re
from typing import Final

from hibari.g2p import numbers

_MAX_DIGITS: Final = 18
"""Longer numbers are said by nobody: their digits are read one by one."""
_INDIAN: Final = re.compile(r"\d{1,2}(?:,\d{2}){1,6},\d{3}")
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
ROMAN_PATTERN: Final = r"(?=[IVXLC])(?![LC]\b)(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
"""Roman numerals up to 99; a lone L or C is a letter."""
ROMAN_YEAR: Final = r"(?=[MDCLXVI]{4})M{1,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
"""Roman numerals from a thousand on, in four letters or more: those of years."""


def _plain(words: str) -> str:
    return " ".join(word for word in re.sub(r"[-,]", " ", words).split() if word != "and")


def digits(text: str) -> str:
    """Read every digit: "007" as "zero zero seven"."""
    return " ".join(numbers.ONES[int(c)] for c in text if c.isdigit())


def cardinal(text: str) -> str:
    """Read a whole number, separators allowed; leading zeros and giants digit by digit, "" as zero."""
    if _INDIAN.fullmatch(text):
        return _lakhs(int(text.replace(",", "")))
    text = re.sub("[,_ ]", "", text) or "0"
    if len(text) > _MAX_DIGITS or (len(text) > 1 and text[0] == "0"):
        return digits(text)
    return _plain(numbers.cardinal(int(text)))


def _lakhs(value: int) -> str:
    """Read a number that is written in the Indian way: "12,00,500" as "twelve lakh five hundred"."""
    crores, rest = divmod(value, 10**7)
    lakhs, rest = divmod(rest, 10**5)
    parts = ((crores, "crore"), (lakhs, "lakh"), (rest, ""))
    words = " ".join(f"{cardinal(str(part))} {name}".strip() for part, name in parts if part)
    return words or "zero"


def ordinal(text: str) -> str:
    """Read a whole number as an ordinal: "21" as "twenty first"."""
    text = text.replace(",", "")
    return digits(text) + "th" if len(text) > _MAX_DIGITS else _plain(numbers.ordinal(int(text)))


def number(text: str) -> str:
    """Read a number with optional decimals: "250.50" as "two hundred fifty point five zero"."""
    whole, point, decimals = text.partition(".")
    words = cardinal(whole) if whole else ""
    return f"{words} point {digits(decimals)}".strip() if point else words


def decimal_point(text: str, *, points_group: bool = False) -> str:
    """Bring a number with a decimal comma into the form with a point: "1.234,56" as "1234.56".

    Args:
        text: a number as written.
        points_group: a single point before three digits separates thousands ("€1.234").

    Returns:
        The number with a decimal point; unchanged where it had no decimal comma.
    """
    if re.fullmatch(r"\d+(?:[. ]\d{3})*,\d{1,2}", text):
        return re.sub("[. ]", "", text).replace(",", ".")
    groups = "{1,}" if points_group else "{2,}"
    return text.replace(".", "") if re.fullmatch(rf"[1-9]\d{{0,2}}(?:\.\d{{3}}){groups}", text) else text


def year(text: str) -> str:
    """Read a four-digit year: "1905" as "nineteen oh five", "2026" as "twenty twenty six"."""
    value = int(text)
    return _plain(numbers.year(value)) if 1000 <= value < 3000 else cardinal(text)


def is_year(text: str) -> bool:
    """Tell whether a bare number reads naturally as a year."""
    return len(text) == 4 and text.isdigit() and 1010 <= int(text) < 2100


def plural(words: str) -> str:
    """Put the last word of a number into the plural: "nineteen nineties", "fives", "sixes"."""
    if words.endswith("y"):
        return words[:-1] + "ies"
    return words + ("es" if words.endswith(("x", "s")) else "s")


def roman(text: str) -> int:
    """Value of a roman numeral, in capitals or small letters."""
    values = [_ROMAN[c] for c in text.upper()]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def code(number: str) -> str:
    """Read the number of a model, a flight or a road: "320" as "three twenty", "4090" as "forty ninety"."""
    if len(number) == 5 and number.endswith("00") and number[0] != "0":
        return f"{cardinal(number[:2])} {code(number[2:])}"
    if len(number) > 4 or (number[0] == "0" and number != "0"):
        return digits(number)
    if len(number) < 3 or number.endswith("00"):
        return cardinal(number)
    head, tail = number[:-2], number[-2:]
    low = f"oh {cardinal(tail[1])}" if tail[0] == "0" else cardinal(tail)
    return f"{cardinal(head)} {low}"
