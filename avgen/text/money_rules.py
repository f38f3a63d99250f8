"""Rules for amounts of money."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.patterns import DASH, DECIMAL_COMMA, DIGITS, SCALE, SYMBOL, Rules, after, alternatives, before
from avgen.text.readings import CURRENCIES, CURRENCY_PREFIXES, INVARIABLE, IRREGULAR, SCALES

_CODE = alternatives(c for c in CURRENCIES if len(c) > 1)
_AMOUNT = f"({DECIMAL_COMMA}|{DIGITS})"
_PREFIX = rf"(?:(?<![A-Za-z])({alternatives(CURRENCY_PREFIXES)}))?"
_POINTS_GROUP: Final = ("€", "EUR", "₫", "VND", "IDR", "₺", "TRY", "BRL", "DKK")
"""Where these are paid with, a point before three digits separates thousands."""


def _is_adjective(match: re.Match[str]) -> bool:
    """Tell whether an amount stands before a noun ("a $5 bill")."""
    return bool(re.search(r"\ban? $", before(match), re.IGNORECASE)) and bool(
        re.match(r"[ -][a-z]", after(match))
    )


def _units(unit: str, amount: str, singular: bool) -> str:
    if singular or amount in ("1", "1.0", "1.00"):
        return unit
    head, _, last = unit.rpartition(" ")
    plural = IRREGULAR.get(last) or (last if last in INVARIABLE else last + "s")
    return f"{head} {plural}".strip()


def _unit(currency: str, prefix: str | None = None) -> str:
    name = CURRENCIES[currency][0]
    return f"{CURRENCY_PREFIXES[prefix]} {name}" if prefix else name


def _number(text: str, currency: str) -> str:
    return numerals.decimal_point(text, points_group=currency in _POINTS_GROUP)


def _amount(number: str, unit: str, hundredth: str, singular: bool = False) -> str:
    """Read an amount without a scale: "5.50" dollars as "five dollars and fifty cents"."""
    whole, _, decimals = number.partition(".")
    if not hundredth or len(decimals) not in (1, 2):
        return f"{numerals.number(number)} {_units(unit, number, singular)}"
    large = f"{numerals.cardinal(whole)} {_units(unit, whole, singular)}"
    cents = str(int(decimals.ljust(2, "0")))
    if cents == "0":
        return large
    small = f"{numerals.cardinal(cents)} {_units(hundredth, cents, singular)}"
    return small if whole in ("", "0") else f"{large} and {small}"


def _scaled(number: str, scale: str | None) -> str:
    return f"{numerals.number(number)} {SCALES[scale.lower()]}" if scale else numerals.number(number)


def _read(match: re.Match[str], currency: str, prefix: str | None, text: str, scale: str | None) -> list[str]:
    """Read an amount; number and unit apart where they are written as two words."""
    unit, number, singular = _unit(currency, prefix), _number(text, currency), _is_adjective(match)
    if not scale:
        words = _amount(number, unit, CURRENCIES[currency][1], singular)
        return [words]
    name = f"{SCALES[scale.lower()]} {_units(unit, '', singular)}"
    if match[0].count(" ") == 1:
        return [numerals.number(number), name]
    return [f"{numerals.number(number)} {name}"]


def _money(match: re.Match[str]) -> list[str]:
    prefix, symbol, minus, text, scale, code = match.groups()
    currency = code if code and symbol == "$" else symbol
    words = _read(match, currency, prefix if currency == symbol else None, text, scale)
    return [f"minus {words[0]}", *words[1:]] if minus else words


def _money_code(match: re.Match[str]) -> list[str]:
    code, minus, text, scale = match.groups()
    words = " ".join(_read(match, code, None, text, scale))
    return [f"minus {words}" if minus else words]


def _money_after(match: re.Match[str]) -> list[str]:
    text, scale, currency = match.groups()
    words = _read(match, currency, None, text, scale)
    unit = _units(_unit(currency), numerals.decimal_point(text), _is_adjective(match))
    if len(words) == 1 and match[0].count(" ") == 1 and not scale and words[0].endswith(f" {unit}"):
        return [words[0].removesuffix(f" {unit}"), unit]
    return words


def _range(match: re.Match[str]) -> str:
    """Read two amounts; the unit and an equal scale are said once where both are whole."""
    prefix, symbol, low, low_scale, again, high, high_scale = match.groups()
    low, high = _number(low, symbol), _number(high, symbol)
    unit = _unit(symbol, prefix)
    if "." in low + high and (again or not high_scale):
        first, last = _full(low, low_scale, symbol, unit), _full(high, high_scale, symbol, unit)
        return f"{first} to {last}"
    shared = low_scale is None or (high_scale or "").lower() == low_scale.lower()
    start = numerals.number(low) if shared and high_scale else _scaled(low, low_scale)
    return f"{start} to {_scaled(high, high_scale)} {_units(unit, '', _is_adjective(match))}"


def _full(number: str, scale: str | None, symbol: str, unit: str) -> str:
    if scale:
        return f"{_scaled(number, scale)} {_units(unit, '', False)}"
    return _amount(number, unit, CURRENCIES[symbol][1])


MONEY_RULES: Final[Rules] = (
    (
        rf"{_PREFIX}({SYMBOL}){_AMOUNT}(?: ?{SCALE})? ?{DASH} ?(?:(?:[A-Z]{{1,2}})?({SYMBOL}))?{_AMOUNT}"
        rf"(?: ?{SCALE})?(?![\d-]|,\d|[A-Za-z])",
        _range,
    ),
    (rf"{_PREFIX}({SYMBOL}) ?([-−])?{_AMOUNT}(?:[ -]?{SCALE})?(?: (USD|CAD|AUD|NZD|SGD|HKD)\b)?", _money),
    (rf"(?<![A-Za-z])({_CODE})\.? ?\$?([-−])?{_AMOUNT}(?:[ -]?{SCALE})?(?!\w)", _money_code),
    (rf"{_AMOUNT}(?: ?{SCALE})? ?({SYMBOL}|{_CODE})(?!\w)", _money_after),
)
