"""Training of the token extractor: recording conditions, sessions, their labels, and times by posteriors."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from avgen.speech.encoder import EncoderConfig, WhisperEncoder
from avgen.text.labels import EDGE, LABELS, label_index
from avgen.types import CODE_RATE, HOP_SIZE
from scripts.mira.align import phones_path, write_phones
from scripts.mira.phones import Phone
from scripts.train import augment, sessions
from scripts.train.sessions import UNIT_SAMPLES, UNTIMED, Piece, Plan, Voices
from scripts.train.time_labels import time_phones
from scripts.train.train_extractor import Frames
from scripts.voices.corpus import save

FRAMES = 86
"""Of every utterance: a second."""


@pytest.fixture
def voices(tmp_path: Path) -> Voices:
    """Two voices of two utterances, one timed."""
    rng = np.random.default_rng(0)
    for name in ("crowd", "ada"):
        (tmp_path / name).mkdir()
        loud = [rng.integers(-9000, 9000, FRAMES * HOP_SIZE).astype(np.int16) for _ in range(2)]
        save(tmp_path / name / "shard_000.npz", {"samples": loud})
        rows = [
            {"id": number, "shard": 0, "row": number, "frames": FRAMES, "held": False} for number in range(2)
        ]
        (tmp_path / name / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    end = FRAMES / CODE_RATE
    timed = [Phone("$", 0, 0.0, 0.2), Phone("m", 0, 0.2, 0.6), Phone("$", 0, 0.6, end)]
    write_phones(phones_path(tmp_path / "ada", 0), {0: timed, 1: timed})
    return Voices(tmp_path)


@pytest.mark.parametrize(
    "effect",
    [
        augment.in_room,
        augment.distant,
        augment.equalised,
        augment.telephone,
        augment.coded,
        augment.transmitted,
    ],
)
def test_effects_keep_length_and_are_seeded(effect: object) -> None:
    speech = np.random.default_rng(1).standard_normal(22_050).astype(np.float32)
    once, again = (effect(speech, np.random.default_rng(2)) for _ in range(2))  # type: ignore[operator]
    np.testing.assert_array_equal(once, again)
    assert once.shape == speech.shape
    assert np.isfinite(once).all()


def test_environments_and_sounds_that_nobody_speaks() -> None:
    speech = np.random.default_rng(1).standard_normal(22_050).astype(np.float32)
    for seed in range(30):
        rng = np.random.default_rng(seed)
        for made in (augment.environment(speech, [speech], rng), augment.not_speech(22_050, rng)):
            assert made.shape == speech.shape
            assert np.isfinite(made).all()


def test_labels_follow_the_pieces_at_their_speed(voices: Voices) -> None:
    plan = Plan(
        0, 1, (Piece("ada", 0, 24, UNIT_SAMPLES // 2), Piece("crowd", 1, 20, UNIT_SAMPLES - 9000)), ""
    )
    found = sessions.labels(plan, voices)
    assert len(found) == 441
    start = UNIT_SAMPLES / 2 / HOP_SIZE
    spoken = np.flatnonzero(found == label_index("m"))
    assert spoken[0] == pytest.approx(start + 0.2 / 1.2 * CODE_RATE, abs=1)
    assert spoken[-1] == pytest.approx(start + 0.6 / 1.2 * CODE_RATE, abs=1)
    assert (found[-30:] == UNTIMED).all()
    assert (found[: int(start)] == label_index(EDGE)).all()


def test_a_shard_returns_and_its_crops_are_on_both_clocks(
    voices: Voices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SHARD_SESSIONS", 3)
    torch.manual_seed(0)
    encoder = WhisperEncoder(EncoderConfig(width=8, num_heads=2, num_blocks=1)).eval()
    hours = sessions.write_shard(tmp_path, 0, voices, encoder)
    assert sessions.shards(tmp_path) == [0]
    plans, features = sessions.read_shard(tmp_path, 0)
    units = sum(plan.units for plan in plans)
    assert hours == pytest.approx(units * 5.12 / 3600)
    assert features.shape == (256 * units, 8)
    assert [Plan.from_json(json.loads(json.dumps(asdict(plan)))) for plan in plans] == plans
    frames = Frames.read(tmp_path, [0], voices)
    assert len(frames.labels) == 441 * units
    crops, said = frames.draw(2, np.random.default_rng(0))
    assert crops.shape == (2, 256, 8)
    assert said.shape == (2, 256)
    whole, _ = frames.cut(0, 441 * units)
    np.testing.assert_allclose(frames.cut(100, 50)[0], whole[100:150], atol=1e-6)


def test_phones_are_timed_by_what_is_heard() -> None:
    heard = [*["$"] * 20, *["m"] * 12, *["i2"] * 10, *["$"] * 20]
    logits = 6 * np.eye(len(LABELS), dtype=np.float32)[[LABELS.index(name) for name in heard]]
    table = [Phone("$", 0, 0, 0.3), Phone("m", 0, 0.3, 0.45), Phone(" ", 0, 0.45, 0.47)]
    table += [Phone("i", 1, 0.47, 0.6), Phone(".", 0, 0.6, 0.72)]
    timed = time_phones(logits, table)
    assert [phone.name for phone in timed] == ["$", "m", " ", "i", "."]
    assert timed[1].start == pytest.approx(20 / CODE_RATE)
    assert timed[1].end == timed[3].start == pytest.approx(32 / CODE_RATE)
    assert timed[-1].end == pytest.approx(len(heard) / CODE_RATE)
