"""Listening while somebody speaks, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import avgen
from avgen import live as module
from avgen.errors import ActorError, InputError
from avgen.live import Live, Nods, joint
from avgen.performer import Performer
from avgen.pose import head_angles
from avgen.speech.cues import LOW_SECONDS, PAUSE_SECONDS
from avgen.types import CODE_RATE, FloatArray
from tests.fakes import CHANNELS, write_actor
from tests.speech.test_cues import voice


@pytest.fixture
def ear(tiny: Path) -> Performer:
    """The tiny actor, who has learnt to listen."""
    write_actor(tiny / "home" / "actors" / "ear", face_channels=55)
    return avgen.load_actor("ear")


def blocks(live: Live, count: int, seed: int = 0) -> Iterator[FloatArray]:
    noise = np.random.default_rng(seed)
    for _ in range(count):
        yield (0.1 * noise.standard_normal(live.samples)).astype(np.float32)


def heard(ear: Performer, count: int, face: FloatArray | None = None, seed: int = 0) -> FloatArray:
    """Face codes [N, C] of an actor to whom noise is played."""
    live = ear.live(seed=1, size="64", steps=2)
    return np.concatenate([live.push(sound, face=face).codes["face"] for sound in blocks(live, count, seed)])


def test_a_block_in_is_a_block_out_for_as_long_as_it_lasts(ear: Performer) -> None:
    live = ear.live(seed=1, size="64", steps=2)
    assert live.samples == 2560 and live.seconds == pytest.approx(0.116, abs=1e-3)
    shown = 0
    for number, sound in enumerate(blocks(live, 16), 1):
        codes, pictures = live.push(sound)
        assert len(codes) == 10 and set(codes.tracks) == {"mel", "face", "head"}
        assert codes["face"].shape == (10, CHANNELS) and pictures.shape[1:] == (64, 64, 3)
        assert np.allclose(np.linalg.norm(codes["head"][:, :4], axis=1), 1, atol=1e-5)
        shown += len(pictures)
        assert abs(shown - number * 10 / CODE_RATE * 30) <= 1
    assert live.frames == 160
    kept = [*live._past.values(), *live._conditions.values(), live._levels]
    assert max(map(len, kept)) <= module.CONTEXT_FRAMES and len(live._sound) <= module.HEARD_FRAMES * 256


def test_what_is_heard_and_seen_moves_and_the_same_moves_the_same(ear: Performer) -> None:
    first = heard(ear, 6)
    np.testing.assert_array_equal(first, heard(ear, 6))
    assert np.abs(first - heard(ear, 6, seed=5)).max() > 1e-5  # its ear is untrained
    seen = heard(ear, 6, np.full(55, 0.5, np.float32))
    assert np.abs(first - seen).max() > 1e-3


def test_nothing_jumps_between_blocks(ear: Performer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise of one value would be drawn as one value: what is left are the borders."""
    noise = np.random.default_rng(3).standard_normal
    calls = iter(range(1000))
    monkeypatch.setattr(
        type(ear.models["flow"]),
        "extend",
        lambda flow, told, past, x_0, **given: {
            name: np.full((20, channels), float(next(calls) % 2), np.float32) + 0 * noise()
            for name, channels in flow.config.tracks.items()
        },
    )
    faces = heard(ear, 8)
    assert 0 < np.abs(np.diff(faces, axis=0)).max() < 0.25


def test_the_head_nods_after_cues_and_only_then(ear: Performer) -> None:
    said = {"cue": voice((1.6, 200), (0.4, 110), (3.0, 200)), "none": voice((5.0, 200))}
    lowered = {}
    for name, sound in said.items():
        live = ear.live(seed=1, size="64", steps=2)
        parts = np.split(sound, np.arange(live.samples, len(sound), live.samples))[:-1]
        nods, starts = Nods(seed=1), []
        for part in parts:
            nods.hear(part, 10)
            starts += [start for start in nods.starts if start not in starts]
        heads = np.concatenate([live.push(part).codes["head"] for part in parts])
        lowered[name] = starts, head_angles(heads)[:, 0]
    (start,), nodding = lowered["cue"]
    assert start == pytest.approx(1.6 + LOW_SECONDS + 0.25, abs=0.2) and lowered["none"][0] == []
    change = nodding - lowered["none"][1]
    times = (np.arange(len(change)) + 0.5) / CODE_RATE + 10 / CODE_RATE
    assert np.abs(change).max() > 2 and start < times[np.abs(change).argmax()] < start + 1.0


