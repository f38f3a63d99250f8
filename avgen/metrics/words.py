"""Word and character error rates: how much of the script a recogniser hears."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from avgen.text.normalise import read_plainly

_SPELLINGS: Final = {"theatre": "theater", "harbour": "harbor", "okay": "ok", "cancelled": "canceled"}
"""Spellings of one word, compared as one."""


def spoken_words(text: str) -> list[str]:
    """Lower-case words as they are said: "In 1969," and "in nineteen sixty nine" give the same list."""
    words = re.sub(r"[^a-z' ]", " ", read_plainly(text).lower()).split()
    return [_SPELLINGS.get(word, word) for word in words]


def edit_distance(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Fewest substitutions, deletions and insertions that turn one into the other (Levenshtein)."""
    row = list(range(len(hypothesis) + 1))
    for i, wanted in enumerate(reference, 1):
        previous, row[0] = row[0], i
        for j, got in enumerate(hypothesis, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (wanted != got))
    return row[-1]


def word_error_rate(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Edits over reference words, summed over all texts (paper section 4, WER).

    Args:
        references: what was to be said.
        hypotheses: what was recognised, one per reference.

    Raises:
        ValueError: the references have no words.
    """
    return _error_rate([spoken_words(t) for t in references], [spoken_words(t) for t in hypotheses])


def character_error_rate(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Edits over reference characters, words joined by single spaces, summed over all texts.

    Args:
        references: what was to be said.
        hypotheses: what was recognised, one per reference.

    Raises:
        ValueError: the references have no words.
    """
    return _error_rate(
        [" ".join(spoken_words(t)) for t in references], [" ".join(spoken_words(t)) for t in hypotheses]
    )


def _error_rate(wanted: Sequence[Sequence[str]], got: Sequence[Sequence[str]]) -> float:
    total = sum(len(symbols) for symbols in wanted)
    if not total:
        raise ValueError("an error rate needs at least one reference word")
    return sum(edit_distance(a, b) for a, b in zip(wanted, got, strict=True)) / total
