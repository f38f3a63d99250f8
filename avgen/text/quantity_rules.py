"""Rules for quantities: money, measures, percentages."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.letters import MIXED
from avgen.text.patterns import DASH, NUMBER, SYMBOL, Rules, after, alternatives, before
from avgen.text.readings import CURRENCIES, CURRENCY_PREFIXES, INVARIABLE, SCALES, UNITS

_SCALE = rf"({alternatives(SCALES)}|[KMBT])(?![A-Za-z])"
_CODE = "|".join(c for c in CURRENCIES if len(c) > 1)
_UNIT = alternatives(UNITS)


def _is_adjective(match: re.Match[str]) -> bool:
    """Tell whether a measure stands before a noun ("a $5 bill", "a 5 km run")."""
    return bool(re.search(r"\ban? $", before(match), re.IGNORECASE)) and bool(
        re.match(r"[ -][a-z]", after(match))
    )


def _units(unit: str, amount: str, singular: bool) -> str:
    """A unit in the number that its amount asks for: "1" mile, "2" miles per hour."""
    if singular or amount in ("1", "1.0", "1.00"):
        return unit
    head, per, rest = unit.partition(" per ")
    if head == "foot" or head.endswith(" foot"):
        head = head[:-4] + "feet"
    elif not head.endswith((*INVARIABLE, ".S.I")):
        head = numerals.plural(head) if head.endswith("x") else head + "s"
    return head + per + rest


def _amount(number: str, currency: str, singular: bool) -> str:
    unit, hundredth = CURRENCIES[currency]
    whole, _, decimals = number.partition(".")
    if len(decimals) != 2 or not hundredth:
        return f"{numerals.number(number)} {_units(unit, number, singular)}"
    large = f"{numerals.cardinal(whole)} {_units(unit, whole, singular)}"
    if decimals == "00":
        return large
    small = f"{numerals.cardinal(str(int(decimals)))} {_units(hundredth, str(int(decimals)), singular)}"
    return small if whole in ("", "0") else f"{large} and {small}"


def _money(match: re.Match[str]) -> str | list[str]:
    prefix, symbol, number, scale = match.groups()
    if not scale:
        amount = _amount(number, symbol, _is_adjective(match))
    else:
        unit = _units(CURRENCIES[symbol][0], "", _is_adjective(match))
        amount = f"{numerals.number(number)} {SCALES[scale.lower()]} {unit}"
    if prefix:
        unit = CURRENCIES[symbol][0]
        amount = amount.replace(unit, f"{CURRENCY_PREFIXES[prefix]} {unit}", 1)
    if scale and " " in match[0]:
        head, word, tail = amount.partition(f" {SCALES[scale.lower()]}")
        return [head, (word + tail).strip()]
    return amount


def _money_range(match: re.Match[str]) -> str | list[str]:
    symbol, low, high, scale = match.groups()
    unit = _units(CURRENCIES[symbol][0], "", False)
    numbers = f"{numerals.number(low)} to {numerals.number(high)}"
    return [numbers, f"{SCALES[scale.lower()]} {unit}"] if scale else f"{numbers} {unit}"


def _money_after(match: re.Match[str]) -> list[str]:
    words = _amount(match[1], match[2], False)
    unit = CURRENCIES[match[2]][0]
    if " " in match[0] and words.count(unit) == 1 and " and " not in words:
        head, _, tail = words.partition(f" {unit}")
        return [head, unit + tail]
    return [words]


def _money_code(match: re.Match[str]) -> list[str]:
    return [_amount(match[2], match[1], False)]


def _percent(match: re.Match[str]) -> list[str]:
    return [numerals.number(match[1]), "percent"]


def _degrees(match: re.Match[str]) -> list[str]:
    scale = {"C": " Celsius", "F": " Fahrenheit", "K": " Kelvin"}.get((match[2] or "").strip(), "")
    return [numerals.number(match[1]), _units("degree", match[1], _is_adjective(match)) + scale]


def _measure(match: re.Match[str]) -> list[str] | None:
    number, gap, unit, power, per, per_power = match.groups()
    if unit == "s" and not gap and number.isdigit() and len(number) > 2:
        return [numerals.plural(numerals.cardinal(number))]
    singular = gap == "-" or _is_adjective(match)
    name = UNITS[unit]
    if power:
        name = {"2": "square ", "3": "cubic "}[power] + name
    words = _units(name, number, singular)
    if per:
        words += f" per {UNITS[per]}" + {"2": " squared", "3": " cubed", None: ""}[per_power]
    parts = words.split(" ", unit.count(" ")) if " " in unit else [words]
    return [numerals.number(number), *parts] if gap == " " else [" ".join([numerals.number(number), *parts])]


def _measure_of_fraction(match: re.Match[str]) -> str:
    is_mixed = re.search(rf"\d[ {MIXED}]\d+[/⁄]\d+ $", before(match))
    return _units(UNITS[match[1]], "", singular=not is_mixed)


def _per(match: re.Match[str]) -> str:
    unit = match[0][1:]
    return f"per {UNITS.get(unit, unit)}"


def _feet_and_inches(match: re.Match[str]) -> str:
    return f"{numerals.cardinal(match[1])} foot {numerals.cardinal(match[2])}"


def _duration(match: re.Match[str]) -> str:
    """Hours, minutes and seconds; beside one of the others an m is no meter."""
    counted = zip(("hour", "minute", "second"), match.groups(), strict=True)
    return " ".join(f"{numerals.cardinal(n)} {_units(unit, n, False)}" for unit, n in counted if n)


def _inches(match: re.Match[str]) -> str | None:
    if match.string[: match.start()].count('"') % 2:
        return None  # a closing quotation mark
    return f"{numerals.number(match[1])} {'inch' if match[1] == '1' or _is_adjective(match) else 'inches'}"


def _scaled(match: re.Match[str]) -> list[str] | None:
    is_count = "." in match[1] or re.match(r" [a-z]", after(match))
    if match[2] in "MB" and (not is_count or re.search(r"[A-Z]\w*\.? $", before(match))):
        return None  # "221B Baker Street", "Apt. 4B"
    return [numerals.number(match[1]), SCALES[match[2].strip().lower()]]


QUANTITY_RULES: Final[Rules] = (
    (rf"({SYMBOL}){NUMBER}{DASH}{NUMBER}(?: ?{_SCALE})?(?!\d|,\d)", _money_range),
    (rf"({alternatives(CURRENCY_PREFIXES)})?({SYMBOL}) ?{NUMBER}(?:[ -]?{_SCALE})?", _money),
    (rf"({_CODE})\.? {NUMBER}", _money_code),
    (rf"{NUMBER} ?({SYMBOL}|{_CODE})(?!\w)", _money_after),
    (rf"{NUMBER} ?%", _percent),
    (rf"{NUMBER} ?°( ?[CFK](?![A-Za-z]))?", _degrees),
    (r"(\d{1,2})' ?(\d{1,2})(?:\"|''|”)", _feet_and_inches),
    (r"(\d{1,2}) ?(?:ft|feet|foot)\.? (\d{1,2}) ?in\b(?:\.(?= [a-z]))?", _feet_and_inches),
    (r"(\d{1,2})'(?= (?:tall|high|wide|long|deep)\b)", lambda match: f"{numerals.cardinal(match[1])} feet"),
    (r"(\d+(?:\.\d+)?)(?:\"(?=[ ,.;x]|$)|in\b| in\.(?= [a-z]))", _inches),
    (r"(?=\d+[hm] ?\d+[ms](?!\w))(?:(\d+)h ?)?(\d+)m(?: ?(\d+)s)?(?!\w)", _duration),
    (rf"{NUMBER}([ -]?)({_UNIT})(?:\^([23]))?(?:/({_UNIT})(?:\^([23]))?)?(?:\.(?= [a-z]))?(?!\w)", _measure),
    (rf"(?:(?<=[/⁄]\d )|(?<=[/⁄]\d\d ))({_UNIT})(?!\w)", _measure_of_fraction),
    (rf"(?:(?<=\d)|(?<=\d[kKmMB])|(?<={SYMBOL})|(?<=illion))/([A-Za-z]+)", _per),
    (rf"{NUMBER}((?:M|B| ?bn| ?mn| ?tn))(?!\w)", _scaled),
)
