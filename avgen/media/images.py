"""Image files -> pixels, decoded by ffmpeg."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.errors import InputError
from avgen.files import read_regular
from avgen.media.ffmpeg import run_ffmpeg

DEMUXERS: Final = {b"\x89PNG\r\n\x1a\n": "png_pipe", b"\xff\xd8\xff": "jpeg_pipe"}
"""First bytes of a file, and what reads it; nothing else is ever tried."""
MAX_BYTES: Final = 200_000_000
MAX_PIXELS: Final = 200_000_000


def read_image(path: Path, width: int, height: int) -> NDArray[np.uint8]:
    """Read a PNG or JPEG file so that it covers a picture, its middle kept.

    Args:
        path: the file.
        width: of the picture, pixels.
        height: of the picture, pixels.

    Returns:
        [H, W, 3]; what is transparent in the file becomes black.

    Raises:
        InputError: if there is no such file, or it is no whole PNG or JPEG image.
    """
    data = _content(path)
    demuxer = next((name for start, name in DEMUXERS.items() if data.startswith(start)), None)
    if demuxer is None:
        raise InputError(f"background: {path}: this is neither a PNG nor a JPEG image.")
    fit = f"scale={width}:{height}:force_original_aspect_ratio=increase:flags=lanczos"
    done = run_ffmpeg(
        f"background: {path}: reading",
        [
            *("-hide_banner", "-loglevel", "error", "-max_pixels", str(MAX_PIXELS)),
            *("-f", demuxer, "-i", "pipe:0", "-frames:v", "1"),
            *("-vf", f"format=rgba,{fit},crop={width}:{height}"),
            *("-f", "rawvideo", "-pix_fmt", "rgba", "pipe:1"),
        ],
        data,
    )
    if b"max pixel count" in done.stderr:
        raise InputError(
            f"background: {path}: the image has more than {MAX_PIXELS:,} pixels. Make it smaller."
        )
    if done.returncode or done.stderr or len(done.stdout) != 4 * width * height:
        reason = done.stderr.decode(errors="replace").splitlines()[-1:] or ["it holds no picture"]
        raise InputError(f"background: {path}: the image cannot be read: {reason[0].strip()}.")
    rgba = np.frombuffer(done.stdout, np.uint8).reshape(height, width, 4)
    opaque: NDArray[np.uint8] = np.rint(rgba[..., :3] * (rgba[..., 3:] / np.float32(255))).astype(np.uint8)
    return opaque


def _content(path: Path) -> bytes:
    try:
        return read_regular(path, MAX_BYTES)
    except OSError as error:
        raise InputError(f"background: {path}: cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise InputError(f"background: {path}: {error}.") from None
