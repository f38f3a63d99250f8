"""Eyeballs where no capture saw them."""

from __future__ import annotations

import numpy as np

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.atlas import stored_atlas
from avgen.config import presets_folder
from scripts.cast.whites import whole_eye, whole_eyes

SIZE, RIM = 90, 17
WHITE, IRIS, LASH = 200.0, 60.0, 5.0


def seen_at_its_sides() -> np.ndarray:
    """An eye [90, 90, 2, 3] with lashes over all that is far from its middle row."""
    up, across = np.mgrid[:SIZE, :SIZE] + 0.5 - SIZE / 2
    shown = np.where(np.hypot(up, across) < RIM, IRIS, WHITE)
    return np.repeat(np.where(np.abs(up) < 8, shown, LASH), 6).reshape(SIZE, SIZE, 2, 3).astype(np.float32)


def test_what_lids_cover_has_the_colours_of_the_sides() -> None:
    eye = seen_at_its_sides()
    made, middle = whole_eye(eye), SIZE // 2
    np.testing.assert_array_equal(made[middle - 5 : middle + 5], eye[middle - 5 : middle + 5])
    above, below = made[middle + 24, middle], made[middle - 24, middle]
    assert 0.8 * WHITE < above.min() <= above.max() < below.min() <= below.max() < WHITE
    assert np.abs(made[middle + 13, middle] - IRIS).max() < 0.2 * IRIS


def test_shipped_eyes_are_whole_already_and_nothing_else_changes() -> None:
    tensors, names = read_tensors(presets_folder() / "actors/ken/avatar.safetensors")
    avatar = TexturedMesh.from_tensors(tensors, *(tuple(names[key].split()) for key in ("units", "parts")))
    made = TexturedMesh.from_tensors(
        tensors | whole_eyes(avatar.texture), avatar.codec.units, avatar.parts
    ).texture
    away = np.abs(stored_atlas(made) - stored_atlas(avatar.texture))
    assert away[:, :580].max() < 2
    assert away[:90, 584:766].mean() < 2
