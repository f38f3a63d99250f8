from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from avgen.errors import OutputError, StageError
from avgen.media.ffmpeg import (
    PictureEncoder,
    check_finished,
    count_frames,
    ffmpeg_exe,
    mux,
    mux_arguments,
    samples_input,
)
from avgen.media.formats import Encoding, mux_options
from avgen.types import SAMPLE_RATE

SIZE = (96, 64)


def pictures(count: int) -> np.ndarray:
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    return np.stack([np.stack([x + 3 * t, y, x + y], -1) % 256 for t in range(count)]).astype(np.uint8)


def joined(
    picture: Path, samples: np.ndarray, path: Path, kind: str, frames: int, tags: dict[str, str]
) -> None:
    """Join a picture track and sound at the rate of all speech."""
    mux(mux_arguments(picture, path, samples_input(SAMPLE_RATE), mux_options(kind), tags), frames, samples)


def encode(path: Path, count: int = 40, chunk: int = 16, encoding: Encoding = Encoding()) -> int:  # noqa: B008
    frames = pictures(count)
    if encoding.transparent:
        frames = np.concatenate([frames, frames[..., :1]], -1)
    with PictureEncoder(path, SIZE, 30, encoding) as encoder:
        for start in range(0, count, chunk):
            encoder.write(frames[start : start + chunk])
        return encoder.finish()


def test_ffmpeg_is_the_shipped_one_found_without_starting_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg_exe.cache_clear()
    monkeypatch.setattr(subprocess, "Popen", None)
    assert Path(ffmpeg_exe()).parent.name == "binaries"


KINDS = [
    Encoding("mp4"),
    *(Encoding(kind, seen_through) for kind in ("webm", "mov") for seen_through in (False, True)),
]
KIND_NAMES = [f"{kind.format}{' transparent' * kind.transparent}" for kind in KINDS]


@pytest.mark.parametrize("kind", KINDS, ids=KIND_NAMES)
def test_every_frame_arrives_and_bytes_repeat(tmp_path: Path, kind: Encoding) -> None:
    assert encode(tmp_path / "a.part", encoding=kind) == 40 == count_frames(tmp_path / "a.part")
    encode(tmp_path / "b.part", chunk=7, encoding=kind)
    assert (tmp_path / "a.part").read_bytes() == (tmp_path / "b.part").read_bytes()


@pytest.mark.parametrize("file_format", ["mp4", "webm", "mov"])
def test_colours_survive_the_round_trip(tmp_path: Path, file_format: str) -> None:
    colour = np.array([200, 60, 120], np.uint8)
    file = tmp_path / f"a.{file_format}"
    with PictureEncoder(file, SIZE, 30, Encoding(file_format, crf=5, speed="medium")) as encoder:
        encoder.write(np.broadcast_to(colour, (4, SIZE[1], SIZE[0], 3)))
        encoder.finish()
    seen = decode(file, "-f", "rawvideo", "-pix_fmt", "rgb24").reshape(-1, 3).mean(0)
    assert np.abs(seen - colour).max() < 4


