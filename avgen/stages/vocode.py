"""Codes -> Waveform, as loud as people expect speech to be."""

from __future__ import annotations

from typing import Final

import numpy as np

from avgen.speech.prosody import Prosody
from avgen.stages.checks import check_array
from avgen.types import HOP_SIZE, Codes, FloatArray, Waveform
from avgen.vocoders.base import Vocoder

KNEE: Final = 0.6
"""Samples up to this are only scaled."""
CEILING: Final = 0.97
"""No sample exceeds this."""


def vocode(
    codes: Codes,
    vocoder: Vocoder,
    *,
    seed: int,
    mean_pitch: float,
    emotion: FloatArray | None = None,
    gain_db: float = 0.0,
) -> Waveform:
    """Turn the mel spectrogram into sound.

    The gain is the same for every clip and instant, so that takes and parts of a clip are equally loud.

    Args:
        codes: of the clip; only `mel` is used.
        vocoder: of the actor.
        seed: of the noise in breath and fricatives.
        mean_pitch: of the actor's voice, in Hz.
        emotion: [N, E] that the voice shows; None for neutral.
        gain_db: what the actor's speech is amplified by; rare peaks are rounded off.

    Raises:
        StageError: if the sound is not finite or not N * 256 samples long.
    """
    prosody = None if emotion is None or not emotion.any() else Prosody.of(emotion, mean_pitch)
    samples = vocoder(codes.mel, seed, prosody)
    check_array("vocode", "samples", samples, (len(codes.mel) * HOP_SIZE,))
    return Waveform(soften_peaks(samples * np.float32(10 ** (gain_db / 20))))


def soften_peaks(samples: FloatArray) -> FloatArray:
    """Bend samples [S] above KNEE smoothly towards CEILING; a function of each sample alone."""
    size, room = np.abs(samples), CEILING - KNEE
    bent = KNEE + room * np.tanh((size - KNEE) / room)
    softened: FloatArray = np.where(size > KNEE, np.copysign(bent, samples), samples).astype(np.float32)
    return softened
