"""The noise that tracks are generated from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from avgen.types import CODE_RATE

POSTURE_RATE: Final = 0.7
"""Hz up to which a head's motion is drift of its posture; what is faster nods."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Scale of a track's noise."""

    slow: float = 1.0
    """Below `POSTURE_RATE`."""
    fast: float = 1.0
    """Above it."""

    def coloured(self, white: Tensor) -> Tensor:
        """Scale white noise [B, N, K] at low and high frequencies.

        Where a flow has not learnt all that speech tells of the head, its nods fall off the beats; less noise
        leaves more of what it has learnt. Its postures spread too little; more noise lets them.
        """
        frequency = torch.fft.rfftfreq(white.shape[1], 1 / CODE_RATE)
        below = torch.exp(-0.5 * (frequency / POSTURE_RATE) ** 2)
        gain = self.fast + (self.slow - self.fast) * below
        spectrum = torch.fft.rfft(white, dim=1) * gain[:, None]
        out: Tensor = torch.fft.irfft(spectrum, n=white.shape[1], dim=1)
        return out
