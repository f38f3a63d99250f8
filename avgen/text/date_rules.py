"""Rules for dates and times of day."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.patterns import DASH, Rules, before
from avgen.text.readings import MONTHS, WEEKDAYS

_MONTH = r"((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)\.?"
_DAY = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\.?"
_HALF = r"( ?[ap]\.?m\b\.?| ?[AP]\.?M\b\.?)"


def _month_name(text: str) -> str | None:
    """Full name of a month written in full or cut ("Nov", "Sept")."""
    found = [month for month in MONTHS if month.startswith(text) and len(text) >= 3]
    return found[0] if found else None


def _month_day(match: re.Match[str]) -> str | list[str] | None:
    month, day, last, comma, year = match.groups()
    name = _month_name(month)
    if name is None or not 1 <= int(day) <= 31:
        return None
    words = numerals.ordinal(day) + (f" to {numerals.ordinal(last)}" if last else "")
    return [name, words + (comma or ""), numerals.year(year)] if year else [name, words]


def _day_month(match: re.Match[str]) -> str | list[str] | None:
    day, of, month = match.groups()
    name = _month_name(month)
    if name is None or not 1 <= int(day) <= 31:
        return None
    article = "" if re.search(r"\bthe $", before(match), re.IGNORECASE) else "the "
    ordinal = article + numerals.ordinal(day)
    return [ordinal, "of", name] if of else [f"{ordinal} of", name]


def _month_alone(match: re.Match[str]) -> str | None:
    return _month_name(match[1])


def _month_range(match: re.Match[str]) -> str | None:
    first, last = _month_name(match[1]), _month_name(match[2])
    return f"{first} to {last}" if first and last else None


def _day_range(match: re.Match[str]) -> str:
    return " to ".join(next(day for day in WEEKDAYS if day.startswith(cut)) for cut in match.groups())


def _date(year: str, month: str, day: str) -> str | None:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    if len(year) == 2:
        year = ("20" if int(year) <= 40 else "19") + year
    return f"{MONTHS[int(month) - 1]} {numerals.ordinal(day)}, {numerals.year(year)}"


def _iso_date(match: re.Match[str]) -> str | None:
    date = _date(match[1], match[2], match[3])
    return date + ", " if date and match[4] else date


def _slash_date(match: re.Match[str]) -> str | None:
    first, second, year = match.groups()
    return _date(year, first, second) or _date(year, second, first)


def _dotted_date(match: re.Match[str]) -> str | None:
    return _date(match[3], match[2], match[1])


def _half_day(text: str | None) -> str:
    return f"{text.strip()[0].upper()}.M" if text else ""


def _time(match: re.Match[str]) -> str | list[str] | None:
    hour, minute, second, half = match.groups()
    if int(hour) > 24 or int(minute) > 59 or int(second or 0) > 59:
        return None
    words = numerals.cardinal(str(int(hour)))
    if int(minute) or second:
        words += (
            f" oh {numerals.cardinal(minute[1])}" if int(minute) < 10 else f" {numerals.cardinal(minute)}"
        )
    elif int(hour) % 24 == 0:
        return "midnight"
    elif not half:
        words += " o'clock" if int(hour) <= 12 else " hundred"
    if second:
        words += f" and {numerals.cardinal(str(int(second)))} {'second' if int(second) == 1 else 'seconds'}"
    return [words, _half_day(half)] if half else words


def _hour(match: re.Match[str]) -> list[str] | None:
    return [numerals.cardinal(match[1]), _half_day(match[2])] if 1 <= int(match[1]) <= 12 else None


def _ratio(match: re.Match[str]) -> str:
    return " to ".join(numerals.cardinal(part) for part in match[0].split(":"))


DATE_RULES: Final[Rules] = (
    (r"(\d{4})[-/.](\d\d)[-/.](\d\d)(?!\d)(T(?=\d\d:))?", _iso_date),
    (r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\d/])", _slash_date),
    (r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)", _dotted_date),
    (
        rf"{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?(?:{DASH}(\d{{1,2}}))?(?![\d:%/]|[.,]\d)"
        r"(?:(,)? (\d{4})(?!-?\d))?",
        _month_day,
    ),
    (rf"(\d{{1,2}})(?:st|nd|rd|th)?( of)? {_MONTH}(?![a-z])", _day_month),
    (rf"{_MONTH}(?=,? \d)", _month_alone),
    (rf"{_MONTH}{DASH}{_MONTH}(?!\w)", _month_range),
    (rf"{_DAY}{DASH}{_DAY}(?!\w)", _day_range),
    (rf"(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?(?!\d){_HALF}?", _time),
    (rf"(\d{{1,2}})\.(\d{{2}})(?!\d)()(?=[ap ]){_HALF}", _time),
    (rf"(\d{{1,2}}){_HALF}(?!\w)", _hour),
    (r"\d{1,4}(?::\d{1,4})+(?!\d)", _ratio),
)
