from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.mesh.body_lighting import BodyLighting
from avgen.exports.bake_body import MARGIN, TILE, bake_body
from tests.performances import figure, figure_codes, material_of


def test_every_vertex_finds_its_mean_colour_in_the_picture() -> None:
    avatar = figure()
    assert avatar.body is not None
    material = material_of(lambda: avatar, figure_codes(avatar), "full")
    tracks = material.codes.at(np.array([0.1, 0.4]), ("face", "head", "body", "hands"))
    posed, camera = avatar.pose_tracks(tracks), material.view.camera(256, 256)
    baked = bake_body(avatar, avatar.body, posed, camera)
    lighting = BodyLighting(avatar, avatar.body, camera)
    every = np.ones(len(avatar.body.points), np.bool_)
    wanted = np.mean([np.clip(lighting.colours(posed, frame, every), 0, 255) for frame in range(2)], 0)
    at = baked.uv - 0.5
    x, y = np.floor(at).astype(int).T
    (fx, fy), picture = (at - np.floor(at)).T[..., None], baked.picture.astype(float)
    found = (1 - fy) * ((1 - fx) * picture[y, x] + fx * picture[y, x + 1])
    found += fy * ((1 - fx) * picture[y + 1, x] + fx * picture[y + 1, x + 1])
    assert np.abs(found - wanted).max() < 4
    assert np.abs(found - wanted).mean() < 0.5


def test_materials_keep_to_the_middle_of_squares_of_their_own() -> None:
    avatar = figure()
    assert avatar.body is not None
    material = material_of(lambda: avatar, figure_codes(avatar), "full")
    posed = avatar.pose_tracks(material.codes.at(np.array([0.1]), ("face", "head", "body", "hands")))
    baked = bake_body(avatar, avatar.body, posed, material.view.camera(256, 256))
    materials = np.unique(avatar.body.material)
    assert baked.picture.shape == (len(materials) * TILE, TILE, 3)
    for row, one in enumerate(materials):
        u, v = baked.uv[avatar.body.material == one].T
        for places in (u, v - row * TILE):
            assert (places.min(), places.max()) == pytest.approx((MARGIN, TILE - MARGIN), abs=1e-3)
