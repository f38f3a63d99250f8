from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from avgen.errors import OutputError, StageError
from avgen.media.ffmpeg import PictureEncoder, check_finished, count_frames, ffmpeg_exe, mux, mux_arguments
from avgen.types import SAMPLE_RATE

SIZE = (96, 64)


def pictures(count: int) -> np.ndarray:
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    return np.stack([np.stack([x + 3 * t, y, x + y], -1) % 256 for t in range(count)]).astype(np.uint8)


def encode(path: Path, count: int = 40, chunk: int = 16) -> int:
    with PictureEncoder(path, SIZE, 30, 20, "veryfast") as encoder:
        for start in range(0, count, chunk):
            encoder.write(pictures(count)[start : start + chunk])
        return encoder.finish()


def test_every_frame_arrives_and_bytes_repeat(tmp_path: Path) -> None:
    assert encode(tmp_path / "a.part") == 40 == count_frames(tmp_path / "a.part")
    encode(tmp_path / "b.part", chunk=7)
    assert (tmp_path / "a.part").read_bytes() == (tmp_path / "b.part").read_bytes()


def test_colours_survive_the_round_trip(tmp_path: Path) -> None:
    colour = np.array([200, 60, 120], np.uint8)
    with PictureEncoder(tmp_path / "a.mp4", SIZE, 30, 5, "medium") as encoder:
        encoder.write(np.broadcast_to(colour, (4, SIZE[1], SIZE[0], 3)))
        encoder.finish()
    command = [
        ffmpeg_exe(),
        "-v",
        "error",
        "-i",
        str(tmp_path / "a.mp4"),
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    seen = np.frombuffer(raw, np.uint8).reshape(-1, 3).mean(0)
    assert np.abs(seen - colour).max() < 4


def test_mux_keeps_lengths_and_tags_literal(tmp_path: Path, probe: Callable[[Path], SimpleNamespace]) -> None:
    encode(tmp_path / "a.part")
    samples = np.zeros(round(40 / 30 * SAMPLE_RATE), np.float32)
    title = 'it\'s; "quoted" [v]$(x) & = \\'
    mux(tmp_path / "a.part", samples, SAMPLE_RATE, tmp_path / "out.mp4", 40, {"title": title})
    found = probe(tmp_path / "out.mp4")
    assert found.frames == 40
    assert abs(found.samples - len(samples)) < SAMPLE_RATE / 30
    assert title in found.about


def decode(path: Path, *options: str) -> np.ndarray:
    command = [ffmpeg_exe(), "-v", "error", "-i", str(path), *options, "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint8)


def test_click_and_flash_stay_together(tmp_path: Path) -> None:
    """A white picture half a second in, and a click in its middle, are found there after decoding."""
    flash = np.zeros((30, SIZE[1], SIZE[0], 3), np.uint8)
    flash[15] = 255
    with PictureEncoder(tmp_path / "a.part", SIZE, 30, 20, "veryfast") as encoder:
        encoder.write(flash)
        encoder.finish()
    samples = np.zeros(SAMPLE_RATE, np.float32)
    click = round(15.5 / 30 * SAMPLE_RATE)
    samples[click : click + 8] = 0.9
    mux(tmp_path / "a.part", samples, SAMPLE_RATE, tmp_path / "out.mp4", 30, {})
    heard = decode(tmp_path / "out.mp4", "-map", "0:a", "-f", "s16le").view(np.int16).astype(int)
    seen = decode(tmp_path / "out.mp4", "-map", "0:v", "-f", "rawvideo", "-pix_fmt", "gray").reshape(30, -1)
    assert seen.mean(1).argmax() == 15
    assert abs(int(np.abs(heard).argmax()) - click) < 0.01 * SAMPLE_RATE


def test_paths_with_spaces_and_quotes_work(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s a "folder" %d'
    folder.mkdir()
    assert encode(folder / "pic ture.part") == 40


def test_wrong_frame_count_is_an_error(tmp_path: Path) -> None:
    encode(tmp_path / "a.part")
    with pytest.raises(StageError, match="mux failed: ffmpeg wrote 40 frames, expected 41"):
        mux(tmp_path / "a.part", np.zeros(99, np.float32), SAMPLE_RATE, tmp_path / "b.part", 41, {})


def test_truncated_picture_track_is_an_error(tmp_path: Path) -> None:
    encode(tmp_path / "a.part")
    data = (tmp_path / "a.part").read_bytes()
    (tmp_path / "a.part").write_bytes(data[: len(data) // 2])
    with pytest.raises(StageError, match="check failed"):
        count_frames(tmp_path / "a.part")


def test_ffmpeg_that_dies_is_an_error_and_not_a_hang(tmp_path: Path) -> None:
    with PictureEncoder(tmp_path / "a.part", SIZE, 30, 20, "veryfast") as encoder:
        encoder._process.kill()
        for _ in range(20):
            encoder.write(pictures(16))
        with pytest.raises(StageError, match="encode failed: ffmpeg exited with -9"):
            encoder.finish()


def test_unwritable_place_is_an_error_with_the_reason(tmp_path: Path) -> None:
    encoder = PictureEncoder(tmp_path / "none" / "a.part", SIZE, 30, 20, "veryfast")
    with encoder, pytest.raises(StageError, match=r"encode failed: .*No such file or directory"):
        for _ in range(20):
            encoder.write(pictures(16))
        encoder.finish()


def test_leaving_early_kills_ffmpeg(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        PictureEncoder(tmp_path / "a", SIZE, 30, 20, "veryfast") as encoder,
    ):
        encoder.write(pictures(3))
        raise KeyboardInterrupt
    assert encoder._process.poll() is not None


def test_pictures_of_another_size_are_refused(tmp_path: Path) -> None:
    encoder = PictureEncoder(tmp_path / "a", (64, 64), 30, 20, "veryfast")
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
    arguments = mux_arguments(Path("p"), Path("o"), SAMPLE_RATE, {"title": "a,b"})
    assert "-vf" not in arguments and "-filter_complex" not in arguments
