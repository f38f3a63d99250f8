from __future__ import annotations

import numpy as np
import pytest

from avgen.speech.measures import MEASURES, listen, measure, pitch
from avgen.types import CODE_RATE, SAMPLE_RATE

SECONDS = 3.0
TIME = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE


def voice(
    hertz: float | np.ndarray, loudness: float | np.ndarray = 0.1, brightness: float = 1.0
) -> np.ndarray:
    """A buzz of 30 harmonics that fall off as 1 / k ** brightness."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hertz, TIME.shape)) / SAMPLE_RATE
    buzz = sum(np.sin(k * phase) / k**brightness for k in range(1, 31))
    return (loudness * buzz).astype(np.float32)


def measured(samples: np.ndarray) -> dict[str, float]:
    return dict(zip(MEASURES, measure(listen(samples)).tolist(), strict=True))


@pytest.mark.parametrize("hertz", [80.0, 110.0, 190.0, 310.0, 440.0])
def test_pitch_is_that_of_the_voice(hertz: float) -> None:
    found = pitch(voice(hertz))
    assert found.shape == (len(TIME) // 256,)
    assert np.median(found) == pytest.approx(hertz, rel=0.01)
    assert np.mean(np.abs(found / hertz - 1) < 0.02) > 0.95


def test_noise_and_silence_have_no_pitch() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(len(TIME)).astype(np.float32)
    assert np.mean(pitch(noise) > 0) < 0.05
    assert not pitch(np.zeros_like(noise)).any()


def test_melody_and_slope_are_those_of_the_pitch() -> None:
    falling = measured(voice(200 * 2 ** (-TIME / 12)))
    assert falling["slope"] == pytest.approx(-1, abs=0.05)
    assert falling["melody"] == pytest.approx(0.8 * SECONDS, abs=0.15)
    assert measured(voice(200.0))["melody"] < 0.2


def test_syllables_are_counted() -> None:
    swelling = 0.1 * (0.55 - 0.45 * np.cos(2 * np.pi * 4 * TIME))
    found = measured(voice(150.0, swelling))
    assert found["tempo"] == pytest.approx(4, abs=0.5)
    assert found["dynamics"] > 2 * measured(voice(150.0))["dynamics"]


def test_brighter_sound_has_a_higher_tilt_and_centre() -> None:
    bright, dark = (measured(voice(150.0, brightness=value)) for value in (0.7, 1.5))
    assert bright["tilt"] > dark["tilt"] + 1 and bright["size"] > dark["size"]


def test_amplified_sound_measures_the_same() -> None:
    samples = voice(150.0, 0.02 * (1.2 + np.sin(2 * np.pi * 3 * TIME)))
    assert measure(listen(10 * samples)) == pytest.approx(measure(listen(samples)), abs=0.05)


def test_what_cannot_be_told_is_nan() -> None:
    assert np.isnan(measure(listen(np.zeros(256, np.float32)))).all()
    assert np.isnan(measure(listen(voice(150.0)), slice(0, 5))).all()
    assert len(listen(voice(150.0)).level) == int(SECONDS * CODE_RATE)
