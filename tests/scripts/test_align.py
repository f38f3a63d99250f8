from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from avgen.types import CODE_RATE
from scripts.mira.align import Aligner, num_states, read_phones, viterbi, write_phones
from scripts.mira.phones import Phone, table_phones

LEVEL = {"$": -11.0, "a": -3.0, "s": -6.0, "m": -4.5, ".": -11.0}


def spoken(names: list[str], frames: list[int], rng: np.random.Generator) -> np.ndarray:
    """A mel in which every phone has its own level and tilt, plus a little noise."""
    tilt = {"$": 0.0, "a": -0.03, "s": 0.05, "m": -0.06, ".": 0.0}
    rows = [np.tile(LEVEL[n] + tilt[n] * np.arange(80), (k, 1)) for n, k in zip(names, frames, strict=True)]
    return np.concatenate(rows) + 0.1 * rng.standard_normal((sum(frames), 80))


def phones_of(names: list[str], frames: list[int], late: float) -> list[Phone]:
    ends = np.cumsum(frames) / CODE_RATE
    starts = np.concatenate([[0], ends[:-1]])
    return [
        Phone(n, 0, a + late * (k > 0), b + late)
        for k, (n, a, b) in enumerate(zip(names, starts, ends, strict=True))
    ]


def test_viterbi_recovers_a_constructed_path() -> None:
    path = np.repeat([0, 1, 2, 3], [5, 3, 7, 4])
    scores = np.full((len(path), 4), -10.0)
    scores[np.arange(len(path)), path] = 0.0
    found = viterbi(scores, np.zeros(4, bool), np.zeros(4), 100.0)
    np.testing.assert_array_equal(found, path)


def test_viterbi_skips_only_what_may_be_skipped() -> None:
    path = np.repeat([0, 2], [6, 6])
    scores = np.full((12, 3), -10.0)
    scores[np.arange(12), path] = 0.0
    optional = np.array([False, True, False])
    assert 1 not in viterbi(scores, optional, np.zeros(3), 100.0)
    assert 1 in viterbi(scores, np.zeros(3, bool), np.zeros(3), 100.0)


def test_aligner_recovers_boundaries_from_a_late_table() -> None:
    rng = np.random.default_rng(0)
    mels, tables, truths = [], [], []
    for _ in range(40):
        names = ["$", *rng.choice(["a", "s", "m"], 2).tolist(), "a", "s", "."]
        names = [n for k, n in enumerate(names) if k == 0 or n != names[k - 1]]
        frames = rng.integers(8, 20, len(names)).tolist()
        mels.append(spoken(names, frames, rng))
        tables.append(phones_of(names, frames, late=0.055))
        truths.append(phones_of(names, frames, late=0.0))
    aligner = Aligner.fit(mels, tables)
    errors = [
        abs(found.start - true.start)
        for mel, table, truth in zip(mels, tables, truths, strict=True)
        for found, true in zip(aligner.align(mel, table), truth, strict=True)
    ]
    assert np.median(errors) <= 1 / CODE_RATE
    assert np.percentile(errors, 95) <= 3 / CODE_RATE


def test_aligned_phones_cover_the_audio(tmp_path) -> None:
    rng = np.random.default_rng(1)
    names, frames = ["$", "m", "a", "."], [10, 9, 12, 15]
    mel, table = spoken(names, frames, rng), phones_of(names, frames, late=0.05)
    aligner = Aligner.fit([mel], [table], names=["s"])
    aligner.save(tmp_path / "aligner.npz")
    found = Aligner.load(tmp_path / "aligner.npz").align(mel, table)
    assert found[0].start == 0
    assert found[-1].end == pytest.approx(len(mel) / CODE_RATE)
    assert all(a.end == b.start for a, b in pairwise(found))
    write_phones(tmp_path / "phones.jsonl", {7: found})
    (read,) = read_phones(tmp_path / "phones.jsonl").values()
    assert [(p.name, round(p.start, 5)) for p in read] == [(p.name, round(p.start, 5)) for p in found]


def test_table_gives_stress_marks_to_the_vowel_and_names_pauses_by_punctuation() -> None:
    symbols = ["$", '"', "h", "ˈ", "a", "ː", " ", "m", "ˌ", "I", ".", '"', "$"]
    phones = table_phones(symbols, np.full(len(symbols), 4))
    assert [(p.name, p.stress) for p in phones] == [
        ("$", 0),
        ("h", 0),
        ("a", 2),
        (" ", 0),
        ("m", 0),
        ("I", 1),
        (".", 0),
    ]
    vowel = phones[2]
    assert (vowel.start, vowel.end) == pytest.approx((0.3, 0.6))
    assert phones[-1].duration == pytest.approx(0.3)


def test_diphthongs_have_more_states_than_pauses() -> None:
    assert [num_states(n) for n in (",", "t", "I")] == [1, 2, 3]
