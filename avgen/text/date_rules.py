"""Rules for dates and times of day."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.patterns import DASH, MONTH, WEEKDAY, Rules, after, before
from avgen.text.readings import MONTHS, WEEKDAYS

_MONTH = rf"({MONTH})\.?"
_DAY = rf"({WEEKDAY})\.?"
_HALF = r"( ?[ap]\.?m\b\.?| ?[AP]\.?M\b\.?)"
_TH = r"(?i:st|nd|rd|th)?"
_IN_TIME = re.compile(
    r"\b(?:in|on|by|since|until|till|from|of|to|every|each|last|next|this|late|early|mid|through|before|after|born|"
    r"dated?|due)[ -]$",
    re.IGNORECASE,
)
_ON_DAY = re.compile(
    r"\b(?:on|next|last|this|every|each|by|until|till|from|since|before|after|to) $", re.IGNORECASE
)
_PART_OF_DAY = re.compile(r" (?:at \d|morning|afternoon|evening|night|noon)")
_CLOCK = re.compile(r",? (?:at )?\d{1,2}(?::\d\d| ?[ap]\.?m)", re.IGNORECASE)
_DAY_ENDS = re.compile(r"(?: (?:at|and|or|to|through|from)\b|[,.;:!?)]|$)")
_DATED = re.compile(r"\b(?:on|dated?|born|since|until|by|due|of)[: ]{1,2}$", re.IGNORECASE)


def _month_name(text: str) -> str:
    """Full name of a month written in full or cut ("Nov", "sept")."""
    return next(month for month in MONTHS if month.lower().startswith(text.lower()[:3]))


def _day_name(text: str) -> str:
    """Full name of a weekday written in full or cut ("Mon", "thurs")."""
    return next(day for day in WEEKDAYS if day.lower().startswith(text.lower()[:3]))


def _is_verb(month: str, match: re.Match[str], sure: bool) -> bool:
    """Tell whether a small "may" or "march" is no month: "you may 5 times", "march 15 miles"."""
    return month in ("may", "march") and not sure and not _IN_TIME.search(before(match))


def _month_day(match: re.Match[str]) -> str | list[str] | None:
    month, day, th, last, comma, year = match.groups()
    if not 1 <= int(day) <= 31 or _is_verb(month, match, bool(th or year)):
        return None
    words = numerals.ordinal(day) + (f" to {numerals.ordinal(last)}" if last else "")
    name = _month_name(month)
    return [name, words + (comma or ""), numerals.year(year)] if year else [name, words]


def _day_month(match: re.Match[str]) -> str | list[str] | None:
    day, last, of, month = match.groups()
    if not 1 <= int(day) <= 31 or (month == "may" and not of and not re.match(r",? \d{4}\b", after(match))):
        return None
    article = "" if re.search(r"\bthe $", before(match), re.IGNORECASE) else "the "
    ordinal = article + numerals.ordinal(day) + (f" to {numerals.ordinal(last)}" if last else "")
    name = _month_name(month)
    return [ordinal, "of", name] if of else [f"{ordinal} of", name]


def _month_alone(match: re.Match[str]) -> str | None:
    return None if _is_verb(match[1], match, False) else _month_name(match[1])


def _month_in_time(match: re.Match[str]) -> str | None:
    """A cut month after a word like "in": "by Dec"."""
    named = re.match(r" [A-Z][a-z]", after(match))  # "by Jan Smith"
    return _month_name(match[1]) if _IN_TIME.search(before(match)) and not named else None


def _month_range(match: re.Match[str]) -> list[str]:
    parts = [_month_name(match[1]), "to", _month_name(match[2])]
    return parts if " " in match[0] else [" ".join(parts)]


def _day_range(match: re.Match[str]) -> list[str]:
    parts = [_day_name(match[1]), "to", _day_name(match[2])]
    return parts if " " in match[0] else [" ".join(parts)]


def _days(match: re.Match[str]) -> list[str]:
    """A list of cut weekdays: "Mon/Wed/Fri"."""
    named = re.sub(WEEKDAY, lambda day: _day_name(day[0]), match[0].replace("&", "and"))
    return [word.replace("/", " ").replace(".", "") for word in named.split(" ")]


def _day_before_date(match: re.Match[str]) -> str:
    return _day_name(match[1])


def _day_alone(match: re.Match[str]) -> str | None:
    """A cut weekday without a date: "on Mon at 9"; "Sun" and "Sat" are words as well."""
    right, left = after(match), before(match)
    if _PART_OF_DAY.match(right) or _CLOCK.match(right):
        return _day_name(match[1])
    named = _ON_DAY.search(left) and (match[1] not in ("Sun", "Sat", "Mon") or _DAY_ENDS.match(right))
    return _day_name(match[1]) if named else None


def _date(year: str, month: str, day: str) -> str | None:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    if len(year) == 2:
        year = ("20" if int(year) <= 40 else "19") + year
    return f"{MONTHS[int(month) - 1]} {numerals.ordinal(day)}, {numerals.year(year)}"


def _year_first(match: re.Match[str]) -> str | None:
    year, separator, month, day, time = match.groups()
    if not 1000 <= int(year) < 3000 or (separator == "." and len(month) + len(day) < 4):
        return None
    date = _date(year, month, day)
    return date + ", " if date and time else date


def _year_last(match: re.Match[str]) -> str | None:
    """Month, day, year as Americans write it with slashes and dashes; day first with points."""
    first, separator, second, year = match.groups()
    if len(year) == 2 and (separator == "." or (separator == "-" and not _DATED.search(before(match)))):
        return None
    if separator == ".":
        return _date(year, second, first)
    return _date(year, first, second) or _date(year, second, first)


def _named_date(match: re.Match[str]) -> str | None:
    """A date with the month's name and signs between its parts: "05-Jan-2026"."""
    day, month, year = match.groups()
    return _date(year, str(MONTHS.index(_month_name(month)) + 1), day)


