from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.lighting import SHADOW_SIZE, soft_shadow
from avgen.avatars.mesh.scene import Scene
from avgen.types import FloatArray

LEVEL_HEAD = np.array([[1, 0, 0, 0, 0, 0, 0]], np.float32)
KEY = 0


def test_skin_shades_skin(mira: TexturedMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(mira, find_actor("mira").view("portrait").camera(64, 64), 64, 64)
    posed = mira.pose_weights(np.zeros((1, len(mira.codec.units)), np.float32), LEVEL_HEAD)
    skin, everything = slice(0, mira.mesh.starts[1]), np.ones(posed.vertices.shape[1], bool)
    shaded = scene.lighting.terms(posed, 0, everything)[skin, KEY]
    monkeypatch.setattr("avgen.avatars.mesh.lighting.rasterise", _draw_nothing)
    unshaded = scene.lighting.terms(posed, 0, everything)[skin, KEY]
    assert np.all(shaded <= unshaded + 1e-6)
    assert (shaded < 0.5 * unshaded).mean() > 0.02
    assert (shaded > 0.99 * unshaded).mean() > 0.3


def _draw_nothing(
    points: FloatArray,
    faces: NDArray[np.int32],
    top: int,
    cull: bool,
    depth: FloatArray,
    index: NDArray[np.int32],
) -> None:
    depth[:] = 0


def test_a_straight_edge_casts_a_fine_penumbra() -> None:
    shadow_map = np.full((SHADOW_SIZE, SHADOW_SIZE), 1 / 1.5, np.float32)
    shadow_map[:, : SHADOW_SIZE // 2] = 1 / 1.0
    middle = SHADOW_SIZE / 2
    lit = [soft_shadow(shadow_map, middle + x, middle, 1.5, 0.004) for x in np.arange(-40, 40, 0.5)]
    assert lit[0] == 0
    assert lit[-1] == 1
    assert np.all(np.diff(lit) >= 0)
    assert len(set(lit)) > 12


def test_a_slanted_surface_does_not_shade_itself() -> None:
    depth = 1.4 + 0.0005 * np.arange(SHADOW_SIZE, dtype=np.float32)
    shadow_map = np.broadcast_to(1 / depth, (SHADOW_SIZE, SHADOW_SIZE)).copy()
    place = SHADOW_SIZE // 2
    assert soft_shadow(shadow_map, place + 0.5, place + 0.5, float(depth[place]), 0.004) == 1
