from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from avgen.actors.actor import find_actor
from avgen.actors.components import Models
from avgen.avatars.mesh.avatar import Texture, TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.background import TRANSPARENT, Background
from avgen.casting.atlas import map_texels
from scripts.mira.pictures import RESOLUTION, Picture, head_pose
from scripts.mira.pose import HeadPose
from scripts.mira.refine import bald, move, sharpen


def _photograph(avatar: TexturedMesh, yaw: float) -> Picture:
    weights = np.zeros((1, len(avatar.codec.units)), np.float32)
    size = RESOLUTION, RESOLUTION
    head, camera = (
        head_pose(HeadPose(yaw, 0, 0, (0, 0, 0))),
        find_actor("mira").view("close-up").camera(*size),
    )
    renderer = NumbaRenderer(bald(avatar), camera, size, Background(TRANSPARENT))
    drawn = renderer.render_posed(avatar.pose_weights(weights, head))[0]
    return Picture(drawn.astype(np.float32), weights, head, camera, {})


def _error(drawn: TexturedMesh, wanted: TexturedMesh) -> float:
    """Mean difference in levels of two avatars, turned as they were not photographed."""
    ours, other = _photograph(drawn, 0), _photograph(wanted, 0)
    return float(np.abs(ours.rgba - other.rgba)[other.rgba[..., 3] > 250, :3].mean())


@pytest.mark.assets
@pytest.mark.slow
def test_detail_that_a_texture_lost_comes_back_from_pictures() -> None:
    avatar = Models(find_actor("mira"))["avatar"]
    pictures = [_photograph(avatar, yaw) for yaw in (-8, -3, 2, 7)]
    texels = avatar.texture.texels
    blurred = texels.copy()
    blurred[..., :3] = gaussian_filter(texels[..., :3].astype(float), (2, 2, 0))
    dull = replace(avatar, texture=replace(avatar.texture, texels=blurred))
    again = sharpen(dull, pictures)
    assert np.array_equal(again["texture.light"], texels[..., 3:])

    sharp = np.concatenate([again["texture.base"], texels[..., 3:]], -1)
    sharper = replace(avatar, texture=replace(avatar.texture, texels=sharp))
    assert _error(sharper, avatar) < 0.5 * _error(dull, avatar)


@pytest.mark.assets
@pytest.mark.slow
def test_a_fit_moves_to_what_pictures_show_and_keeps_its_detail() -> None:
    """Too dark, with too little light from the key: three pictures say so."""
    avatar = Models(find_actor("mira"))["avatar"]
    texture = avatar.texture
    wrong = texture.texels.copy()
    wrong[..., :3] -= round(10 / float(texture.scale[0]))
    wrong[..., 3:6] = wrong[..., 3:6] * 0.9
    dark = replace(avatar, texture=replace(texture, texels=wrong))
    texels = map_texels(avatar)
    found = move(dark, [_photograph(avatar, yaw) for yaw in (-8, 1, 9)])
    layers = np.concatenate([found["texture.base"], found["texture.light"]], -1)
    gains = found["tint.gains"] * found["tint.scale"][:, None]
    residual_colour = replace(avatar.residual_colour, gains=gains)
    again = replace(avatar, texture=Texture(layers, found["texture.scale"]), residual_colour=residual_colour)
    assert _error(again, avatar) < 0.2 * _error(dark, avatar)

    def detail(texels: np.ndarray) -> np.ndarray:
        base = texels[..., :3].astype(float)
        return base - gaussian_filter(base, (2, 2, 0))

    on = texels.rows, texels.columns
    assert detail(layers)[on].std() == pytest.approx(detail(texture.texels)[on].std(), rel=0.05)
