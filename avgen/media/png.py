"""PNG files of pixels, without a library for images."""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES: Final = {3: 2, 4: 6}
_LEVEL: Final = 6
_UP: Final = 2
"""Filter that stores a row as its difference from the one above: what is smooth packs well so."""


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode sRGB pixels [H, W, 3], or [H, W, 4] of straight colour and opacity."""
    height, width, channels = pixels.shape
    rows = pixels.reshape(height, width * channels)
    filtered = np.empty((height, 1 + width * channels), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    filtered[1:, 1:] = rows[1:] - rows[:-1]
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    parts = ((b"IHDR", header), (b"sRGB", b"\0"), (b"IDAT", zlib.compress(filtered.tobytes(), _LEVEL)))
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in (*parts, (b"IEND", b"")))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
