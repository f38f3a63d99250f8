from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.raster.background import dithered
from avgen.avatars.raster.pixel_filter import OVERLAP, ShrunkPictures, filter_pixels


def test_a_line_spreads_into_its_neighbours_only() -> None:
    picture = np.zeros((9, 9, 3), np.uint8)
    picture[:, 4] = 200
    filter_pixels(picture, OVERLAP, False)
    row = picture[4, :, 0].astype(float)
    assert row[3:6] == pytest.approx([200 * OVERLAP, 200 * (1 - 2 * OVERLAP), 200 * OVERLAP], abs=1)
    assert np.all(row[[0, 1, 2, 6, 7, 8]] == 0)


def test_a_smooth_background_keeps_its_dither_and_its_level() -> None:
    smooth = np.full((64, 64, 3), 100.3, np.float32)
    picture = dithered(smooth)
    before = picture.copy()
    filter_pixels(picture, OVERLAP, False)
    assert set(np.unique(picture)) == {100, 101}
    assert (picture == before).mean() > 0.99
    assert picture.mean() == pytest.approx(100.3, abs=0.05)


def test_unseen_colour_does_not_leak_through_transparency() -> None:
    picture = np.zeros((8, 8, 4), np.uint8)
    picture[..., 0] = 250
    picture[:, 4:] = [10, 20, 30, 255]
    filter_pixels(picture, OVERLAP, True)
    assert np.abs(picture[4, 3, :3].astype(int) - [10, 20, 30]).max() <= 1
    assert picture[4, 3, 3] == pytest.approx(255 * OVERLAP, abs=1)
    assert picture[4, 1, 3] == 0


def test_pictures_drawn_larger_stay_as_they_are() -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (2, 8, 8, 4), np.uint8)
    assert ShrunkPictures(pictures, 0.9).smoothed(np.array([0, 1])) is pictures


def test_pictures_drawn_smaller_lose_detail_and_keep_their_level() -> None:
    """Lines a pixel apart, which at half the size would shimmer; the picture nobody chose is left alone."""
    pictures = np.zeros((3, 32, 32, 4), np.uint8)
    pictures[:, :, ::2] = 200
    before = pictures.copy()
    spread = {}
    for texels in (1.2, 1.5, 2.0):
        shrunk = ShrunkPictures(pictures, texels)
        drawn = shrunk.smoothed(np.array([2, 0]))[[0, 2], 2:-2, 2:-2].astype(float)
        assert drawn.mean() == pytest.approx(100, abs=1)
        np.testing.assert_array_equal(drawn[0], drawn[1])
        assert not shrunk.done[1]
        spread[texels] = drawn.std()
    assert 100 > spread[1.2] > spread[1.5] > spread[2.0]
    assert spread[2.0] < 2
    np.testing.assert_array_equal(pictures, before)
