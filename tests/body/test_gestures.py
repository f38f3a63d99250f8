"""Gestures by rule: on time, as asked, clear of the body, the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from avgen.body.arms import arm_axes, arm_places
from avgen.body.channels import BODY_LIMITS, HAND_LIMITS, arm
from avgen.body.gestures.clearance import FOREARM_BALLS, HAND_BALLS, out_of_trunk
from avgen.body.gestures.curves import RATE, coarse_times, drift, smooth, upsample
from avgen.body.gestures.hearing import Hearing, hear
from avgen.body.gestures.manner import manner_of
from avgen.body.gestures.planning import Stroke, plan
from avgen.body.gestures.poses import KINDS, RESTS
from avgen.body.gestures.synthesis import Performance, perform
from avgen.body.gestures.words import KINDS_OF_WORDS, meant_by
from avgen.body.posing import pose
from avgen.body.skeleton import PLACE, Skeleton
from avgen.emotion import Emotion
from avgen.errors import InputError
from avgen.gestures import ACTS, Gestures, parse_act
from avgen.types import CODE_RATE, Interval

SECONDS = 24.0
FRAMES = int(SECONDS * CODE_RATE)
WORDS = [
    "people",
    "talk",
    "about",
    "many",
    "different",
    "places",
    "while",
    "others",
    "simply",
    "listen",
    "and",
    "wonder",
    "quietly",
]
SKELETON = Path(__file__).with_name("skeleton.npz")


@pytest.fixture(scope="module")
def skeleton() -> Skeleton:
    with np.load(SKELETON) as tensors:
        return Skeleton.from_tensors(tensors)


def speech(
    words: Sequence[str] = WORDS,
    marks: Sequence[Interval] = (),
    silent_from: float = SECONDS,
    known: bool = True,
) -> Hearing:
    """Words of half a second each, one stressed vowel in the middle, a pause after every sixth."""
    phonemes, said, at, number = [], [], 0.3, 0
    mel = np.full((FRAMES, 80), -11.0, np.float32)
    pitch = np.zeros(FRAMES, np.float32)
    phonemes.append(Interval("$", 0, at))
    rng = np.random.default_rng(5)
    while at + 1.1 < min(silent_from, SECONDS):
        word = words[number % len(words)]
        said.append(Interval(word, at, at + 0.5))
        for label, length in (("t", 0.1), ("æ2", 0.2), ("n", 0.2)):
            phonemes.append(Interval(label, at, at + length))
            part = slice(round(at * CODE_RATE), round((at + length) * CODE_RATE))
            mel[part] = -2.0 if label == "æ2" else -5.0
            pitch[part] = (180 + 60 * rng.random()) * (label == "æ2")
            at += length
        number += 1
        if number % 6 == 0:
            phonemes.append(Interval(".", at, at + 0.5))
            at += 0.5
    phonemes.append(Interval("$", at, SECONDS))
    return hear(mel, pitch, phonemes, said if known else (), marks)


def play(
    skeleton: Skeleton, hearing: Hearing, gestures: str = "0.6", seed: int = 1, **felt: float
) -> Performance:
    emotion = np.tile(np.array(Emotion(**felt), np.float32), (FRAMES, 1))
    return perform(skeleton, hearing, Gestures.parse(gestures), emotion, seed)


def wrists(skeleton: Skeleton, performance: Performance) -> np.ndarray:
    _, position = pose(skeleton, performance.body, performance.hands)
    return position[:, [PLACE["wrist.L"], PLACE["wrist.R"]]]


def test_phrases_and_accents_are_heard_with_their_words() -> None:
    hearing = speech()
    assert len(hearing.phrases) == 7 and not hearing.phrases[0].question
    assert [accent.words[0] for accent in hearing.accents[:6]] == WORDS[:6]
    assert hearing.accents[1].words == ("talk", "people")
    assert hearing.accents[0].time == pytest.approx(0.4, abs=0.03)  # where the vowel sets in
    assert all(not accent.words for accent in speech(known=False).accents)


def test_the_same_seed_is_the_same_performance_and_another_one_differs(skeleton: Skeleton) -> None:
    first, again, other = (play(skeleton, speech(), seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.body, again.body)
    np.testing.assert_array_equal(first.hands, again.hands)
    assert np.abs(first.body[:, arm("R")] - other.body[:, arm("R")]).mean() > 0.05
    assert first.body.shape == (FRAMES, 30) and first.hands.shape == (FRAMES, 32)


def test_channels_stay_within_their_limits_and_move_smoothly(skeleton: Skeleton) -> None:
    performance = play(skeleton, speech(), "lively")
    for code, limits in ((performance.body, BODY_LIMITS), (performance.hands, HAND_LIMITS)):
        assert (code >= limits[:, 0]).all() and (code <= limits[:, 1]).all()
        assert np.abs(np.diff(code, axis=0)).max() * CODE_RATE < 20  # radians a second


def test_strokes_end_on_stressed_vowels_and_their_fastest_moment_is_before(skeleton: Skeleton) -> None:
    hearing = speech()
    performance = play(skeleton, hearing, "lively")
    onsets = np.array([accent.time for accent in hearing.accents])
    speed = np.linalg.norm(np.diff(wrists(skeleton, performance), axis=0), axis=2) * CODE_RATE
    offsets, leads = [], []
    for stroke in performance.plan.strokes:
        onset = onsets[np.abs(onsets - stroke.apex).argmin()]
        offsets.append(stroke.apex - onset)
        for side in stroke.hands:
            part = speed[:, "LR".index(side)][slice(*(round((onset + t) * CODE_RATE) for t in (-0.25, 0.25)))]
            leads.append(part.argmax() / CODE_RATE - 0.25)
    assert len(offsets) > 12
    assert np.median(offsets) == pytest.approx(0.05, abs=0.02) and np.std(offsets) < 0.06
    assert -0.15 < np.median(leads) < 0.0


def strokes(hearing: Hearing, gestures: str, seeds: int = 6, **felt: float) -> list[Stroke]:
    """What is planned, with several seeds."""
    manner = manner_of(Gestures.parse(gestures)).felt(np.array(Emotion(**felt), np.float32))
    plans = [plan(hearing, lambda time: manner, np.random.default_rng(seed)) for seed in range(seeds)]
    return [stroke for one in plans for stroke in one.strokes]


def test_more_is_asked_for_and_more_is_done() -> None:
    hearing = speech()
    few, some, many = (len(strokes(hearing, amount)) for amount in ("0.1", "0.5", "1"))
    assert few < 0.6 * some and some < 0.9 * many
    sad, angry = strokes(hearing, "0.6", sad=1.0), strokes(hearing, "0.6", angry=1.0)
    assert len(sad) < len(angry)
    assert np.mean([stroke.size for stroke in sad]) < 0.8 * np.mean([stroke.size for stroke in angry])


def test_words_choose_gestures() -> None:
    assert meant_by(("voice", "my")) == "me" and meant_by(("voice", "the")) == "" and meant_by(()) == ""
    assert set(KINDS_OF_WORDS.values()) <= set(KINDS)
    kinds = [stroke.kind for stroke in strokes(speech(["nothing"]), "1")]
    assert kinds.count("deny") > 0.4 * len(kinds)
    fingers = [stroke.shape for stroke in strokes(speech(["three"]), "1") if stroke.kind == "count"]
    assert fingers and set(fingers) == {"three"}


def test_without_words_prosody_alone_decides() -> None:
    made = strokes(speech(["nothing"], known=False), "1", seeds=1)
    assert len(made) > 8 and all(stroke.kind != "deny" for stroke in made)


def test_hands_rest_while_somebody_listens(skeleton: Skeleton) -> None:
    performance = play(skeleton, speech(silent_from=8.0))
    assert max(stroke.apex for stroke in performance.plan.strokes) < 8.2
    places = wrists(skeleton, performance)
    quiet = np.linalg.norm(np.diff(places[round(11 * CODE_RATE) :], axis=0), axis=2) * CODE_RATE
    assert np.median(quiet) < 0.05
    assert np.isfinite(play(skeleton, speech(silent_from=0.0)).body).all()


@pytest.mark.parametrize(("act", "kind"), [("point you", "you"), ("count 3", "count"), ("shrug", "shrug")])
def test_a_script_gets_the_gesture_it_asks_for(skeleton: Skeleton, act: str, kind: str) -> None:
    performance = play(skeleton, speech(marks=[Interval(act, 5.0, 5.0)]), "0.2")
    (stroke,) = (s for s in performance.plan.strokes if 4.9 < s.apex < 6.3 and s.kind == kind)
    assert stroke.shape == ("three" if kind == "count" else "")


def test_hands_rest_until_they_may_move_again() -> None:
    marks = [Interval("hands rest", 6.0, 6.0), Interval("hands move", 16.0, 16.0)]
    apexes = [stroke.apex for stroke in strokes(speech(marks=marks), "1", seeds=1)]
    assert not [apex for apex in apexes if 6.2 < apex < 15.9]
    assert [apex for apex in apexes if apex < 6] and [apex for apex in apexes if apex > 16]


def test_acts_are_read_and_others_refused() -> None:
    written = [f"{act} {detail}".strip() for act, details in ACTS.items() for detail in details]
    assert [parse_act(text.upper()) for text in written] == written
    for text in ("point him", "count 6", "shrug twice", "wave", ""):
        with pytest.raises(InputError, match=r"expected one of \[point you\]"):
            parse_act(text)


@pytest.mark.parametrize("text", ["none", "calm", "lively", "formal", "0.7", "1"])
def test_gestures_are_written_as_they_are_read(text: str) -> None:
    assert str(Gestures.parse(text)) == text
    assert bool(Gestures.parse(text)) == (text != "none")


@pytest.mark.parametrize("text", ["", "wild", "1.5", "-0.2", "nan", "2"])
def test_other_gestures_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="gestures: expected a manner or an amount from 0 to 1"):
        Gestures.parse(text)


def test_hands_and_forearms_stay_out_of_the_trunk_and_hands_apart(skeleton: Skeleton) -> None:
    deep, near = [], []
    for seed in range(3):
        body = play(skeleton, speech(), "lively", seed).body.astype(np.float64)
        palms = []
        for side in "LR":
            elbow, wrist, pointing = arm_places(arm_axes(skeleton, side), body[:, arm(side)])
            points = [wrist + along * pointing for along, _ in HAND_BALLS]
            points += [elbow + share * (wrist - elbow) for share in FOREARM_BALLS]
            deep += [np.linalg.norm(out_of_trunk(skeleton.trunk, p, 0.02), axis=1) for p in points]
            palms.append((wrist + 0.08 * pointing) * [-1 if side == "R" else 1, 1, 1])
        near.append(np.linalg.norm(palms[0] - palms[1], axis=1))
    assert (np.concatenate(deep) > 0.005).mean() < 0.002
    assert (np.concatenate(near) < 0.07).mean() < 0.01


def test_other_bodies_gesture_at_their_own_size(skeleton: Skeleton) -> None:
    large = Skeleton(1.15 * skeleton.heads, 1.15 * skeleton.tails, 1.15 * skeleton.trunk)
    for name, key in RESTS.items():
        small, big = (key.placed(arm_axes(person, "L")) for person in (skeleton, large))
        np.testing.assert_allclose(big[:3], 1.15 * small[:3], atol=1e-6, err_msg=name)
        np.testing.assert_allclose(big[3:], small[3:], atol=0.01, err_msg=name)


def test_curves() -> None:
    times = coarse_times(100)
    assert times[-1] >= 99.5 / CODE_RATE > times[-2]
    line = upsample(np.stack([times, times**2], 1), 100)
    np.testing.assert_allclose(line[3:-3, 0], (np.arange(3, 97) + 0.5) / CODE_RATE, atol=1e-6)
    noise = drift(np.random.default_rng(0), 20_000, 2, 0.9)
    assert noise.std() == pytest.approx(1, abs=0.1)
    assert np.diff(noise, axis=0).std() < 1.5 / RATE / 0.9
    np.testing.assert_allclose(smooth(np.full((30, 1), 2.0), 0.05), 2.0)
