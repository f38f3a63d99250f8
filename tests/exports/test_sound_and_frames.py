from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avgen.exports import KINDS, Material, export_path, write_export
from avgen.media.ffmpeg import ffmpeg_exe
from avgen.media.loudness import measure
from avgen.media.soundtrack import read_soundtrack, soundtrack
from avgen.types import Interval, Tokens
from tests.exports.conftest import spoken

Make = Callable[..., Material]


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3"])
def test_sound_is_at_48_khz_and_as_long_as_the_video(kind: str, material: Make, tmp_path: Path) -> None:
    made, path = material(), tmp_path / f"out.{kind}"
    write_export(kind, made, path)
    about = soundfile.info(path)
    assert (about.samplerate, about.channels) == (48_000, 1)
    assert about.frames / 48_000 == pytest.approx(made.seconds, abs=1e-3 if kind != "mp3" else 0.06)


def test_lossless_sound_is_that_of_the_clip(material: Make, tmp_path: Path) -> None:
    made = material()
    for kind in ("wav", "flac"):
        write_export(kind, made, tmp_path / f"out.{kind}")
        samples = read_soundtrack(tmp_path / f"out.{kind}")
        wanted = soundtrack(made.waveform, made.frames, 30)
        inner = slice(500, min(len(samples), len(wanted)) - 500)
        assert np.abs(samples[inner] - wanted[inner]).max() < 2e-3
    assert soundfile.read(tmp_path / "out.wav")[0] == pytest.approx(soundfile.read(tmp_path / "out.flac")[0])


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3"])
def test_sound_is_as_loud_as_asked(kind: str, material: Make, tmp_path: Path) -> None:
    path = tmp_path / f"out.{kind}"
    write_export(kind, material(loudness=-23), path)
    samples, rate = soundfile.read(path, dtype="float32")
    assert measure(samples, rate) == pytest.approx(-23, abs=0.5)


def test_the_sound_of_a_recording_is_that_of_its_video(material: Make, tmp_path: Path) -> None:
    made = material(Tokens(spoken("x").logits, "phonemes", (), (Interval("$", 0.0, 1.0),)))
    sides = ("-f", "lavfi", "-i", "aevalsrc=0.4*sin(2000*t)|0.1*sin(900*t):s=44100:d=1")
    subprocess.run(
        [ffmpeg_exe(), "-v", "error", *sides, "-c:a", "pcm_s16le", "-f", "mov", str(made.video)], check=True
    )
    write_export("wav", made, tmp_path / "out.wav")
    sound, rate = soundfile.read(tmp_path / "out.wav")
    assert rate == 48_000 and sound.shape[1] == 2
    assert np.abs(sound).max(0) == pytest.approx((0.4, 0.1), abs=0.02)


def test_the_same_bytes_every_time(material: Make, tmp_path: Path) -> None:
    for kind in ("srt", "vtt", "ass", "words", "wav", "flac", "mp3"):
        once, again = tmp_path / "once", tmp_path / "again"
        for path in (once, again):
            write_export(kind, material(loudness=-14), path)
        assert once.read_bytes() == again.read_bytes(), kind


def pixel(path: Path) -> list[int]:
    command = [ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgba", "-"]
    return list(subprocess.run(command, capture_output=True, check=True).stdout[:4])


def test_there_is_a_file_for_every_picture(material: Make, tmp_path: Path) -> None:
    made, folder = material("Hello."), tmp_path / "50%d ü.frames"
    write_export("frames", made, folder)
    names = [path.name for path in sorted(folder.iterdir())]
    assert names == [f"{number:06}.png" for number in range(1, made.frames + 1)]
    face = made.codes.at(made.times, ("face",))["face"][:, 0].astype(int)
    for number in (1, 10, made.frames):
        assert pixel(folder / f"{number:06}.png") == [*3 * [face[number - 1]], 255]


def test_what_is_transparent_stays_so(material: Make, tmp_path: Path) -> None:
    made = material("Hello.", background="transparent", format="webm")
    write_export("frames", made, tmp_path / "out.frames")
    red, _, _, opacity = pixel(tmp_path / "out.frames" / "000010.png")
    assert opacity == red < 255


def test_no_two_exports_of_a_video_are_the_same_file() -> None:
    paths = [export_path(Path("out/talk.mp4"), kind) for kind in KINDS]
    assert len(set(paths)) == len(paths) and Path("out/talk.mp4") not in paths
