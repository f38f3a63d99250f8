"""A person's own face: how it rests, and how its units move."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from avgen.avatars.mesh.codec import MAX_CLOSURE
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.head import METRES, Head
from avgen.casting.shapes import load_shapes
from avgen.config import presets_folder
from scripts.cast.face import Face, with_face
from scripts.cast.people import cast

OWN = Face({"browInnerUp": 0.3, "eyeBlinkLeft": -0.1}, {"browInnerUp": 1.5}, {"mouthFrown": 0.4})


def head_of(face: Face) -> Head:
    space = load_shapes()
    return face.of(space).head(cast()["ken"].person.shape)


def unit(head: Head, name: str) -> NDArray[np.float64]:
    moved: NDArray[np.float64] = head.deltas[head.unit(name)]
    return moved


def test_a_face_without_ways_of_its_own_is_everybodys() -> None:
    same, plain = Face().of(load_shapes()), load_shapes()
    np.testing.assert_allclose(same.deltas, plain.deltas, atol=1e-12)
    np.testing.assert_allclose(same.resting, plain.resting, atol=1e-12)


def test_gains_and_mixtures_change_their_units_on_both_sides_and_no_other() -> None:
    own, plain = OWN.of(load_shapes()), load_shapes()
    for side in ("Left", "Right"):
        frown, stretch = (plain.units.index(name + side) for name in ("mouthFrown", "mouthStretch"))
        np.testing.assert_allclose(
            own.deltas[frown], plain.deltas[frown] + 0.4 * plain.deltas[stretch], atol=1e-12
        )
    up = plain.units.index("browInnerUp")
    np.testing.assert_allclose(own.deltas[up], 1.5 * plain.deltas[up], atol=1e-12)
    other = plain.units.index("jawOpen")
    np.testing.assert_allclose(own.deltas[other], plain.deltas[other], atol=1e-12)


def test_strengths_leave_the_resting_face_as_it_is() -> None:
    own = Face({}, OWN.gains, OWN.also).of(load_shapes())
    plain = load_shapes()
    np.testing.assert_allclose(
        np.tensordot(own.resting, own.deltas, 1), np.tensordot(plain.resting, plain.deltas, 1), atol=1e-9
    )


def test_a_resting_face_is_moved_by_everybodys_units() -> None:
    own, plain = head_of(OWN), head_of(Face())
    moved = 0.3 * unit(plain, "browInnerUp") - 0.1 * unit(plain, "eyeBlinkLeft")
    brow = plain.rest[:, 1] > 6.6
    assert np.abs(moved[brow]).max() > 0.01
    np.testing.assert_allclose((own.rest - plain.rest)[brow], moved[brow], atol=1e-6)


@pytest.mark.parametrize("name", cast())
def test_a_shipped_avatar_has_the_face_described(name: str) -> None:
    member = cast()[name]
    tensors, _ = read_tensors(presets_folder() / "actors" / name / "avatar.safetensors")
    head = member.face.of(load_shapes()).head(member.person.shape)
    made = with_face(tensors, head)
    for key in ("mesh.rest", "blend.deltas", "contact.lip", "rigid.centre"):
        np.testing.assert_allclose(made[key].astype(np.float64), tensors[key].astype(np.float64), atol=2e-5)


def test_the_face_changes_and_the_clothes_stay() -> None:
    tensors, _ = read_tensors(presets_folder() / "actors/ken/avatar.safetensors")
    made = with_face(tensors, head_of(OWN))
    starts = tensors["mesh.starts"]
    away = np.linalg.norm(made["mesh.rest"] - tensors["mesh.rest"], axis=1)
    assert away[: starts[1]].max() > 0.1 * METRES * 0.1
    assert not away[starts[1 + 1] :].any()


@pytest.mark.parametrize("name", cast())
def test_eyes_shut_however_wide_they_were(name: str) -> None:
    tensors, metadata = read_tensors(presets_folder() / "actors" / name / "avatar.safetensors")
    units = metadata["units"].split()
    wide = sum(tensors["contact.lid"][:, units.index("eyeWide" + side)] for side in ("Left", "Right"))
    for k, side in enumerate(("Left", "Right")):
        blink = -tensors["contact.lid"][k, units.index("eyeBlink" + side)]
        assert (tensors["contact.lid_gap"][k] + wide[k]) / blink < MAX_CLOSURE
