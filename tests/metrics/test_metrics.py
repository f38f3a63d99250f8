"""Metrics on constructed cases with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.metrics.lips import closure_f1, lag
from avgen.metrics.words import edit_distance, spoken_words, word_error_rate


def test_edit_distance_counts_each_kind_of_edit() -> None:
    words = ["a", "b", "c", "d"]
    assert edit_distance(words, words) == 0
    assert edit_distance(words, ["a", "x", "c", "d"]) == 1
    assert edit_distance(words, ["a", "c", "d"]) == 1
    assert edit_distance(words, ["a", "b", "b", "c", "d"]) == 1
    assert edit_distance(words, []) == 4


def test_numbers_in_figures_and_in_words_are_the_same() -> None:
    assert spoken_words("In 1969, 40 trains!") == spoken_words("in nineteen sixty-nine forty trains")


def test_word_error_rate_is_over_all_words_of_all_texts() -> None:
    assert word_error_rate(["a b c d", "e f g h i j"], ["a b c d", "e f g h i"]) == pytest.approx(0.1)


def test_word_error_rate_without_words_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        word_error_rate([""], ["hello"])


def test_closure_f1_on_counted_frames() -> None:
    reference = np.array([1, 1, 1, 0, 0, 0], bool)
    assert closure_f1(reference, reference) == 1.0
    assert closure_f1(reference, ~reference) == 0.0
    assert closure_f1(reference, np.array([1, 1, 0, 1, 0, 0], bool)) == pytest.approx(4 / 6)


@pytest.mark.parametrize("delay", [-5, 0, 3])
def test_lag_finds_a_known_delay(delay: int) -> None:
    movement = np.convolve(np.random.default_rng(0).normal(size=400), np.hanning(15), "same").astype(
        np.float32
    )
    found, correlation = lag(movement, np.roll(movement, delay), 8)
    assert found == delay and correlation > 0.99
