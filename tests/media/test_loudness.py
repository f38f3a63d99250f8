from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from avgen.config import RenderConfig
from avgen.errors import InputError, StageError
from avgen.inputs.manifest import read_manifest
from avgen.media import loudness as module
from avgen.media.ffmpeg import as_bytes, ffmpeg_exe, samples_input
from avgen.media.loudness import TRUE_PEAK_DB, at_loudness, limit, measure
from avgen.types import SAMPLE_RATE, FloatArray


def tone(amplitude: float, hertz: float = 997.0, seconds: float = 2.0) -> FloatArray:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def speech() -> FloatArray:
    """Noise in syllables, with peaks far above its mean as in speech."""
    noise = np.random.default_rng(0).laplace(0, 0.05, 4 * SAMPLE_RATE)
    syllables = np.clip(np.sin(2 * np.pi * 4 * np.arange(len(noise)) / SAMPLE_RATE), 0, 1)
    return (noise * syllables).astype(np.float32)


def true_peak(samples: FloatArray) -> float:
    """dB of full scale, between samples, as ffmpeg finds it."""
    command = [ffmpeg_exe(), "-hide_banner", "-nostats", *samples_input(SAMPLE_RATE)]
    command += ["-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    said = subprocess.run(command, input=as_bytes(samples), capture_output=True, check=True).stderr.decode()
    found = re.search(r"Peak:\s+(\S+) dBFS", said)
    assert found is not None
    return float(found[1])


def test_a_tone_at_full_scale_is_as_loud_as_the_standard_says() -> None:
    assert measure(tone(1.0), SAMPLE_RATE) == pytest.approx(-3.0, abs=0.2)
    assert true_peak(tone(0.1)) == pytest.approx(-20.0, abs=0.2)


@pytest.mark.parametrize("loudness", [-40, -23, -16, -14])
def test_sound_becomes_as_loud_as_asked_and_no_peak_too_high(loudness: float) -> None:
    sound = at_loudness(speech(), SAMPLE_RATE, loudness)
    assert measure(sound, SAMPLE_RATE) == pytest.approx(loudness, abs=0.2)
    assert true_peak(sound) <= TRUE_PEAK_DB + 0.05


def test_quiet_enough_sound_is_only_scaled() -> None:
    before = speech()
    after = at_loudness(before, SAMPLE_RATE, -35)
    assert np.ptp(after[before != 0] / before[before != 0]) < 1e-5


def test_zero_and_silence_change_nothing() -> None:
    assert at_loudness(speech(), SAMPLE_RATE, 0.0) == pytest.approx(speech())
    silence = np.zeros(SAMPLE_RATE, np.float32)
    assert not at_loudness(silence, SAMPLE_RATE, -16).any()


def test_peaks_between_samples_are_held_down_and_the_rest_is_not() -> None:
    between = tone(1.0, hertz=SAMPLE_RATE / 4 + 1)
    assert true_peak(limit(between, SAMPLE_RATE)) <= TRUE_PEAK_DB
    quiet = tone(0.5)
    quiet[SAMPLE_RATE] = 1.5
    after = limit(quiet, SAMPLE_RATE)
    assert abs(after[SAMPLE_RATE]) < 0.9
    assert after[: SAMPLE_RATE // 2] == pytest.approx(quiet[: SAMPLE_RATE // 2])


@pytest.mark.parametrize("channels", [1, 2])
def test_blocks_do_not_show(channels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = np.stack([speech(), 0.5 * speech()[::-1]], axis=1)[:, :channels]
    whole = limit(sound, SAMPLE_RATE, 20.0)
    assert np.abs(whole).max() < 0.9 < 10 * np.abs(sound).max()
    monkeypatch.setattr(module, "_BLOCK", 1000)
    assert limit(sound, SAMPLE_RATE, 20.0) == pytest.approx(whole, abs=1e-6)


def test_what_cannot_be_so_loud_is_refused() -> None:
    with pytest.raises(StageError, match=r"the sound came to -\d+\.\d LUFS, not -5\. Ask for a lower one"):
        at_loudness(speech(), SAMPLE_RATE, -5)


@pytest.mark.parametrize("wrong", [-41, -4.9, 3])
def test_a_loudness_that_nobody_means_is_refused(wrong: float) -> None:
    with pytest.raises(InputError, match=r"loudness: expected a number from -40\.0 to -5\.0"):
        RenderConfig().override({"loudness": wrong})


def test_a_manifest_may_set_the_loudness_of_a_clip() -> None:
    data = b"id,text,loudness\na,Hello.,-16\nb,Hello.,\n"
    first, second = read_manifest(data, "m.csv", "csv", Path())
    assert first.settings == {"loudness": -16.0} and "loudness" not in second.settings
