"""The pictures of a video, one after the other, as small as they may be."""

from __future__ import annotations

import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.errors import InputError
from avgen.media.decoding import demuxer_of
from avgen.media.ffmpeg import PATIENCE_SECONDS, ffmpeg_exe, run_ffmpeg

DECODING_FACTOR: Final = 20.0
"""Decoding that takes longer than the video itself, times this, is stuck; whoever looks at it may be slow."""
_HEADER: Final = re.compile(rb"P6\n(\d+) (\d+)\n255\n")


class Video(NamedTuple):
    """What a file says about its pictures."""

    seconds: float
    """Length."""
    has_sound: bool
    """Whether it has a sound track, too."""


def probe_video(path: Path) -> Video | None:
    """Return what a file says about its pictures; None if it has none.

    Raises:
        InputError: if it cannot be read.
    """
    try:
        demuxer = demuxer_of(path)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}.") from None
    if demuxer is None:
        return None
    said = run_ffmpeg(f"reading {path}", ["-hide_banner", *_input(path, demuxer)]).stderr.decode(
        "utf-8", "replace"
    )
    length = re.search(r"Duration: (\d+):(\d+):(\d+(?:\.\d+)?)", said)
    moving = [line for line in said.splitlines() if "Video: " in line and "attached pic" not in line]
    if length is None or not moving:
        return None
    seconds = 3600 * int(length[1]) + 60 * int(length[2]) + float(length[3])
    return Video(seconds, "Audio: " in said)


def read_pictures(path: Path, fps: int, largest_side: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the pictures [H, W, 3] of a video.

    Args:
        path: of the video.
        fps: pictures a second, whatever its own rate.
        largest_side: pixels; larger pictures are made smaller.

    Raises:
        InputError: if it cannot be read to its end.
    """
    video = probe_video(path)
    if video is None:
        raise InputError(f"{path}: there are no pictures in this file.")
    fit = f"scale='min({largest_side},iw)':'min({largest_side},ih)':force_original_aspect_ratio=decrease"
    command = [
        *(ffmpeg_exe(), "-nostdin", "-loglevel", "error", *_input(path, demuxer_of(path) or "")),
        *("-map", "0:v:0", "-vf", f"fps={fps},{fit}", "-c:v", "ppm", "-f", "image2pipe", "-"),
    ]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        guard = threading.Timer(PATIENCE_SECONDS + DECODING_FACTOR * video.seconds, process.kill)
        guard.start()
        try:
            assert process.stdout is not None
            while (picture := _read(process.stdout)) is not None:
                yield picture
            if process.wait():
                errors.seek(0)
                lines = errors.read().decode(errors="replace").strip().splitlines()
                raise InputError(f"{path}: its pictures cannot be read: {lines[-1] if lines else 'killed'}")
        finally:
            guard.cancel()
            process.kill()


def _input(path: Path, demuxer: str) -> list[str]:
    return ["-protocol_whitelist", "file", "-f", demuxer, "-i", f"file:{path.absolute()}"]


def _read(stream: IO[bytes]) -> NDArray[np.uint8] | None:
    """The next picture of a stream of PPM files; None at its end, or where it was cut."""
    head = b"".join(stream.readline() for _ in range(3))
    if (size := _HEADER.fullmatch(head)) is None:
        return None
    width, height = int(size[1]), int(size[2])
    data = stream.read(3 * width * height)
    if len(data) < 3 * width * height:
        return None
    return np.frombuffer(data, np.uint8).reshape(height, width, 3)
