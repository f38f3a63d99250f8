from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.background import Background
from avgen.exports.bake import HairBake, bake_surface, cover
from tests.performances import material_of, mira, moving_codes

SIDE = 256


@pytest.fixture(scope="module")
def avatar() -> TexturedMesh:
    return mira()


def test_cover_finds_the_texels_of_a_triangle_and_spreads_what_its_corners_hold() -> None:
    corners = np.array([[[0, 0, 1], [8, 0, 1], [0, 8, 1]]], np.float32)
    covered = cover(corners, 10, 10)
    assert set(zip(covered.rows, covered.columns, strict=True)) == {
        (y, x) for y in range(8) for x in range(8) if x + y + 1 <= 8
    }
    places = covered.spread(corners[..., :2])
    assert places == pytest.approx(np.stack([covered.columns, covered.rows], 1) + 0.5, abs=1e-5)


def test_surface_of_a_still_face_has_the_colours_of_its_picture(avatar: TexturedMesh) -> None:
    material = material_of(lambda: avatar, moving_codes(avatar.codec.size))
    tracks = material.codes.at(np.array([0.2]), ("face", "head"))
    posed = avatar.pose(tracks["face"], tracks["head"])
    camera = material.view.camera(SIDE, SIDE)
    renderer = avatar.renderer("cpu", material.view, (SIDE, SIDE), Background.parse("#000000"))
    (picture,) = renderer.render(tracks)
    baked = bake_surface(avatar, posed, camera)
    cheeks = np.flatnonzero(
        (avatar.mesh.part == avatar.part("head"))
        & (np.abs(avatar.mesh.rest[avatar.mesh.faces].mean(1) - [0, 0.6, 0.12]).max(1) < 0.03)
    )
    x, y, _ = camera.project(posed.vertices[0][avatar.mesh.faces[cheeks]].mean(1), SIDE, SIDE).T
    u, v = avatar.mesh.uv[cheeks].mean(1).T
    difference = baked[v.astype(int), u.astype(int)].astype(int) - picture[y.astype(int), x.astype(int)]
    assert len(cheeks) > 100
    assert np.median(np.abs(difference)) <= 4


def test_hair_is_opaque_above_and_absent_on_the_face(avatar: TexturedMesh) -> None:
    hair = avatar.hair
    baked = HairBake.of(hair).bake()
    u, v = baked.uv.mean(1).astype(int).T
    opacity = baked.picture[v, u, 3]
    _, y, z = hair.vertices[hair.faces].mean(1).T
    assert np.mean(opacity[y > 0.76] > 200) > 0.75  # where it parts and along the outline it is not
    assert np.median(opacity[(y < 0.6) & (z > -0.02)]) < 50
