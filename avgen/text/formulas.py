"""Which dollar signs are marks of a formula and which are money, and formulas as inline values."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from avgen.text.latex import FormulaError, read_command, read_formula
from avgen.text.latex_tables import ONLY_IN_FORMULAS
from avgen.text.page import Page, Spoken, shorten
from avgen.text.tags import decode

LONGEST: Final = 2_000
"""Characters of one formula."""
_SHORT = re.compile(r"[-+]?\d*(?:\.\d+)?[A-Za-z]{0,3}'?|[A-Za-z]\([A-Za-z\d, ]{1,20}\)|\([^()$]{1,20}\)")
"""A formula without any sign: "x", "2x", "f(x)", "ABC"."""
_SIGNS = re.compile(r"[\\^_=+<>|!*/−×·≤≥≠]|&[lg]t;|\d\s*-|[A-Za-z]-\d|\b[A-Za-z]\s*-\s*[A-Za-z\d]\b")
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}[,.]?\s+[A-Za-z]{3,}(?![A-Za-z])")
_WORDS = re.compile(r"\\(?:text\w*|mathrm|operatorname|mbox)\s*\{[^{}]*\}")
_RAISED = re.compile("[⁰¹²³⁴-⁹⁺⁻ⁿ]+")
_COMMAND = re.compile(r"\\([A-Za-z]+)")


def are_marks(text: str, start: int, end: int) -> bool:
    """Tell whether the dollars at `start` and `end` enclose a formula: "$x$", but not "$5 and $10"."""
    content = text[start + 1 : end]
    if not content or content[0].isspace() or content[-1].isspace() or len(content) > LONGEST:
        return False
    before, after = text[start - 1 : start] if start else "", text[end + 1 : end + 2]
    is_variable = content[-1] in "/=+-*<>,:([{|^_" or after.isdigit() or after.isupper() or after == "_"
    return not before.isalnum() and not is_variable and looks_like_one(content)


def looks_like_one(content: str) -> bool:
    """Tell a formula from prose: it has signs and no two words in a row, or is as short as "2x"."""
    content = content.strip()
    if not content or _PROSE.search(_WORDS.sub("", content)):
        return False
    return bool(_SIGNS.search(content) or _SHORT.fullmatch(content))


def read(content: str, page: Page, line: int) -> str:
    """Read a formula and return what stands for it in the line.

    Raises:
        InputError: naming the command or sign that is not read.
    """
    content = re.sub(r"&\w{1,32};", lambda match: decode(match[0]), content)
    content = _RAISED.sub(lambda match: f"^{{{unicodedata.normalize('NFKC', match[0])}}}", content)
    try:
        words = read_formula(content)
    except FormulaError as error:
        raise page.error(line, f"cannot read the formula '{shorten(content)}': {error}") from None
    return _inline(content, words, page)


def command_at(text: str, start: int) -> bool:
    """Tell whether a command that only formulas have stands in running text."""
    match = _COMMAND.match(text, start)
    if not match or re.match(r"[\w:\\]", text[start - 1 : start] if start else ""):
        return False
    return match[1] in ONLY_IN_FORMULAS or text[match.end() : match.end() + 1] == "{"


def read_command_at(text: str, start: int, page: Page, line: int) -> tuple[str, int]:
    """Read a command in running text; return what stands for it, and its length.

    Raises:
        InputError: naming the command that is not read.
    """
    try:
        words, length = read_command(text[start : start + LONGEST])
    except FormulaError as error:
        raise page.error(line, f"cannot read '{shorten(text[start : start + 60])}': {error}") from None
    return _inline(text[start : start + length], words, page), length


def _inline(text: str, words: str, page: Page) -> str:
    return page.put(Spoken(" ".join(text.split()), tuple(words.split()))) if words else " "
