"""Tracks between their frames: straight, along arcs, the short way round."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avgen.tracks import KINDS, Codes, Track, slerp, wrap
from avgen.types import CODE_RATE


def turn(angle: float) -> np.ndarray:
    """Unit quaternion of a rotation about y."""
    return np.array([np.cos(angle / 2), 0, np.sin(angle / 2), 0], np.float32)


def ramp(frames: int, rate: float = CODE_RATE) -> Codes:
    """Codes that say their own time: face channel 0 is the centre of the frame in seconds."""
    times = ((np.arange(frames) + 0.5) / rate).astype(np.float32)
    head = np.stack([np.concatenate([turn(float(t)), [t, 0, 0]]) for t in times]).astype(np.float32)
    return Codes({"face": Track(times[:, None]), "head": Track(head, "pose")}, rate)


@pytest.mark.parametrize("rate", [CODE_RATE, 30.0])
@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_codes_are_read_at_times_whatever_their_rate(fps: int, rate: float) -> None:
    codes = ramp(200, rate)
    times = (np.arange(int(codes.duration * fps)) + 0.5) / fps
    inside = (times > 0.5 / rate) & (times < 199.5 / rate)
    found = codes.at(times, ("face", "head"))
    np.testing.assert_allclose(found["face"][inside, 0], times[inside], atol=1e-5)
    head = found["head"][inside]
    np.testing.assert_allclose(head[:, 4], times[inside], atol=1e-5)
    angles = np.unwrap(2 * np.arctan2(head[:, 2], head[:, 0]))
    np.testing.assert_allclose(angles - angles[0], times[inside] - times[inside][0], atol=1e-4)


def test_beyond_its_ends_a_track_stays() -> None:
    found = ramp(4).at(np.array([-1.0, 100.0]), ("face",))["face"]
    assert found[:, 0].tolist() == pytest.approx([0.5 / CODE_RATE, 3.5 / CODE_RATE])


def test_only_the_named_tracks_are_read() -> None:
    assert set(ramp(4).at(np.array([0.0]), ("head",))) == {"head"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_track_holds_its_values_at_its_frames(kind: str) -> None:
    values = np.stack([np.concatenate([turn(0.3 * n), turn(-0.2 * n)]) for n in range(5)])
    found = Track(values, kind).at(np.arange(5.0))  # type: ignore[arg-type]
    np.testing.assert_allclose(found, values, atol=1e-6)


def test_angles_go_the_short_way_round() -> None:
    track = Track(np.array([[3.0, 1.0], [-3.0, 2.0]], np.float32), "angles")
    found = track.at(np.array([0.5]))[0]
    assert wrap(found).tolist() == pytest.approx([-np.pi, 1.5], abs=1e-5)


def test_every_quaternion_of_a_rotation_track_turns_by_itself() -> None:
    first, last = np.concatenate([turn(0.0), turn(1.0)]), np.concatenate([turn(1.0), -turn(3.0)])
    found = Track(np.stack([first, last]).astype(np.float32), "rotation").at(np.array([0.5]))[0]
    np.testing.assert_allclose(found[:4], turn(0.5), atol=1e-5)
    np.testing.assert_allclose(np.abs(found[4:]), np.abs(turn(2.0)), atol=1e-5)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0, 1))
def test_slerp_turns_evenly_along_the_shorter_arc(a: float, b: float, weight: float) -> None:
    way = (b - a + np.pi) % (2 * np.pi) - np.pi
    if abs(abs(way) - np.pi) < 0.05:
        return
    found = slerp(turn(a)[None], turn(b)[None], np.array([[weight]], np.float32))[0]
    expected = turn(a + weight * way)
    assert min(np.abs(found - expected).max(), np.abs(found + expected).max()) < 1e-3
    assert np.linalg.norm(found) == pytest.approx(1.0, abs=1e-5)
