"""What all rules of reading share: the form of a rule and the look of numbers, units, months, days."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from avgen.text.readings import CURRENCIES, SCALES
from avgen.text.units import UNITS

Reader = Callable[[re.Match[str]], "str | list[str] | None"]
"""Reads a match: one reading per written word or one for all; None where the rule does not apply."""
Rules = tuple[tuple[str, Reader], ...]
"""Regular expressions with their readers, in order of precedence.

Repeats inside a pattern are bounded wherever the pattern can fail after them: at every place of a long
line all rules are tried, so a pattern that runs to the end of the line there costs its square.
"""


def alternatives(words: Iterable[str]) -> str:
    """Regular expression of any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


DIGITS: Final = (
    r"\d{1,3}(?:,\d{3}){1,12}(?:\.\d{1,40})?(?!\d)|\d{1,2}(?:,\d{2}){1,6},\d{3}(?:\.\d{1,40})?(?!\d)|"
    r"\d{1,12}(?:_\d{3}){1,12}(?![\d_])|\d+(?:\.\d+)?|\.\d+"
)
"""A number with optional separators of thousands (also in the Indian way) and decimals."""
NUMBER: Final = f"({DIGITS})"
DECIMAL_COMMA: Final = (
    r"(?<!\d,)(?:\d{1,3}(?:[. ]\d{3}){1,6},\d{1,2}|\d{1,6},\d{1,2}|\d{1,3}(?:\.\d{3}){2,6})(?![\d]|[.,]\d)"
)
"""A number written in the European way; only sure beside a unit or a currency."""
DASH: Final = "[–—-]"
SYMBOL: Final = f"[{''.join(c for c in CURRENCIES if len(c) == 1)}]"
"""A currency symbol."""
SCALE: Final = rf"({alternatives(SCALES)}|[KMBT]|MM|B[Nn]|Mn)(?![A-Za-z])"
"""A power of a thousand after an amount of money, as a group."""
UNIT: Final = alternatives(UNITS)
MONTH: Final = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![A-Za-z])"
)
WEEKDAY: Final = (
    r"(?i:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|"
    r"sat(?:urday)?|sun(?:day)?)(?![A-Za-z])"
)


def before(match: re.Match[str], size: int = 20) -> str:
    """The few characters before a match."""
    return match.string[max(0, match.start() - size) : match.start()]


def after(match: re.Match[str], size: int = 20) -> str:
    """The few characters after a match."""
    return match.string[match.end() : match.end() + size]
