"""Characters to the few the front end reads: plain Latin letters, digits and known symbols."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from avgen.text.readings import CURRENCIES, SYMBOLS

_SPECIAL: Final = {
    "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "th", "Ð": "Th", "þ": "th", "Þ": "Th",
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ı": "i", "ħ": "h", "Ħ": "H", "ŋ": "ng",
    "ə": "e", "ƒ": "f", "ŧ": "t", "Ŧ": "T",
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "ʻ": "'", "´": "'", "`": "'", "′": "'",
    "‹": "'", "›": "'", "„": "“", "‟": "“", "«": "“", "»": "”", "″": '"', "＂": '"',
    "‐": "-", "‑": "-", "‒": "–", "―": "—", "⸺": "—", "−": "−", "⁄": "⁄", "∕": "/", "…": "…", "⋯": "…",
    "·": "·", "∙": "·", "×": "×", "¿": "", "¡": "", "№": "No.", "℃": "°C", "℉": "°F", "º": "°",
    "µ": "µ", "μ": "µ", "™": "™", "©": "©", "®": "®", "℠": "™", "℡": "tel.", "Ω": "Ω", "ª": "a",
}  # fmt: skip
"""Characters whose compatibility decomposition is missing, or would lose what they stand for."""

_ACCENTED: Final = frozenset(
    "ÀÁÂÃÄÅÇÉÊÌÍÎÏÑÒÓÔÕÖÚàáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąĆćČčďēĕėęěĝğġģīĭķļľńņňōŏőŘřŚśŞşŠšţťūŭůűŵźżŽž"
)
"""Accented letters whose sound the G2P knows; they are kept until `plain`."""
_GREEK: Final = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"),
    *("nu", "xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
)
_SUPERSCRIPTS: Final = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
MIXED: Final = "\u2064"
"""Stands between the whole and the fraction of "3½"."""


LETTER_A: Final = "[A](/ˈA/)"
"""The name of the letter, where the G2P would hear the article."""


class UnspeakableError(ValueError):
    """A character the front end has no sound for; the message says what it is."""


def spell(letters: str) -> str:
    """Have letters read one by one: "html" as "H.T.M.L"."""
    return LETTER_A if letters in ("a", "A") else ".".join(letters.upper())


def fold(word: str) -> str:
    """Fold accents, typographic variants and full-width forms; drop emoji and invisible characters.

    Args:
        word: a written word, without whitespace.

    Returns:
        The word in Latin letters, ASCII digits and known symbols; empty where nothing in it is read.

    Raises:
        UnspeakableError: a letter of another script, or a mark of broken encoding.
    """
    folded = ""
    for char in unicodedata.normalize("NFC", word):
        if char in _SUPERSCRIPTS:
            continued = re.search(r"\^-?\d*$", folded)
            folded += _SUPERSCRIPTS[char] if continued else "^" + _SUPERSCRIPTS[char]
        else:
            folded += _fold(char, word)
    return folded


def _fold(char: str, word: str) -> str:
    if char.isascii():
        return char if char.isprintable() else ""
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char in _ACCENTED or char in SYMBOLS or char in CURRENCIES:
        return char
    if char == "\ufffd":
        raise UnspeakableError("a damaged character: was the file saved in another encoding than UTF-8?")
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "No" and "FRACTION" in unicodedata.name(char, ""):
        return MIXED + unicodedata.normalize("NFKC", char)
    parts = unicodedata.normalize("NFKD", char)
    if any(c.isascii() and c.isalnum() for c in parts):
        return "".join(c for c in parts if c.isascii() and not c.isspace())
    if category[0] == "L":
        return _letter(parts[0], word)
    return "" if category[0] in "MCZ" or category in ("So", "Sk") else parts[0]


def plain(word: str) -> str:
    """Remove every accent: "façade" as "facade"."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _letter(char: str, word: str) -> str:
    """Read a lone Greek letter by its name; refuse every other foreign letter."""
    lower = ord(char.lower()) - ord("α")
    if 0 <= lower < len(_GREEK) and sum(c.isalpha() for c in word) == 1:
        return _GREEK[lower]
    script = unicodedata.name(char, "unknown").split()[0]
    raise UnspeakableError(f"{'Chinese or Japanese' if script == 'CJK' else script.capitalize()} letters")
