"""Codes -> Waveform."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from avgen.stages.checks import check_array
from avgen.types import HOP_SIZE, Codes, FloatArray, Waveform


class Vocoder(Protocol):
    """What a vocoder component offers."""

    def __call__(self, mel: FloatArray, seed: int) -> FloatArray:
        """Turn mel [N, 80] into samples [N * 256]."""


def vocode(codes: Codes, vocoder: Vocoder, *, seed: int) -> Waveform:
    """Turn the mel spectrogram into sound.

    Args:
        codes: of the clip; only `mel` is used.
        vocoder: of the actor.
        seed: of the noise in breath and fricatives.

    Raises:
        StageError: if the sound is not finite or not N * 256 samples long.
    """
    samples = vocoder(codes.mel, seed)
    check_array("vocode", "samples", samples, (len(codes.mel) * HOP_SIZE,))
    return Waveform(np.clip(samples, -1.0, 1.0).astype(np.float32))
