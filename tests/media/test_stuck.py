"""An ffmpeg that is not there, never answers, or is killed: one line, and nothing waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from avgen.errors import AvgenError, InputError, StageError
from avgen.media import ffmpeg
from avgen.media.ffmpeg import PictureEncoder, check_finished, count_frames, ffmpeg_version, mux
from avgen.media.formats import Encoding
from avgen.media.images import read_image
from avgen.media.soundtrack import read_soundtrack
from avgen.media.thumbnails import thumbnail
from tests.pictures import write_image

RUNS: dict[str, Callable[[Path], object]] = {
    "version": lambda file: ffmpeg_version(),
    "mux": lambda file: mux(["-version"], 1, np.zeros(9, np.float32)),
    "check": count_frames,
    "image": lambda file: read_image(file, 8, 8),
    "sound": read_soundtrack,
    "thumbnail": lambda file: thumbnail(file, 0.0),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_image(tmp_path / "a.png", np.full((8, 8, 3), 40))


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str | None], None]:
    """Let ffmpeg be a line of shell, or nothing."""

    def put(script: str | None) -> None:
        program = tmp_path / "ffmpeg"
        if script is not None:
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
        ffmpeg.ffmpeg_exe.cache_clear()

    yield put
    ffmpeg.ffmpeg_exe.cache_clear()


@pytest.mark.usefixtures("no_hang")
@pytest.mark.parametrize("what", RUNS)
def test_an_ffmpeg_that_never_answers_is_killed(
    file: Path, use: Callable[[str], None], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("exec sleep 600")
    monkeypatch.setattr(ffmpeg, "PATIENCE_SECONDS", 0.1)
    with pytest.raises(StageError, match=r"failed: ffmpeg did not end within \d+ s and was killed\."):
        RUNS[what](file)


@pytest.mark.usefixtures("no_hang")
@pytest.mark.parametrize("chunks", [0, 1, 40])
def test_an_encoder_that_takes_no_pictures_is_killed(
    tmp_path: Path, use: Callable[[str], None], chunks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("exec sleep 600")
    monkeypatch.setattr(ffmpeg, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(ffmpeg, "SECONDS_PER_PIXEL", 0.0)
    encoder = PictureEncoder(tmp_path / "a", (96, 64), 30, Encoding())
    with encoder, pytest.raises(StageError, match="encode failed: ffmpeg did not go on within 0 s and was"):
        for _ in range(chunks):
            encoder.write(np.zeros((16, 64, 96, 3), np.uint8))
        encoder.finish()
    assert encoder._process.poll() is not None and not encoder._writer.is_alive()


@pytest.mark.parametrize("what", RUNS)
def test_a_missing_ffmpeg_is_one_line(file: Path, use: Callable[[None], None], what: str) -> None:
    use(None)
    with pytest.raises(AvgenError, match=r"ffmpeg cannot be started: No such file.*\$IMAGEIO_FFMPEG_EXE"):
        RUNS[what](file)


def test_without_ffmpeg_commands_say_so(
    tiny: Path, avgen: Callable[..., Result], file: Path, use: Callable[[None], None]
) -> None:
    assert avgen("render", "script.txt").exit_code == 0
    use(None)
    assert avgen("gallery", "out").exit_code == 0  # without thumbnails
    image = avgen("render", "script.txt", "--background", "a.png")
    assert image.exit_code == 3 and "a.png: reading failed: ffmpeg cannot be started: " in image.stderr
    clip = avgen("render", "script.txt", "--seed", "1")
    assert clip.exit_code == 3 and "script: encode failed: ffmpeg cannot be started: " in clip.stderr


@pytest.mark.parametrize(("code", "name"), [(-9, "SIGKILL"), (-25, "SIGXFSZ"), (-70, "signal 70")])
def test_signals_have_names(code: int, name: str) -> None:
    with pytest.raises(StageError, match=f"mux failed: ffmpeg was killed by {name}: no message"):
        check_finished("mux", code, b"", b"", 1)


def test_an_image_with_too_many_pixels_is_refused_in_our_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avgen.media.images.MAX_PIXELS", 1_000_000)
    file = write_image(tmp_path / "a.png", np.zeros((1001, 1000, 3)))
    with pytest.raises(
        InputError, match=r"a\.png: the image has more than 1,000,000 pixels\. Make it smaller"
    ):
        read_image(file, 8, 8)
