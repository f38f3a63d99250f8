"""The rules of reading, in order of precedence; see `normalise`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from avgen.text import numerals

Reader = Callable[[re.Match[str]], "str | list[str] | None"]

_PUNCTUATION = {"–": "—", "―": "—", "(": ",", ")": ","}


def _as_is(match: re.Match[str]) -> str:
    return match[0]


def _number(match: re.Match[str]) -> str:
    return numerals.year(match[0]) if numerals.is_year(match[0]) else numerals.number(match[0])


RULES: Final[tuple[tuple[re.Pattern[str], Reader], ...]] = (
    (re.compile(r"\[[^\]]*\]\(/[^)]*/\)"), _as_is),
    (re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*"), _as_is),
    (re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?"), _number),
    (re.compile(r"[.,;:!?—…“”]"), _as_is),
)
