"""A plain picture for the body, whose vertices are drawn with a colour each and no texture.

The colours of a material lie near a plane: from dark to light along one axis, and across it what the tint
or a reflection changes. The picture shows one piece of plane per material, and every vertex has the place of
its mean colour there. Between vertices colours then go as straight as the renderer has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.body import Body
from avgen.avatars.mesh.body_lighting import BodyLighting
from avgen.types import FloatArray

TILE: Final = 64
"""Texels of a material's square."""
MARGIN: Final = 8
"""Texels at its edges without vertices, so that squares do not mix where the picture is shrunk."""
LEAST_RANGE: Final = 1e-3
"""Display levels between the ends of an axis, where all colours are the same."""


@dataclass(frozen=True, slots=True)
class BakedBody:
    """Colours of a body.

    Attributes:
        picture: [h, w, 3].
        uv: [V, 2] texel column and row of the vertices.
    """

    picture: NDArray[np.uint8]
    uv: FloatArray


def bake_body(avatar: TexturedMesh, body: Body, posed: Posed, camera: Camera) -> BakedBody:
    """Mean colours of a body over posed frames, as a camera sees it."""
    lighting = BodyLighting(avatar, body, camera)
    every = np.ones(len(body.points), np.bool_)
    frames = range(len(posed.vertices))
    mean = np.mean([np.clip(lighting.colours(posed, frame, every), 0, 255) for frame in frames], 0)
    tiles, uv = [], np.empty((len(mean), 2), np.float32)
    for row, material in enumerate(np.unique(body.material)):
        members = body.material == material
        tile, places = _plane(mean[members])
        tiles.append(tile)
        uv[members] = places + np.array([0, row * TILE], np.float32)
    return BakedBody(np.concatenate(tiles), uv)


def _plane(colours: FloatArray) -> tuple[NDArray[np.uint8], FloatArray]:
    """The plane nearest to colours [n, 3]: a picture [TILE, TILE, 3] of it, and their places [n, 2] there."""
    middle = colours.mean(0)
    axes = np.linalg.svd(colours - middle, full_matrices=False)[2][:2]
    along = (colours - middle) @ axes.T
    low = along.min(0)
    step = np.maximum(np.ptp(along, axis=0), LEAST_RANGE) / (TILE - 2 * MARGIN)
    steps = np.arange(TILE) + 0.5 - MARGIN
    across, down = (low[k] + steps * step[k] for k in range(2))
    picture = middle + across[None, :, None] * axes[0] + down[:, None, None] * axes[1]
    places = ((along - low) / step + MARGIN).astype(np.float32)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8), places
