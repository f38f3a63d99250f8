"""Rules for what a dash between two numbers means ("to", "minus", nothing), and for decades."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.letters import LETTER_A
from avgen.text.patterns import DASH, MONTH, NUMBER, SYMBOL, UNIT, WEEKDAY, Rules, after, before

_FAR = 60
_HALF = r"(?: ?[ap]\.?m\.?| ?[AP]\.?M\.?)"
_TAIL = (
    rf"(?:st|nd|rd|th|ST|ND|RD|TH|'?s|x|[KMBTkm]|bn|mn|%|°(?: ?[CFK])?|\"|''|['′″”]|{_HALF}"
    rf"| ?(?:{UNIT})| ?%| (?:hundred|thousand|million|billion|trillion))"
)
_LEFT = re.compile(
    rf"(?:^|[\s(\[\"“'‘/,;:~≈<>≤≥±+−=]|\s-|^-)(?:(?P<money>(?:[A-Z]{{1,3}})?{SYMBOL}|[A-Z]{{3}} |#)|[FC]Y ?)?"
    rf"(?P<low>\d(?:[\d,.:_]{{0,24}}\d)?|\.\d{{1,24}})(?P<tail>{_TAIL})?(?P<gap> ?)$"
)
"""A number, with what belongs to it, that a range can start with: not the digits of "x86"."""
_LEFT_WORD = re.compile(
    rf"(?:^|[\s(\[\"“,;])(?:noon|midnight|today|now|{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}) ?$",
    re.IGNORECASE,
)
_LEFT_MONTH = re.compile(rf"{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? ?$")
_RIGHT = re.compile(
    rf" ?[~≈]?(?:[-−+](?=\S))?(?:[A-Z]{{1,3}}(?={SYMBOL})|[A-Z]{{3}} |#)?{SYMBOL}?"
    r"(?P<high>\d(?:[\d,.:_]{0,24}\d)?|\.\d{1,24})"
)
_RIGHT_WORD = re.compile(
    rf" ?(?:(?:noon|midnight|present|now|today)\b|{MONTH}\.? \d|{WEEKDAY} \d)", re.IGNORECASE
)
_EQUATION = re.compile(r"[\d.,]*\d(?: ?[-+*/×÷^−] ?[\d.]+){0,4} ?=")
_ARITHMETIC = re.compile(
    r"(?:[+*/×÷^=−]|\b(?:what is|what's|calculate|compute|solve|equals|is)) ?[(]?\d[\d.,]*[)]? ?$",
    re.IGNORECASE,
)
_SCORE = re.compile(
    r"\b(?:won|win|wins|winning|beat|beats|lost|lose|loses|score|scored|scores|defeat\w*|victory|lead|leads|"
    r"led|tied|tie|draw|drew|vote|voted|final|finished)\b[^.!?]{0,40}$",
    re.IGNORECASE,
)
_HOURS = re.compile(
    r"\b(?:open|hours|from|between|works?|working|shift|schedule)\b[^.!?]{0,20}$", re.IGNORECASE
)
_SHARES = re.compile(
    r" (?:split|chance|chances|odds|deal|ratio|vision|basis|ownership|mix|hindsight|joint|partner\w*|punch)\b"
)
_FILED = re.compile(
    r"\b(?:case|docket|form|model|part|serial|bill|flight|boeing|airbus|order|invoice|ticket|reference|ref|"
    r"lot|file|claim|policy|permit|resolution|proclamation|opus|no\.?|number)s?[ .:#]{0,3}$",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:room|suite|apt\.?|apartment|unit|gate|seat) $", re.IGNORECASE)
_TIMES = re.compile(rf"{_HALF}\b|:\d\d")


def _between(match: re.Match[str]) -> str | None:
    """Read a dash between two numbers."""
    left_text, right_text = before(match, _FAR), after(match, _FAR)
    right = _RIGHT.match(right_text)
    if not right:
        return "to" if _RIGHT_WORD.match(right_text) and _starts(left_text) else None
    left = _LEFT.search(left_text)
    if not left:
        return "to" if _LEFT_WORD.search(left_text) else None
    if left["gap"] and match[0] == "-" and not right_text.startswith(" "):
        return None  # "from 5 -3 is left"
    if left["tail"] == "x" and not right.string[right.end() :].startswith("x"):
        return None  # "2x - 3"
    if left["tail"] or left["money"]:
        return "to"
    return _between_plain(match, left, right)


def _starts(text: str) -> bool:
    return bool(_LEFT.search(text) or _LEFT_WORD.search(text))


def _between_plain(match: re.Match[str], left: re.Match[str], right: re.Match[str]) -> str:
    """Read a dash between bare numbers: a range ascends."""
    text, rest = left.string, right.string
    if match[0] == "-" and (_EQUATION.match(rest.lstrip()) or _ARITHMETIC.search(text)):
        return "minus"
    low, high = left["low"], right["high"]
    if _LEFT_MONTH.search(text) or _TIMES.match(rest[right.end() :]) or ":" in low + high:
        return "to"
    if _is_filed(text[: left.start("low")], low, high):
        return ""
    if _abbreviates(low, high):
        return "to"
    if _value(low) < _value(high):
        return "" if _SHARES.match(rest[right.end() :]) else "to"
    if left["gap"] and match[0] == "-":
        return "minus"
    named = _SCORE.search(text) or _HOURS.search(text)
    return "to" if named and _value(low) != _value(high) else ""


def _is_filed(text: str, low: str, high: str) -> bool:
    """Tell whether the numbers are parts of one code: "Case 21-1234", "12-0034"."""
    padded = high.startswith("0") and not low.startswith("0") and high.isdigit() and len(high) > len(low)
    return padded or bool(_PLACE.search(text)) or (len(high) >= 3 and bool(_FILED.search(text)))


def _abbreviates(low: str, high: str) -> bool:
    """Tell whether the second is the end of a number as long as the first: "1939-45", "pages 121-8"."""
    whole = low.isdigit() and high.isdigit() and len(high) < len(low) and len(low) >= 3
    return whole and int(high) > int(low[-len(high) :])


def _value(number: str) -> float:
    digits = re.sub("[,_:]", "", number)
    return float(digits) if digits.count(".") <= 1 else 0.0


def _between_labels(match: re.Match[str]) -> str | None:
    """Read the dash between two numbers with the same letter: "Q1-Q3"."""
    letter = re.search(r"(?:^|[\s(])([A-Za-z]{1,2})\d{1,3}$", before(match))
    return "to" if letter and after(match).startswith(letter[1]) else None


def _measures(match: re.Match[str]) -> str:
    """The unit of a range is said once: "5°-10°" as "five to ten degrees"."""
    return f"{numerals.number(match[1])} to"


def _decade(match: re.Match[str]) -> str:
    number = match[0].strip("'s")
    if number == "1000":
        return "thousands"
    return numerals.plural(numerals.year(number) if len(number) == 4 else numerals.cardinal(number))


def _decades(match: re.Match[str]) -> str:
    first, last = match[1].strip("'"), match[2].strip("'")
    words = [numerals.year(n) if len(n) == 4 else numerals.cardinal(n) for n in (first, last)]
    return " to ".join(map(numerals.plural, words))


_OWNED = re.compile(
    r"\b(?:the|his|her|their|my|your|our|its|whose|'s|early|mid|late|high|low|upper|lower|all|two|three|four|"
    r"into|those|these|of)[ -]$",
    re.IGNORECASE,
)
_MANY = re.compile(
    r" of (?:thousands|millions|billions|hundreds|people|[a-z]+s)\b|,? (?:and|or|to) '?\d{1,3}s\b"
)
_BEFORE_MANY = re.compile(r"\ds,? (?:and|or|to) (?:the |early |late |mid-)?$")
_STYLE = re.compile(
    r" (?:music|songs?|films?|movies?|fashion|style|styles|era|hits|rock|pop|kids?|cinema|vibe|disco|tv|"
    r"design|cars?|party|nostalgia|sitcoms?|synth|hairstyles?|icon)\b",
    re.IGNORECASE,
)


def _counted(match: re.Match[str]) -> str | None:
    """Read a number in the plural, not seconds: "in his 40s", "F-16s", "10s of thousands"."""
    number = match[1]
    left, right = before(match), after(match)
    attached = re.search(r"[A-Za-z][-–]?$|\d[x×-]$|[Uu]nder-$", left)
    owned = _OWNED.search(left) or _BEFORE_MANY.search(left) or _MANY.match(right) or _STYLE.match(right)
    decade = owned and (number.endswith("0") or _MANY.match(right))
    if attached and re.search(r"(?:^|\s)\d{1,3}-$", left) and not _OWNED.search(left[: left.rfind(" ") + 1]):
        return None  # "5-10s" are seconds
    if not (attached or decade or (number.isdigit() and len(number) > 2)):
        return None
    round_number = re.fullmatch(r"10[0,]*", number)
    words = numerals.cardinal(number) if decade or not number.isdigit() else numerals.code(number)
    return numerals.plural(words.removeprefix("one ") if round_number else words)


_MARK = rf"(?: ?(?:{UNIT}|°(?: ?[CFK])?|%|['′]|[\"″]))"

RANGE_RULES: Final[Rules] = (
    (rf"('?(?:(?:1\d|20)\d|\d)0)'?s ?{DASH} ?('?(?:(?:1\d|20)\d|\d)0)'?s(?!\w)", _decades),
    (r"'?\d{3}0'?s(?!\w)|'\d0s(?!\w)", _decade),
    (r"(\d{1,3}(?:,\d{3}){1,3}|\d{1,6})s(?!\w)", _counted),
    (rf"{NUMBER}(?=({_MARK}) ?{DASH} ?{NUMBER}\2(?!\w)){_MARK} ?{DASH}", _measures),
    (rf"{DASH}(?=[A-Za-z]{{1,2}}\d)", _between_labels),
    (rf"{DASH}(?= ?[^ ])", _between),
    (r"(?<=\d)~(?=\d)", lambda match: "to"),
    (r"(?<![\w.-])[Aa][–-][Zz](?![\w-])", lambda match: f"{LETTER_A} to Z"),
)
"""They come before quantities, which end at the dash."""
