"""Rules for letters and symbols: addresses, abbreviations, acronyms, words, punctuation."""

from __future__ import annotations

import functools
import re
from typing import Final

from avgen.text.abbreviation_rules import full_stop
from avgen.text.letters import LETTER_A, plain, spell
from avgen.text.numerals import code
from avgen.text.patterns import Rules, after, alternatives, before
from avgen.text.phonemes import is_word, possessive
from avgen.text.readings import (
    ABBREVIATIONS,
    EMPHASISED,
    FILE_ENDINGS,
    NEEDS_ACCENT,
    OPERATORS,
    SPOKEN_ENDINGS,
    SYMBOLS,
    TOP_LEVEL_DOMAINS,
    WEB_SYMBOLS,
)

_TRIPLED = re.compile(r"([A-Za-z])\1{2,}")
_MAX_LETTERS = 24
"""The G2P's network for unknown words reads this many letters and ignores the rest."""
_MAX_SHOUT = 1000
"""So far two spaces are looked for, which tell words in capitals from one acronym."""
_VOWELS = re.compile("[aeiouyAEIOUY]")


def _as_is(match: re.Match[str]) -> str:
    return match[0]


def _pronounced(match: re.Match[str]) -> str:
    """A pronunciation of the writer's, with the 's behind it."""
    opening, symbols, closing, owner = match.groups()
    return f"{opening}{possessive(symbols) if owner else symbols}{closing}"


def _nothing(match: re.Match[str]) -> str:
    return ""


# --- addresses and names -----------------------------------------------------------------------------


def _label(text: str) -> str:
    """One alphanumeric piece of an address, a hashtag or a file name."""
    if text.isdigit():
        return code(text)
    if len(text) == 1 or not _VOWELS.search(text):
        return spell(text)
    return text


def _ending(text: str) -> str:
    """A piece after a dot: "com" is a word, "uk" and "pdf" are letters."""
    if text.lower() in SPOKEN_ENDINGS or text.lower() not in (*TOP_LEVEL_DOMAINS, *FILE_ENDINGS):
        return _label(text)
    return spell(text)


def _address(match: re.Match[str]) -> str:
    text = re.sub(r"^[a-z]+://", "", match[0], flags=re.IGNORECASE).rstrip("/")
    tokens = re.findall(r"[A-Za-z]+|\d+|[^A-Za-z\d]", text)
    words = []
    for index, token in enumerate(tokens):
        if not token.isalnum():
            words.append(WEB_SYMBOLS.get(token, ""))
        elif index and tokens[index - 1] == ".":
            words.append(_ending(token))
        else:
            words.append(_label(token))
    return " ".join(" ".join(words).split())


def split_name(text: str) -> str:
    """Split a joined name into words: "OpenAIModels_v2" as "Open A I Models v two"."""
    pieces = re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+", text)
    return " ".join(_label(piece) if piece.isdigit() else piece for piece in pieces)


def _hashtag(match: re.Match[str]) -> str:
    return f"hashtag {split_name(match[1])}"


def _mention(match: re.Match[str]) -> str:
    return f"at {split_name(match[1])}"


# --- abbreviations -----------------------------------------------------------------------------------


def _abbreviation(match: re.Match[str]) -> str:
    return ABBREVIATIONS[match[0]] + full_stop(match)


def _initial(match: re.Match[str]) -> str:
    return spell(match[0][0])


def _letter_a(match: re.Match[str]) -> str | None:
    """A capital A inside a sentence is the letter, unless the whole sentence or title has capitals."""
    inside = re.search(r"\w,? $", before(match)) and not _is_in_capitals(match.string)
    return LETTER_A if inside and not re.match(" [A-Z][a-z]", after(match)) else None


def _ampersand(match: re.Match[str]) -> str:
    return f"{spell(match[1])} and {spell(match[2])}" + ("'s" if match[3] else "")


def _letters_before_digits(match: re.Match[str]) -> str:
    letters = match[1]
    spelled = (letters.isupper() and len(letters) <= 3) or len(letters) == 1 or not _VOWELS.search(letters)
    return spell(letters) if spelled else _spelt(letters)


# --- words and punctuation ---------------------------------------------------------------------------


@functools.lru_cache(maxsize=8)
def _is_in_capitals(text: str) -> bool:
    return not re.search("[a-z]", text)


def _word(match: re.Match[str]) -> str:
    shouted = _is_in_capitals(match.string) and match.string.count(" ", 0, _MAX_SHOUT) > 1
    return "-".join(_spelt(_quiet(part, shouted)) for part in match[0].split("-"))


def _quiet(word: str, shouted: bool) -> str:
    """Small letters for capitals that are emphasis and not an acronym."""
    small = word.lower()
    is_emphasis = small in EMPHASISED or (shouted and is_word(small))
    return small if len(word) > 1 and word.isupper() and is_emphasis else word


def _spelt(word: str) -> str:
    """Bring a word into a spelling the G2P reads whole: "sooo" as "so", giants in pieces."""
    if not word.isascii() and word.lower() not in NEEDS_ACCENT:
        unaccented = plain(word)
        word = unaccented if is_word(unaccented) else re.sub("(?<=[aeiou])[ëï]", lambda m: plain(m[0]), word)
    if _TRIPLED.search(word) and not is_word(word):
        twice, once = (_TRIPLED.sub(kept, word) for kept in (r"\1\1", r"\1"))
        if _is_acronym(word, twice, once):
            return spell(word)
        word = twice if is_word(twice) or not is_word(once) else once
    if len(word) <= _MAX_LETTERS or is_word(word):
        return word
    return " ".join(word[i : i + _MAX_LETTERS] for i in range(0, len(word), _MAX_LETTERS))


