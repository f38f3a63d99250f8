from __future__ import annotations

import numpy as np
import pytest

from avgen.pose import head_angles
from avgen.types import CODE_RATE
from scripts.mira.contact import Contact
from scripts.mira.performance import measures
from scripts.mira.performance.curves import minimum_jerk, track
from scripts.mira.performance.head import HeadMotion
from scripts.mira.performance.speech import Speech, frame_f0
from scripts.mira.performance.synthesise import perform
from scripts.mira.performance.units import UNIT, lip_gaps, rim_above_incisors


def test_minimum_jerk_rises_from_zero_to_one_without_speed_at_its_ends() -> None:
    u = np.linspace(-0.5, 1.5, 401)
    step = minimum_jerk(u)
    assert step[0] == 0
    assert step[-1] == 1
    assert minimum_jerk(0.5) == pytest.approx(0.5)
    assert np.all(np.diff(step) >= 0)
    assert minimum_jerk(1e-3) == pytest.approx(0, abs=1e-7)


def test_tracker_reaches_a_target_of_high_priority_and_gives_way_at_low_priority() -> None:
    target = np.zeros(200)
    target[100:108] = 1.0
    weak, strong = np.full(200, 0.5), np.full(200, 0.5)
    weak[100:108], strong[100:108] = 0.05, 500.0
    reached = track(target, strong, 6.0)[104]
    assert reached == pytest.approx(1.0, abs=0.02)
    assert track(target, weak, 6.0)[104] < 0.8


def test_tracker_passes_slow_motion_and_stops_fast_motion() -> None:
    time = np.arange(800) / CODE_RATE
    ones = np.ones(800)
    slow, fast = np.sin(2 * np.pi * 1.0 * time), np.sin(2 * np.pi * 20.0 * time)
    inner = slice(100, -100)
    np.testing.assert_allclose(track(slow, ones, 6.0)[inner], slow[inner], atol=0.01)
    assert np.abs(track(fast, ones, 6.0)[inner]).max() < 0.01


def test_bilabials_are_sealed_throughout_their_hold(speech: Speech, contact: Contact) -> None:
    performance = perform(speech, contact, seed=3)
    channels = performance.channels.astype(float)
    assert len(performance.holds) == 3
    for hold in performance.holds:
        inside = (speech.time >= hold.start) & (speech.time <= hold.end)
        assert inside.any()
        np.testing.assert_array_equal(channels[inside, UNIT["mouthClose"]], 1.0)
        assert lip_gaps(contact, channels)[inside].max() < 0
    assert measures.closures(speech.phones, channels, contact).all()


def test_pauses_are_closed_and_vowels_open(speech: Speech, contact: Contact) -> None:
    channels = perform(speech, contact, seed=3).channels.astype(float)
    widest = lip_gaps(contact, channels).max(1)
    for phone in speech.phones:
        if phone.name == ",":
            assert widest[speech.frame(phone.middle)] < 0.0003
        if phone.stress == 2:
            assert widest[speech.frame(phone.middle)] > 0.002
    assert measures.pause_gaps(speech.phones, channels, contact).max(initial=0.0) < 0.0003


def test_lower_lip_meets_the_incisors_in_f(speech: Speech, contact: Contact) -> None:
    channels = perform(speech, contact, seed=3).channels.astype(float)
    (f,) = (p for p in speech.phones if p.name == "f")
    assert abs(rim_above_incisors(contact, channels)[speech.frame(f.middle)]) < 0.001


def test_a_seed_gives_one_performance_and_another_seed_another(speech: Speech, contact: Contact) -> None:
    first, again, other = (perform(speech, contact, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.channels, again.channels)
    np.testing.assert_array_equal(first.head, again.head)
    assert np.abs(first.channels - other.channels).max() > 0.01
    assert np.abs(first.head - other.head).max() > 0.001


def test_channels_keep_their_ranges_and_poses_are_unit_quaternions(speech: Speech, contact: Contact) -> None:
    performance = perform(speech, contact, seed=7)
    blinks = [UNIT["eyeBlinkLeft"], UNIT["eyeBlinkRight"]]
    assert performance.channels.shape == (speech.frames, 53)
    assert performance.channels.min() >= 0
    assert performance.channels[:, blinks].max() <= 1.1
    assert np.delete(performance.channels, blinks, axis=1).max() <= 1
    np.testing.assert_allclose(np.linalg.norm(performance.head[:, :4], axis=1), 1, atol=1e-5)
    assert np.abs(performance.head[:, 4:]).max() < 0.03


def test_head_angles_are_read_back_from_the_pose() -> None:
    angles = np.array([[4.0, -3.0], [10.0, -12.0], [2.0, 5.0]])
    pose = HeadMotion(angles, np.zeros((3, 2))).pose()
    np.testing.assert_allclose(head_angles(pose), angles.T, atol=1e-4)


def test_f0_is_held_at_the_code_rate_and_zero_where_unvoiced() -> None:
    source = np.concatenate([np.full(80, 200.0), np.full(80, 5.0), np.full(80, 100.0)])
    f0 = frame_f0(source, round(3 * CODE_RATE))
    assert f0[10] == pytest.approx(200)
    assert f0[-10] == pytest.approx(100)
    assert f0[round(1.5 * CODE_RATE)] == 0
    assert not frame_f0(np.zeros(80), 86).any()
