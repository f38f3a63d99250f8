"""Numbers as English words, without hyphens, commas or "and": what the G2P reads best."""

from __future__ import annotations

import re
from typing import Final

from hibari.g2p import numbers

_LIMIT = 10**18
"""From here on nobody says the number: its digits are read one by one."""
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
ROMAN_PATTERN: Final = r"(?=[IVXLC])(?![LC]\b)(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
"""Roman numerals up to 99; a lone L or C is a letter."""


def _plain(words: str) -> str:
    return " ".join(word for word in re.sub(r"[-,]", " ", words).split() if word != "and")


def digits(text: str) -> str:
    """Read every digit: "007" as "zero zero seven"."""
    return " ".join(numbers.ONES[int(c)] for c in text if c.isdigit())


def cardinal(text: str) -> str:
    """Read a whole number, thousands separators allowed; leading zeros and giants digit by digit."""
    text = text.replace(",", "")
    if (len(text) > 1 and text[0] == "0") or int(text[:30]) >= _LIMIT:
        return digits(text)
    return _plain(numbers.cardinal(int(text)))


def ordinal(text: str) -> str:
    """Read a whole number as an ordinal: "21" as "twenty first"."""
    number = int(text.replace(",", "")[:30])
    return _plain(numbers.ordinal(number)) if number < _LIMIT else digits(text) + "th"


def number(text: str) -> str:
    """Read a number with optional decimals: "250.50" as "two hundred fifty point five zero"."""
    whole, point, decimals = text.partition(".")
    words = cardinal(whole) if whole else ""
    return f"{words} point {digits(decimals)}".strip() if point else words


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
    """Value of a roman numeral."""
    values = [_ROMAN[c] for c in text]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
