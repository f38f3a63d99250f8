"""What lies behind the actor."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.config import is_image
from avgen.errors import InputError
from avgen.media.images import read_image
from avgen.types import FloatArray

GRADIENT: Final = "gradient"
TRANSPARENT: Final = "transparent"
EDGE_LEVEL: Final = 45.0
GLOW_LEVEL: Final = 65.0
GLOW_CENTRE: Final = (0.55, 0.40)
"""Where the gradient is brightest, in shares of the picture's width and height."""
TINT: Final = (0.93, 1.0, 1.05)
HEX_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def make_background(name: str, width: int, height: int) -> FloatArray:
    """Background [H, W, 3] in 0..255.

    Args:
        name: `gradient` (a soft studio gradient), a colour `#rrggbb`, the path of an image file that is to
            cover the picture, or `transparent`, which is black as far as colour counts.
        width: of the picture.
        height: of the picture.

    Raises:
        InputError: none of these, or the image file cannot be read.
    """
    if name == GRADIENT:
        return _gradient(width, height)
    if HEX_COLOUR.fullmatch(name):
        colour = [int(name[k : k + 2], 16) for k in (1, 3, 5)]
        filled: FloatArray = np.full((height, width, 3), colour, np.float32)
        return filled
    if is_image(name):
        return read_image(Path(name), width, height).astype(np.float32)
    if name == TRANSPARENT:
        return np.zeros((height, width, 3), np.float32)
    raise InputError(
        f"unknown background {name!r}: use {GRADIENT!r}, {TRANSPARENT!r}, an image file or a colour such as "
        "'#20242a'"
    )


def _gradient(width: int, height: int) -> FloatArray:
    """Radial gradient whose circles stay round in any aspect."""
    side = max(width, height)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    dx, dy = (x - GLOW_CENTRE[0] * width) / side, (y - GLOW_CENTRE[1] * height) / side
    glow = np.clip(1 - np.hypot(dx, dy), 0, 1)[..., None]
    level: FloatArray = (EDGE_LEVEL + GLOW_LEVEL * glow) * np.array(TINT, np.float32)
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