def test_nobody_nods_to_silence_and_only_recent_nods_are_kept() -> None:
    nods = Nods(seed=0)
    for _ in range(100):
        nods.hear(None, 10)
    assert nods.starts == []
    asked = voice(*[(1.5, 200), (0.3, 110)] * 20)
    parts, most = np.split(asked, np.arange(2560, len(asked), 2560))[:-1], 0
    for part in parts:
        nods.hear(part, 10)
        most = max(most, len(nods.starts))
    assert 1 <= most <= 3


def test_a_pause_is_answered_though_nothing_at_all_is_heard_in_it() -> None:
    nods, starts = Nods(seed=1), list[float]()
    said = voice((1.5, 200), (1.0, 0))
    for part in np.split(said, np.arange(2560, len(said), 2560))[:-1]:
        nods.hear(part, 10)
        starts += [start for start in nods.starts if start not in starts]
    (start,) = starts
    assert start == pytest.approx(1.5 + PAUSE_SECONDS + 0.25, abs=0.25)


def test_what_was_expected_is_left_bit_by_bit() -> None:
    one, zero = np.ones((4, 1), np.float32), np.zeros((6, 1), np.float32)
    np.testing.assert_allclose(joint(one, zero)[:, 0], [0.8, 0.6, 0.4, 0.2, 0, 0], atol=1e-6)
    np.testing.assert_array_equal(joint(None, zero), zero)


def test_a_pause_is_sure_and_costs_no_ear(ear: Performer, monkeypatch: pytest.MonkeyPatch) -> None:
    live = ear.live(size="64", steps=2)
    asked: list[int] = []
    real = module.heard
    monkeypatch.setattr(module, "heard", lambda sound, ear: asked.append(1) or real(sound, ear))
    for sound in blocks(live, 3):
        live.push(sound)
    for _ in range(6):
        live.push(np.zeros(live.samples, np.float32))
    assert len(asked) == 3 + 2


def test_what_cannot_be_is_said(ear: Performer) -> None:
    with pytest.raises(ActorError, match="actor tiny has not learnt to listen"):
        avgen.load_actor("tiny").live()
    live = ear.live(size="64")
    with pytest.raises(InputError, match=r"live: sound: expected \(2560,\), got \(100,\)"):
        live.push(np.zeros(100, np.float32))
    with pytest.raises(InputError, match="emotion by its name"):
        ear.live(emotion="auto")


def test_what_follows_nothing_is_drawn_as_a_clip_is(ear: Performer) -> None:
    flow = ear.models["flow"]
    told = {"tokens": np.zeros((30, flow.config.conditions["tokens"].channels), np.float32)}
    none = {name: np.zeros((0, channels), np.float32) for name, channels in flow.config.tracks.items()}
    drawn = flow.extend(told, none, flow.noise(30, 4), num_steps=3)
    whole = flow.sample(told, 4, num_steps=3)
    for name in drawn:
        np.testing.assert_allclose(drawn[name], whole[name], atol=1e-5)


def test_what_follows_something_depends_on_it(ear: Performer) -> None:
    flow = ear.models["flow"]
    told = {"tokens": np.zeros((30, flow.config.conditions["tokens"].channels), np.float32)}
    for parameter in flow.parameters():  # an untrained flow lets no frame see another
        torch.nn.init.normal_(parameter, std=0.3)
    past = {name: np.zeros((20, channels), np.float32) for name, channels in flow.config.tracks.items()}
    drawn = flow.extend(told, past, flow.noise(30, 4), num_steps=3)
    assert {name: len(values) for name, values in drawn.items()} == dict.fromkeys(drawn, 10)
    other = flow.extend(told, past | {"face": past["face"] + 3}, flow.noise(30, 4), num_steps=3)
    assert np.abs(drawn["face"][:2] - other["face"][:2]).max() > 1e-3
