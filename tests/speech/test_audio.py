"""Recordings: whatever comes in is 22,050 Hz mono of whole hops, or refused with a reason."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avgen.errors import InputError
from avgen.media.ffmpeg import ffmpeg_exe
from avgen.speech import audio
from avgen.speech.audio import at_level, check_recording, read_recording, speech_level
from avgen.types import HOP_SIZE, SAMPLE_RATE


def tone(rate: int, seconds: float, hertz: float = 440.0, amplitude: float = 0.3) -> np.ndarray:
    times = np.arange(round(rate * seconds)) / rate
    return (amplitude * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


@pytest.mark.parametrize(
    ("suffix", "rate", "channels"),
    [(".wav", 48_000, 2), (".flac", 44_100, 1), (".ogg", 16_000, 1), (".mp3", 44_100, 2), (".WAV", 8000, 1)],
)
def test_every_format_becomes_mono_at_the_code_rate(
    tmp_path: Path, suffix: str, rate: int, channels: int
) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, np.stack([tone(rate, 1.0)] * channels, 1), rate)
    found = read_recording(path)
    assert found.sample_rate == SAMPLE_RATE
    assert len(found.samples) % HOP_SIZE == 0
    assert len(found.samples) / SAMPLE_RATE == pytest.approx(1.0, abs=0.07)
    middle = found.samples[SAMPLE_RATE // 4 : 3 * SAMPLE_RATE // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert spectrum.argmax() * SAMPLE_RATE / len(middle) == pytest.approx(440, abs=3)
    assert np.abs(middle).max() == pytest.approx(0.3, abs=0.03)


def test_reading_in_blocks_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "noise.wav"
    noise = 0.1 * np.random.default_rng(0).standard_normal(3 * 48_000 + 77)
    soundfile.write(path, noise, 48_000, subtype="FLOAT")
    whole = read_recording(path).samples
    monkeypatch.setattr(audio, "_BLOCK_SECONDS", 1)
    np.testing.assert_array_equal(read_recording(path).samples, whole)


def test_a_recording_at_the_code_rate_is_kept_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    samples = tone(SAMPLE_RATE, 0.5)
    soundfile.write(path, samples, SAMPLE_RATE, subtype="FLOAT")
    found = read_recording(path).samples
    np.testing.assert_array_equal(found[: len(samples)], samples)
    assert not found[len(samples) :].any()


def test_samples_above_full_scale_are_scaled_down(tmp_path: Path) -> None:
    path = tmp_path / "hot.wav"
    soundfile.write(path, tone(SAMPLE_RATE, 0.5, amplitude=3.0), SAMPLE_RATE, subtype="FLOAT")
    assert np.abs(read_recording(path).samples).max() == pytest.approx(1.0)


def write(path: Path, samples: np.ndarray, rate: int = SAMPLE_RATE) -> Path:
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return path


def test_what_cannot_be_spoken_is_refused_with_a_reason(tmp_path: Path) -> None:
    text = tmp_path / "text.wav"
    text.write_text("not sound")
    cases = {
        tmp_path / "none.wav": "there is no such file",
        tmp_path: "this is a folder",
        text: r"cannot be read as sound .* convert it, for example: ffmpeg -i",
        write(tmp_path / "empty.wav", np.zeros(0, np.float32)): "the recording is empty",
        write(tmp_path / "short.wav", tone(SAMPLE_RATE, 0.1)): r"lasts 0\.10 s; at least 0\.3 s",
        write(tmp_path / "silent.wav", 1e-5 * tone(SAMPLE_RATE, 1.0)): "silent: its loudest moment is at -1",
        write(tmp_path / "odd.wav", tone(22_051, 1.0), 22_051): "sample rate of 22051 Hz is not supported",
        write(tmp_path / "nan.wav", np.full(SAMPLE_RATE, np.nan, np.float32)): "samples that are not finite",
    }
    for path, message in cases.items():
        with pytest.raises(InputError, match=message) as caught:
            read_recording(path)
        assert str(path) in str(caught.value)


def test_a_long_recording_is_refused_by_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "MAX_SECONDS", 1.0)
    with pytest.raises(InputError, match=r"the limit for one clip is 0\. Split it"):
        check_recording(write(tmp_path / "long.wav", tone(SAMPLE_RATE, 1.5)))


def test_speech_level_leaves_out_pauses() -> None:
    speech = tone(SAMPLE_RATE, 2.0)
    with_pause = np.concatenate([speech, np.zeros(4 * SAMPLE_RATE, np.float32)])
    assert speech_level(speech) == pytest.approx(20 * np.log10(0.3 / np.sqrt(2)), abs=0.1)
    assert speech_level(with_pause) == pytest.approx(speech_level(speech), abs=0.1)
    assert speech_level(at_level(with_pause, -30.0)) == pytest.approx(-30.0, abs=0.01)


@pytest.mark.parametrize("suffix", [".m4a", ".opus", ".webm", ".mp4", ".mov", ".mkv", ".aac"])
def test_what_ffmpeg_decodes_is_read_too(tmp_path: Path, suffix: str) -> None:
    wav = write(tmp_path / "a.wav", np.stack([tone(48_000, 1.0)] * 2, 1), 48_000)
    path = encode(wav, tmp_path / f"b{suffix}")
    found = read_recording(path).samples
    assert len(found) / SAMPLE_RATE == pytest.approx(1.0, abs=0.1)
    assert np.abs(found[SAMPLE_RATE // 4 : SAMPLE_RATE // 2]).max() == pytest.approx(0.3, abs=0.05)


def test_the_content_tells_how_a_file_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    wav = write(tmp_path / "a.wav", tone(SAMPLE_RATE, 1.0))
    path = encode(wav, tmp_path / "b.m4a").rename(tmp_path / "b.mp3")
    assert len(read_recording(path).samples) / SAMPLE_RATE == pytest.approx(1.0, abs=0.1)


def test_channels_that_cancel_each_other_are_heard(tmp_path: Path) -> None:
    samples = tone(SAMPLE_RATE, 1.0)
    path = write(tmp_path / "a.wav", np.stack([samples, -0.9 * samples], 1))
    assert np.abs(read_recording(path).samples).max() == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".flac", ".m4a"])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, suffix: str) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(6 * 44_100).astype(np.float32)
    path = encode(write(tmp_path / "a.wav", noise, 44_100), tmp_path / f"b{suffix}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(
        InputError, match=r"b\.\w+: (the recording is damaged or was cut off: it says|cannot be)"
    ):
        read_recording(path)


def test_a_file_with_a_hole_is_refused_with_both_lengths(tmp_path: Path) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(6 * 44_100)
    path = tmp_path / "a.ogg"
    soundfile.write(path, noise, 44_100)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"says that it lasts 6\.00 s, but only 5\.\d\d s can be read"):
        read_recording(path)


def test_a_playlist_is_no_recording(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.wav", tone(SAMPLE_RATE, 1.0))
    for name, text in (
        ("a.m4a", f"ffconcat version 1.0\nfile {secret}\n"),
        ("b.mp4", f"#EXTM3U\n{secret}\n"),
    ):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(InputError, match="cannot be read as sound"):
            read_recording(path)


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")
    with pytest.raises(InputError, match="not a regular file"):
        check_recording(tmp_path / "a.wav")


def encode(wav: Path, path: Path) -> Path:
    subprocess.run([ffmpeg_exe(), "-v", "error", "-i", str(wav), str(path)], check=True)
    return path