def _named_date_month_first(match: re.Match[str]) -> str | None:
    month, day, year = match.groups()
    return _date(year, str(MONTHS.index(_month_name(month)) + 1), day)


def _year_month(match: re.Match[str]) -> str | None:
    """A month of a year, "2026-01"; "2001-02" is a season."""
    year, month = match.groups()
    if int(month) == (int(year) + 1) % 100 or not 1 <= int(month) <= 12:
        return None
    return f"{MONTHS[int(month) - 1]} {numerals.year(year)}"


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


def _offset(match: re.Match[str]) -> str:
    """The distance of a time zone: "UTC+05:30" as "plus five thirty"."""
    sign, hour, minute = match.groups()
    words = f"{'plus' if sign == '+' else 'minus'} {numerals.cardinal(str(int(hour)))}"
    return words if int(minute) == 0 else f"{words} {numerals.cardinal(minute)}"


def _hour(match: re.Match[str]) -> list[str] | None:
    return [numerals.cardinal(match[1]), _half_day(match[2])] if 1 <= int(match[1]) <= 12 else None


def _ratio(match: re.Match[str]) -> str:
    return " to ".join(numerals.cardinal(part) for part in match[0].split(":"))


def _chapter_and_verses(match: re.Match[str]) -> str:
    chapter, verse, last = (numerals.cardinal(part) for part in match.groups())
    return f"{chapter}, {verse} to {last}"


_WEEKDAY_JOINT = r"(?:/|, ?(?:and )?|,? and |,? or |,? & )"

DATE_RULES: Final[Rules] = (
    (r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d/-]|\.\d)(T(?=\d\d:))?", _year_first),
    (r"(?<![\d/.-])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-]|\.\d)", _year_last),
    (rf"(?<![\d/.-])(\d{{1,2}}){_TH}[-/]?{_MONTH}[-/, ]?(?<=[-/, a-z])(\d{{4}})(?![\d-])", _named_date),
    (rf"(?<![\d/.-])(\d{{1,2}})[-/]{_MONTH}[-/](\d\d)(?![\d-])", _named_date),
    (rf"(?<!\w){_MONTH}[-/](\d{{1,2}})[-/](\d{{4}})(?![\d-])", _named_date_month_first),
    (r"(?<![\d/.-])((?:19|20)\d\d)-(0[1-9]|1[0-2])(?![\d/-]|\.\d)", _year_month),
    (
        rf"(?<!\w){_MONTH} (\d{{1,2}})((?i:st|nd|rd|th))?(?:{DASH}(\d{{1,2}}){_TH})?(?![\w:%/]|[.,]\d)"
        r"(?:(,)? (\d{4})(?!-?\d))?",
        _month_day,
    ),
    (rf"(\d{{1,2}}){_TH}(?:{DASH}(\d{{1,2}}){_TH})?( of)? {_MONTH}(?![A-Za-z])", _day_month),
    (rf"(?<!\w){_MONTH} ?{DASH} ?{_MONTH}(?!\w)", _month_range),
    (
        rf"(?<!\w)([Mm]id|[Ee]arly|[Ll]ate)-{_MONTH}(?!\w)",
        lambda match: f"{match[1]} {_month_name(match[2])}",
    ),
    (rf"(?<!\w){_MONTH}(?=,? \d|[- ]?'?\d{{4}}(?!\d)| '\d\d)", _month_alone),
    (r"(?<!\w)(Jan|Feb|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?(?![\w'])", _month_in_time),
    (rf"(?<!\w){_DAY} ?{DASH} ?{_DAY}(?!\w)", _day_range),
    (rf"(?<!\w){_DAY}(?:{_WEEKDAY_JOINT}{WEEKDAY}\.?(?!\w)){{1,6}}", _days),
    (rf"(?<!\w){_DAY}(?=,? (?:the )?(?:\d{{1,2}}{_TH} (?:of )?)?{MONTH})", _day_before_date),
    (r"(?<!\w)(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.?(?![\w'-])", _day_alone),
    (r"(?:(?<=UTC)|(?<=GMT)) ?([-+−–])(\d{1,2}):?(\d\d)(?!\d)", _offset),
    (r"(?<![\d:])(\d{1,3}):(\d{1,3})[-–](\d{1,3})(?![\d:]| ?[ap]\.?m| ?[AP]M)", _chapter_and_verses),
    (rf"(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?(?!\d)(?:{_HALF}|h\b)?", _time),
    (rf"(\d{{1,2}})\.(\d{{2}})(?!\d)()(?=[ap ]){_HALF}", _time),
    (rf"(\d{{1,2}}){_HALF}(?!\w)", _hour),
    (r"\d{1,4}(?::\d{1,4}){1,8}(?!\d)", _ratio),
)
