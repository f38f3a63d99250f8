"""Small still pictures of finished files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from avgen.errors import StageError
from avgen.media.ffmpeg import run_ffmpeg

WIDTH: Final = 240
"""Of a thumbnail, in pixels."""
_JPEG: Final = "in_color_matrix=bt709:out_color_matrix=bt601:in_range=tv:out_range=pc,format=yuvj420p"


def thumbnail(path: Path, seconds: float) -> bytes:
    """Return a JPEG of the picture that a video shows at a time.

    Args:
        path: of the video.
        seconds: from its start.

    Raises:
        StageError: if ffmpeg finds no picture there.
    """
    arguments = [
        *("-hide_banner", "-nostdin", "-loglevel", "error"),
        *("-ss", f"{seconds:.3f}", "-i", str(path), "-an", "-frames:v", "1"),
        *("-vf", f"scale={WIDTH}:-2:{_JPEG}", "-threads", "1", "-c:v", "mjpeg", "-q:v", "6"),
        *("-f", "image2pipe", "pipe:1"),
    ]
    done = run_ffmpeg("thumbnail", arguments)
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise StageError(f"{path}: no picture at {seconds:.2f} s: {said[-1] if said else 'no message'}")
    return done.stdout
