"""Image files for tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

from avgen.media.ffmpeg import ffmpeg_exe


def write_image(path: Path, pixels: np.ndarray, *options: str) -> Path:
    """Save pixels [h, w, 3 or 4] as an image of the path's suffix."""
    height, width, channels = pixels.shape
    command = [ffmpeg_exe(), "-v", "error", "-f", "rawvideo", "-s", f"{width}x{height}"]
    command += ["-pix_fmt", "rgba" if channels == 4 else "rgb24", "-i", "-", *options, "-y", str(path)]
    subprocess.run(command, input=pixels.astype(np.uint8).tobytes(), check=True)
    return path
