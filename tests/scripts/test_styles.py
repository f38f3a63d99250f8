from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avgen.emotion import EMOTIONS, Emotion
from avgen.types import CODE_RATE
from scripts.mira import dataset
from scripts.mira.contact import Contact
from scripts.mira.dataset import Passage, Passages, Recording
from scripts.mira.performance import measures
from scripts.mira.performance.speech import Speech
from scripts.mira.performance.synthesise import Performance, perform
from scripts.mira.performance.units import UNIT
from scripts.mira.style_report import EmotionReader, named, segments

STYLES = (
    *EMOTIONS[:4],
    *("happy:0.5,surprised:0.5", "sad:0.4,angry:0.6", "energy:1", "energy:-1"),
    *("happy,energy:1", "angry,energy:1", "surprised,energy:1", "sad,energy:-1"),
)


def play(speech: Speech, contact: Contact, style: str, seed: int = 3) -> Performance:
    return perform(speech, contact, seed, np.tile(Emotion.parse(style), (speech.frames, 1)))


@pytest.mark.parametrize("style", STYLES)
def test_contact_is_kept_in_every_style(speech: Speech, contact: Contact, style: str) -> None:
    channels = play(speech, contact, style).channels.astype(float)
    assert measures.closures(speech.phones, channels, contact).all()
    assert measures.lip_to_teeth(speech.phones, channels, contact).max() < 0.001
    assert measures.pause_gaps(speech.phones, channels, contact).max(initial=0.0) < 0.0003
    assert not measures.tongue_in_teeth(channels).any()
    assert channels.min() >= 0
    assert channels.max() <= 1.1


@pytest.mark.parametrize(
    ("style", "units"),
    [
        ("happy", ("mouthSmileLeft", "cheekSquintRight", "browOuterUpLeft")),
        ("sad", ("browInnerUp", "mouthFrownLeft", "eyeBlinkLeft")),
        ("angry", ("browDownLeft", "noseSneerRight", "eyeSquintLeft", "mouthPressLeft")),
        ("surprised", ("browInnerUp", "browOuterUpRight", "eyeWideLeft", "jawOpen")),
    ],
)
def test_emotions_show_in_proportion(
    speech: Speech, contact: Contact, style: str, units: tuple[str, ...]
) -> None:
    none, half, full = (
        play(speech, contact, each).channels.mean(0) for each in ("neutral", f"{style}:0.5", style)
    )
    for unit in units:
        assert none[UNIT[unit]] < half[UNIT[unit]] < full[UNIT[unit]]
    assert full[UNIT[units[0]]] > none[UNIT[units[0]]] + 0.2


def test_energy_scales_jaw_and_head(speech: Speech, contact: Contact) -> None:
    calm, lively = (play(speech, contact, f"energy:{value}") for value in (-1, 1))
    jaw = UNIT["jawOpen"]
    assert lively.channels[:, jaw].max() > 1.2 * calm.channels[:, jaw].max()
    assert np.abs(np.diff(lively.angles)).mean() > 1.5 * np.abs(np.diff(calm.angles)).mean()


def test_a_step_of_the_track_becomes_a_transition_about_it(speech: Speech, contact: Contact) -> None:
    emotion = np.zeros((speech.frames, 5))
    turn = speech.frames // 2
    emotion[turn:, EMOTIONS.index("surprised")] = 1
    wide = perform(speech, contact, 3, emotion).channels[:, UNIT["eyeWideLeft"]]
    before, after = perform(speech, contact, 3), play(speech, contact, "surprised")
    early, late = turn - round(0.31 * CODE_RATE), turn + round(0.31 * CODE_RATE)
    np.testing.assert_allclose(wide[:early], before.channels[:early, UNIT["eyeWideLeft"]], atol=0.05)
    assert 0.3 < wide[turn] < 0.7 * after.channels[turn, UNIT["eyeWideLeft"]]
    assert wide[late:].min() > 0.5
    assert np.abs(np.diff(wide)).max() < 0.06


