"""The sound of a file: as long as its picture, and as a viewer hears it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from avgen.errors import InputError
from avgen.media.ffmpeg import SECONDS_PER_BYTE, run_ffmpeg
from avgen.types import SAMPLE_RATE, FloatArray, Waveform


def soundtrack(waveform: Waveform, frames: int, fps: int) -> FloatArray:
    """Pad with silence, or trim, to the picture's length.

    Args:
        waveform: speech of the clip.
        frames: pictures of the clip.
        fps: pictures per second.

    Returns:
        Samples [round(frames / fps * sample_rate)].
    """
    samples = np.zeros(round(frames * waveform.sample_rate / fps), np.float32)
    kept = waveform.samples[: len(samples)]
    samples[: len(kept)] = kept
    return samples


def read_soundtrack(path: Path) -> FloatArray:
    """Decode the sound of a video.

    Args:
        path: any file that ffmpeg reads.

    Returns:
        [S] samples in [-1, 1] at 22,050 Hz, channels averaged.

    Raises:
        InputError: the file cannot be read or has no sound.
    """
    arguments = ["-nostdin", "-loglevel", "error", "-i", str(path), "-map", "0:a:0"]
    layout = ["-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "f32le", "-"]
    limit = SECONDS_PER_BYTE * path.stat().st_size if path.is_file() else 0.0
    done = run_ffmpeg("reading its sound", [*arguments, *layout], seconds=limit)
    if done.returncode or not done.stdout:
        reason = done.stderr.decode(errors="replace").strip() or "it has no sound"
        raise InputError(f"{path}: its sound cannot be read: {reason}")
    return np.frombuffer(done.stdout, "<f4").astype(np.float32)
