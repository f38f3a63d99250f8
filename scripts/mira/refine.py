"""Sharpen the texture: draw the captures with the run-time's own renderer and put what is missing back.

Sampling pictures and drawing textures both blur a little, and captures never register exactly; the residual
of the drawn picture knows about all of that (iterative back-projection, Irani & Peleg 1991).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.avatar import Avatar
from avgen.renderers.numba_renderer import NumbaRenderer
from scripts.mira.fit_texture import Observation
from scripts.mira.pictures import RESOLUTION, Picture, sample

Array = NDArray[np.float32]

DOUBT = 2.0
"""Summed confidence at which half of a texel's residual is believed."""
LARGEST = 12.0
"""Residual in display levels beyond which a picture counts less."""


def bald(avatar: Avatar) -> Avatar:
    """The avatar without hair, as skin captures show her."""
    return replace(avatar, hair=replace(avatar.hair, faces=np.zeros((1, 3), np.int32)))


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
