from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avgen.avatars.raster.background import make_background
from avgen.background import Background
from avgen.errors import InputError
from avgen.media.images import read_image
from tests.pictures import write_image


def halves(height: int, width: int) -> np.ndarray:
    """Red on the left, green on the right, a white line above."""
    pixels = np.zeros((height, width, 3))
    pixels[:, : width // 2, 0] = 255
    pixels[:, width // 2 :, 1] = 255
    pixels[: height // 8] = 255
    return pixels


def test_png_arrives_exactly(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 48, 3))
    assert np.array_equal(read_image(write_image(tmp_path / "a.png", pixels), 48, 32), pixels)


def test_jpeg_arrives_with_its_colours(tmp_path: Path) -> None:
    pixels = np.full((64, 64, 3), (200, 80, 30))
    found = read_image(
        write_image(tmp_path / "a.JPG", pixels, "-c:v", "mjpeg", "-f", "image2", "-q:v", "2"), 64, 64
    )
    assert np.abs(found.astype(int) - pixels).max() < 6


@pytest.mark.parametrize("size", [(64, 64), (128, 32), (32, 96), (46, 46)])
def test_image_covers_the_picture_from_its_middle(tmp_path: Path, size: tuple[int, int]) -> None:
    found = read_image(write_image(tmp_path / "a.png", halves(64, 96)), *size)
    assert found.shape == (size[1], size[0], 3)
    row = found[-1].astype(int)
    assert np.all(row[: size[0] // 2 - 3, 0] > 200)
    assert np.all(row[size[0] // 2 + 3 :, 1] > 200)


def test_transparent_parts_become_black(tmp_path: Path) -> None:
    pixels = np.full((8, 8, 4), 200)
    pixels[:, :4, 3] = 0
    found = read_image(write_image(tmp_path / "a.png", pixels), 8, 8)
    assert np.all(found[:, :4] == 0)
    assert np.all(found[:, 4:] == 157)


def test_turned_photographs_stand_upright(tmp_path: Path) -> None:
    """EXIF orientation 6: the camera was turned, the first row of the file is the right edge."""
    file = write_image(tmp_path / "a.jpg", halves(64, 96), "-q:v", "2")
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    data = file.read_bytes()
    file.write_bytes(data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:])
    found = read_image(file, 64, 96).astype(int)
    assert np.all(found[20:40, 10:50, 0] > 200)
    assert np.all(found[60:90, 10:50, 1] > 200)
    assert np.all(found[20:90, -4:].min(-1) > 150)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"#EXTM3U\nfile:///etc/passwd", "neither a PNG nor a JPEG image"),
        (b"", "neither a PNG nor a JPEG image"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "the image cannot be read"),
    ],
)
def test_what_is_no_image_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_image(tmp_path / "a.png", 8, 8)


def test_a_cut_image_is_refused(tmp_path: Path) -> None:
    file = write_image(tmp_path / "a.png", np.random.default_rng(0).integers(0, 256, (64, 64, 3)))
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(InputError, match=r"a\.png: the image cannot be read"):
        read_image(file, 8, 8)


def test_missing_image_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.jpg: cannot be read: No such file"):
        read_image(tmp_path / "nowhere.jpg", 8, 8)


def test_backgrounds_can_be_images(tmp_path: Path) -> None:
    file = write_image(tmp_path / "a.png", halves(32, 32))
    found = make_background(Background(str(file)), 16, 16)
    assert found.dtype == np.float32
    assert found.shape == (16, 16, 3)
