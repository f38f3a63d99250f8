from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.codec import BLINKS, MOUTH_CLOSE, FaceCodec
from avgen.tracks import Codes, Track

pytestmark = pytest.mark.assets
GESTURES = ("jawOpen", "mouthPucker", "mouthFunnel", "mouthSmileLeft", "mouthSmileRight", "mouthRollLower")
EYES = ("eyeLookDownLeft", "eyeLookDownRight", "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft")


@pytest.fixture(scope="module")
def codec(mira: TexturedMesh) -> FaceCodec:
    return mira.codec


def channels(
    codec: FaceCodec, rng: np.random.Generator, names: tuple[str, ...], frames: int = 50
) -> np.ndarray:
    """Random weights of some units, the others at rest."""
    out = np.zeros((frames, len(codec.units)), np.float32)
    for name in names:
        out[:, codec.unit(name)] = rng.uniform(0, 0.7, frames)
    return out


def test_codes_decode_to_the_channels_they_encode(codec: FaceCodec) -> None:
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((20, codec.size)).astype(np.float32)
    assert codec.encode(codec.channels(codes)) == pytest.approx(codes, abs=1e-4)


def test_inactive_channels_stay_at_their_mean(codec: FaceCodec) -> None:
    inactive = np.setdiff1d(np.arange(len(codec.units)), codec.active)
    decoded = codec.channels(np.ones((1, codec.size), np.float32))[0]
    assert decoded[inactive] == pytest.approx(codec.mean[inactive])


def test_full_closure_seals_the_lips_whatever_else_moves(codec: FaceCodec) -> None:
    values = channels(codec, np.random.default_rng(1), GESTURES)
    values[:, codec.unit(MOUTH_CLOSE)] = 1
    codes = codec.encode(values)
    assert np.all(codec.lip_gap(codes) == 0)
    assert np.all(codec.lip_gaps(codes).max(1) < -codec.lips.margin + 2e-5)


def test_open_jaw_opens_the_lips(codec: FaceCodec) -> None:
    values = np.zeros((1, len(codec.units)), np.float32)
    values[0, codec.unit("jawOpen")] = 0.5
    assert codec.lip_gap(codec.encode(values))[0] > 0.010


def test_lips_rest_closed(codec: FaceCodec) -> None:
    rest = np.zeros((1, len(codec.units)), np.float32)
    assert codec.lips.gaps(rest).max() < 0


def test_full_blink_closes_the_lids_whatever_else_moves(codec: FaceCodec) -> None:
    values = channels(codec, np.random.default_rng(2), EYES)
    for name in BLINKS:
        values[:, codec.unit(name)] = 1
    weights = codec.unit_weights(codec.encode(values))
    gaps = codec.lids.gap_rest + weights @ codec.lids.gap_per_unit.T
    assert gaps == pytest.approx(np.zeros_like(gaps), abs=1e-4)


def test_unit_weights_are_never_negative(codec: FaceCodec) -> None:
    codes = np.random.default_rng(3).normal(0, 4, (30, codec.size)).astype(np.float32)
    assert codec.unit_weights(codes).min() >= 0


def test_weights_survive_the_way_through_codes(codec: FaceCodec) -> None:
    rng = np.random.default_rng(4)
    values = np.clip(codec.mean, 0, 1)[None] + channels(codec, rng, (*GESTURES, *EYES))
    inactive = np.setdiff1d(np.arange(len(codec.units)), codec.active)
    values[:, inactive] = np.clip(codec.mean[inactive], 0, 1)
    values[:, [codec.unit(name) for name in (MOUTH_CLOSE, *BLINKS)]] = rng.uniform(0, 1, (50, 3))
    weights = codec.unit_weights(codec.encode(np.clip(values, 0, 1)))
    assert codec.unit_weights(codec.encode_weights(weights)) == pytest.approx(weights, abs=2e-3)


def test_closed_surfaces_need_no_closure(codec: FaceCodec) -> None:
    weights = np.zeros((1, len(codec.units)), np.float32)
    weights[0, codec.unit(MOUTH_CLOSE)] = 0.1
    assert np.isfinite(codec.encode_weights(weights)).all()


def test_eyes_are_open_where_a_clip_starts_and_ends(mira: TexturedMesh, codec: FaceCodec) -> None:
    blinks = [codec.unit(name) for name in BLINKS]
    values = channels(codec, np.random.default_rng(5), (*GESTURES, *EYES), 100)
    values[:, blinks] = 1
    tracks = {"face": Track(codec.encode(values)), "head": Track(np.ones((100, 7), np.float32), "pose")}
    settled = mira.settle(Codes(tracks))
    found = codec.channels(settled["face"])
    assert found[[0, -1]][:, blinks].max() < 0.1
    inside = slice(22, -22)  # more than a quarter of a second from both ends
    np.testing.assert_array_equal(settled["face"][inside], tracks["face"].values[inside])
    others = np.setdiff1d(codec.active, blinks)
    assert found[:, others] == pytest.approx(codec.channels(tracks["face"].values)[:, others], abs=1e-6)
