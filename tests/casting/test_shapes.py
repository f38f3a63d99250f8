"""Heads of the shape space, and avatars that get one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.head import METRES, Head
from avgen.casting.person import read_person
from avgen.casting.shapes import Sparse, load_shapes
from avgen.casting.transfer import carried, transfer
from avgen.errors import InputError

MAN = {
    "macrodetails/african-male-old": 0.6,
    "macrodetails/asian-male-young": 0.4,
    "macrodetails/universal-male-old-averagemuscle-maxweight": 0.7,
    "chin/chin-width-incr": 0.5,
    "eyes/*-eye-scale-incr": 0.4,
}


@pytest.fixture(scope="module")
def mira() -> tuple[dict[str, Any], dict[str, str]]:
    return read_tensors(find_actor("mira").components["avatar"].file)


@pytest.fixture(scope="module")
def base() -> Head:
    return load_shapes().head(read_person(find_actor("mira").folder).shape)


@pytest.fixture(scope="module")
def man() -> Head:
    return load_shapes().head(MAN)


def test_miras_own_head_gives_her_back(mira: tuple[dict[str, Any], dict[str, str]], base: Head) -> None:
    tensors = mira[0]
    same = transfer(tensors, base, base)
    assert same.keys() == tensors.keys()
    for name, value in same.items():
        limit = {"blend.deltas": 2e-5, "hair.cameras": 1e-3}.get(name, 3e-6)  # half precision, texels
        assert np.abs(value.astype(np.float64) - tensors[name].astype(np.float64)).max() < limit, name


def test_another_head_is_another_and_lies_in_the_same_place(
    mira: tuple[dict[str, Any], dict[str, str]], base: Head, man: Head
) -> None:
    tensors, metadata = mira
    moved = transfer(tensors, base, man)
    names = metadata["units"].split(), metadata["parts"].split()
    avatar = TexturedMesh.from_tensors(moved, tuple(names[0]), tuple(names[1]))
    away = np.linalg.norm(moved["mesh.rest"] - tensors["mesh.rest"], axis=1)
    skin = slice(0, int(tensors["mesh.starts"][1]))
    assert 0.003 < np.median(away[skin]) < 0.05  # metres
    groups = ("helper-l-eye", "helper-r-eye", "helper-upper-teeth")
    middles = [np.concatenate([head.rest[head.groups[g]] for g in groups]).mean(0) for head in (base, man)]
    assert np.allclose(*middles, atol=1e-3)
    posed = avatar.pose_weights(np.zeros((1, len(avatar.deltas)), np.float32), np.eye(1, 7, dtype=np.float32))
    centres = posed.eyes[0, :, 0]
    assert centres[0, 0] > 0.02 and centres[1, 0] < -0.02  # left and right of the middle
    for k in range(2):  # eyeballs lie where the eyes' spheres are
        block = slice(int(tensors["mesh.starts"][2 + k]), int(tensors["mesh.starts"][3 + k]))
        radius = np.linalg.norm(posed.vertices[0, block] - centres[k], axis=1)
        assert np.allclose(radius, posed.eyes[0, k, 3, 0], rtol=0.2)


def test_lips_touch_at_rest_whoever_it_is(base: Head, man: Head) -> None:
    for head in (base, man):
        gap = head.rims.gap(head.limit(head.rest)) * METRES * 1e3
        assert gap.min() > -0.35 and gap.max() < 0.02  # millimetres


def test_lids_close_whoever_it_is(man: Head) -> None:
    gap, change = man.lid_gaps()
    closed = gap + change @ man.weights(eyeBlink_=1.0)
    assert (gap > 0.03).all() and (closed < 0.35 * gap).all()


def test_an_unknown_target_is_named() -> None:
    with pytest.raises(InputError, match=r"unknown morph target 'nose/nose-hump-inc'. Did you mean"):
        load_shapes().head({"nose/nose-hump-inc": 1.0})


def test_both_sides_of_a_target_move() -> None:
    space = load_shapes()
    both, none = space.vertices({"eyes/*-eye-scale-incr": 1.0}), space.vertices({})
    moved = np.abs(both - none).max(1) > 1e-3
    assert (space.mesh[moved, 0] > 0).any() and (space.mesh[moved, 0] < 0).any()


def test_packing_displacements_keeps_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    deltas = {"a": rng.normal(size=(9, 3)), "b": np.zeros((9, 3))}
    deltas["b"][4] = 1e-3, 0, -2e-3
    packed = Sparse.pack(deltas)
    assert len(packed.index) == 10
    for name, value in deltas.items():
        assert np.allclose(packed.dense(name, 9), value, atol=np.abs(value).max() / 3e4)


def test_a_similarity_is_found_again() -> None:
    rng = np.random.default_rng(2)
    source = rng.normal(size=(20, 3))
    turn = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]])
    target = 1.7 * source @ turn.T + [1, 2, 3]
    assert np.allclose(carried(source, source, target), target)


def test_resting_units_are_part_of_a_head() -> None:
    space = load_shapes()
    resting = np.zeros(len(space.units))
    resting[space.units.index("browInnerUp")] = 1.0
    raised = replace(space, resting=resting).head(MAN)
    assert (raised.rest - space.head(MAN).rest)[:, 1].max() > 0.02
