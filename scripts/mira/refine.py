"""Improve a fit that there is: move it towards further captures, and sharpen its texture.

A scene that has changed needs no new fit of everything: `move` asks what captures show beyond the fit, and
changes it smoothly. `sharpen` draws captures with the run-time's own renderer and puts what is missing back:
sampling pictures and drawing textures both blur a little, captures never register exactly, and a denoiser
blurs those of few samples; the residual of the drawn picture knows about all of that (iterative
back-projection, Irani & Peleg 1991).
"""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.background import Background
from avgen.casting.atlas import (
    TexelMap,
    map_texels,
    quantise,
    quantise_residual_colour,
    sample,
    stored_atlas,
    to_layer,
)
from scripts.mira.fit_residual_colour import Splat, fit_residual_colour
from scripts.mira.fit_texture import (
    ROUNDS,
    Observation,
    fitted,
    left_over,
    observe,
    summed,
)
from scripts.mira.pictures import RESOLUTION, Picture

logger = logging.getLogger(__name__)
Array = NDArray[np.float32]
Tensors = dict[str, NDArray[np.generic]]

MOVE_PENALTY, MOVE_CAUTION, MOVE_SMOOTHNESS = 2.0, 3.0, 2.0
"""Ridge of a change of textures, how much stronger the residual colour's is than in a fit, and over how many
texels."""
SHARPENING_ROUNDS = 4
DOUBT = 2.0
"""Summed confidence at which half of a texel's residual is believed."""
LARGEST = 12.0
"""Residual in display levels beyond which a picture counts less."""


def bald(avatar: TexturedMesh) -> TexturedMesh:
    """The avatar without hair, as skin captures show her."""
    return replace(avatar, hair=replace(avatar.hair, faces=np.zeros((1, 3), np.int32)))


def move(avatar: TexturedMesh, pictures: list[Picture]) -> Tensors:
    """Texture and residual colour tensors, changed to show what some skin pictures show.

    The textures change over a few texels at once, which leaves their detail as it is.
    """
    texels, residual_colour = map_texels(avatar), avatar.residual_colour
    splat = Splat(avatar, texels.face, texels.weights)
    atlas = stored_atlas(avatar.texture)
    solution = atlas[texels.rows, texels.columns]
    missed = []
    for picture in pictures:
        one = observe(avatar, picture, texels)
        frame = np.clip(one.frame, residual_colour.low, residual_colour.high)
        missing = (
            one.colour - fitted(one, solution) - splat.to_texels(one.texels, residual_colour.colours(frame))
        )
        missed.append(replace(one, colour=missing.astype(np.float16), frame=frame))
    change = np.zeros_like(solution)
    for _ in range(ROUNDS):
        further = fit_residual_colour(left_over(missed, change, splat), MOVE_CAUTION)
        sums = summed(missed, further, splat, change)
        for values in (sums.gram, sums.moment):
            values[:] = _smoothed(avatar, texels, values)
        change = sums.solve(np.full(len(change), MOVE_PENALTY, np.float32), np.zeros_like(change))
    residual_colour = replace(residual_colour, gains=residual_colour.gains + further.gains)
    return quantise_residual_colour(residual_colour) | quantise(
        atlas + to_layer(texels, change, atlas.shape[:2])
    )


def _smoothed(avatar: TexturedMesh, texels: TexelMap, values: Array) -> Array:
    """Values [n, ...] of the texels, smoothed over each part."""
    out = np.zeros_like(values)
    part = avatar.mesh.part[texels.face]
    for name in np.unique(part):
        members = part == name
        row, column = (at[members] - at[members].min() for at in (texels.rows, texels.columns))
        layer = np.zeros((row.max() + 1, column.max() + 1, *values.shape[1:]), np.float32)
        layer[row, column] = values[members]
        spread = (MOVE_SMOOTHNESS,) * 2 + (0,) * (values.ndim - 1)
        out[members] = gaussian_filter(layer, spread)[row, column]
    return out


def sharpen(avatar: TexturedMesh, pictures: list[Picture]) -> dict[str, NDArray[np.int16]]:
    """Texture tensors in which the base has the detail of some skin pictures."""
    texels = map_texels(avatar)
    seen = [observe(avatar, picture, texels) for picture in pictures]
    texture = replace(avatar.texture, texels=avatar.texture.texels.copy())
    base, step = texture.texels[..., :3], texture.scale[0]
    finer = base * step
    for _ in range(SHARPENING_ROUNDS):
        missing = missing_colour(replace(avatar, texture=texture), pictures, seen, len(texels.rows))
        logger.info("missing: %.2f levels", float(np.abs(missing).mean()))
        finer += to_layer(texels, missing, base.shape[:2])
        base[:] = np.round(finer / step)
    return {"texture.base": base, "texture.light": texture.texels[..., 3:]}


def missing_colour(
    avatar: TexturedMesh, pictures: list[Picture], seen: list[Observation], count: int
) -> Array:
    """Mean residual colour [count, 3] of every texel over the pictures that show it."""
    total, weight = np.zeros((count, 3), np.float32), np.zeros((count, 1), np.float32)
    shown = bald(avatar)
    for picture, one in zip(pictures, seen, strict=True):
        renderer = NumbaRenderer(shown, picture.camera, (RESOLUTION, RESOLUTION), Background())
        drawn = renderer.render_posed(shown.pose_weights(picture.weights, picture.head))[0]
        residual = sample(picture.rgba[..., :3] - drawn, one.place)
        away = np.abs(residual).max(1)
        trust = (one.confidence / (1 + (away / LARGEST) ** 2))[:, None]
        total[one.texels] += trust * residual
        weight[one.texels] += trust
    return total / (weight + DOUBT)
