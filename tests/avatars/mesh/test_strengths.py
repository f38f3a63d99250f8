from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.codec import BLINKS, MOUTH_CLOSE, FaceCodec
from avgen.avatars.mesh.strengths import restyle, unit_strengths
from avgen.style import Style
from avgen.tracks import Codes, Track

pytestmark = pytest.mark.assets
UPPER = ("browDownLeft", "browInnerUp", "noseSneerRight", "cheekSquintLeft")
LOWER = ("jawOpen", "mouthSmileLeft", "mouthPucker", "tongueOut", "tongueTip")


@pytest.fixture(scope="module")
def codec(mira: TexturedMesh) -> FaceCodec:
    return mira.codec


@pytest.fixture(scope="module")
def codes(codec: FaceCodec) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((40, codec.size)).astype(np.float32)


def face(codec: FaceCodec, **channels: float) -> np.ndarray:
    """The code [1, C] of a face whose other channels are at rest."""
    values = np.zeros((1, len(codec.units)), np.float32)
    for name, value in channels.items():
        values[0, codec.unit(name)] = value
    return codec.encode(values)


@pytest.mark.parametrize(
    ("style", "stronger"),
    [(Style(upper_face=1.5), UPPER), (Style(lower_face=1.5), LOWER), (Style(eyelids=1.5), ("eyeWideLeft",))],
)
def test_a_part_moves_by_its_strength_and_no_other_does(
    codec: FaceCodec, codes: np.ndarray, style: Style, stronger: tuple[str, ...]
) -> None:
    before, after = codec.channels(codes), codec.channels(restyle(codec, codes, style))
    for name in (*UPPER, *LOWER, "eyeWideLeft", MOUTH_CLOSE, "eyeLookInLeft"):
        unit = codec.unit(name)
        factor = 1.5 if name in stronger else 1.0
        assert after[:, unit] == pytest.approx(factor * before[:, unit], abs=1e-5), name


def test_a_plain_style_changes_no_bit(codec: FaceCodec, codes: np.ndarray) -> None:
    assert np.array_equal(restyle(codec, codes, Style()), codes)


def test_every_unit_but_gaze_belongs_to_a_part(codec: FaceCodec) -> None:
    strengths = unit_strengths(codec.units, Style(0.1, 0.2, 0.3, 0.4))
    assert {unit for unit, strength in zip(codec.units, strengths, strict=True) if strength == 1} == {
        unit for unit in codec.units if unit.startswith("eyeLook")
    }


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.5, 2.0])
def test_a_blink_closes_at_any_strength_and_lids_keep_their_order(codec: FaceCodec, strength: float) -> None:
    closures = np.linspace(0, 1, 9)
    codes = np.concatenate([face(codec, **dict.fromkeys(BLINKS, value)) for value in closures])
    lids = codec.channels(restyle(codec, codes, Style(eyelids=strength)))[:, codec.unit(BLINKS[0])]
    assert lids[[0, -1]] == pytest.approx([0, 1], abs=1e-5)
    assert np.all(np.diff(lids) > 0)
    assert (lids[2] - closures[2]) * (strength - 1) > 0


def test_lips_close_on_a_wider_jaw_and_less_where_that_is_asked(codec: FaceCodec) -> None:
    closed, ajar = (face(codec, jawOpen=0.2, mouthClose=close) for close in (1.0, 0.9))
    assert codec.lip_gap(restyle(codec, closed, Style(lower_face=1.8)))[0] == 0
    assert codec.lip_gap(restyle(codec, ajar, Style(lip_closing=1.2)))[0] == 0 < codec.lip_gap(ajar)[0]
    assert codec.lip_gap(restyle(codec, closed, Style(lip_closing=0.5)))[0] > 1e-3


def test_an_avatar_restyles_the_face_alone(mira: TexturedMesh, codes: np.ndarray) -> None:
    head = np.tile(np.array([1, 0, 0, 0, 0, 0, 0], np.float32), (len(codes), 1))
    plain = Codes({"face": Track(codes), "head": Track(head, "pose")})
    styled = mira.restyle(plain, Style(upper_face=0.5))
    assert styled.tracks["head"] is plain.tracks["head"] and styled.rate == plain.rate
    assert np.array_equal(styled["face"], restyle(mira.codec, codes, Style(upper_face=0.5)))
