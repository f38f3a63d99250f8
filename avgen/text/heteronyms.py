"""Words with one spelling and several sounds: their sounds, and which one a sentence asks for.

Most of them are nouns or adjectives with one sound and verbs with another; the G2P's lexicon has both,
and `tagging` tells which it is. Where the sense decides ("lead" the metal), the words around it tell.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from avgen.text.senses import GROUPS, SENSES
from avgen.text.tagging import Place, is_past, is_verb, place

VARIANTS: Final[Mapping[str, Mapping[str, str]]] = {
    "address": {"DEFAULT": "ədɹˈɛs", "NOUN": "ˈædɹˌɛs"},
    "addresses": {"DEFAULT": "ədɹˈɛsᵻz", "NOUN": "ˈædɹˌɛsᵻz"},
    "aged": {"DEFAULT": "ˈAʤd", "OLD": "ˈAʤᵻd"},
    "allies": {"DEFAULT": "ˈælˌIz", "VERB": "əlˈIz"},
    "ally": {"DEFAULT": "ˈælˌI", "VERB": "əlˈI"},
    "axes": {"DEFAULT": "ˈæksˌiz", "VERB": "ˈæksᵻz", "TOOLS": "ˈæksᵻz"},
    "bases": {"DEFAULT": "bˈAsᵻz", "GROUNDS": "bˈAsˌiz"},
    "bass": {"DEFAULT": "bˈAs", "FISH": "bˈæs"},
    "beloved": {"DEFAULT": "bəlˈʌvd", "NOUN": "bəlˈʌvᵻd", "ADJ": "bəlˈʌvᵻd"},
    "blessed": {"DEFAULT": "blˈɛst", "ADJ": "blˈɛsᵻd"},
    "bow": {"DEFAULT": "bˈO", "BEND": "bˈW"},
    "bowed": {"DEFAULT": "bˈWd", "BENT": "bˈOd"},
    "bowing": {"DEFAULT": "bˈWɪŋ"},
    "bows": {"DEFAULT": "bˈOz", "BEND": "bˈWz"},
    "combat": {"DEFAULT": "kˈɑmbˌæt", "VERB": "kəmbˈæt"},
    "combats": {"DEFAULT": "kˈɑmbˌæts", "VERB": "kəmbˈæts"},
    "does": {"DEFAULT": "dˈʌz", "DEER": "dˈOz"},
    "export": {"DEFAULT": "ˈɛkspˌɔɹt", "VERB": "ɪkspˈɔɹt"},
    "exports": {"DEFAULT": "ˈɛkspˌɔɹts", "VERB": "ɪkspˈɔɹts"},
    "houses": {"DEFAULT": "hˈWzᵻz"},
    "lead": {"DEFAULT": "lˈid", "METAL": "lˈɛd"},
    "Polish": {"DEFAULT": "pˈOlɪʃ", "VERB": "pˈɑlɪʃ"},
    "protest": {"DEFAULT": "pɹˈOtˌɛst", "VERB": "pɹətˈɛst"},
    "protests": {"DEFAULT": "pɹˈOtˌɛsts", "VERB": "pɹətˈɛsts"},
    "resume": {"DEFAULT": "ɹəzˈum", "NOUN": "ɹˈɛzəmˌA"},
    "resumes": {"DEFAULT": "ɹəzˈumz", "NOUN": "ɹˈɛzəmˌAz"},
    "row": {"DEFAULT": "ɹˈO", "QUARREL": "ɹˈW"},
    "sake": {"DEFAULT": "sˈAk", "DRINK": "sˈɑki"},
    "sewer": {"DEFAULT": "sˈuəɹ", "SEWS": "sˈOəɹ"},
    "sewers": {"DEFAULT": "sˈuəɹz", "SEWS": "sˈOəɹz"},
    "subcontract": {"DEFAULT": "sˈʌbkˌɑntɹˌækt", "VERB": "sˌʌbkəntɹˈækt"},
    "tear": {"DEFAULT": "tˈɪɹ", "RIP": "tˈɛɹ"},
    "tears": {"DEFAULT": "tˈɪɹz", "RIP": "tˈɛɹz"},
}
"""Sounds the G2P's lexicon lacks, by part of speech or by sense."""

_NEITHER: Final = frozenset(
    [
        "overweight",
        "overhead",
        "inside",
        "outside",
        "uphill",
        "downhill",
        "nearby",
        "overall",
        "underground",
        "downstairs",
        "uptown",
        "arithmetic",
        "arsenic",
        "pasty",
        "minute",
        "that",
        "moped",
        "dogged",
        "crooked",
        "ragged",
        "jagged",
        "learned",
        "unlearned",
        "lunged",
        "augmented",
        "alloyed",
        "allied",
        "undertaking",
        "upsetting",
        "closer",
        "used",
        "grown-up",
        "proceeds",
        "aged",
        "houses",
    ]
)
"""The rules for verbs do not tell their senses apart."""


class Token(Protocol):
    """What is read and set of the G2P's tokens."""

    text: str
    tag: str
    phonemes: str | None


def add_variants(entries: dict[str, str | dict[str, str]]) -> None:
    """Complete a lexicon of the G2P.

    Args:
        entries: its words and their sounds.
    """
    entries.update({word: dict(sounds) for word, sounds in VARIANTS.items()})


def settle(tokens: Sequence[Token], entries: Mapping[str, str | Mapping[str, str]]) -> None:
    """Set the tags of a sentence's heteronyms so that the lexicon gives the sound the sentence asks for.

    Args:
        tokens: the sentence, tagged.
        entries: the lexicon's words, completed by `add_variants`.
    """
    words, tags = [token.text.lower() for token in tokens], [token.tag for token in tokens]
    for index, (word, token) in enumerate(zip(words, tokens, strict=True)):
        sounds = entries.get(token.text) or entries.get(word)
        if token.phonemes is None and isinstance(sounds, Mapping) and "None" not in sounds:
            tags[index] = token.tag = _tag(place(words, tags, index), sounds) or token.tag


@functools.cache
def _senses(word: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """A word's senses with their patterns, the names of groups written out."""
    return tuple(
        (sense, re.compile(re.sub(r"<(\w+)>", lambda name: f"(?:{GROUPS[name[1]]})", pattern)))
        for sense, pattern in SENSES.get(word, ())
    )


def _tag(here: Place, sounds: Mapping[str, str]) -> str | None:
    word = here.word
    if word in ("read", "reread"):
        return "VBD" if is_past(here) else "VB"
    for sense, pattern in _senses(word):
        if pattern.search(here.text):
            return sense
    if word in _NEITHER:
        return None
    verb = is_verb(here)
    if verb is None:
        return None
    if verb:
        return _verb_sense(sounds)
    return "JJ" if "ADJ" in sounds and "NOUN" not in sounds else "NN"


def _verb_sense(sounds: Mapping[str, str]) -> str:
    return next((sense for sense in ("BEND", "RIP") if sense in sounds), "VB")
