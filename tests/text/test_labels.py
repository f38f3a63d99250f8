"""Phoneme symbols to labels."""

from __future__ import annotations

from itertools import pairwise

import pytest

from avgen.errors import InputError
from avgen.text.labels import LABELS, label_index, read_symbols


def labels(symbols: str) -> list[str]:
    return [run.label for run in read_symbols(symbols)]


def test_labels_are_unique() -> None:
    assert len(set(LABELS)) == len(LABELS)


def test_stress_joins_the_next_vowel() -> None:
    assert labels("həlˈO") == ["h", "ə0", "l", "O2"]
    assert labels("ˌstɹɛ") == ["s", "t", "ɹ", "ɛ1"]


def test_neighbouring_pauses_become_the_strongest() -> None:
    assert labels("bi, . ænd") == ["b", "i0", ".", "æ0", "n", "d"]
    assert labels("bi; ænd") == ["b", "i0", ",", "æ0", "n", "d"]


def test_runs_cover_all_symbols_in_order() -> None:
    symbols = "ðə “kˈæt”, ɡˈOz hˈOm!"
    runs = read_symbols(symbols)
    assert runs[0].start == 0 and runs[-1].stop == len(symbols)
    assert all(a.stop == b.start for a, b in pairwise(runs))


def test_rare_symbols_are_read_as_their_neighbours() -> None:
    assert labels("ɾaʁ") == ["T", "ɑ0", "ɹ"]
    assert labels("biːt") == ["b", "i0", "t"]


def test_an_unknown_symbol_is_named() -> None:
    with pytest.raises(InputError, match="'5'"):
        label_index("5")
