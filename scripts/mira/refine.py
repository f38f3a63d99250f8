"""Sharpen the texture: draw the captures with the run-time's own renderer and put what is missing back.

Sampling pictures and drawing textures both blur a little, captures never register exactly, and a denoiser
blurs those of few samples; the residual of the drawn picture knows about all of that (iterative
back-projection, Irani & Peleg 1991).
"""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.avatar import Avatar
from avgen.renderers.numba_renderer import NumbaRenderer
from scripts.mira.fit_texture import Observation, map_texels, observe, to_layer
from scripts.mira.pictures import RESOLUTION, Picture, sample

logger = logging.getLogger(__name__)
Array = NDArray[np.float32]

ROUNDS = 4
DOUBT = 2.0
"""Summed confidence at which half of a texel's residual is believed."""
LARGEST = 12.0
"""Residual in display levels beyond which a picture counts less."""


def bald(avatar: Avatar) -> Avatar:
    """The avatar without hair, as skin captures show her."""
    return replace(avatar, hair=replace(avatar.hair, faces=np.zeros((1, 3), np.int32)))


def sharpen(avatar: Avatar, pictures: list[Picture]) -> dict[str, NDArray[np.int16]]:
    """Texture tensors in which the base has the detail of some skin pictures."""
    texels = map_texels(avatar)
    seen = [observe(avatar, picture, texels) for picture in pictures]
    texture = replace(avatar.texture, texels=avatar.texture.texels.copy())
    base, step = texture.texels[..., :3], texture.scale[0]
    finer = base * step
    for _ in range(ROUNDS):
        missing = missing_colour(replace(avatar, texture=texture), pictures, seen, len(texels.rows))
        logger.info("missing: %.2f levels", float(np.abs(missing).mean()))
        finer += to_layer(texels, missing)
        base[:] = np.round(finer / step)
    return {"texture.base": base, "texture.light": texture.texels[..., 3:]}


def missing_colour(avatar: Avatar, pictures: list[Picture], seen: list[Observation], count: int) -> Array:
    """Mean residual colour [count, 3] of every texel over the pictures that show it."""
    total, weight = np.zeros((count, 3), np.float32), np.zeros((count, 1), np.float32)
    shown = bald(avatar)
    for picture, one in zip(pictures, seen, strict=True):
        renderer = NumbaRenderer(shown, picture.camera, RESOLUTION, RESOLUTION, "gradient")
        drawn = renderer.render_posed(shown.pose_weights(picture.weights, picture.head))[0]
        residual = sample(picture.rgba[..., :3] - drawn, one.place)
        away = np.abs(residual).max(1)
        trust = (one.confidence / (1 + (away / LARGEST) ** 2))[:, None]
        total[one.texels] += trust * residual
        weight[one.texels] += trust
    return total / (weight + DOUBT)
