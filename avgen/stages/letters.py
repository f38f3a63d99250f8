"""Sentences as the letters that a recogniser of characters hears, with the blanks between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avgen.text import Sentence
from avgen.text.labels import BLANK, CHARACTERS, SPACE

_OTHER = re.compile("[^A-Z']+")


@dataclass(frozen=True, slots=True)
class LetterRun:
    """One letter of a word with the symbols of that word: symbols[start:stop]; or what is between letters."""

    label: str
    start: int = -1
    stop: int = -1

    @property
    def index(self) -> int:
        """Position of the letter among CHARACTERS."""
        return CHARACTERS.index(self.label)

    @property
    def is_pause(self) -> bool:
        """Whether it is none."""
        return self.label in CHARACTERS.silent


def letter_runs(sentence: Sentence) -> list[LetterRun]:
    """Letters of a sentence as it is read ("25" as "twenty five"), spaces after words, blanks between all."""
    runs: list[LetterRun] = []
    for word, (first, last) in zip(sentence.words, sentence.spans, strict=True):
        for part in _OTHER.split(word.spoken.upper()) if last > first else ():
            letters = [LetterRun(letter, first, last) for letter in part]
            runs += [*letters, LetterRun(SPACE)] if letters else []
    return [run for one in runs or [LetterRun(SPACE)] for run in (one, LetterRun(BLANK))]


def skippable(runs: Sequence[LetterRun]) -> NDArray[np.bool_]:
    """Which runs [L] may take no time: blanks, but for those between equal letters (Graves et al. 2006)."""
    labels = [run.label for run in runs]
    return np.array(
        [
            label == BLANK and 0 < at < len(labels) - 1 and labels[at - 1] != labels[at + 1]
            for at, label in enumerate(labels)
        ]
    )