def _is_acronym(word: str, twice: str, once: str) -> bool:
    """Tell whether a letter stands three times in a word because it means three: "AAA", "IEEE", "www"."""
    if len(set(word)) == 1:
        return len(word) <= 4 if word.isupper() else bool(re.fullmatch("[bcdfgjkpqtvwx]{3,4}", word))
    starts = word[0] == word[1] == word[2] and not word.endswith("H")
    return word.isupper() and len(word) <= 5 and (starts or not (is_word(twice) or is_word(once)))


def _repeated(match: re.Match[str]) -> str:
    marks = match[0]
    if set(marks) == {"."}:
        return "…"
    if re.fullmatch(r"\.[,;:]", marks):
        return marks[1]  # the stop of an abbreviation: "8 oz., I think"
    return "?" if "?" in marks else "!" if "!" in marks else marks[0]


def _symbol(match: re.Match[str]) -> str:
    return SYMBOLS[match[0]]


def _slash(match: re.Match[str]) -> str:
    capitals = re.search(r"\b[A-Z]+$", before(match)) and re.match(r"[A-Z]+\b", after(match))
    return " " if capitals else "slash"


_DOMAIN = alternatives(TOP_LEVEL_DOMAINS)
_STOP = r"(?=[.,;:!?)\"”'\]…]{0,8}(?:\s|$))"
_ABBREVIATED = alternatives(ABBREVIATIONS)

NAME_RULES: Final[Rules] = (
    (r"(\[[^\[\]]*\]\(/)([^()]*)(/\))(?:'(s)(?!\w))?", _pronounced),
    (r"(?<!\S)[:;=]['-]?[)(DPpO3|/](?!\S)|(?<!\S)<3(?!\S)", _nothing),
    (r"(?<![\w.+@-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?<![.-])", _address),
    (rf"(?:https?|ftp)://\S+?{_STOP}|www\.\S+?{_STOP}", _address),
    (rf"(?<![\w.-])(?:[A-Za-z\d][\w-]*\.)+(?:{_DOMAIN})(?![\w.]*@)(?:[:/]\S*?)?{_STOP}", _address),
    (rf"(?:\*|(?<![\w.-])[\w-]+(?:\.\w+)*)\.(?:{alternatives(FILE_ENDINGS)}){_STOP}", _address),
    (rf"(?<!\S)~/\S*?{_STOP}|localhost(?::\d{{1,5}})?(?:/\S*?)?{_STOP}", _address),
    (rf"(?<![\w.'])(?:{_ABBREVIATED})(?:(?<=\.)(?!\w)|(?!\w|'(?!s\b)|\.\w))", _abbreviation),
    (r"(?<=\w)'s(?!\w)", _as_is),
    (r"(?<!\w)#(?!(?=[A-Fa-f]{0,5}\d)[\dA-Fa-f]{6}(?!\w))([A-Za-z]\w*)", _hashtag),
    (r"(?<!\w)@(\w+)", _mention),
)
"""Tried before the rules for numbers."""

WORD_RULES: Final[Rules] = (
    (r"(?<![\w.])[A-Z]\.(?= [A-Z])", _initial),
    (r"(?:[A-Za-z]\.){2,}'?s(?!\w)", lambda match: match[0].rpartition(".")[0] + "'s"),
    (r"(?:[A-Za-z]\.){2,}", lambda match: match[0][:-1] + full_stop(match)),
    (r"([A-Z]{1,3})&([A-Z]{1,3})(s?)(?!\w)", _ampersand),
    (r"([A-Za-z]+)(?=-?\d)", _letters_before_digits),
    (r"(?<=\d)[A-Za-z](?![A-Za-z])", lambda match: match[0].upper()),
    (r"([A-Za-z]+)\((e?s)\)", lambda match: match[1] + match[2]),
    (
        r"a(?=\^|/[a-z]\b| ?[=+*<>×÷−≈≠≤≥≡∝∈∉∪∩⊂⊆⊕∧∨])|A(?=/[A-Z]\b|(?: (?:to|and|or|vs))? [A-Z]\b)",
        lambda match: LETTER_A,
    ),
    (r"A(?![\w'])", _letter_a),
    (r"[Ωµ]", _symbol),
    (r"[^\W\d_]+(?:['-][^\W\d_]+)*", _word),
    (r"[-=]{1,8}>", lambda match: "to"),
    (r"<-{1,8}(?!\d)|<={2,8}(?!\d)", lambda match: "from"),
    (r"(?<=[a-z\d])\.(?=[a-z])", lambda match: "dot"),
    (alternatives(OPERATORS), lambda match: OPERATORS[match[0]]),
    (r"(?<=[a-z] )>(?= [A-Z])", lambda match: ","),
    (r"(?<=\W[A-F])[-−](?!\w)", lambda match: "minus"),
    (r"--+|–|(?<!\S)-(?!\S)", lambda match: "—"),
    (r"[.!?…,;:]{2,}", _repeated),
    (r"[.,;:!?—…]", _as_is),
    (r"(?<=[A-Za-z\d])/(?=[A-Za-z\d])", _slash),
    (r"(?<=\d )\*(?= \d)|(?<=\d)\*(?=\d)", lambda match: "times"),
    (alternatives(SYMBOLS), _symbol),
)
"""Tried after the rules for numbers; what none of them knows (quotation marks, brackets) is not read."""
