"""Rules for quantities: measures, rates, percentages, angles, durations."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.letters import MIXED
from avgen.text.patterns import DECIMAL_COMMA, DIGITS, SYMBOL, UNIT, Rules, after, alternatives, before
from avgen.text.readings import SCALES
from avgen.text.units import AFTER_PER, ALONE, COUNTED_BY, UNCOUNTED, UNITS

_NUMBER = f"({DECIMAL_COMMA}|{DIGITS})"
_COUNTER = rf"{UNIT}|{alternatives(COUNTED_BY)}"
_RATE = rf"((?:/(?:{_COUNTER})(?:\^?[23])?(?![A-Za-z])){{0,2}})"
_LENGTHS: Final = ("m", "km", "cm", "mm", "ft", "mi", "yd", "nm", "µm", "dm", "s")
_MEASURED = re.compile(
    r" (?:angles?|turns?|rotation|bend|slope|dash|sprint|race|relay|freestyle|hurdles|butterfly|radius)\b"
)
_PLAIN_AFTER = re.compile(
    r" (?:tall|high|wide|long|deep|thick|by|x|and|or|of|in|is|was|are|to|from|at|for|on|per|away|apart|above|"
    r"below|under|over|off|than|with|but|if|so|as|out|up|down|into|longer|taller|wider|deeper|higher|shorter|across|"
    r"when|while|then|it|he|she|we|they|you|i)\b",
    re.IGNORECASE,
)


def _number(text: str) -> str:
    return numerals.number(numerals.decimal_point(text))


def _is_adjective(match: re.Match[str]) -> bool:
    """Tell whether a measure stands before a noun ("a 5 km run")."""
    article = re.search(r"\ban? $", before(match), re.IGNORECASE)
    return bool(_MEASURED.match(after(match)) or (article and re.match(r",? [a-z]|-[a-z]", after(match))))


def _units(unit: str, amount: str, singular: bool) -> str:
    """A unit in the number that its amount asks for: "1" mile, "2" miles per hour."""
    if singular or amount in ("1", "1.0", "1.00"):
        return unit
    head, rest = re.fullmatch(r"(.*?)((?: per | of ).*)?", unit).groups("")  # type: ignore[union-attr]
    if head == "foot" or head.endswith(" foot"):
        head = head[:-4] + "feet"
    elif head == "inch" or head.endswith((" inch", "x")):
        head = numerals.plural(head) if head.endswith("x") else head + "es"
    elif not unit.endswith(UNCOUNTED) or rest:
        head += "s"
    return head + rest


def _rate(text: str) -> str:
    """What stands after the slashes: "/m^3" as "per meter cubed"."""
    words = ""
    for part in text.split("/")[1:]:
        name, power = re.fullmatch(r"(.*?)\^?([23])?", part).groups("")  # type: ignore[union-attr]
        words += f" per {UNITS.get(name, name)}" + {"2": " squared", "3": " cubed", "": ""}[power]
    return words


def _named(unit: str, power: str | None, rate: str, amount: str, singular: bool) -> str:
    name = {"2": "square ", "3": "cubic ", None: ""}[power] + UNITS[unit]
    return _units(name, amount, singular) + _rate(rate)


def _percent(match: re.Match[str]) -> list[str]:
    return [_number(match[1]), "percent"]


def _degrees(match: re.Match[str]) -> list[str]:
    scale = {"C": " Celsius", "F": " Fahrenheit", "K": " Kelvin"}.get((match[2] or "").strip(), "")
    words = _units("degree", match[1], _is_adjective(match)) + scale
    return [_number(match[1]), words]


def _angle(match: re.Match[str]) -> str | None:
    """A place on the globe or an angle: degrees, minutes, seconds, and where it points."""
    *amounts, direction = match.groups()
    if amounts[1] is None and direction is None:
        return None
    names = ("degree", "minute", "second")
    counted = [
        f"{numerals.number(amount)} {_units(name, amount, False)}"
        for amount, name in zip(amounts, names, strict=True)
        if amount
    ]
    points = {"N": "north", "S": "south", "E": "east", "W": "west"}
    return " ".join([*counted, *([points[direction]] if direction else [])])


def _degrees_alone(match: re.Match[str]) -> str:
    return "degrees " + {"C": "Celsius", "F": "Fahrenheit"}[match[1]]


def _measure(match: re.Match[str]) -> list[str] | None:
    text, gap, unit, caret, power, rate = match.groups()
    if power and not caret and unit not in _LENGTHS:
        return None
    number = numerals.decimal_point(text)
    if unit == "N" and (gap == "-" or "°" in before(match)):
        return None
    words = _named(unit, power, rate, number, singular=gap == "-" or _is_adjective(match))
    parts = words.split(" ", unit.count(" ")) if " " in unit else [words]
    return [numerals.number(number), *parts] if gap == " " else [" ".join([numerals.number(number), *parts])]


def _measure_of_fraction(match: re.Match[str]) -> str:
    whole, top, bottom = re.search(rf"(\d[ {MIXED}])?(\d+)[/⁄](\d+) $", before(match)).groups()  # type: ignore[union-attr]
    return _units(UNITS[match[1]], "", singular=not whole and int(top) <= int(bottom))


def _unit_alone(match: re.Match[str]) -> str:
    """A unit without a number: singular after "per", "a", "each" and the like."""
    unit, power, rate = match.groups()
    singular = re.search(r"\b(?:per|an?|each|every|one|single)[ -]$|/ ?$", before(match), re.IGNORECASE)
    return _named(unit, power, rate, "", singular=bool(singular))


def _unit_of_many(match: re.Match[str]) -> str:
    return _named(match[1], match[2], match[3], "", singular=False)


def _unit_after_per(match: re.Match[str]) -> str:
    return UNITS[match[0]]


def _per(match: re.Match[str]) -> str | None:
    """A slash after an amount: "$10/month", "5/week"; a path's slash is no rate."""
    words = match[0][1:].split("/")
    is_rate = words[0] in UNITS or words[0].removesuffix("s") in COUNTED_BY or words[0] in COUNTED_BY
    paid = re.search(rf"{SYMBOL}(?:[\d.,]{{0,15}}[kKmMB]?)$|illion$", before(match))
    return " ".join(f"per {UNITS.get(word, word)}" for word in words) if is_rate or paid else None


