"""Rules for signs of mathematics: minus, times, powers, roots, and signs that only have a name."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.letters import APART, MIXED, name_of_sign, spell
from avgen.text.patterns import SYMBOL, Rules, after, before
from avgen.text.readings import SYMBOLS

_VARIABLE_BEFORE = re.compile(rf"(?:^|[\s(\[=+*/^,<>|−{APART}-])\d{{0,9}}(?:[a-z]|N)$")
_CLOSED_BEFORE = re.compile(r"[)\]][²³]?$|\w\^-?\w{1,4}$")
_NUMBER_BEFORE = re.compile(r"(?:^|[\s(=+*/^<>−-])\d{1,9}(?:\.\d{1,9})?$")
_NUMBER_AFTER = re.compile(r"\d{1,9}(?:\.\d{1,9})?[a-z]?(?![\w-])")
_VARIABLE_AFTER = re.compile(rf"{APART}?(?:[a-z]|pi|alpha|beta|theta|sigma|mu){APART}?(?![\w'-])")
_FORMULA = re.compile(r"[=+*/^()<>]")
_OFFSET_BEFORE = re.compile(r"\b(?:UTC|GMT)$")
_ALGEBRA_AFTER = re.compile(r" ?[=+*/^<>≤≥²³]| ?[-−] ?\d{1,9}(?:\.\d{1,9})?(?![\dx.])| ?[-−] ?[a-z](?!\w)")
_ALGEBRA_BEFORE = re.compile(r"(?:[=+*/^<>(]|(?<![\dx])[-−]|\d [-−]) ?\d{1,9}(?:\.\d{1,9})?$")
_TIMES: Final = {"1": "once", "2": "twice"}


def _token(match: re.Match[str]) -> str:
    """The written word around a match, as far as 40 characters."""
    left, right = before(match, 40), after(match, 40)
    return left[left.rfind(" ") + 1 :] + match[0] + right.partition(" ")[0]


def _minus_inside(match: re.Match[str]) -> str | None:
    """Read a hyphen between two terms: "n-1", "2x-3", "(a+b)-c", "UTC-5"."""
    left, right = before(match), after(match)
    if _OFFSET_BEFORE.search(left):
        return "minus"
    has_signs = bool(_FORMULA.search(_token(match)))
    variable, closed = _VARIABLE_BEFORE.search(left), _CLOSED_BEFORE.search(left)
    if (variable or closed) and _NUMBER_AFTER.match(right):
        return "minus"
    if (variable or closed or _NUMBER_BEFORE.search(left)) and right.startswith("("):
        return "minus"
    if _VARIABLE_AFTER.match(right) and (closed or (has_signs and (variable or _NUMBER_BEFORE.search(left)))):
        return "minus"
    is_term = _NUMBER_BEFORE.search(left) and re.match(r"[bcnpqrtuvwxyz](?![\w-])", right)
    return "minus" if is_term else None


def _first_of_two(match: re.Match[str]) -> str | None:
    """Keep "a-b" apart in a formula, where it is no hyphenated word."""
    return spell(match[0]) if _FORMULA.search(_token(match)) else None


def _minus_between(match: re.Match[str]) -> str | None:
    """Read a hyphen with spaces around it between two terms: "i - 1", "2x - 3"."""
    left, right = before(match).rstrip(), after(match).lstrip()
    variable, closed = _VARIABLE_BEFORE.search(left), _CLOSED_BEFORE.search(left)
    if (variable or closed) and _NUMBER_AFTER.match(right):
        return "minus"
    term = _VARIABLE_AFTER.match(right)
    ends = term and re.match(r" ?(?:[-+*/=)<>≤≥.,;:?!^]|$)", right[term.end() :])
    return "minus" if ends and (variable or closed or _NUMBER_BEFORE.search(left)) else None


def _by_or_times(match: re.Match[str]) -> str:
    """The sign between two numbers: "512x512" is by, "6×10^23" and "2×3=6" are times."""
    right = after(match).lstrip()
    return "times" if re.match(r"10 ?(?:\^|\*\*)|[\d.]{1,12} ?=", right) else "by"


def _times_or_x(match: re.Match[str]) -> str:
    """An x after a number: "5x faster" is times, "2x - 3" is a variable."""
    algebra = match[0] == "x" and (
        _ALGEBRA_AFTER.match(after(match)) or _ALGEBRA_BEFORE.search(before(match))
    )
    return "x" if algebra else "times"


def _dose(match: re.Match[str]) -> str:
    """How often: "2x/day" as "twice a day"."""
    count, gap, period = match.groups()
    times = _TIMES.get(count) or f"{numerals.number(count)} times"
    joint = {"/": " a ", " a ": " a ", " per ": " per "}.get(gap, " ")
    return times + (" an " if gap == "/" and period.startswith("hour") else joint) + period


def _power(match: re.Match[str]) -> str:
    sign, exponent = match.groups()
    if not sign and exponent in ("2", "3"):
        return "squared" if exponent == "2" else "cubed"
    return f"to the power of {'minus ' if sign else ''}{numerals.cardinal(exponent)}"


def _charge(match: re.Match[str]) -> str:
    """The charge of an ion: "SO₄²⁻" as "S O four two minus"."""
    return f"{numerals.digits(match[1])} {'plus' if match[2] == '+' else 'minus'}".strip()


def _power_of_ten(match: re.Match[str]) -> str | None:
    if re.search(r"[A-Za-z]$", before(match)):
        return None  # "S01E05"
    sign = "minus " if match[2] == "-" else ""
    return f"{numerals.number(match[1])} times ten to the power of {sign}{numerals.cardinal(match[3])}"


def _root(match: re.Match[str]) -> str:
    return f"{SYMBOLS[match[1]]} {numerals.number(match[2])}"


def _function(match: re.Match[str]) -> str:
    names = {"sin": "sine", "cos": "cosine", "tan": "tangent", "ln": "natural log", "exp": "exponential"}
    return f"{names.get(match[1], match[1])} of"


def _lone(match: re.Match[str]) -> str:
    return {"~": "tilde", "^": "caret", "_": "underscore"}[match[0]]


MATHS_RULES: Final[Rules] = (
    (
        rf"(?<![\w)%.°'\"′″{SYMBOL[1:-1]}])-(?={SYMBOL}?\.?\d|{MIXED}|{APART}|[A-Za-z∞√](?![\w'-]))|−",
        lambda match: "minus",
    ),
    (r"(?<=[\w)\]])[-–](?=[\w(])", _minus_inside),
    (rf"(?<={APART})-(?=\w)", lambda match: "minus"),
    (r"(?<= )[-–](?= )", _minus_between),
    (
        r"(\d{1,4})[x×](/| a | per | )"
        r"(day|daily|week|weekly|month|monthly|year|yearly|hour|hourly|night|nightly|minute)(?!\w)",
        _dose,
    ),
    (r"(?<=[\d'′\"″])[x×](?=\d)|(?:(?<=\d )x|(?<=['′\"″] )[x×])(?= \.?\d)", _by_or_times),
    (r"(?<=\d)[x×](?!\w)", _times_or_x),
    (r"(?<=\d )·(?= \d)|(?<=\d)·(?=\d)", lambda match: "times"),
    (rf"(?<=[\w)\]{APART}])\^(\d?)([+-])(?![\w(])", _charge),
    (rf"(?<=[\w)\]{APART}])\^[({{]?(-)?(\d{{1,400}})(?![\w])", _power),
    (rf"(?<=[\w)\]{APART}])(?:\^|\*\*)(?=[\w({{+−{APART}-])", lambda match: "to the power of"),
    (r"(\d{1,400}(?:\.\d{1,400})?)[eE]([+-]?)(\d{1,5})(?!\w)", _power_of_ten),
    (r"([√∛∜])(\d{1,18}(?:\.\d{1,18})?)", _root),
    (r"(?<![\w.])(sin|cos|tan|log|ln|exp)\((?=\S)", _function),
    (r"(?<!\w)([A-Za-z])(?<![aA])\((?=-?[A-Za-z\d](?:[^\w]|$))(?!s\))", _function),
    (rf"(?<![\w~])~(?= ?(?:{SYMBOL}|[A-Z]{{1,3}}{SYMBOL})?\.?\d|{MIXED}|[A-Za-z])", lambda match: "about"),
    (r"(?<!\S)\*{1,2}(?=[a-z_\d])", lambda match: "star"),
    (r"(?<!\S)[~^_](?=[\s,.;:!?)]|$)", _lone),
    (r"(?<=[\da-z)])!(?= ?[-+*/÷×−)]| =)", lambda match: " factorial"),
    (r"(?<=\))/(?=[\w(])", lambda match: "over"),
    (r"(?<![\w'-])[A-Za-z](?=[-–][A-Za-z](?![\w'-]))", _first_of_two),
    (r"µ(?![A-Za-z])", lambda match: "mu"),
)
"""They come before quantities."""

NAMED_RULES: Final[Rules] = ((r"[^\x00-\x7f\w]", lambda match: name_of_sign(match[0])),)
"""Signs that no other rule knows."""
