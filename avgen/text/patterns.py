"""What all rules of reading share: the form of a rule and the look of numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from avgen.text.readings import CURRENCIES

Reader = Callable[[re.Match[str]], "str | list[str] | None"]
"""Reads a match: one reading per written word or one for all; None where the rule does not apply."""
Rules = tuple[tuple[str, Reader], ...]
"""Regular expressions with their readers, in order of precedence."""

NUMBER: Final = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+)"
"""A number with optional thousands separators and decimals, as a group."""
DASH: Final = "[–—-]"
SYMBOL: Final = f"[{''.join(c for c in CURRENCIES if len(c) == 1)}]"
"""A currency symbol."""


def alternatives(words: Iterable[str]) -> str:
    """Regular expression of any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def before(match: re.Match[str]) -> str:
    """The few characters before a match."""
    return match.string[max(0, match.start() - 20) : match.start()]


def after(match: re.Match[str]) -> str:
    """The few characters after a match."""
    return match.string[match.end() : match.end() + 20]