def _feet_and_inches(match: re.Match[str]) -> str:
    return f"{numerals.cardinal(match[1])} foot {numerals.cardinal(match[2])}"


def _duration(match: re.Match[str]) -> str:
    """Hours, minutes and seconds; beside one of the others an m is no meter."""
    counted = zip(("hour", "minute", "second"), match.groups(), strict=True)
    return " ".join(f"{numerals.cardinal(n)} {_units(unit, n, False)}" for unit, n in counted if n)


def _closes_quotation(match: re.Match[str], mark: str) -> bool:
    """Tell whether a quotation mark after a number closes a quotation rather than measures."""
    left = before(match, 200)
    opened = len(re.findall(rf"(?:^|[\s(\[]){mark}", left))
    closed = len(re.findall(rf"(?<=[^\s\d(\[]){mark}", left))
    return opened > closed


def _is_before_noun(match: re.Match[str]) -> bool:
    """Tell whether a word follows that the measure describes: "30″ TV", "a 12", screen"."""
    right = after(match)
    return _is_adjective(match) or bool(re.match(r" [A-Za-z]", right) and not _PLAIN_AFTER.match(right))


def _inches(match: re.Match[str]) -> str | None:
    if match[0].endswith(('"', "”")) and _closes_quotation(match, '"' if match[0].endswith('"') else "“"):
        return None
    singular = match[1] == "1" or _is_before_noun(match)
    return f"{numerals.number(match[1])} {'inch' if singular else 'inches'}"


