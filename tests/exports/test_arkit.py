from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.errors import InputError
from avgen.exports import Material, write_export
from avgen.exports.arkit import ANGLES, HEADER, face_motion, read_arkit, timecode
from avgen.partner import ARKIT_UNITS
from avgen.tracks import Codes, Track

Make = Callable[..., Material]
MIRA = Path(__file__).parents[2] / "presets/actors/mira/avatar.safetensors"


@pytest.fixture(scope="module")
def mira() -> TexturedMesh:
    if not MIRA.exists():
        pytest.skip("needs Mira's avatar file")
    return TexturedMesh.load({}, MIRA)


@pytest.fixture
def performed(mira: TexturedMesh, material: Make) -> Material:
    """A random performance whose head turns 0.3 to the actor's left, 0.2 down, or 0.1 to a shoulder."""
    made = material("Hello there.", avatar=mira)
    frames = len(made.codes)
    face = np.random.default_rng(0).normal(0, 0.7, (frames, mira.codec.size)).astype(np.float32)
    head = np.tile(np.array([1, 0, 0, 0, 0, 0, 0], np.float32), (frames, 1))
    third = frames // 3
    for part, (axis, angle) in enumerate(((2, 0.3), (1, 0.2), (3, -0.1))):
        rows = slice(part * third, (part + 1) * third)
        head[rows, 0], head[rows, axis] = np.cos(angle / 2), np.sin(angle / 2)
    return replace(made, codes=Codes({"face": Track(face), "head": Track(head, "pose")}))


def test_columns_are_those_of_live_link_face() -> None:
    assert len(ARKIT_UNITS) == len(set(ARKIT_UNITS)) == 52
    assert len(HEADER) == 63
    assert HEADER[:4] == ("Timecode", "BlendShapeCount", "EyeBlinkLeft", "EyeLookDownLeft")
    assert HEADER[16:20] == ("JawForward", "JawRight", "JawLeft", "JawOpen")
    assert HEADER[53:56] == ("TongueOut", "HeadYaw", "HeadPitch")
    assert HEADER[-1] == "RightEyeRoll" and len(ANGLES) == 9


@pytest.mark.parametrize(
    ("frame", "fps", "expected"),
    [(0, 30, "00:00:00:00.000"), (59, 25, "00:00:02:09.000"), (216_061, 60, "01:00:01:01.000")],
)
def test_timecodes_count_frames_of_the_second(frame: int, fps: int, expected: str) -> None:
    assert timecode(frame, fps) == expected


def test_a_file_holds_the_performance(performed: Material, tmp_path: Path) -> None:
    path = tmp_path / "talk.arkit.csv"
    write_export("arkit", performed, path)
    rows = path.read_text().splitlines()
    assert len(rows) == performed.frames + 1
    assert rows[0] == ",".join(HEADER)
    assert rows[31].startswith("00:00:01:00.000,61,")
    assert "-0.000000" not in path.read_text()
    found, made = read_arkit(path), face_motion(performed)
    np.testing.assert_allclose(found.units, made.units, atol=1e-6)
    np.testing.assert_allclose(found.angles, made.angles, atol=1e-6)
    assert found.units.min() >= 0 and found.units.max() <= 1


def test_weights_become_the_same_face_again(performed: Material, mira: TexturedMesh) -> None:
    motion = face_motion(performed)
    exact = mira.codec.unit_weights(performed.codes.at(performed.times, ("face",))["face"])
    weights = np.tile(mira.codec.mean, (len(exact), 1))
    weights[:, [mira.codec.unit(name) for name in ARKIT_UNITS]] = motion.units
    again = mira.codec.unit_weights(mira.codec.encode_weights(weights))
    moved = (again - exact) @ mira.deltas.reshape(len(mira.deltas), -1)
    assert np.abs(moved).mean() < 1e-4  # a tenth of a millimetre


def test_the_head_turns_as_the_columns_say(performed: Material) -> None:
    head = face_motion(performed).angles[:, 0]
    fifth = performed.frames // 6
    np.testing.assert_allclose(head[fifth], (0.3, 0, 0), atol=1e-3)
    np.testing.assert_allclose(head[3 * fifth], (0, 0.2, 0), atol=1e-3)
    np.testing.assert_allclose(head[5 * fifth], (0, 0, 0.1), atol=1e-3)


def test_eyes_turn_where_they_look(mira: TexturedMesh, material: Make) -> None:
    made = material("Hello there.", avatar=mira)
    weights = np.zeros((len(made.codes), len(mira.codec.units)), np.float32)
    for name in ("eyeLookOutLeft", "eyeLookInRight", "eyeLookDownLeft", "eyeLookDownRight"):
        weights[:, mira.codec.unit(name)] = 0.5
    face, head = mira.codec.encode_weights(weights), made.codes.tracks["head"]
    looking = face_motion(replace(made, codes=Codes({"face": Track(face), "head": head})))
    assert (looking.angles[:, 1:, 0] > 0.05).all()  # both to the actor's left
    assert (looking.angles[:, 1:, 1] > 0.05).all()  # both down


def test_another_kind_of_face_is_refused(material: Make, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="arkit needs an actor whose face moves by ARKit units, and that of tiny"
    ):
        write_export("arkit", material(), tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected the columns of Live Link Face; eyeBlinkLeft is missing"),
        (",".join(HEADER) + "\n", "there are no rows"),
        (",".join(HEADER) + "\n00:00:00:00.000,61,0.5\n", "line 2: expected 61 numbers"),
        (",".join(HEADER) + "\nx,61" + 61 * ",nan" + "\n", "line 2: expected 61 numbers"),
    ],
)
def test_a_broken_file_is_refused_by_its_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "face.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_arkit(path)


def test_columns_are_found_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "face.csv"
    names = [*reversed(HEADER[2:]), "Note"]
    path.write_text(",".join(names).lower() + "\n" + ",".join(str(n / 100) for n in range(61)) + ",x\n")
    assert read_arkit(path).units[0, 0] == pytest.approx(0.60)
