"""Dialogue to tokens: everybody's clock is the same, and turns follow each other as in talk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from avgen.emotion import NEUTRAL, Emotion
from avgen.flow.text_to_tokens import TextToTokens
from avgen.inputs.dialogues import AGREES, NODS, read_dialogue
from avgen.stages.converse import (
    HARD_SECONDS,
    INTERRUPTION_SECONDS,
    TAIL_SECONDS,
    Conversation,
    Person,
    SpokenTurn,
    converse,
    draw_gap,
)
from avgen.text import read_script
from avgen.text.labels import LABELS, PAUSES
from avgen.types import CODE_RATE, Interval, Tokens

FRAME = 1 / CODE_RATE


def talk(model: TextToTokens, text: str, seed: int = 1, **options: Any) -> list[Tokens]:
    """Tokens of everybody, from left to right."""
    dialogue = read_dialogue("talk", text, "talk.txt")
    turns = [
        SpokenTurn(
            dialogue.names.index(turn.speaker),
            None if turn.is_silent else read_script(turn.script),
            turn.interrupts,
        )
        for turn in dialogue.turns
    ]
    values = {"emotion": NEUTRAL, "speaking_rate": 1.0, "sentence_silence": 0.4, "turn_gap": 0.2, **options}
    people = [Person(model, (1.0,), ("ada",))] * len(dialogue.roles)
    return [converse(Conversation(people, turns, me, seed), **values) for me in range(len(people))]


def span(words: tuple[Interval, ...]) -> tuple[float, float]:
    return words[0].start, words[-1].end


def test_people_have_one_clock_and_are_silent_while_others_speak(model: TextToTokens) -> None:
    tokens = talk(model, "AB: One two. Three.\nCD: Four.\nEF: Five six.\nAB: Seven.\nCD: Eight.")
    assert len({len(one.logits) for one in tokens}) == 1
    length = len(tokens[0].logits) * FRAME
    for one in tokens:
        assert one.phonemes[0].start == 0.0 and one.phonemes[-1].end == pytest.approx(length)
        for before, after in zip(one.phonemes[:-1], one.phonemes[1:], strict=True):
            assert after.start == pytest.approx(before.end, abs=1e-6)
        for phoneme in one.phonemes:
            middle = int((phoneme.start + phoneme.end) / 2 * CODE_RATE)
            assert LABELS[one.logits[middle].argmax()] == phoneme.label
    said = sorted((word.start, word.label) for one in tokens for word in one.words)
    assert " ".join(label for _, label in said) == "One two. Three. Four. Five six. Seven. Eight."
    last = max(one.words[-1].end for one in tokens)
    assert length - last == pytest.approx(TAIL_SECONDS, abs=2 * FRAME)


def test_another_seed_is_another_rhythm_and_the_same_one_is_not(model: TextToTokens) -> None:
    text = "AB: One two three.\nCD: Four five."
    assert talk(model, text)[1].words == talk(model, text)[1].words != talk(model, text, seed=99)[1].words


def test_an_interruption_comes_early_and_any_turn_after_the_middle_of_the_last(model: TextToTokens) -> None:
    first, second = talk(model, "AB: " + "word " * 30 + ".\nCD: [interrupts] Stop.")
    early = span(first.words)[1] - span(second.words)[0]
    assert INTERRUPTION_SECONDS[0] - FRAME <= early <= INTERRUPTION_SECONDS[1] + FRAME
    first, second = talk(model, "AB: Oh.\nCD: [interrupts] Stop.")
    assert span(second.words)[0] == pytest.approx(sum(span(first.words)) / 2, abs=2 * FRAME)


def test_who_was_interrupted_goes_on_after_all_is_said(model: TextToTokens) -> None:
    first, second = talk(model, "AB: " + "word " * 30 + ".\nCD: [interrupts] Stop.\nAB: Why?", turn_gap=1.0)
    why, last = first.words[-1], max(first.words[-2].end, second.words[-1].end)
    assert why.start >= last + 0.5


def test_two_turns_of_one_person_are_as_far_apart_as_paragraphs(model: TextToTokens) -> None:
    first, _ = talk(model, "AB: One.\nAB: Two.\nCD: Three.", sentence_silence=0.5)
    one, two = first.words
    assert two.start - one.end == pytest.approx(1.0, abs=2 * FRAME)


def test_gaps_are_skewed_about_their_mode_and_few_turns_overlap() -> None:
    before, turn = (SpokenTurn(i, read_script("It rains."), False) for i in range(2))
    generator = torch.Generator().manual_seed(0)
    gaps = np.array([draw_gap(before, turn, 0.2, generator) for _ in range(4000)])
    counts, edges = np.histogram(gaps, bins=np.arange(-0.4, 3, 0.1))
    assert abs(edges[counts.argmax()] + 0.05 - 0.2) <= 0.1
    assert 0.05 < np.mean(gaps < 0) < 0.10 and gaps.min() > -0.35
    assert np.median(gaps) == pytest.approx(0.34, abs=0.03)


@pytest.mark.parametrize(
    ("asked", "said", "hard"),
    [
        ("Will you come?", "Well, I would like to.", True),
        ("Will you come?", "No.", True),
        ("Will you come?", "I don't know.", True),
        ("Will you come?", "Yes.", False),
        ("Will you come?", "Nothing could stop me.", False),
        ("You will come.", "No.", False),
    ],
)
def test_a_hard_answer_comes_later(asked: str, said: str, hard: bool) -> None:
    before, turn = (SpokenTurn(i, read_script(text), False) for i, text in enumerate((asked, said)))
    plain = SpokenTurn(0, read_script("It rains."), False)
    gaps = [draw_gap(one, turn, 0.2, torch.Generator().manual_seed(5)) for one in (before, plain)]
    assert gaps[0] - gaps[1] == pytest.approx(HARD_SECONDS if hard else 0.0, abs=1e-6)


def test_nods_are_marks_of_whoever_nods(model: TextToTokens) -> None:
    first, second = talk(model, "AB: One two.\nCD: [nods]\nAB: Three.\nCD: [nods] Yes. [nods]\nAB: Four.")
    assert first.marks == ()
    listening, before, after = second.marks
    assert {mark.label for mark in second.marks} == {NODS}
    assert listening.start == pytest.approx(first.words[1].end, abs=2 * FRAME)
    assert before.start == pytest.approx(second.words[0].start)
    assert after.start == pytest.approx(second.words[0].end, abs=2 * FRAME)
    assert first.words[2].start - first.words[1].end == pytest.approx(0.8, abs=2 * FRAME)  # nobody waits


def test_an_emotion_sets_in_shortly_before_it_is_heard(model: TextToTokens) -> None:
    text = "AB: One.\nCD: " + "word " * 30 + ".\nAB: [emotion happy:0.5] Two."
    first, _ = talk(model, text)
    (change,) = first.emotions
    assert change.emotion == Emotion(happy=0.5)
    assert first.words[1].start - change.start == pytest.approx(0.4, abs=2 * FRAME)


def test_listeners_nod_and_hum_after_clauses_without_taking_a_turn(model: TextToTokens) -> None:
    long = " ".join("one two three four five six seven eight nine ten." for _ in range(30))
    text = f"AB: {long}\nCD: Yes.\nAB: {long}"
    first, second = talk(model, text)
    nods = [mark.start for mark in second.marks if mark.label == AGREES]
    hums = [one for one in second.phonemes if one.label == "m"]
    assert len(nods) > 10 and hums and [word.label for word in second.words] == ["Yes."]
    assert not [mark for mark in first.marks if mark.label == AGREES]  # a short turn asks for nothing
    pauses = [one.start for one in first.phonemes if one.label in PAUSES and one.end - one.start > 0.1]
    for nod in nods:
        assert min(nod - pause for pause in pauses if pause < nod) < 1.0
    again, other = talk(model, text)[1], talk(model, text, seed=9)[1]
    assert again.marks == second.marks != other.marks
    assert len(first.logits) == len(second.logits)
