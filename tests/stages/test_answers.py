"""How listeners answer cues."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avgen.emotion import NEUTRAL
from avgen.flow.text_to_tokens import TextToTokens
from avgen.inputs.dialogues import AGREES, NODS
from avgen.stages.answers import ANSWERED, APART_SECONDS, ROOM_SECONDS, SAID, answer, hum
from avgen.stages.tokenize import Speaker
from avgen.text import read_script
from avgen.text.labels import EDGE, LABELS, PAUSES
from avgen.types import CODE_RATE, Interval, Tokens

FRAME = 1 / CODE_RATE


def silent(seconds: float, *marks: Interval) -> Tokens:
    logits = np.zeros((round(seconds * CODE_RATE), len(LABELS)), np.float32)
    logits[:, LABELS.index(EDGE)] = 8.0
    edge = (Interval(EDGE, 0.0, len(logits) / CODE_RATE),)
    return Tokens(logits, "phonemes", (), edge, marks=marks)


def starts(tokens: Tokens) -> list[float]:
    return [mark.start for mark in tokens.marks if mark.label == AGREES]


def test_a_share_of_cues_is_answered_and_a_share_of_answers_is_heard(model: TextToTokens) -> None:
    cues = np.arange(1.0, 900.0, 3.0)
    tokens = answer(silent(910.0), cues, 3, hum(model, NEUTRAL, (1.0,), ("ada",)))
    assert len(starts(tokens)) / len(cues) == pytest.approx(ANSWERED, abs=0.08)
    assert len(tokens.words) / len(starts(tokens)) == pytest.approx(SAID, abs=0.09)
    assert tokens.phonemes[0].start == 0.0 and tokens.phonemes[-1].end == pytest.approx(910.0, abs=FRAME)
    for before, after in zip(tokens.phonemes[:-1], tokens.phonemes[1:], strict=True):
        assert after.start == pytest.approx(before.end, abs=1e-6)
    for one in tokens.phonemes:
        middle = int((one.start + one.end) / 2 * CODE_RATE)
        assert LABELS[tokens.logits[middle].argmax()] == one.label
    assert answer(silent(910.0), cues, 3).words == () and starts(answer(silent(910.0), cues, 3)) == starts(
        tokens
    )
    assert starts(answer(silent(910.0), cues, 4)) != starts(tokens)


def test_whoever_speaks_or_is_about_to_does_not_answer(model: TextToTokens) -> None:
    speaker = Speaker(model, torch.Generator().manual_seed(0), NEUTRAL, (1.0,), ("ada",))
    for _ in range(12):
        speaker.say(read_script("One two three four."), 1.0, 0.0, round(3.0 * CODE_RATE), 0)
    speaker.rest(round(2 * CODE_RATE))
    tokens = speaker.tokens()
    found = answer(
        tokens, np.arange(0.0, speaker.frames / CODE_RATE, 0.1), 1, hum(model, NEUTRAL, (1.0,), ("a",))
    )
    sounds = [one for one in tokens.phonemes if one.label not in PAUSES]
    assert len(starts(found)) > 12 and len(found.words) > len(tokens.words)
    assert min(np.diff(starts(found))) >= APART_SECONDS - 1e-9
    for start in starts(found):
        assert not any(one.start - ROOM_SECONDS[1] < start < one.end + ROOM_SECONDS[0] for one in sounds)
    assert [one for one in found.words if one.label != "Mm-hm."] == list(tokens.words)
    assert max(starts(found)) <= len(tokens.logits) / CODE_RATE - ROOM_SECONDS[1]


def test_near_a_nod_of_the_script_there_is_no_other() -> None:
    cues = np.arange(1.0, 60.0, 1.2)
    nods = [Interval(NODS, time, time) for time in (10.0, 20.0, 30.0, 40.0)]
    found = starts(answer(silent(62.0, *nods), cues, 1))
    assert found and all(abs(start - nod.start) >= APART_SECONDS for start in found for nod in nods)