@pytest.mark.parametrize("file_format", ["webm", "mov"])
def test_opacity_survives_encoding_and_muxing(tmp_path: Path, file_format: str) -> None:
    """A disc of one colour with a soft edge; composited over white and green it is what it should be."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    alpha = np.clip(24 - np.hypot(x - 48, y - 32), 0, 6) / 6
    rgba = np.empty((8, SIZE[1], SIZE[0], 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = (150, 60, 40), np.rint(255 * alpha)
    with PictureEncoder(tmp_path / "a.part", SIZE, 30, Encoding(file_format, True, crf=10)) as encoder:
        encoder.write(rgba)
        encoder.finish()
    samples = np.zeros(round(8 / 30 * SAMPLE_RATE), np.float32)
    file = tmp_path / f"out.{file_format}"
    joined(tmp_path / "a.part", samples, file, file_format, 8, {"title": "t"})
    decoder = ("-c:v", "libvpx-vp9") if file_format == "webm" else ()
    raw = decode(file, "-f", "rawvideo", "-pix_fmt", "rgba", decoder=decoder)
    found = raw.reshape(-1, *rgba.shape[1:]).astype(float)
    assert len(found) == 8
    for behind in ((255, 255, 255), (0, 255, 0)):
        over = found[..., :3] * found[..., 3:] / 255 + np.array(behind) * (1 - found[..., 3:] / 255)
        wanted = np.array((150, 60, 40)) * alpha[..., None] + np.array(behind) * (1 - alpha[..., None])
        assert np.abs(over - wanted).max() < 25
        edge = (alpha > 0) & (alpha < 1)
        assert np.abs((over - wanted)[:, edge].mean(1)).max() < 4  # no fringe, neither dark nor light


@pytest.mark.parametrize("kind", KINDS, ids=KIND_NAMES)
def test_mux_keeps_lengths_and_tags_literal(
    tmp_path: Path, probe: Callable[[Path], SimpleNamespace], kind: Encoding
) -> None:
    encode(tmp_path / "a.part", encoding=kind)
    samples = np.zeros(round(40 / 30 * SAMPLE_RATE), np.float32)
    title = 'it\'s; "quoted" [v]$(x) & = \\'
    joined(tmp_path / "a.part", samples, tmp_path / "out", kind.format, 40, {"title": title})
    found = probe(tmp_path / "out")
    assert found.frames == 40
    assert abs(found.samples / 48_000 - len(samples) / SAMPLE_RATE) < 1 / 30
    assert title in found.about


def decode(path: Path, *options: str, decoder: tuple[str, ...] = ()) -> np.ndarray:
    command = [ffmpeg_exe(), "-v", "error", *decoder, "-i", str(path), *options, "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint8)


@pytest.mark.parametrize("file_format", ["mp4", "webm", "mov"])
def test_click_and_flash_stay_together(tmp_path: Path, file_format: str) -> None:
    """A white picture half a second in, and a click in its middle, are found there after decoding."""
    flash = np.zeros((30, SIZE[1], SIZE[0], 3), np.uint8)
    flash[15] = 255
    with PictureEncoder(tmp_path / "a.part", SIZE, 30, Encoding(file_format)) as encoder:
        encoder.write(flash)
        encoder.finish()
    samples = np.zeros(SAMPLE_RATE, np.float32)
    click = round(15.5 / 30 * SAMPLE_RATE)
    samples[click : click + 8] = 0.9
    file = tmp_path / "out"
    joined(tmp_path / "a.part", samples, file, file_format, 30, {})
    rate = "-ar", str(SAMPLE_RATE)
    heard = decode(file, "-map", "0:a", *rate, "-f", "s16le").view(np.int16).astype(int)
    seen = decode(file, "-map", "0:v", "-f", "rawvideo", "-pix_fmt", "gray").reshape(30, -1)
    assert seen.mean(1).argmax() == 15
    assert abs(int(np.abs(heard).argmax()) - click) < 0.01 * SAMPLE_RATE


def test_paths_with_spaces_and_quotes_work(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s a "folder" %d'
    folder.mkdir()
    assert encode(folder / "pic ture.part") == 40


def test_wrong_frame_count_is_an_error(tmp_path: Path) -> None:
    encode(tmp_path / "a.part")
    with pytest.raises(StageError, match="mux failed: ffmpeg wrote 40 frames, expected 41"):
        joined(tmp_path / "a.part", np.zeros(99, np.float32), tmp_path / "b.part", "mp4", 41, {})


def test_truncated_picture_track_is_an_error(tmp_path: Path) -> None:
    encode(tmp_path / "a.part")
    data = (tmp_path / "a.part").read_bytes()
    (tmp_path / "a.part").write_bytes(data[: len(data) // 2])
    with pytest.raises(StageError, match="check failed"):
        count_frames(tmp_path / "a.part")


def test_ffmpeg_that_dies_is_an_error_and_not_a_hang(tmp_path: Path) -> None:
    with PictureEncoder(tmp_path / "a.part", SIZE, 30, Encoding()) as encoder:
        encoder._process.kill()
        for _ in range(20):
            encoder.write(pictures(16))
        with pytest.raises(StageError, match="encode failed: ffmpeg was killed by SIGKILL"):
            encoder.finish()


def test_unwritable_place_is_an_error_with_the_reason(tmp_path: Path) -> None:
    encoder = PictureEncoder(tmp_path / "none" / "a.part", SIZE, 30, Encoding())
    with encoder, pytest.raises(StageError, match=r"encode failed: .*No such file or directory"):
        for _ in range(20):
            encoder.write(pictures(16))
        encoder.finish()


def test_leaving_early_kills_ffmpeg(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        PictureEncoder(tmp_path / "a", SIZE, 30, Encoding()) as encoder,
    ):
        encoder.write(pictures(3))
        raise KeyboardInterrupt
    assert encoder._process.poll() is not None


def test_pictures_of_another_size_are_refused(tmp_path: Path) -> None:
    encoder = PictureEncoder(tmp_path / "a", (64, 64), 30, Encoding())
    with encoder, pytest.raises(StageError, match="expected uint8 pictures"):
        encoder.write(pictures(1))


def test_full_disk_is_an_output_error() -> None:
    with pytest.raises(OutputError, match="no space left"):
        check_finished("encode", 0, b"av_interleaved_write_frame(): No space left on device\n", b"", 1)


def test_success_with_a_message_is_an_error() -> None:
    with pytest.raises(StageError, match="mux failed: ffmpeg exited with 0: odd"):
        check_finished("mux", 0, b"odd\n", b"frame=3\nprogress=end\n", 3)


def test_unfinished_progress_is_an_error() -> None:
    with pytest.raises(StageError, match="wrote 0 frames, expected 3"):
        check_finished("mux", 0, b"", b"frame=3\nprogress=continue\n", 3)


def test_no_text_of_the_user_reaches_a_filter() -> None:
    arguments = mux_arguments(
        Path("p"), Path("o"), samples_input(SAMPLE_RATE), mux_options("mp4"), {"title": "a,b"}
    )
    assert "-vf" not in arguments and "-filter_complex" not in arguments
