from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from avgen.media.ffmpeg import ffmpeg_exe
from avgen.media.loudness import measure
from avgen.media.soundtrack import read_soundtrack
from avgen.stages.mux import mux
from avgen.types import SAMPLE_RATE, Waveform

FRAMES = 90


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "grey.mp4"
    source = ("-f", "lavfi", "-i", f"color=gray:s=64x64:r=30:d={FRAMES / 30}", "-pix_fmt", "yuv420p")
    subprocess.run([ffmpeg_exe(), "-v", "error", *source, "-c:v", "libx264", str(path)], check=True)
    return path


@pytest.mark.parametrize("loudness", [0.0, -30.0, -16.0])
def test_sound_is_at_48_khz_as_loud_as_asked_and_not_late(
    loudness: float, picture: Path, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, round(FRAMES / 30 * SAMPLE_RATE)).astype(np.float32)
    noise[: SAMPLE_RATE // 2] *= 3
    path = tmp_path / "out.mp4"
    mux(Waveform(noise), picture, fps=30, format="mp4", loudness=loudness, title="x", path=path, tags={})
    about = subprocess.run(
        [ffmpeg_exe(), "-i", str(path)], capture_output=True, text=True, check=False
    ).stderr
    assert "48000 Hz, mono" in about
    heard = read_soundtrack(path)
    wanted = loudness or measure(noise, SAMPLE_RATE)
    assert measure(heard, SAMPLE_RATE) == pytest.approx(wanted, abs=0.5)
    match = np.fft.irfft(np.fft.rfft(heard, 1 << 18) * np.conj(np.fft.rfft(noise, 1 << 18)))
    assert int(np.argmax(match)) == 0
