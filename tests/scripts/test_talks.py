"""Held-out conversations as the stages of a dialogue know them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")
from avgen.partner import Partner
from avgen.text.labels import EDGE, LABELS, label_index
from avgen.types import CODE_RATE
from scripts.evaluate.listening import short_answers
from scripts.evaluate.talks import Told, fitted, scripted, timed


def talk(*sounds: tuple[float, float], seconds: float) -> np.ndarray:
    """Labels of a sound between some seconds, and of silence."""
    labels = np.full(round(seconds * CODE_RATE), label_index(EDGE))
    for start, end in sounds:
        labels[round(start * CODE_RATE) : round(end * CODE_RATE)] = label_index("m")
    return labels


def test_a_script_has_the_turns_and_rules_give_the_short_answers() -> None:
    whole = timed(talk((1.0, 4.0), (10.0, 10.4), (20.0, 22.0), seconds=25.0))
    assert [one.label for one in whole.phonemes] == [EDGE, "m"] * 3 + [EDGE]
    assert [LABELS[k] for k in whole.logits[[0, round(2 * CODE_RATE)]].argmax(1)] == [EDGE, "m"]
    assert short_answers(whole) == pytest.approx([10.0], abs=0.02)
    turns = scripted(whole)
    assert [round(one.start) for one in turns.phonemes if one.label == "m"] == [1, 20]
    assert turns.phonemes[-1].end == pytest.approx(25.0, abs=0.02) and not len(short_answers(turns))


def test_another_partner_goes_on_from_the_start_where_it_is_too_short() -> None:
    tokens = np.arange(1, 101, dtype=np.float32)[:, None]
    found = fitted(Told(Partner(tokens, tokens), (0.5,)), 250)
    assert found.partner.tokens is not None and found.partner.face is not None
    assert found.partner.tokens[:, 0].tolist() == [*range(1, 101)] * 2 + [*range(1, 51)]
    assert found.invites == pytest.approx([0.5 + k * 100 / CODE_RATE for k in range(3)])
