from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avgen.exports import Material
from avgen.exports.cues import (
    LEAST_SECONDS,
    LINE_LENGTH,
    READING_SPEED,
    make_cues,
    sentences,
    spoken_words,
    text_of,
)
from avgen.types import Interval, Tokens, Waveform
from tests.exports.conftest import spoken

Make = Callable[..., Material]
LONG = (
    "No, there are many more words in this rather long sentence, which goes on and on about nothing at all, "
    "and so it must be divided into several cues that people can read."
)


def lines(material: Material) -> list[list[str]]:
    return [[text_of(line) for line in cue.lines] for cue in make_cues(material)]


def test_every_sentence_is_a_cue_of_its_own(material: Make) -> None:
    assert lines(material("Hello there. Who are you? I am fine!")) == [
        ["Hello there."],
        ["Who are you?"],
        ["I am fine!"],
    ]


def test_a_long_sentence_breaks_at_its_clauses(material: Make) -> None:
    cues = lines(material(LONG))
    assert len(cues) >= 3
    assert [cue[-1][-1] for cue in cues[:2]] == [",", ","]


@pytest.mark.parametrize("text", [LONG, "It is the " * 40 + "end."])
def test_no_line_is_too_long_or_a_single_word(text: str, material: Make) -> None:
    for cue in lines(material(text)):
        assert 1 <= len(cue) <= 2
        for line in cue:
            assert len(line) <= LINE_LENGTH
            assert " " in line


def test_lines_do_not_end_in_an_article(material: Make) -> None:
    (cue,) = lines(material("We have seen that this is the better way of doing it."))
    assert len(cue) == 2
    assert cue[0].split()[-1] not in ("is the", "the", "of", "that")


def test_an_abbreviation_without_a_pause_ends_no_sentence(material: Make) -> None:
    words = [Interval("Dr.", 0.2, 0.5), Interval("Who", 0.5, 0.8), Interval("came.", 0.8, 1.2)]
    tokens = Tokens(spoken("x").logits, "phonemes", tuple(words), (Interval(".", 1.2, 1.7),))
    assert [text_of(sentence) for sentence in sentences(words, tokens)] == ["Dr. Who came."]


def test_a_small_letter_after_a_pause_goes_on_with_the_sentence(material: Make) -> None:
    assert lines(material("Wait... is that all?")) == [["Wait... is that all?"]]


def test_a_cue_stays_into_the_silence_that_follows_but_no_longer(material: Make) -> None:
    tokens = spoken("Oh. Well. Fine.", pause=0.3)
    first, second, _ = make_cues(material(tokens))
    assert first.end == second.start  # a second is not left to it
    slow = make_cues(material(spoken("Oh. Well. Fine.", pause=3.0)))
    assert all(cue.end - cue.start == pytest.approx(LEAST_SECONDS) for cue in slow)


def test_a_cue_can_be_read_where_the_silence_after_it_allows(material: Make) -> None:
    fast = spoken("These words are spoken faster than anybody reads. Truly.", pause=2.0, character=0.03)
    cue = make_cues(material(fast))[0]
    assert len(text_of(cue.words)) / (cue.end - cue.start) <= READING_SPEED + 1e-6
    assert cue.end > cue.words[-1].end


def test_a_long_silence_inside_a_sentence_divides_it(material: Make) -> None:
    words = (Interval("Well", 0.2, 0.5), Interval("then", 3.0, 3.5))
    tokens = Tokens(spoken("x").logits, "phonemes", words, (Interval("$", 0.5, 3.0), Interval(".", 3.5, 4.0)))
    assert lines(material(tokens)) == [["Well"], ["then"]]


def test_nothing_goes_beyond_the_end_of_the_video(material: Make) -> None:
    made = material(spoken("Hello there.", pause=0.0))
    assert make_cues(made)[-1].end <= made.seconds


def test_a_word_that_is_too_long_stays_whole_on_a_line_of_its_own(material: Make) -> None:
    address = "https://example.org/" + 40 * "x"
    assert address in [line for cue in lines(material(f"Look at {address} again.")) for line in cue]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.lists(st.text("abcdefghij,.!?", min_size=1, max_size=12), min_size=1, max_size=60),
    st.floats(0.0, 1.5),
    st.floats(0.01, 0.2),
)
def test_cues_hold_all_words_in_order_and_never_overlap(
    material: Make, words: list[str], pause: float, character: float
) -> None:
    cues = make_cues(material(spoken(" ".join(words), pause, character)))
    assert [word.label for cue in cues for word in cue.words] == words
    for cue in cues:
        assert cue.start < cue.end
        assert cue.start <= cue.words[0].start and cue.words[-1].end <= cue.end
        assert all(len(text_of(line)) <= LINE_LENGTH for line in cue.lines)
    assert all(before.end <= after.start for before, after in pairwise(cues))


def test_a_word_after_a_pause_starts_where_its_sound_does(material: Make) -> None:
    made = material(spoken("Well, then. Now listen.", pause=0.5))
    samples = np.zeros_like(made.waveform.samples)
    first, second, third, fourth = made.tokens.words
    rate = made.waveform.sample_rate
    for word in (first, second, third, fourth):
        begins = word.start + (0.04 if word in (first, third) else 0.02)
        inside = slice(round(begins * rate), round(word.end * rate))
        samples[inside] = made.waveform.samples[inside]
    words = spoken_words(replace(made, waveform=Waveform(samples)))
    assert [word.label for word in words] == ["Well,", "then.", "Now", "listen."]
    assert words[0].start == pytest.approx(first.start + 0.04, abs=0.006)
    assert words[2].start == pytest.approx(third.start + 0.04, abs=0.006)
    assert (words[1], words[3]) == (second, fourth)  # inside a phrase the tokens say when


@pytest.mark.parametrize("level", [0.0, 1e-7])
def test_a_word_without_a_sound_starts_where_its_token_does(material: Make, level: float) -> None:
    made = material("Hello there.")
    silent = Waveform(np.full_like(made.waveform.samples, level))
    assert spoken_words(replace(made, waveform=silent))[0].start == made.tokens.words[0].start