def _feet(match: re.Match[str]) -> str | None:
    if match[0].endswith("'") and _closes_quotation(match, "'"):
        return None
    singular = match[1] == "1" or _is_before_noun(match)
    return f"{numerals.number(match[1])} {'foot' if singular else 'feet'}"


def _scaled(match: re.Match[str]) -> list[str] | None:
    is_large = match[2] == "M" and len(match[1]) > 1
    is_count = is_large or "." in match[1] or re.match(r" [a-z]", after(match))
    if match[2] in "MB" and (not is_count or re.search(r"[A-Z]\w*\.? $|[A-Za-z]-$|\d-$", before(match))):
        return None  # "221B Baker Street", "Apt. 4B"
    return [_number(match[1]), SCALES[match[2].strip().lower()]]


def _thousands(match: re.Match[str]) -> str | None:
    """A k before what is counted: "50k users"; a small one is the name of a distance or a picture."""
    return (
        f"{_number(match[1])} thousand"
        if float(numerals.decimal_point(match[1]).replace(",", "")) >= 6
        else None
    )


_SECONDS = "(?:\"|''|[″”])"
_SMALL = r"(\d{1,4}(?:\.\d{1,6})?)"

QUANTITY_RULES: Final[Rules] = (
    (rf"{_NUMBER} ?%", _percent),
    (rf"{_SMALL}° ?(?:{_SMALL}['′] ?(?:{_SMALL}{_SECONDS})?)? ?([NSEW])?(?![A-Za-z\d])", _angle),
    (rf"{_NUMBER} ?°( ?[CFK](?![A-Za-z]))?", _degrees),
    (r"(?<!\w)°([CF])(?!\w)", _degrees_alone),
    (rf"(\d{{1,2}})['′] ?(\d{{1,2}})(?:{_SECONDS})", _feet_and_inches),
    (r"(\d{1,2})['′](\d{1,2})(?![\w'])", _feet_and_inches),
    (r"(\d{1,2}) ?(?:ft|feet|foot)\.? (\d{1,2}) ?in\b(?:\.(?= [a-z]))?", _feet_and_inches),
    (rf"{_SMALL}['′](?![\w'])", _feet),
    (rf"{_SMALL}(?:[\"″”](?=[\s,.;:x)×–-]|$)|in\b| in\.(?= [a-z]))", _inches),
    (r"(?=\d{1,6}[hm] ?\d{1,6}[ms](?!\w))(?:(\d{1,6})h ?)?(\d{1,6})m(?: ?(\d{1,6})s)?(?!\w)", _duration),
    (rf"{_NUMBER}([ -]?)({UNIT})(?:(\^)?([23]))?{_RATE}(?:\.(?= [a-z]|,))?(?!\w)", _measure),
    (rf"(?:(?<=[/⁄]\d )|(?<=[/⁄]\d\d ))({UNIT})(?!\w)", _measure_of_fraction),
    (
        rf"(?:(?<=illion )|(?<=thousand )|(?<=hundred )|(?<=dozen )|(?<=\d[kKMB] )|(?<=\dbn ))({UNIT})"
        rf"(?:\^?([23]))?{_RATE}(?!\w)",
        _unit_of_many,
    ),
    (rf"(?<![\w/.@'-])({alternatives(ALONE)}|m(?=/s))(?:\^?([23]))?{_RATE}(?![\w@-])", _unit_alone),
    (rf"(?<=[Pp]er )(?:{alternatives(AFTER_PER)})(?!\w)", _unit_after_per),
    (rf"(?:(?<=\d)|(?<=\d[kKmMB])|(?<={SYMBOL})|(?<=illion))(?:/[A-Za-z]{{1,20}}){{1,3}}(?![A-Za-z/])", _per),
    (rf"{_NUMBER}((?:M|B| ?bn| ?mn| ?tn))(?!\w)", _scaled),
    (rf"{_NUMBER}([kK])(?!\w)(?=\+| (?:people|men|women|children|[a-z]+s\b))", _thousands),
)
