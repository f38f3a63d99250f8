from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from avgen.avatars.actor import find_actor
from avgen.avatars.avatar import Avatar
from avgen.avatars.cameras import CAMERAS
from avgen.components import Models
from avgen.renderers.background import TRANSPARENT
from avgen.renderers.numba_renderer import NumbaRenderer
from scripts.mira.pictures import RESOLUTION, Picture, head_pose
from scripts.mira.pose import HeadPose
from scripts.mira.refine import bald, sharpen


def _photograph(avatar: Avatar, yaw: float) -> Picture:
    weights = np.zeros((1, len(avatar.codec.units)), np.float32)
    head, camera = head_pose(HeadPose(yaw, 0, 0, (0, 0, 0))), CAMERAS["close-up"]
    renderer = NumbaRenderer(bald(avatar), camera, RESOLUTION, RESOLUTION, TRANSPARENT)
    drawn = renderer.render_posed(avatar.pose_weights(weights, head))[0]
    return Picture(drawn.astype(np.float32), weights, head, camera, {})


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

    def error(base: np.ndarray) -> float:
        sharp = np.concatenate([base, texels[..., 3:]], -1)
        drawn = _photograph(replace(avatar, texture=replace(avatar.texture, texels=sharp)), 0)
        wanted = _photograph(avatar, 0)
        on = wanted.rgba[..., 3] > 250
        return float(np.abs(drawn.rgba - wanted.rgba)[on, :3].mean())

    assert error(again["texture.base"]) < 0.5 * error(blurred[..., :3])
