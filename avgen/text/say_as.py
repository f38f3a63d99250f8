"""SSML's say-as: how a piece of text is interpreted, in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from avgen.text import numerals
from avgen.text.letters import UnspeakableError, fold
from avgen.text.readings import MONTHS, SYMBOLS, WEB_SYMBOLS

_DATE_PARTS = re.compile(r"\d+|[A-Za-z]{3,}")
_DATE_FORMATS: Final = ("ymd", "mdy", "dmy", "ym", "my", "md", "dm", "y", "m", "d")
_PUNCTUATION = {
    ",": "comma",
    ".": "dot",
    "!": "exclamation mark",
    ";": "semicolon",
    "'": "apostrophe",
    "*": "star",
}
_LETTERS: Final = {"A": "[A](/ˈA/)", "I": "[I](/ˈI/)"}


class SayAsError(ValueError):
    """Text that cannot be read as asked; the message says why."""


def _characters(text: str, _: str) -> str:
    """Every letter, digit and sign by its name."""
    try:
        folded = "".join(map(fold, text.split()))
    except UnspeakableError as error:
        raise SayAsError(f"there are {error} in it") from None
    return " ".join(filter(None, map(_character, folded)))


def _character(char: str) -> str:
    if char.isalpha():
        return _LETTERS.get(char.upper(), char.upper())
    if char.isdecimal():
        return numerals.digits(char)
    return WEB_SYMBOLS.get(char) or _PUNCTUATION.get(char) or SYMBOLS.get(char, "")


def _digits(text: str, _: str) -> str:
    if not re.search(r"\d", text) or re.search(r"[^\d\s.,+()/-]", text):
        raise SayAsError("digits are expected")
    return numerals.digits(text)


def _telephone(text: str, _: str) -> str:
    groups = re.findall(r"\d+", text)
    if not groups or re.search(r"[^\d\s.+()/x-]", text):
        raise SayAsError("a telephone number is expected, for example 555-0123")
    plus = "plus " if text.lstrip().startswith("+") else ""
    return plus + ", ".join(map(numerals.digits, groups))


def _whole(text: str) -> str:
    number = text.replace(",", "").strip()
    if not re.fullmatch(r"\d{1,40}", number):
        raise SayAsError("a whole number is expected")
    return number.lstrip("0") or "0"


def _ordinal(text: str, _: str) -> str:
    number = re.sub(r"(?:st|nd|rd|th)\s*$", "", text)
    return numerals.ordinal(_whole(number))


def _cardinal(text: str, _: str) -> str:
    sign, number = re.fullmatch(r"\s*([-+−]?)(.*?)\s*", text, re.DOTALL).groups()  # type: ignore[union-attr]
    words = {"-": "minus ", "−": "minus ", "+": "plus "}.get(sign, "")
    if not re.fullmatch(r"[\d,]{1,40}(?:\.\d{1,40})?|\.\d{1,40}", number):
        raise SayAsError("a number is expected")
    whole, point, decimals = number.replace(",", "").partition(".")
    whole = whole.lstrip("0") or "0"
    return words + numerals.number(whole + point + decimals)


def _date(text: str, form: str) -> str:
    """A date in the order of its format; numbers alone are year, month, day or month, day, year."""
    parts = _DATE_PARTS.findall(text)
    if not form:
        form = "ymd" if parts and len(parts[0]) == 4 else "mdy"
    form = form.lower()
    if len(form) == 3 and len(parts) == 1 and len(parts[0]) == 8:
        parts = _split(parts[0], form)
    if form not in _DATE_FORMATS or len(parts) != len(form):
        raise SayAsError(f"a date is expected whose format is one of {', '.join(_DATE_FORMATS)}")
    return _spoken_date(dict(zip(form, parts, strict=True)))


def _split(digits: str, form: str) -> list[str]:
    """The parts of eight digits: "20240131" as year, month, day."""
    lengths = [4 if part == "y" else 2 for part in form]
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    return [digits[start : start + length] for start, length in zip(starts, lengths, strict=True)]


def _spoken_date(parts: dict[str, str]) -> str:
    words = []
    if "m" in parts:
        words.append(_month(parts["m"]))
    if "d" in parts:
        if not parts["d"].isdecimal() or not 1 <= int(parts["d"]) <= 31:
            raise SayAsError(f"{parts['d']!r} is no day of a month")
        words.append(numerals.ordinal(str(int(parts["d"]))) + ("," if "y" in parts else ""))
    if "y" in parts:
        if not parts["y"].isdecimal() or len(parts["y"]) > 4:
            raise SayAsError(f"{parts['y']!r} is no year")
        words.append(numerals.year(parts["y"]))
    return " ".join(words)


def _month(text: str) -> str:
    if text.isdecimal() and 1 <= int(text) <= 12:
        return MONTHS[int(text) - 1]
    for month in MONTHS:
        if len(text) >= 3 and month.lower().startswith(text.lower()):
            return month
    raise SayAsError(f"{text!r} is no month")


def _as_written(text: str, _: str) -> str:
    return text


_READERS: Final[dict[str, Callable[[str, str], str]]] = {
    "characters": _characters, "spell-out": _characters, "verbatim": _characters, "cardinal": _cardinal,
    "number": _cardinal, "ordinal": _ordinal, "digits": _digits, "telephone": _telephone, "date": _date,
    **dict.fromkeys(("time", "currency", "fraction", "unit", "address"), _as_written),
}  # fmt: skip


def say_as(text: str, interpretation: str, form: str) -> str:
    """Read a text as SSML's `interpret-as` says.

    Args:
        text: what stands in the element.
        interpretation: value of `interpret-as`.
        form: value of `format`, "" for none; only dates have one.

    Returns:
        Words that the front end reads; as written where it knows the kind by its looks (money, times).

    Raises:
        SayAsError: the interpretation is unknown or the text does not fit it.
    """
    reader = _READERS.get(interpretation.strip().lower())
    if reader is None:
        raise SayAsError(f"{interpretation!r} is not known; known are {', '.join(_READERS)}")
    words = reader(text, form.strip())
    if not words.strip():
        raise SayAsError("there is nothing to say in it")
    return words
