"""The measures of scripts.evaluate.recordings, on constructed speech."""

from __future__ import annotations

import numpy as np

from avgen.text.labels import label_index
from scripts.evaluate.recordings import Heard, measure, sounds

OPEN, SHUT = 5e-3, 0.0


def speech(heard: str, said: str, gaps: list[float], reference: list[float] | None = None) -> Heard:
    """A voice of one clip, ten frames a sound."""

    def frames(values: list) -> np.ndarray:
        return np.repeat(np.array(values), 10)

    wanted = [frames(reference)] if reference else []
    return Heard([frames(list(said))], [frames(list(heard))], [frames(gaps)], wanted)


def test_sounds_leave_out_stress_taps_and_kinds_of_pause() -> None:
    labels = [label_index("æ", 2), label_index("æ", 0), label_index("T"), label_index(","), label_index("m")]
    assert list(sounds(np.array(labels))) == ["æ", "æ", "t", "$", "m"]


def test_perfect_hearing_and_lips() -> None:
    gaps = [OPEN, SHUT, OPEN, SHUT, OPEN, OPEN]
    row = measure(speech("æmæbsæ", "æmæbsæ", gaps, gaps))
    assert row["consonant frames heard right"] == "100.0%"
    assert row["p, b, m on which lips close"] == "100.0%"
    assert row["vowel frames with closed lips"] == "0.0%"
    assert row["lip closure F1 on p, b, m"] == "1.000"
    assert row["lips behind the performance"].startswith("0 ms")


def test_a_missed_closure_and_a_false_one_count() -> None:
    row = measure(speech("ænæbm", "æmæbæ", [OPEN, OPEN, OPEN, SHUT, SHUT]))
    assert row["consonant frames heard right"] == "50.0%"
    assert row["p, b, m on which lips close"] == "50.0%"
    assert row["vowel frames with closed lips"] == "33.3%"
    assert row["lips behind the performance"] == ""
