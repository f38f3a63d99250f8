"""Timed phones of the teacher voice: classes, and its duration table read as phones.

Every phone sequence covers its audio from 0 to the end without gaps. Pauses carry the name of their
punctuation mark; ``$`` is silence without one (the edges of an utterance), and a space is the border
between two words: usually a phone of zero length, sometimes a short pause.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

TABLE_UNIT: Final = 0.025
"""Seconds per unit of the teacher's duration table."""
BORDER: Final = " "
EDGE: Final = "$"
PAUSE_RANK: Final = ".!?;:—…," + EDGE + BORDER
"""Pause names; where several meet, the one that comes first here names the merged pause."""
PAUSES: Final = frozenset(PAUSE_RANK)
_BORDER_MARKS: Final = frozenset(' "()“”')
_STRESS: Final = {"ˈ": 2, "ˌ": 1}
_MODIFIERS: Final = frozenset("̃ːʰʲ↓→↗↘")
DIPHTHONGS: Final = frozenset("AIOWYQ")
VOWELS: Final = DIPHTHONGS | frozenset("aeiouɑɐɒæɔəɚɛɜɨɪɯøœʊʌɤᵊᵻy")
BILABIALS: Final = frozenset("pbm")


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone or pause.

    Attributes:
        name: the teacher's symbol, or the name of the pause.
        stress: 0 none, 1 secondary, 2 primary; only vowels have stress.
        start: seconds from the start of the audio.
        end: seconds; equal to start for a word border that is not heard.
    """

    name: str
    stress: int
    start: float
    end: float

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    @property
    def middle(self) -> float:
        """Centre in seconds."""
        return (self.start + self.end) / 2

    def shifted(self, seconds: float) -> Phone:
        """The same phone later by ``seconds``."""
        return replace(self, start=self.start + seconds, end=self.end + seconds)


def is_pause(name: str) -> bool:
    """Whether the symbol is silence or punctuation rather than a sound."""
    return name in PAUSES


@cache
def teacher_symbols() -> dict[int, str]:
    """Symbol of every token id of the teacher voice; id 0 is the edge silence."""
    import hibari

    vocabulary = json.loads((Path(hibari.__file__).parent / "assets/vocab.json").read_text())
    return {0: EDGE} | {int(v): k for k, v in vocabulary.items()}


def merge_pauses(phones: Iterable[Phone]) -> list[Phone]:
    """Join neighbouring pauses into one, named by the strongest mark among them."""
    merged: list[Phone] = []
    for phone in phones:
        if merged and is_pause(phone.name) and is_pause(merged[-1].name):
            name = min(merged[-1].name, phone.name, key=PAUSE_RANK.index)
            merged[-1] = Phone(name, 0, merged[-1].start, phone.end)
        else:
            merged.append(phone)
    return merged


def table_phones(symbols: Sequence[str], durations: NDArray[np.integer]) -> list[Phone]:
    """Phones as the teacher's own duration table times them.

    Args:
        symbols: [L] teacher symbols.
        durations: [L] in units of 25 ms.

    Returns:
        Phones that cover the audio; a stress mark's time belongs to the vowel after it, the time of a
        length mark to the sound before it.
    """
    ends = np.cumsum(durations) * TABLE_UNIT
    phones: list[Phone] = []
    stress, start = 0, 0.0
    for symbol, end in zip(symbols, ends, strict=True):
        if symbol in _STRESS:
            stress = _STRESS[symbol]
            continue
        if symbol in _MODIFIERS and phones:
            phones[-1] = replace(phones[-1], end=float(end))
        else:
            name = BORDER if symbol in _BORDER_MARKS else symbol
            vowel = name in VOWELS
            phones.append(Phone(name, stress if vowel else 0, start, float(end)))
            stress = 0 if vowel else stress
        start = float(end)
    return merge_pauses(phones)
