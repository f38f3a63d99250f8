"""The stage that adds a body: its tracks, marks of the script, what a recording's emotion does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from avgen.body.skeleton import Skeleton
from avgen.emotion import Emotion
from avgen.errors import StageError
from avgen.gestures import MARK, USUAL, Gestures
from avgen.stages.gesture import gesture
from avgen.tracks import Codes, Track
from avgen.types import CODE_RATE, FloatArray, Interval, Tokens, Waveform

FRAMES = 700
SOUNDS = [Interval("$", 0.0, 0.5), *(Interval("æ2", 0.5 + k, 0.8 + k) for k in range(6))]


@dataclass(frozen=True)
class Body:
    skeleton: Skeleton


@pytest.fixture(scope="module")
def body() -> Body:
    with np.load(Path(__file__).parents[1] / "body" / "skeleton.npz") as tensors:
        return Body(Skeleton.from_tensors(tensors))


def take(*marks: Interval) -> tuple[Codes, Tokens]:
    mel = np.full((FRAMES, 80), -8.0, np.float32)
    for sound in SOUNDS[1:]:
        mel[round(sound.start * CODE_RATE) : round(sound.end * CODE_RATE)] = -2.0
    head = np.tile(np.array([1, 0, 0, 0, 0, 0, 0], np.float32), (FRAMES, 1))
    codes = Codes(
        {"mel": Track(mel), "face": Track(np.zeros((FRAMES, 4), np.float32)), "head": Track(head, "pose")}
    )
    return codes, Tokens(np.zeros((FRAMES, 88), np.float32), "phonemes", (), tuple(SOUNDS), marks=marks)


def test_body_and_hands_are_added_and_all_else_stays(body: Body) -> None:
    codes, tokens = take()
    moved = gesture(codes, tokens, body, seed=3, gestures=USUAL, emotion=Emotion())
    assert moved["body"].shape == (FRAMES, 30) and moved["hands"].shape == (FRAMES, 32)
    assert moved["body"].dtype == moved["hands"].dtype == np.float32
    assert all(moved.tracks[name] is codes.tracks[name] for name in codes.tracks)
    other = gesture(codes, tokens, body, seed=4, gestures=USUAL, emotion=Emotion())
    assert np.abs(other["body"] - moved["body"]).max() > 0.1


def test_the_script_asks_for_a_gesture(body: Body) -> None:
    still = Gestures(0.01)
    plain, asked = (
        gesture(*take(*marks), body, seed=3, gestures=still, emotion=Emotion())["body"]
        for marks in ((), (Interval(f"{MARK}shrug", 2.4, 2.4), Interval("theirs", 3.0, 3.0)))
    )
    about = slice(round(2.2 * CODE_RATE), round(3.2 * CODE_RATE))
    shoulders = [19, 28]  # how far the clavicles are up
    assert (asked[about, shoulders].max(0) > plain[about, shoulders].max(0) + 0.1).all()


def test_a_recording_is_gestured_to_without_words(body: Body) -> None:
    sound = Waveform(np.random.default_rng(0).normal(0, 0.05, 256 * FRAMES).astype(np.float32))
    codes, tokens = take()
    moved = gesture(codes, tokens, body, seed=3, gestures=USUAL, emotion=Emotion(), recording=sound)
    assert np.isfinite(moved["body"]).all() and moved["body"].std(0).max() > 0.1


def test_a_generator_that_makes_another_length_is_refused(body: Body) -> None:
    class Short:
        def perform(
            self,
            skeleton: Skeleton,
            codes: Codes,
            tokens: Tokens,
            emotion: FloatArray,
            *,
            gestures: Gestures,
            seed: int,
        ) -> tuple[FloatArray, FloatArray]:
            del skeleton, codes, tokens, emotion, gestures, seed
            return np.zeros((FRAMES - 1, 30), np.float32), np.zeros((FRAMES, 32), np.float32)

    with pytest.raises(StageError, match="body"):
        gesture(*take(), body, Short(), seed=0, gestures=USUAL, emotion=Emotion())
