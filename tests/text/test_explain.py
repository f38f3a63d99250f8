from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from avgen.errors import InputError
from avgen.text.explain import WordNote, explain


def test_a_sentence_is_shown_as_written_spoken_and_heard() -> None:
    first, second = explain("Pay $5 now.\n\nThen go.", first_line=7)
    assert (first.line, first.text, first.spoken) == (7, "Pay $5 now.", "Pay five dollars now.")
    assert first.phonemes == "pˈA fˈIv dˈɑləɹz nˈW."
    assert (second.line, second.text, second.notes) == (9, "Then go.", ())


def test_what_is_read_otherwise_is_noted() -> None:
    (line,) = explain("Dr. Smith’s café has 25 NASA fans — don't!")
    assert line.notes == (WordNote("changed", "Dr.", "Doctor"), WordNote("changed", "25", "twenty five"))


def test_guessed_words_are_noted_unless_their_pronunciation_is_given() -> None:
    (line,) = explain("The blorf walked to [Zubrix](/zˈubɹɪks/), Zubrix and well-known cats.")
    assert [(note.kind, note.spoken) for note in line.notes] == [("guessed", "blorf"), ("guessed", "Zubrix")]


def test_blanks_and_silent_text_stand_with_their_sentences() -> None:
    lines = explain("<think>Hm</think>One. Hi {name}. Two.\nThree [Name].")
    kinds = [[(note.kind, note.word) for note in line.notes] for line in lines]
    assert kinds == [
        [],
        [("placeholder", "{name}")],
        [("silent", "<think>Hm</think>")],
        [("placeholder", "[Name]")],
    ]
    assert lines[1].notes[0].spoken == "name"


def test_lines_are_json() -> None:
    lines = explain("Pay $5 to {name}.")
    assert json.loads(json.dumps([asdict(line) for line in lines]))[0]["notes"][0]["kind"] == "changed"


def test_mistakes_are_refused_as_they_are_when_read() -> None:
    with pytest.raises(InputError, match=r"talk\.txt line 2: cannot speak"):
        explain("Hi.\n你好", source="talk.txt")
