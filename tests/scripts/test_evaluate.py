"""The measures of a system against performances, on performances whose faults are known."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avgen.avatars.mesh.codec import FaceCodec, LidContact, LipContact
from avgen.types import CODE_RATE, MEL_BINS
from scripts.evaluate.against_reference import Take, measure, reference_take
from scripts.evaluate.heldout import PERFORMANCES, perform_again, relate, table
from scripts.evaluate.long import drift, seam_speeds, write
from scripts.mira.contact import Contact
from scripts.mira.dataset import Passage
from scripts.mira.performance.units import FACE_UNITS
from scripts.mira.phones import Phone

UNITS = (
    *("mouthClose", "mouthSmileLeft", "mouthSmileRight", "jawOpen", "browInnerUp"),
    *("eyeLookOutLeft", "eyeLookInLeft", "eyeLookUpLeft", "eyeLookDownLeft"),
    *("eyeBlinkLeft", "eyeBlinkRight"),
)
FRAMES = 400


@pytest.fixture(scope="module")
def avatar() -> Any:
    count = len(UNITS)
    per_unit = np.zeros((1, count), np.float32)
    per_unit[0, [0, 3]] = -0.01, 0.01
    lids = LidContact(np.full(2, 0.01, np.float32), -0.01 * np.eye(count, dtype=np.float32)[-2:])
    lips = LipContact(np.full(1, 0.002, np.float32), per_unit, 1e-4)
    codec = FaceCodec(
        *(UNITS, np.arange(count), np.zeros(count, np.float32), np.ones(count, np.float32)), lips, lids
    )
    deltas = np.zeros((count, 2, 3), np.float32)
    deltas[1, 0, 0], deltas[2, 1, 0] = 0.01, -0.01
    rest = np.array([[0.02, 0, 0], [-0.02, 0, 0]], np.float32)
    return SimpleNamespace(codec=codec, deltas=deltas, mesh=SimpleNamespace(rest=rest))


@pytest.fixture(scope="module")
def passages() -> list[Passage]:
    """Six passages that close the lips in every b, blink once, and move with their loudness."""
    rng, found = np.random.default_rng(0), []
    for seed in range(6):
        edges = np.sort(rng.choice(np.arange(20, FRAMES - 20), 12, replace=False))
        names = ["$", *("bæ"[number % 2] for number in range(11)), "$"]
        times = np.array([0, *edges, FRAMES]) / CODE_RATE
        phones = tuple(Phone(name, 0, a, b) for name, a, b in zip(names, times, times[1:], strict=False))
        openness = np.concatenate(
            [np.full(round((p.end - p.start) * CODE_RATE), float(p.name == "æ")) for p in phones]
        )
        openness = np.convolve(openness, np.hanning(9) / 4, "same")
        channels = 0.05 * rng.random((FRAMES, len(UNITS))).astype(np.float32)
        channels[:, 0], channels[:, 3] = openness < 0.05, 0.5 * openness
        channels[100:112, -2:] = 1
        head = np.tile(np.array([1, 0, 0, 0, 0, 0, 0], np.float32), (FRAMES, 1))
        head[:, 1] = 0.05 * np.sin(np.arange(FRAMES) / 9 + seed)
        mel = (-9 + 6 * openness[:, None] + rng.normal(0, 0.3, (FRAMES, MEL_BINS))).astype(np.float32)
        none = np.zeros((FRAMES, 5), np.float32)
        found.append(
            Passage("", seed, phones, mel, np.zeros(FRAMES, np.float32), channels, head, emotion=none)
        )
    return found


def test_the_reference_is_its_own_yardstick(avatar: Any, passages: list[Passage]) -> None:
    reference = [reference_take(passage, avatar) for passage in passages]
    values = measure(reference, reference, passages, avatar)
    assert values["lip_f1"] == values["lip_f1_bilabials"] == values["smile_f1"] == 1
    assert values["frechet_face"] == pytest.approx(0, abs=1e-6) and values["mcd"] == 0
    assert values["lip_delay_ms"] == pytest.approx(0, abs=1e-6) and values["av_offset_ms"] == 0
    assert values["blinks"] == pytest.approx(60 * CODE_RATE / FRAMES)
    relate(values, values)
    assert values["frechet_face_ratio"] == values["beat_face_margin"] == 1
    assert "| A/V offset: lips behind sound, less the reference's, ms | 0.0 | 0.0 |" in table(
        values, values, {}, "Made so."
    )


def test_more_takes_tell_more_of_beats_and_nothing_else(avatar: Any, passages: list[Passage]) -> None:
    reference = [reference_take(passage, avatar) for passage in passages]
    others = [replace(take, face=np.zeros_like(take.face)) for take in reference]
    once = measure(reference, reference, passages, avatar)
    values = measure([*reference, *others], reference, passages, avatar)
    assert values["beat_head_error"] < once["beat_head_error"]
    assert values["beat_head"] == pytest.approx(once["beat_head"]) and values["lip_f1"] == 1


def test_the_error_of_a_share_is_that_of_both_sides() -> None:
    def beats(own: float, error: float) -> dict[str, float]:
        parts = {"": own, "_shuffled": 0.2, "_error": error}
        values = {f"beat_{side}{part}": value for side in ("face", "head") for part, value in parts.items()}
        return {**values, "frechet_face_halves": 1.0}

    actor, reference = beats(0.5, 0.03), beats(0.8, 0.08)
    relate(actor, reference)
    assert actor["beat_head_margin"] == pytest.approx(0.5)
    assert actor["beat_head_margin_error"] == pytest.approx(0.05 / 0.6)
    assert reference["beat_head_margin_error"] == pytest.approx(0.08 / 0.6)


def test_speech_is_performed_again_with_other_movements(contact: Contact) -> None:
    rng = np.random.default_rng(0)
    phones = (Phone("$", 0, 0.0, 0.2), Phone("æ", 1, 0.2, 0.8), Phone("$", 0, 0.8, 1.0))
    frames = round(CODE_RATE)
    still = [
        *(rng.uniform(-8, 0, (frames, MEL_BINS)).astype(np.float32), np.full(frames, 200, np.float32)),
        *(np.zeros((frames, len(FACE_UNITS)), np.float32), np.zeros((frames, 7), np.float32)),
        np.zeros((frames, 5), np.float32),
    ]
    passages = [Passage("A.", seed, phones, *still) for seed in range(2)]
    performed = list(perform_again(passages, contact))
    assert performed[:2] == passages and len(performed) == 2 * PERFORMANCES
    assert len({take.seed for take in performed}) == len({take.head.tobytes() for take in performed[2:]}) + 2
    assert all((take.mel == passages[0].mel).all() for take in performed)


def test_late_lips_and_missing_blinks_are_seen(avatar: Any, passages: list[Passage]) -> None:
    reference = [reference_take(passage, avatar) for passage in passages]

    def late(take: Take) -> Take:
        face = np.roll(take.face, 3, axis=0)
        face[:, -2:] = 0
        return replace(take, face=face)

    values = measure([late(take) for take in reference], reference, passages, avatar)
    assert values["lip_delay_ms"] == pytest.approx(3e3 / CODE_RATE, abs=1)
    assert values["av_offset_ms"] == pytest.approx(3e3 / CODE_RATE, abs=3)
    assert values["sound_delay_ms"] == pytest.approx(0, abs=1e-6)
    assert values["lip_f1"] < 1 and values["blinks"] == 0 and values["frechet_face"] > 0


def test_a_seam_is_seen_and_a_seamless_clip_passes() -> None:
    smooth = np.random.default_rng(0).normal(size=(4000, 5)).cumsum(0).astype(np.float32)
    borders = np.arange(200, 4000, 200)
    _, _, rank = seam_speeds(smooth, borders)
    assert rank == pytest.approx(0.5, abs=3 * 0.29 / np.sqrt(len(borders)))
    torn = smooth.copy()
    for number, border in enumerate(borders):
        torn[border:] += 8 * (-1) ** number
    across, anywhere, rank = seam_speeds(torn, borders)
    assert across > 3 * anywhere and rank > 0.98


def test_drift_is_the_change_along_a_straight_line() -> None:
    rows = [{"level": -20.0 + 0.5 * minute} for minute in range(9)]
    assert drift(rows, "level") == pytest.approx(4.0)
    assert drift(rows[:1], "level") == 0


def test_long_scripts_use_every_sentence_before_one_comes_twice() -> None:
    sentences = [f"Sentence {number}." for number in range(30)]
    paragraphs = write(sentences, 2.0, seed=1).split("\n\n")
    assert len(paragraphs) == 8
    first = " ".join(paragraphs[:6])
    assert all(sentence in first for sentence in sentences)
