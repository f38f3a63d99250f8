"""The sound alone, as it is in the video: as long, as loud, at 48 kHz."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from avgen.errors import StageError
from avgen.exports import Material
from avgen.media.ffmpeg import as_bytes, run_ffmpeg, samples_input
from avgen.media.loudness import at_loudness
from avgen.media.soundtrack import soundtrack

SAMPLE_RATE: Final = 48_000
_CODECS: Final = {
    "wav": ("-c:a", "pcm_s16le"),
    "flac": ("-c:a", "flac", "-sample_fmt", "s16"),
    "mp3": ("-c:a", "libmp3lame", "-q:a", "2"),
}


def write_wav(material: Material, path: Path) -> None:
    """Write uncompressed samples of 16 bits.

    Raises:
        StageError: if ffmpeg failed.
    """
    _write(material, path, "wav")


def write_flac(material: Material, path: Path) -> None:
    """Write samples of 16 bits, compressed without loss.

    Raises:
        StageError: if ffmpeg failed.
    """
    _write(material, path, "flac")


def write_mp3(material: Material, path: Path) -> None:
    """Write an MP3 file of the encoder's second best quality, about 100 kb/s for a voice.

    Raises:
        StageError: if ffmpeg failed.
    """
    _write(material, path, "mp3")


def _write(material: Material, path: Path, kind: str) -> None:
    source, sound = _source(material)
    arguments = [
        *("-hide_banner", "-nostdin", "-loglevel", "error", "-nostats", "-y"),
        *(*source, "-map", "0:a:0", "-map_metadata", "-1", *_CODECS[kind], "-ar", str(SAMPLE_RATE)),
        *("-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", kind, str(path.absolute())),
    ]
    done = run_ffmpeg(kind, arguments, sound, material.seconds)
    if done.returncode or done.stderr:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-3:]
        raise StageError(f"{kind} failed: ffmpeg exited with {done.returncode}: {' / '.join(said)}")


def _source(material: Material) -> tuple[list[str], memoryview | None]:
    """Options of the input and what comes through standard input; recordings and scenes are in the video."""
    if material.recorded or material.people:
        return ["-i", str(material.video.absolute())], None
    config, waveform = material.config, material.waveform
    whole = soundtrack(waveform, material.frames, config.fps)
    samples = at_loudness(whole, waveform.sample_rate, config.loudness)
    return samples_input(waveform.sample_rate), as_bytes(samples)