@pytest.mark.parametrize("words", ["l 0.08|θ 0.09", "n 0.07|θ 0.08", "n 0.05|ð 0.05", "l 0.1|ð 0.06"])
def test_the_tongue_passes_under_the_incisors(speak: Callable, contact: Contact, words: str) -> None:
    speech = speak(f"$ 0.2|æ2 0.2|{words}|i1 0.15|. 0.4")
    for seed in range(4):
        channels = perform(speech, contact, seed).channels.astype(float)
        assert not measures.tongue_in_teeth(channels).any()
        assert channels[:, UNIT["tongueOut"]].max() > 0.2


def test_a_tongue_out_of_a_closed_mouth_is_in_the_teeth() -> None:
    channels = np.zeros((3, 53))
    channels[1:, UNIT["tongueOut"]] = (0.4, 0.4)
    channels[:, UNIT["jawOpen"]] = (0.2, 0.02, 0.2)
    channels[2, UNIT["tongueTip"]] = 0.6
    assert measures.tongue_in_teeth(channels).tolist() == [False, True, True]


def talk(speech: Speech) -> Recording:
    rng = np.random.default_rng(0)
    mel = rng.normal(-6, 1, (speech.frames, 80)).astype(np.float16)
    return Recording("Hello.", speech.phones, mel, np.full(speech.frames, 200, np.float32))


def test_emotions_change_in_the_middle_of_a_pause(speech: Speech) -> None:
    recording = dataset.join([talk(speech)] * 3)
    middles = {round(p.middle * CODE_RATE) for p in recording.phones[1:-1] if p.name == "."}
    tracks = [dataset.emotion_track(recording, np.random.default_rng(seed)) for seed in range(400)]
    still = [not track.any() for track in tracks]
    turns = [np.flatnonzero(np.abs(np.diff(track, axis=0)).sum(1)) + 1 for track in tracks]
    assert 0.38 < np.mean(still) < 0.52
    assert {int(turn[0]) for turn in turns if len(turn)} == middles
    assert 0.12 < np.mean([len(turn) == 1 for turn in turns]) < 0.28
    assert max(len(turn) for turn in turns) == 1
    stack = np.concatenate(tracks)
    assert stack[:, :4].min() >= 0
    assert stack[:, :4].sum(1).max() <= 1 + 1e-6
    assert np.abs(stack[:, 4]).max() <= 1
    assert ((stack[:, :4] > 0).sum(1) == 2).any()


@pytest.mark.parametrize("neutral", [True, False])
def test_folders_of_passages_hold_the_emotion_that_was_performed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speech: Speech, contact: Contact, neutral: bool
) -> None:
    monkeypatch.setattr(dataset, "recordings", lambda folder: [talk(speech)] * 12)
    dataset.build(tmp_path, tmp_path, contact, 0, single=False, neutral=neutral)
    passages = list(Passages(tmp_path))
    assert sum(p.text.count("Hello") for p in passages) == 12
    assert neutral == (not any(p.emotion.any() for p in passages))
    for passage in passages:
        assert len(passage.mel) == len(passage.channels) == len(passage.head) == len(passage.emotion)
        again = dataset.perform_recording(passage, contact, passage.seed, passage.emotion)
        frown = UNIT["mouthFrownLeft"]
        np.testing.assert_allclose(again.channels[:, frown], passage.channels[:, frown], atol=0.01)


def test_the_reader_names_the_emotion_it_sees() -> None:
    rng = np.random.default_rng(0)

    def passage(style: str) -> Passage:
        emotion = np.tile(np.float32(Emotion.parse(style)), (400, 1))
        channels = rng.normal(0, 0.05, (400, 53)).astype(np.float32)
        channels[:, :4] += emotion[:, :4]
        head = np.tile(np.eye(7, dtype=np.float32)[0], (400, 1))
        return Passage("", 0, (), channels, channels, channels, head, emotion)

    styles = ("neutral", *EMOTIONS[:4])
    reader = EmotionReader(*segments(passage(style) for style in styles * 40))
    features, emotions = segments(passage(style) for style in styles)
    assert named(emotions).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert named(reader(features)).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
