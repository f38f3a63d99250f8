"""ffmpeg as a separate program: argument lists, pipes, and a check of everything it reports.

A killed or starved ffmpeg leaves files that play without an error, so that success here means: return code
zero, nothing on standard error, and exactly as many frames as were sent.
"""

from __future__ import annotations

import math
import os
import queue
import re
import signal
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

PATIENCE_SECONDS: Final = 60.0
"""Time that ffmpeg has besides what its work may take; one that needs longer is stuck."""
SECONDS_PER_PIXEL: Final = 2e-5
"""Time that encoding a pixel may take, with the slowest settings on a busy machine."""
SECONDS_PER_FRAME: Final = 0.1
"""Time that copying a picture, and encoding the sound that goes with it, may take."""
SECONDS_PER_BYTE: Final = 1e-6
"""Time that copying a byte of a file may take."""
QUEUED_CHUNKS: Final = 2
"""Picture chunks that may wait for ffmpeg, so that drawing and encoding overlap at bounded memory."""
COMMON: Final = ("-hide_banner", "-nostdin", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-y")
_CURE: Final = "Install avgen again, or name an ffmpeg in $IMAGEIO_FFMPEG_EXE."
BT709: Final = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"


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
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise StageError(f"there is no ffmpeg. {_CURE}") from None


def ffmpeg_version() -> str:
    """Return the first line of `ffmpeg -version`, shortened to the version."""
    return run_ffmpeg("version", ["-version"]).stdout.decode().split()[2]


def run_ffmpeg(
    step: str,
    arguments: Sequence[str],
    data: bytes | memoryview | None = None,
    seconds: float = 0.0,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run ffmpeg to its end, whatever it says.

    Args:
        step: names what it is for in messages.
        arguments: without the program itself.
        data: what it reads from standard input.
        seconds: that its work may take, besides PATIENCE_SECONDS.
        folder: that it runs in; None for this process's.

    Raises:
        StageError: if there is no ffmpeg, or it does not end in time.
    """
    limit = PATIENCE_SECONDS + seconds
    command = [ffmpeg_exe(), *arguments]
    try:
        return subprocess.run(
            command, input=data, capture_output=True, check=False, timeout=limit, cwd=folder
        )
    except subprocess.TimeoutExpired:
        raise StageError(f"{step} failed: ffmpeg did not end within {limit:.0f} s and was killed.") from None
    except OSError as error:
        raise _unstartable(step, error) from None


def _unstartable(step: str, error: OSError) -> StageError:
    return StageError(f"{step} failed: ffmpeg cannot be started: {error.strerror}: {ffmpeg_exe()}. {_CURE}")


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
        try:
            self._process = subprocess.Popen(
                [ffmpeg_exe(), *picture_arguments(path, size, fps, encoding)],
                stdin=subprocess.PIPE,
                stdout=self._progress,
                stderr=self._errors,
            )
        except OSError as error:
            raise _unstartable("encode", error) from None
        self._queue: queue.Queue[NDArray[np.uint8] | None] = queue.Queue(QUEUED_CHUNKS)
        self._broken = False
        self._limit = PATIENCE_SECONDS
        self._writer = threading.Thread(target=self._write_queued, daemon=True)
        self._writer.start()

    def write(self, pictures: NDArray[np.uint8]) -> None:
        """Queue pictures [T, H, W, 3 or 4] for encoding; waits while two chunks are in the queue.

        Raises:
            StageError: if the pictures are not of the track's size, or ffmpeg takes no more of them.
        """
        if pictures.shape[1:] != self._shape or pictures.dtype != np.uint8:
            raise StageError(
                f"render failed: expected uint8 pictures {self._shape}, "
                f"got {pictures.dtype} {pictures.shape[1:]}."
            )
        self._frames += len(pictures)
        work = SECONDS_PER_PIXEL * math.prod(pictures.shape[:3])
        self._limit = max(self._limit, PATIENCE_SECONDS + work)
        try:
            self._queue.put(pictures, timeout=self._limit)
        except queue.Full:
            raise self._stuck() from None

    def finish(self) -> int:
        """Wait for ffmpeg, check what it says, and return the number of frames.

        Raises:
            OutputError: if the disk was full.
            StageError: if ffmpeg failed or encoded another number of frames.
        """
        try:
            self._queue.put(None, timeout=self._limit)
            code = self._process.wait(QUEUED_CHUNKS * self._limit)
        except (queue.Full, subprocess.TimeoutExpired):
            raise self._stuck() from None
        self._writer.join()
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

    def _stuck(self) -> StageError:
        self._process.kill()
        return StageError(f"encode failed: ffmpeg did not go on within {self._limit:.0f} s and was killed.")

    def _stop_writer(self) -> None:
        """End the thread; ffmpeg is gone by now, so that it only empties the queue."""
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


def frames_encoder(folder: Path, size: tuple[int, int], fps: int, transparent: bool) -> PictureEncoder:
    """Start ffmpeg to write pictures as 000001.png and so on.

    Args:
        folder: that it makes for them.
        size: (width, height) in pixels, both even.
        fps: frames per second.
        transparent: whether they have opacity, as in Encoding.
    """
    folder.mkdir()
    pattern = Path(str(folder.absolute()).replace("%", "%%")) / "%06d.png"
    return PictureEncoder(pattern, size, fps, Encoding("png", transparent))


def picture_arguments(path: Path, size: tuple[int, int], fps: int, encoding: Encoding) -> list[str]:
    """Return the arguments that encode raw pictures from standard input; videos in BT.709, limited range."""
    pixels = "rgba" if encoding.transparent else "rgb24"
    return [
        *(*COMMON, "-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{size[0]}x{size[1]}"),
        *("-r", str(fps), "-i", "pipe:0"),
        "-an",
        *(() if encoding.format == "png" else ("-vf", f"scale=out_color_matrix=bt709:out_range=tv,{BT709}")),
        *picture_options(encoding, fps),
        str(path),
    ]


def mux_arguments(
    picture: Path, path: Path, sound: Sequence[str], options: Sequence[str], tags: Mapping[str, str]
) -> list[str]:
    """Return the arguments that join a picture track and sound.

    Args:
        picture: track.
        path: file to write.
        sound: options of the input that has the sound.
        options: of the sound and the container, from `mux_options`.
        tags: metadata names and values.
    """
    return [
        *(*COMMON, "-i", str(picture), *sound),
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
        samples: [S] or [S, channels] in [-1, 1], if the sound comes from standard input.

    Raises:
        OutputError: if the disk was full.
        StageError: if ffmpeg failed or copied another number of frames.
    """
    sound = None if samples is None else as_bytes(samples)
    done = run_ffmpeg("mux", arguments, sound, SECONDS_PER_FRAME * frames)
    check_finished("mux", done.returncode, done.stderr, done.stdout, frames)


def samples_input(sample_rate: int, channels: int = 1) -> list[str]:
    """Return the options of float samples from standard input."""
    return ["-f", "f32le", "-ar", str(sample_rate), "-ac", str(channels), "-i", "pipe:0"]


def as_bytes(samples: FloatArray) -> memoryview:
    """Return samples [S] or [S, channels] as ffmpeg reads them; no copy where they lie so already."""
    return np.ascontiguousarray(samples, "<f4").reshape(-1).view(np.uint8).data


def count_frames(path: Path) -> int:
    """Return the number of pictures in a file's video track.

    Raises:
        StageError: if ffmpeg cannot read it.
    """
    arguments = [*COMMON, "-i", str(path), "-map", "0:v:0", "-c", "copy", "-f", "null", "-"]
    done = run_ffmpeg("check", arguments, seconds=SECONDS_PER_BYTE * path.stat().st_size)
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
        how = f"exited with {code}" if code >= 0 else f"was killed by {_signal_name(-code)}"
        raise StageError(f"{step} failed: ffmpeg {how}: {' / '.join(said[-3:]) or 'no message'}")
    done = _frames_done(progress)
    if done != frames:
        raise StageError(f"{step} failed: ffmpeg wrote {done} frames, expected {frames}.")


def _frames_done(progress: bytes) -> int:
    counts = re.findall(rb"^frame=\s*(\d+)", progress, re.MULTILINE)
    return int(counts[-1]) if counts and b"progress=end" in progress else 0


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _content(file: IO[bytes]) -> bytes:
    """Read a temporary file that a child process wrote."""
    file.seek(0)
    return file.read()
