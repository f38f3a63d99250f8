"""A transcript is timed by what is heard, and refused where it cannot be what is said."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from avgen.errors import InputError
from avgen.stages.extract import extract
from avgen.stages.tokenize import sentence_runs
from avgen.stages.transcript import Transcript, follow, tolerant
from avgen.text import read_script
from avgen.text.labels import BLANK, CHARACTERS, EDGE, LABELS, PHONEMES, SPACE, label_index
from avgen.types import CODE_RATE, HOP_SIZE, Waveform

LENGTH = 7


def heard(text: str, length: int = LENGTH) -> np.ndarray:
    """Logits of an ear that hears every sound of a text for some frames, and pauses before and after it."""
    runs = [run for sentence in read_script(text).sentences for run in sentence_runs(sentence)]
    sounds = [run.index for run in runs if not run.is_pause]
    edge = [label_index(EDGE)] * 20
    return 6 * np.eye(len(LABELS), dtype=np.float32)[[*edge, *np.repeat(sounds, length), *edge]]


def transcript(text: str) -> Transcript:
    return Transcript(read_script(text), "speech.txt")


def test_words_are_where_they_are_heard() -> None:
    text = "Pay 25 more. [emotion happy:0.7] Thank you!"
    tokens = follow(heard(text), transcript(text), PHONEMES)
    assert [word.label for word in tokens.words] == ["Pay", "25", "more.", "Thank", "you!"]
    assert tokens.words[0].start == pytest.approx(20 / CODE_RATE)
    assert tokens.words[0].end == pytest.approx((20 + 2 * LENGTH) / CODE_RATE)
    assert all(a.end <= b.start for a, b in zip(tokens.words, tokens.words[1:], strict=False))
    assert tokens.phonemes[0].start == 0.0
    assert tokens.phonemes[-1].end == pytest.approx(len(tokens.logits) / CODE_RATE)
    assert len(tokens.logits) == len(heard(text))


def test_what_was_recognised_and_is_not_heard_is_left_out() -> None:
    logits = heard("Good morning, my friend.")
    ear = SimpleNamespace(label_set=PHONEMES.name, change_cost=0.1, logits=lambda samples: logits)
    sound = Waveform(np.zeros(len(logits) * HOP_SIZE, np.float32))
    recognised = {
        said: transcript(said)._replace(is_sure=False) for said in ("Good morning, my friend.", "No.")
    }
    words = {said: extract(sound, ear, text).words for said, text in recognised.items()}
    assert [len(found) for found in words.values()] == [4, 0]
    with pytest.raises(InputError):
        extract(sound, ear, transcript("No."))


def test_labels_are_the_texts_own() -> None:
    """Stress, which the ear gets wrong here, comes from the text."""
    text = "Rebellious people."
    logits = heard(text)
    wrong = {label_index("ɛ", 2): label_index("ɛ", 0), label_index("i", 2): label_index("i", 0)}
    for stressed, plain in wrong.items():
        logits[:, [stressed, plain]] = logits[:, [plain, stressed]]
    said = {LABELS[label] for label in follow(logits, transcript(text), PHONEMES).logits.argmax(1)}
    assert "ɛ2" in said
    assert "i2" in said


def test_an_emotion_sets_in_before_its_sentence() -> None:
    text = "Good morning. [emotion sad:0.7] It rains."
    tokens = follow(heard(text), transcript(text), PHONEMES)
    (change,) = tokens.emotions
    assert tokens.words[1].end <= change.start <= tokens.words[2].start


@pytest.mark.parametrize("said", ["Something else is said in here by everyone.", "Good. " * 60])
def test_another_text_is_refused(said: str) -> None:
    with pytest.raises(
        InputError, match=r"speech\.txt: the transcript does not fit the recording of 1\.\d s"
    ):
        follow(heard("Good morning, my friend."), transcript(said), PHONEMES)


def spelled(letters: str, length: int = LENGTH) -> np.ndarray:
    """Logits of an ear for characters: each is heard for two frames, and nothing in those between them."""
    frames = [BLANK] * 20
    for letter in letters:
        frames += [letter, letter, *[BLANK] * (length - 2)]
    rows = [CHARACTERS.index(letter) for letter in [*frames, *[BLANK] * 20]]
    return 9 * np.eye(len(CHARACTERS.labels), dtype=np.float32)[rows]


def test_words_are_where_their_letters_are_heard() -> None:
    said = "TWENTY FIVE APPLES FOR O'NEIL ".replace(" ", SPACE)
    logits = spelled(said)
    tokens = follow(logits, transcript("25 apples. [emotion happy:0.7] For O'Neil!"), CHARACTERS)
    assert [word.label for word in tokens.words] == ["25", "apples.", "For", "O'Neil!"]
    begins = [0, said.index("APPLES"), said.index("FOR"), said.index("O'N")]
    starts = [(20 + LENGTH * at) / CODE_RATE for at in begins]
    assert [word.start for word in tokens.words] == pytest.approx(starts)
    ends = [(22 + LENGTH * (at - 2)) / CODE_RATE for at in (*begins[1:], len(said))]
    assert [word.end for word in tokens.words] == pytest.approx(ends)
    assert tokens.words[1].end <= tokens.emotions[0].start <= tokens.words[2].start
    assert tokens.label_set == CHARACTERS.name
    np.testing.assert_array_equal(tokens.logits, logits)


def test_equal_letters_need_a_blank_between_them() -> None:
    heard_once = spelled("APLE|")
    tokens = follow(heard_once, transcript("Apple."), CHARACTERS)
    letters = [one for one in tokens.phonemes if one.label == "P"]
    assert len(letters) == 2 and letters[0].end < letters[1].start


def test_another_text_than_is_spelled_is_refused() -> None:
    with pytest.raises(InputError, match=r"speech\.txt: the transcript does not fit"):
        follow(spelled("GOOD|MORNING|", 3), transcript("Something else is said."), CHARACTERS)


def test_kinds_of_pause_and_stresses_are_as_likely_as_the_likeliest() -> None:
    logits = np.zeros((1, len(LABELS)), np.float32)
    logits[0, label_index("æ", 2)] = 5
    logits[0, label_index(",")] = 3
    found = tolerant(logits)[0]
    assert found[label_index("æ", 0)] == found[label_index("æ", 2)] > found[label_index(EDGE)]
    assert found[label_index(EDGE)] == found[label_index(",")] > found[label_index("p")]
