"""What every vocoder offers."""

from __future__ import annotations

from typing import Protocol

from avgen.speech.prosody import Prosody
from avgen.types import FloatArray


class Vocoder(Protocol):
    """Turns a mel spectrogram into speech, at bounded memory for any length."""

    def __call__(self, mel: FloatArray, seed: int, prosody: Prosody | None = None) -> FloatArray:
        """Speech of a mel spectrogram.

        Args:
            mel: [N, 80] natural-log mel (avgen/speech/mel.py).
            seed: of the noise, where the vocoder draws any.
            prosody: how the speech departs from its mel, where the vocoder can do that.

        Returns:
            [N * 256] samples in [-1, 1] at 22,050 Hz.
        """
        ...
