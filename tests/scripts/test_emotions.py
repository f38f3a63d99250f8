"""What `scripts.evaluate.emotions` measures, on sounds whose pitch, level and brightness are known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("librosa")

from avgen.types import SAMPLE_RATE, FloatArray
from scripts.evaluate.emotions import voice


def buzz(hertz: float, gain: float = 1.0) -> FloatArray:
    """One second of ten equal harmonics."""
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tones = np.sin(2 * np.pi * hertz * np.outer(np.arange(1, 11), time))
    return (0.02 * gain * tones.sum(0)).astype(np.float32)


def test_pitch_melody_level_and_brightness_of_known_sounds() -> None:
    low, both = voice([buzz(150)]), voice([buzz(150), buzz(300, 2.0)])
    assert low.pitch == pytest.approx(150, rel=0.02) and low.melody < 0.3
    assert low.level == pytest.approx(10 * np.log10(10 * 0.02**2 / 2), abs=0.1)
    assert low.brightness == pytest.approx(10 * np.log10(4 / 6), abs=0.2)  # 6 of 10 harmonics lie below 1 kHz
    assert low.seconds == 1.0 and both.seconds == 2.0
    assert both.melody == pytest.approx(6.0, abs=0.3)  # half of it an octave higher
    assert both.level == pytest.approx(low.level + 10 * np.log10(2.5), abs=0.1)
