"""ffmpeg as a separate program: argument lists, pipes, and a check of everything it reports.

A killed or starved ffmpeg leaves files that play without an error, so that success here means: return code
zero, nothing on standard error, and exactly as many frames as were sent.
"""

from __future__ import annotations

import os
import queue
import re
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from avgen.errors import OutputError, StageError
from avgen.media.formats import Encoding, picture_options
from avgen.types import FloatArray

QUEUED_CHUNKS: Final = 2
"""Picture chunks that may wait for ffmpeg, so that drawing and encoding overlap at bounded memory."""
_COMMON: Final = ("-hide_banner", "-nostdin", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-y")
_BT709: Final = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"


@cache
def ffmpeg_exe() -> str:
    """Return the path of the ffmpeg that imageio-ffmpeg installed, or of `$IMAGEIO_FFMPEG_EXE`.

    imageio-ffmpeg itself would start that ffmpeg to try it, and, should the trial be killed, take the
    system's from then on: another encoder, other bytes.
    """
    import imageio_ffmpeg

    shipped = sorted(Path(imageio_ffmpeg.__file__).with_name("binaries").glob("ffmpeg-*"))
    if shipped and not os.environ.get("IMAGEIO_FFMPEG_EXE"):
        return str(shipped[0])
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def ffmpeg_version() -> str:
    """Return the first line of `ffmpeg -version`, shortened to the version."""
    done = subprocess.run([ffmpeg_exe(), "-version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[2]


class PictureEncoder:
    """Encodes pictures as a track; use as a context manager and call `finish`.

    Leaving the context without `finish` kills ffmpeg.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: int, encoding: Encoding) -> None:
        """Start ffmpeg.

        Args:
            path: the file to write (of the encoding's format whatever its name); for PNG files a pattern with
                %06d, in which every other % is doubled.
            size: (width, height) in pixels, both even.
            fps: frames per second.
            encoding: format and quality.
        """
        self._shape = (size[1], size[0], encoding.channels)
        self._frames = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 closed in __exit__
        self._progress = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            picture_arguments(path, size, fps, encoding),
            stdin=subprocess.PIPE,
            stdout=self._progress,
            stderr=self._errors,
        )
        self._queue: queue.Queue[NDArray[np.uint8] | None] = queue.Queue(QUEUED_CHUNKS)
        self._broken = False
        self._writer = threading.Thread(target=self._write_queued, daemon=True)
        self._writer.start()

    def write(self, pictures: NDArray[np.uint8]) -> None:
        """Queue pictures [T, H, W, 3 or 4] for encoding; waits while two chunks are in the queue."""
        if pictures.shape[1:] != self._shape or pictures.dtype != np.uint8:
            raise StageError(
                f"render failed: expected uint8 pictures {self._shape}, "
                f"got {pictures.dtype} {pictures.shape[1:]}."
            )
        self._frames += len(pictures)
        self._queue.put(pictures)

    def finish(self) -> int:
        """Wait for ffmpeg, check what it says, and return the number of frames.

        Raises:
            OutputError: if the disk was full.
            StageError: if ffmpeg failed or encoded another number of frames.
        """
        self._stop_writer()
        code = self._process.wait()
        check_finished("encode", code, _content(self._errors), _content(self._progress), self._frames)
        return self._frames

    def __enter__(self) -> PictureEncoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._stop_writer()
        self._errors.close()
        self._progress.close()

    def _stop_writer(self) -> None:
        if self._writer.is_alive():
            self._queue.put(None)
            self._writer.join()

    def _write_queued(self) -> None:
        """Feed ffmpeg until None comes; after a broken pipe only empty the queue: `finish` reports it."""
        pipe = self._process.stdin
        if pipe is None:
            raise RuntimeError("ffmpeg was started without a pipe")
        while (chunk := self._queue.get()) is not None:
            if not self._broken:
                try:
                    pipe.write(np.ascontiguousarray(chunk).data)
                except OSError:
                    self._broken = True
        try:
            pipe.close()
        except OSError:
            self._broken = True


def picture_arguments(path: Path, size: tuple[int, int], fps: int, encoding: Encoding) -> list[str]:
    """Return the command that encodes raw pictures from standard input; videos in BT.709, limited range."""
    pixels = "rgba" if encoding.transparent else "rgb24"
    return [
        *(ffmpeg_exe(), *_COMMON, "-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{size[0]}x{size[1]}"),
        *("-r", str(fps), "-i", "pipe:0"),
        "-an",
        *(() if encoding.format == "png" else ("-vf", f"scale=out_color_matrix=bt709:out_range=tv,{_BT709}")),
        *picture_options(encoding, fps),
        str(path),
    ]


def mux_arguments(
    picture: Path, path: Path, sound: Sequence[str], options: Sequence[str], tags: Mapping[str, str]
) -> list[str]:
    """Return the command that joins a picture track and sound.

    Args:
        picture: track.
        path: file to write.
        sound: options of the input that has the sound.
        options: of the sound and the container, from `mux_options`.
        tags: metadata names and values.
    """
    return [
        *(ffmpeg_exe(), *_COMMON, "-i", str(picture), *sound),
        *("-map", "0:v:0", "-map", "1:a:0", "-c:v", "copy"),
        *(argument for name, value in tags.items() for argument in ("-metadata", f"{name}={value}")),
        *options,
        str(path),
    ]


def mux(arguments: Sequence[str], frames: int, samples: FloatArray | None = None) -> None:
    """Write a file of a picture track and its sound; an MP4 plays before it is fully loaded.

    Args:
        arguments: from `mux_arguments`.
        frames: that the picture track has.
        samples: [S] in [-1, 1], if the sound comes from standard input.

    Raises:
        OutputError: if the disk was full.
        StageError: if ffmpeg failed or copied another number of frames.
    """
    sound = b"" if samples is None else np.ascontiguousarray(samples, dtype="<f4").tobytes()
    done = subprocess.run(arguments, input=sound, capture_output=True, check=False)
    check_finished("mux", done.returncode, done.stderr, done.stdout, frames)


def samples_input(sample_rate: int) -> list[str]:
    """Return the options of mono float samples from standard input."""
    return ["-f", "f32le", "-ar", str(sample_rate), "-ac", "1", "-i", "pipe:0"]


def count_frames(path: Path) -> int:
    """Return the number of pictures in a file's video track.

    Raises:
        StageError: if ffmpeg cannot read it.
    """
    arguments = [ffmpeg_exe(), *_COMMON, "-i", str(path), "-map", "0:v:0", "-c", "copy", "-f", "null", "-"]
    done = subprocess.run(arguments, capture_output=True, check=False)
    frames = _frames_done(done.stdout)
    check_finished("check", done.returncode, done.stderr, done.stdout, frames)
    return frames


def check_finished(step: str, code: int, errors: bytes, progress: bytes, frames: int) -> None:
    """Raise unless ffmpeg succeeded, silently, with exactly this number of frames.

    Args:
        step: names the step in messages.
        code: ffmpeg's return code.
        errors: what it wrote to standard error.
        progress: what it wrote as `-progress`.
        frames: expected number.

    Raises:
        OutputError: if the disk was full.
        StageError: for everything else.
    """
    said = errors.decode(errors="replace").splitlines()
    if any("No space left" in line for line in said):
        raise OutputError(f"{step} failed: no space left on the device. Free some and run the command again.")
    if code or said:
        raise StageError(f"{step} failed: ffmpeg exited with {code}: {' / '.join(said[-3:]) or 'no message'}")
    done = _frames_done(progress)
    if done != frames:
        raise StageError(f"{step} failed: ffmpeg wrote {done} frames, expected {frames}.")


def _frames_done(progress: bytes) -> int:
    counts = re.findall(rb"^frame=\s*(\d+)", progress, re.MULTILINE)
    return int(counts[-1]) if counts and b"progress=end" in progress else 0


def _content(file: IO[bytes]) -> bytes:
    """Read a temporary file that a child process wrote."""
    file.seek(0)
    return file.read()
