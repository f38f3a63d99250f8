"""What lies behind the actor."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.background import GRADIENT, Background
from avgen.media.images import read_image
from avgen.types import FloatArray

EDGE_LEVEL: Final = 45.0
GLOW_LEVEL: Final = 65.0
GLOW_CENTRE: Final = (0.55, 0.40)
"""Where the gradient is brightest, in shares of the picture's width and height."""
HUE: Final = (0.93, 1.0, 1.05)


def make_background(background: Background, width: int, height: int) -> FloatArray:
    """Background [H, W, 3] in 0..255; a transparent one is black as far as colour counts.

    Args:
        background: which.
        width: of the picture; an image is made to cover it.
        height: of the picture.

    Raises:
        InputError: the image file cannot be read.
    """
    if background.image is not None:
        return read_image(background.image, width, height).astype(np.float32)
    if background.name == GRADIENT:
        return _gradient(width, height)
    filled: FloatArray = np.full((height, width, 3), background.colour or (0, 0, 0), np.float32)
    return filled


def _gradient(width: int, height: int) -> FloatArray:
    """Radial gradient whose circles stay round in any aspect."""
    side = max(width, height)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    dx, dy = (x - GLOW_CENTRE[0] * width) / side, (y - GLOW_CENTRE[1] * height) / side
    glow = np.clip(1 - np.hypot(dx, dy), 0, 1)[..., None]
    level: FloatArray = (EDGE_LEVEL + GLOW_LEVEL * glow) * np.array(HUE, np.float32)
    return level.astype(np.float32)


def dithered(background: FloatArray) -> NDArray[np.uint8]:
    """Background [H, W, 3] in whole levels without steps in what is smooth.

    Interleaved gradient noise (Jimenez 2014) of half a level to either side. The actor needs none: skin and
    hair are never so smooth.
    """
    y, x = np.mgrid[0 : background.shape[0], 0 : background.shape[1]].astype(np.float32)
    inner = (np.float32(0.06711056) * x + np.float32(0.00583715) * y) % np.float32(1)
    noise = (np.float32(52.9829189) * inner) % np.float32(1)
    out: NDArray[np.uint8] = np.clip(background + noise[..., None], 0, 255).astype(np.uint8)
    return out
