"""Picture files of all kinds, and what is refused of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from avgen.casting.portrait.reading import LARGEST_SIDE, MAX_PIXELS, read_portrait
from avgen.errors import InputError

Image = pytest.importorskip("PIL.Image")
WIDTH, HEIGHT = 300, 220


@pytest.fixture
def picture() -> np.ndarray:
    """A smooth picture [H, W, 3], so that what lossy formats change is little."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] / [[[HEIGHT]], [[WIDTH]]]
    return np.stack([60 + 120 * x, 80 + 100 * y, 180 - 90 * x], -1).astype(np.uint8)


def near(found: np.ndarray, wanted: np.ndarray) -> bool:
    return found.shape == wanted.shape and np.abs(found.astype(int) - wanted).mean() < 4


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        *(("RGB", suffix) for suffix in ("jpg", "png", "webp", "tif", "bmp")),
        *(("CMYK", "jpg"), ("P", "png")),
    ],
)
def test_every_kind_is_read(picture: np.ndarray, tmp_path: Path, mode: str, suffix: str) -> None:
    file = tmp_path / f"a.{suffix}"
    image = Image.fromarray(picture)
    (image.quantize(256) if mode == "P" else image.convert(mode)).save(file)
    assert near(read_portrait(file), picture)


def test_sixteen_bits_and_grey_become_eight_and_three(picture: np.ndarray, tmp_path: Path) -> None:
    grey = picture[..., 0]
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    Image.fromarray(grey).save(tmp_path / "grey.png")
    for name in ("deep.png", "grey.png"):
        assert near(read_portrait(tmp_path / name), np.repeat(grey[..., None], 3, 2))


def test_what_is_transparent_becomes_grey(picture: np.ndarray, tmp_path: Path) -> None:
    alpha = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    alpha[:, : WIDTH // 2] = 255
    Image.fromarray(np.concatenate([picture, alpha], 2)).save(tmp_path / "a.png")
    found = read_portrait(tmp_path / "a.png")
    assert near(found[:, : WIDTH // 2], picture[:, : WIDTH // 2])
    assert (found[:, WIDTH // 2 :] == 128).all()


def test_a_phone_held_sideways_gives_an_upright_picture(picture: np.ndarray, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(picture)).save(tmp_path / "a.png", exif=exif)
    assert near(read_portrait(tmp_path / "a.png"), picture)


def test_huge_pictures_are_shrunk(tmp_path: Path) -> None:
    Image.new("RGB", (5000, 2500), (10, 200, 90)).save(tmp_path / "a.jpg")
    assert read_portrait(tmp_path / "a.jpg").shape == (LARGEST_SIDE // 2, LARGEST_SIDE, 3)


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def jpeg(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello " * 40, "no picture that can be read. Save it as JPEG or PNG"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(64), "HEIC and AVIF pictures are not read"),
        (png(199, 400), r"too small: 199 x 400 pixels, expected at least 200"),
        (png(20_000, 20_000), f"more than {MAX_PIXELS:,} pixels. Make it smaller"),
        (png(400, 400)[:-30], "damaged"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(content)
    with pytest.raises(InputError, match=f"a.png: .*{reason}"):
        read_portrait(file)


def test_half_a_file_is_damaged(picture: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(picture)[:2000])
    with pytest.raises(InputError, match=r"a.jpg: the picture is damaged: .* save it again"):
        read_portrait(tmp_path / "a.jpg")


def test_no_file_and_no_regular_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_portrait(path)
