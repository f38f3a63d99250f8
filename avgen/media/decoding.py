"""Sound of files that libsndfile does not read (.m4a, .mp4, .webm, ...), decoded by ffmpeg."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from avgen.errors import InputError
from avgen.files import read_start
from avgen.media.ffmpeg import run_ffmpeg

DEMUXERS: Final = (
    (4, b"ftyp", "mov"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"\xff\xf1", "aac"),
    (0, b"\xff\xf9", "aac"),
)
"""Where in a file, and which bytes tell what reads it: nothing else is tried, so that no list of other files
poses as a recording."""
OTHERS: Final = (
    (0, b"RIFF", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"FORM", "aiff"),
)
"""The same for what libsndfile reads; what is left is MP3, which may begin with anything."""
DECODING_FACTOR: Final = 2.0
"""Decoding that takes longer than the sound itself, times this, is stuck."""


class Probe(NamedTuple):
    """What ffmpeg says of a file's sound."""

    sample_rate: int
    channels: int
    seconds: float


def demuxer_of(path: Path) -> str | None:
    """Return what ffmpeg reads a file with, by its first bytes; None for one that is not ffmpeg's to read.

    Raises:
        OSError: if the file cannot be read.
    """
    return _by_content(path, DEMUXERS)


def input_options(path: Path) -> list[str]:
    """Return ffmpeg's options for a sound file as its input, read as what it is and nothing else.

    Raises:
        OSError: if the file cannot be read.
    """
    demuxer = _by_content(path, (*DEMUXERS, *OTHERS)) or "mp3"
    return ["-protocol_whitelist", "file", "-f", demuxer, "-i", f"file:{path.absolute()}"]


def _by_content(path: Path, table: Sequence[tuple[int, bytes, str]]) -> str | None:
    head = read_start(path, 16)
    return next((name for at, magic, name in table if head[at:].startswith(magic)), None)


def probe(path: Path, demuxer: str) -> Probe:
    """Return the form of a file's first sound track.

    Raises:
        InputError: if ffmpeg finds none.
    """
    said = _run(path, demuxer, ["-t", "0", "-f", "null", "-"], 0.0, "info").decode(errors="replace")
    stream = re.search(r"Audio: .*?(\d+) Hz, ([\w.()]+)", said)
    length = re.search(r"Duration: (\d+):(\d+):(\d+(?:\.\d+)?)", said)
    if stream is None or length is None:
        raise InputError(f"{path}: there is no sound in this file.")
    seconds = 3600 * int(length[1]) + 60 * int(length[2]) + float(length[3])
    return Probe(int(stream[1]), 1 if stream[2] == "mono" else 2, seconds)


@contextmanager
def decoded(path: Path, demuxer: str, seconds: float) -> Iterator[Path]:
    """Decode a file's first sound track, at its own rate and with at most two channels.

    Args:
        path: the file.
        demuxer: from `demuxer_of`.
        seconds: that its sound lasts.

    Yields:
        A FLAC file, which is removed afterwards.

    Raises:
        InputError: if ffmpeg cannot read it to its end.
    """
    with tempfile.TemporaryDirectory(prefix="avgen-sound-") as folder:
        flac = Path(folder) / "sound.flac"
        limit = DECODING_FACTOR * seconds
        channels = ["-ac", "2"] if probe(path, demuxer).channels > 1 else []
        said = _run(path, demuxer, [*channels, "-sample_fmt", "s16", "-f", "flac", str(flac)], limit, "error")
        if said:
            raise InputError(f"{path}: the recording is damaged: {_last(said)}.")
        yield flac


def _run(path: Path, demuxer: str, to: list[str], seconds: float, level: str) -> bytes:
    """What ffmpeg says while it reads a file's first sound track."""
    arguments = [
        *("-hide_banner", "-nostdin", "-y", "-loglevel", level, "-protocol_whitelist", "file"),
        *("-f", demuxer, "-i", f"file:{path.absolute()}", "-map", "0:a:0", "-vn", *to),
    ]
    done = run_ffmpeg(f"reading {path}", arguments, seconds=seconds)
    if done.returncode:
        raise InputError(f"{path}: cannot be read as sound: {_last(done.stderr)}.")
    return done.stderr


def _last(said: bytes) -> str:
    """The last line of what ffmpeg said, without what it says of its own parts."""
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    return re.sub(r"^\[[^\]]*\]\s*", "", lines[-1]).rstrip(".") if lines else "no message"
