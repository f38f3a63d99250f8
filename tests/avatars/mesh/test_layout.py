from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.layout import SHAPES, check_layout
from avgen.avatars.mesh.storage import Tensors, read_tensors, write_tensors
from avgen.errors import ActorError
from tests.avatars.conftest import MIRA

pytestmark = pytest.mark.assets


@pytest.fixture(scope="module")
def stored() -> tuple[Tensors, tuple[str, ...], tuple[str, ...]]:
    tensors, metadata = read_tensors(MIRA)
    return tensors, tuple(metadata["units"].split()), tuple(metadata["parts"].split())


def test_hers_is_the_layout(stored: tuple[Tensors, tuple[str, ...], tuple[str, ...]]) -> None:
    check_layout(*stored)
    assert set(stored[0]) == set(SHAPES)


def without(tensors: Tensors, name: str) -> Tensors:
    return {key: value for key, value in tensors.items() if key != name}


def with_last(tensors: Tensors, name: str, value: float) -> Tensors:
    """Tensors of which the last number of one is another."""
    changed = tensors[name].copy()
    changed.flat[-1] = value
    return {**tensors, name: changed}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: without(t, "hair.seen"), "missing: hair.seen."),
        (lambda t: {**t, "hair.colour": t["hair.seen"]}, "unknown tensor 'hair.colour'."),
        (
            lambda t: {**t, "mesh.rest": t["mesh.rest"][:, :2]},
            "mesh.rest: expected shape [V, 3], got [11217, 2].",
        ),
        (
            lambda t: {**t, "hair.depth": t["hair.depth"][1:]},
            "hair.depth: expected shape [3408], got [3407].",
        ),
        (
            lambda t: {**t, "tint.gains": t["tint.gains"][:, 3:]},
            "tint.gains: expected shape [65, 33651], got",
        ),
        (lambda t: {**t, "codec.mean": t["codec.mean"][:9]}, "codec.mean: expected shape [53], got [9]."),
        (
            lambda t: {**t, "hair.faces": t["hair.faces"][:0]},
            "hair.faces: expected shape [G, 3], got [0, 3].",
        ),
        (
            lambda t: {**t, "texture.base": t["texture.base"][:1]},
            "texture.light: expected shape [1, 768, 18]",
        ),
        (lambda t: with_last(t, "mesh.faces", 11217), "mesh.faces: expected whole numbers from 0 to 11216."),
        (lambda t: with_last(t, "hair.faces", -1), "hair.faces: expected whole numbers from 0 to 3407."),
        (lambda t: with_last(t, "mesh.part", 13), "mesh.part: expected whole numbers from 0 to 12."),
        (
            lambda t: {**t, "mesh.faces": t["mesh.faces"].astype(np.float32)},
            "mesh.faces: expected whole numbers from 0 to 11216.",
        ),
        (
            lambda t: with_last(t, "mesh.starts", 9),
            "mesh.starts: expected first vertices of blocks that end at V",
        ),
        (
            lambda t: with_last(t, "hair.views", 3.5),
            "hair.views: expected a grid of yaws and pitches at azimuth",
        ),
    ],
)
def test_tensors_that_do_not_belong_together_are_refused(
    stored: tuple[Tensors, tuple[str, ...], tuple[str, ...]], change: object, message: str
) -> None:
    tensors, units, parts = stored
    with pytest.raises(ActorError) as error:
        check_layout(change(tensors), units, parts)  # type: ignore[operator]
    assert message in str(error.value)


def test_names_that_are_needed_are_asked_for(
    stored: tuple[Tensors, tuple[str, ...], tuple[str, ...]],
) -> None:
    tensors, units, parts = stored
    with pytest.raises(ActorError, match="metadata: expected a unit named mouthClose"):
        check_layout(tensors, tuple(name for name in units if name != "mouthClose"), parts)
    with pytest.raises(ActorError, match="metadata: expected a part named eye_l, eye_r"):
        check_layout(tensors, units, ("head",))


def test_loading_names_the_file(
    stored: tuple[Tensors, tuple[str, ...], tuple[str, ...]], tmp_path: Path
) -> None:
    tensors, units, parts = stored
    file = tmp_path / "avatar.safetensors"
    write_tensors(
        file, without(tensors, "hair.pictures"), {"units": " ".join(units), "parts": " ".join(parts)}
    )
    with pytest.raises(ActorError, match=r"avatar\.safetensors: missing: hair\.pictures\."):
        TexturedMesh.load({}, file)
    write_tensors(file, {"weight": np.zeros(3, np.float32)}, {})
    with pytest.raises(ActorError, match=r"avatar\.safetensors: unknown tensor 'weight'"):
        TexturedMesh.load({}, file)
