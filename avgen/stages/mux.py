"""Waveform -> a soundtrack exactly as long as the picture."""

from __future__ import annotations

import numpy as np

from avgen.errors import StageError
from avgen.types import FloatArray, Waveform


def soundtrack(waveform: Waveform, *, frames: int, fps: int) -> FloatArray:
    """Pad with silence, or trim, to the picture's length.

    Args:
        waveform: speech of the clip.
        frames: pictures of the clip.
        fps: pictures per second.

    Returns:
        Samples [round(frames / fps * sample_rate)].

    Raises:
        StageError: if the lengths differ by more than one picture: something was lost before.
    """
    length = round(frames * waveform.sample_rate / fps)
    if abs(length - len(waveform.samples)) * fps > waveform.sample_rate:
        raise StageError(
            f"mux failed: the sound is {waveform.duration:.2f} s long, the picture {frames / fps:.2f} s "
            f"({frames} frames at {fps} fps)."
        )
    samples = np.zeros(length, np.float32)
    kept = waveform.samples[:length]
    samples[: len(kept)] = kept
    return samples
