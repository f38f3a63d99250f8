"""Noise of several spectra."""

from __future__ import annotations

import numpy as np
import torch

from avgen.flow.noise import Noise
from avgen.types import CODE_RATE


def test_coloured_noise_is_scaled_below_and_above_the_rate_of_postures() -> None:
    white = torch.randn(4, 4096, 3, generator=torch.Generator().manual_seed(0))
    before, after = (torch.fft.rfft(x, dim=1).abs() for x in (white, Noise(1.5, 0.5).coloured(white)))
    rate = torch.fft.rfftfreq(white.shape[1], 1 / CODE_RATE)
    gain = after.mean((0, 2)) / before.mean((0, 2))
    np.testing.assert_allclose(gain[rate < 0.02], 1.5, atol=0.01)
    np.testing.assert_allclose(gain[rate > 3], 0.5, atol=0.01)
    torch.testing.assert_close(Noise().coloured(white), white, atol=1e-5, rtol=0)
