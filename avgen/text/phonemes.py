"""English words to phonemes: the one place that touches the G2P library (hibari, misaki conventions).

The G2P reads homographs and weak forms from context ("I read", "the apple"), so a sentence goes through
it whole; every whitespace-separated word of the sentence gets back exactly its own symbols.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from avgen.text.heteronyms import add_variants, settle
from avgen.text.names import NAMES
from avgen.text.tagging import part_of_speech, place

if TYPE_CHECKING:
    from hibari.g2p import G2P

PUNCTUATION: Final = frozenset(";:,.!?—…")
"""Symbols that shape the melody and take no sound of their own; quotation marks are not spoken."""
STRESS: Final = frozenset("ˈˌ")
SOUNDS: Final = frozenset("AIOTWYbdfhijklmnpstuvwzæðŋɐɑɔəɛɜɡɪɹʃʊʌʒʤʧθᵊᵻ")
"""American English phonemes the front end can produce; capitals are diphthongs, T is the flapped t."""
VOWELS: Final = frozenset("AIOWYiuæɐɑɔəɛɜɪʊʌᵊᵻ")

_IPA = {
    "eɪ": "A", "aɪ": "I", "ɔɪ": "Y", "oʊ": "O", "əʊ": "O", "aʊ": "W", "tʃ": "ʧ", "dʒ": "ʤ", "ɝ": "ɜɹ",
    "ɚ": "əɹ", "ɾ": "T", "ʔ": "t", "r": "ɹ", "g": "ɡ", "e": "ɛ", "a": "ɑ", "ɒ": "ɑ", "o": "O", "ɫ": "l",
    "ɨ": "ᵻ", "Q": "O", "ː": "", "ˑ": "", "'": "ˈ", "ʼ": "ˈ", "\u0361": "", "‿": "", ".": "", "-": "",
}  # fmt: skip
_IPA_PATTERN = re.compile("|".join(map(re.escape, sorted(_IPA, key=len, reverse=True))))
_GUESSED = 2
"""What the G2P rates a reading of its network for unknown words."""
_STRESS_BEFORE_CONSONANTS = re.compile(r"([ˈˌ])([bdfhjklmnpstvwzðŋɡɹʃʒʤʧθT]+)")
_SPOKEN = SOUNDS | STRESS | PUNCTUATION | {" "}


def from_ipa(text: str) -> str:
    """Bring hand-written phonemes (IPA or the G2P's own notation) into the front end's alphabet.

    Args:
        text: phonemes as in `[tomato](/təˈmeɪtoʊ/)`, without the slashes.

    Returns:
        The same sounds as symbols of `SOUNDS`, `STRESS` and spaces.

    Raises:
        ValueError: names the symbols that have no sound in this alphabet.
    """
    symbols = _IPA_PATTERN.sub(lambda match: _IPA[match.group()], text.replace("\u0361", ""))
    symbols = _STRESS_BEFORE_CONSONANTS.sub(r"\2\1", symbols)
    symbols = " ".join(symbols.split())
    unknown = sorted(set(symbols) - SOUNDS - STRESS - {" "})
    if unknown:
        raise ValueError(" ".join(unknown))
    return symbols


@functools.cache
def _g2p() -> G2P:
    from hibari.g2p import G2P  # about 0.7 s with its lexicon: only when text is read

    g2p = G2P()
    g2p.lexicon.golds.d.update(NAMES)
    add_variants(g2p.lexicon.golds.d)
    return g2p


def is_word(text: str) -> bool:
    """Tell whether the lexicon has the word, in this spelling or in lower case."""
    lexicon = _g2p().lexicon
    return any(word in lexicon.golds or word in lexicon.silvers for word in (text, text.lower()))


@functools.lru_cache(maxsize=1 << 16)
def is_guessed(word: str) -> bool:
    """Tell whether the G2P has to guess how a word is said: neither it nor its stem is in its lexicon."""
    g2p = _g2p()
    return any(token.rating == _GUESSED for token in g2p.phonemize_tokens(g2p.tokenize(word)))


def possessive(symbols: str) -> str:
    """The symbols of a word with 's: "cats" ends in s, "dogs" in z, "horses" in a syllable of its own."""
    last = symbols.rstrip("ˈˌ")[-1:]
    return symbols + ("ᵻz" if last in "szʃʒʧʤ" else "s" if last in "ptkfθ" else "z")


def onset(word: str) -> str:
    """The consonants a word starts with: "stop" as "st"."""
    (symbols,) = pronounce([word])
    return symbols[: next((i for i, symbol in enumerate(symbols) if symbol in VOWELS or symbol in STRESS), 0)]


def pronounce(texts: Sequence[str]) -> list[str]:
    """Read the pieces of a sentence.

    Args:
        texts: plain English words with their punctuation attached, one or more to a piece; a piece may
            be or hold `[text](/phonemes/)`.

    Returns:
        For every piece its symbols; empty where it makes no sound.
    """
    g2p = _g2p()
    words, current = [], ""
    tokens = g2p.tokenize(" ".join(text for text in texts if text))
    settle(tokens, g2p.lexicon.golds.d)
    for token in g2p.phonemize_tokens(tokens):
        current += token.phonemes or ""
        if token.whitespace:
            words.append(current)
            current = ""
    remaining = iter([*words, current])
    return [_clean(" ".join(next(remaining) for _ in text.split())) for text in texts]


@functools.lru_cache(maxsize=64)
def parts_of_speech(words: tuple[str, ...]) -> list[str]:
    """Tell what every written word of a sentence is: noun, verb, adjective, adverb, or "" for the others.

    Args:
        words: written words with their punctuation.
    """
    tokens = _g2p().tokenize(" ".join(words))
    texts, tags = [token.text.lower() for token in tokens], [token.tag for token in tokens]
    parts: list[str] = [""] * len(words)
    position = 0
    for index, token in enumerate(tokens):
        if not parts[position] and token.text[:1].isalnum():
            parts[position] = part_of_speech(place(texts, tags, index), token.tag)
        position += bool(token.whitespace)
    return parts


def _clean(symbols: str) -> str:
    symbols = symbols.replace("_", " ").replace("a", "ɑ")
    return " ".join("".join(c for c in symbols if c in _SPOKEN).split())
