"""Rules for small words that no dictionary has: letter names in small letters, contractions, stutters."""

from __future__ import annotations

import re
from typing import Final

from avgen.text.letters import spell
from avgen.text.names import PHRASES
from avgen.text.patterns import Rules, alternatives
from avgen.text.phonemes import is_word, onset, possessive, pronounce


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SPELLED: Final = _words(
    """
    ai usa api apis atm atms aws ceo ceos cfo cfos cto ctos cia diy eod eta eu faqs fyi hiv imho imo iot
    iq irl irs lmao nyc nypd ngo ngos omg pov psa qa roi rsvp tba ufc ufo ufos ui uk url urls usb ux vip
    vips wip idk ikr afaik hmu gpa mba nba mri rna dna fbi mmo fifo lifo iou ious idc ofc asl afk iirc
    ymmv cds dvds dms gpus cpus llms kpis mvps npcs pcs pdfs phds prs sdks sms ssds tvs vms vpns
    """
)
"""Words in small letters that are spelled although they could be spoken, and plurals of letters."""
_ALSO_NAMES: Final = _words("Ai Cia")
_NOT_PLURAL: Final = _words("aws sms irs")
_NO_VOWELS: Final = re.compile("[bcdfghjklmnpqrstvwxz]{2,}")
INTERJECTIONS: Final = {
    "grr": "ɡɹˈɜɹ", "grrr": "ɡɹˈɜɹ", "pfft": "pˈəft", "pft": "pˈəft", "zzz": "zzz", "hmph": "hˈʌmf",
    "pssst": "psst", "shhh": "ʃʃʃ", "ssh": "ʃʃ", "brrr": "bˈɜɹ", "mmhm": "əmhˈʌm", "mm-hmm": "əmhˈʌm",
    "nah": "nˈɑ", "eww": "ˈiu", "ew": "ˈiu", "ugh": "ˈʌɡ", "th'": "ðə", "ol'": "ˈOl", "nothin'": "nˈʌθɪn",
}  # fmt: skip
"""Sounds that are written without vowels or with odd ones."""
_JOINED: Final = _words("t-test t-tests b-ball b-boy b-boys d-day t-tube g-girl x-x")
"""A letter before a word that starts with it, and yet no stutter."""


def letter_word(word: str) -> str | None:
    """Read a word in small letters that is spelled: "pwd", "urls"; None where it is a word.

    Args:
        word: small letters, without punctuation.
    """
    if word in SPELLED:
        is_plural = word.endswith("s") and word not in _NOT_PLURAL
        return f"{word[:-1].upper()}s" if is_plural else spell(word)
    return spell(word) if _NO_VOWELS.fullmatch(word) and not is_word(word) else None


def _letters(match: re.Match[str]) -> str | None:
    if match[1] in _ALSO_NAMES:
        return None
    letters = letter_word(match[1].lower())
    return letters and letters + (match[2] or "")


def _interjection(match: re.Match[str]) -> str:
    return f"[{match[0]}](/{INTERJECTIONS[match[0].lower()]}/)"


def _contraction(match: re.Match[str]) -> str | None:
    """Read "How're" and "there've", of which the lexicon has only the commonest."""
    if is_word(match[0]):
        return None
    (sound,) = pronounce([match[1]])
    return f"[{match[0]}](/{sound.replace(' ', '_')}{'əɹ' if match[2] == 're' else 'əv'}/)"


def _stutter(match: re.Match[str]) -> str | None:
    """The start of a word, said before the word: "w-what", "th-that", "b-b-but"."""
    starts, word = match[1].rstrip("-").split("-"), match[2]
    begun = all(word.lower().startswith(start.lower()) and len(start) < len(word) for start in starts)
    if not begun or match[0].lower() in _JOINED:
        return None
    sound = onset(word)
    if not sound:
        return None
    sounds = [
        sound if len(start) > 1 or start.lower() + "h" == word[:2].lower() else sound[:1] for start in starts
    ]
    return " ".join([*(f"[{start}](/{said}ə/)" for start, said in zip(starts, sounds, strict=True)), word])


def _phrase(match: re.Match[str]) -> list[str]:
    sounds = list(PHRASES[match[1]])
    if match[2]:
        sounds[-1] = possessive(sounds[-1])
    written = match[1].split()
    return [
        f"[{word}](/{sound.rstrip(',')}/){',' * sound.endswith(',')}"
        for word, sound in zip(written, sounds, strict=True)
    ]


_START: Final = r"(?<![\w.'/@-])"

SMALL_WORD_RULES: Final[Rules] = (
    (rf"{_START}({alternatives(PHRASES)})('s)?(?![\w-])", _phrase),
    (rf"{_START}(?i:{alternatives(INTERJECTIONS)})(?![\w'-])", _interjection),
    (r"(?<![\w'-])([A-Za-z]+)'([rv]e)(?![\w'])", _contraction),
    (rf"{_START}((?:[A-Za-z]{{1,2}}-){{1,4}})([A-Za-z]*[a-z][A-Za-z']*)(?![\w-])", _stutter),
)
"""Tried after names and addresses."""

LETTER_RULES: Final[Rules] = ((rf"{_START}([A-Za-z][a-z]{{1,5}})('s)?(?![\w'/@-]|\.\w)", _letters),)
"""Tried after numbers and their units."""
