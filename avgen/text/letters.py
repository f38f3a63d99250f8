"""Characters to the few the front end reads: plain Latin letters, digits and known symbols."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from avgen.text import numerals
from avgen.text.readings import CURRENCIES, SYMBOLS

_SPECIAL: Final = {
    "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "th", "Ð": "Th", "þ": "th", "Þ": "Th",
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ı": "i", "ħ": "h", "Ħ": "H", "ŋ": "ng",
    "ə": "e", "ƒ": "f", "ŧ": "t", "Ŧ": "T",
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "ʻ": "'", "´": "'", "`": "'",
    "‹": "'", "›": "'", "„": "“", "‟": "“", "«": "“", "»": "”", "＂": '"',
    "‐": "-", "‑": "-", "‒": "–", "―": "—", "⸺": "—", "−": "−", "⁄": "⁄", "∕": "/", "…": "…", "⋯": "…",
    "·": "·", "∙": "·", "×": "×", "¿": "", "¡": "", "№": "No.", "℃": "°C", "℉": "°F", "º": "º",
    "µ": "µ", "μ": "µ", "™": "™", "©": "©", "®": "®", "℠": "™", "℡": "tel.", "Ω": "Ω", "ª": "ª", "ℏ": "h",
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
_SUPERSCRIPTS: Final = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿˣ", "0123456789-+nx", strict=True))
MIXED: Final = "\u2064"
"""Stands between the whole and the fraction of "3½"."""
APART: Final = "\u2063"
"""Stands between two things that are written in one word and said as two, as in "2π"."""


LETTER_A: Final = "[A](/ˈA/)"
"""The name of the letter, where the G2P would hear the article."""


class UnspeakableError(ValueError):
    """A character the front end has no sound for; the message says what it is."""


def spell(letters: str) -> str:
    """Have letters read one by one: "html" as "H.T.M.L"."""
    return LETTER_A if letters in ("a", "A") else ".".join(letters.upper())


def spell_mixed(text: str) -> str:
    """Have letters and digits read one by one: "4B2" as "four B two"."""
    pieces = re.findall(r"[A-Za-z]+|\d+", text)
    return " ".join(numerals.digits(piece) if piece.isdigit() else spell(piece) for piece in pieces)


def fold(word: str) -> str:
    """Fold accents, typographic variants and full-width forms; drop emoji and invisible characters.

    Args:
        word: a written word, without whitespace.

    Returns:
        The word in Latin letters, ASCII digits and known symbols; empty where nothing in it is read.

    Raises:
        UnspeakableError: a letter of another script, or a mark of broken encoding.
    """
    if word.isascii() and word.isprintable():
        return word
    text = unicodedata.normalize("NFC", word)
    folded: list[str] = []
    for index, char in enumerate(text):
        if char in _SUPERSCRIPTS:
            continued = re.search(r"\^[-+]?\d{0,9}$", "".join(folded[-10:]))
            folded.append(("" if continued else "^") + _SUPERSCRIPTS[char])
        elif char == "′" and text[index - 1 : index].isalpha() and text[index + 1 : index + 2].isalpha():
            folded.append("'")
        elif _is_greek(char):
            folded.append(_greek(char, text[max(0, index - 1) : index] + text[index + 1 : index + 2]))
        else:
            folded.append(_fold(char))
    return "".join(folded)


def _is_greek(char: str) -> bool:
    return char not in _SPECIAL and 0 <= ord(char.lower()[0]) - ord("α") < len(_GREEK)


def _greek(char: str, neighbours: str) -> str:
    """Read a Greek letter by its name, apart from what it touches; refuse Greek words."""
    if any(c.isalpha() and "GREEK" in unicodedata.name(c, "") for c in neighbours):
        raise UnspeakableError("Greek letters")
    name = _GREEK[ord(char.lower()[0]) - ord("α")]
    return f"{APART}{name}{APART}" if any(c.isalnum() for c in neighbours) else name


def _fold(char: str) -> str:
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
    if category[0] in "LN":
        return _letter(parts[0], char)
    if category in ("Sm", "Sc"):
        return char
    return "" if category[0] in "MCZ" or category in ("So", "Sk") else parts[0]


def name_of_sign(char: str) -> str | None:
    """Name of a mathematical sign or a currency that no table knows; None for every other character."""
    if unicodedata.category(char) not in ("Sm", "Sc"):
        return None
    return re.sub(r"[^a-z ]", " ", unicodedata.name(char, "sign").lower()).removesuffix(" sign")


def plain(word: str) -> str:
    """Remove every accent: "façade" as "facade"."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _letter(letter: str, char: str) -> str:
    """Refuse a foreign letter; a lone numeral of another script that stands for a whole number is read."""
    value = unicodedata.numeric(char, -1.0)
    if value >= 0 and value.is_integer() and unicodedata.category(char)[0] == "N":
        return str(int(value))
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    script = unicodedata.name(letter, "unknown").split()[0]
    raise UnspeakableError(f"{'Chinese or Japanese' if script == 'CJK' else script.capitalize()} letters")
