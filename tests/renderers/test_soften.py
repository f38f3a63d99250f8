from __future__ import annotations

import numpy as np
import pytest

from avgen.renderers.soften import OVERLAP, dither_pattern, soften


def test_a_line_spreads_into_its_neighbours_only() -> None:
    picture = np.zeros((9, 9, 3), np.uint8)
    picture[:, 4] = 200
    soften(picture, np.full((9, 9), 0.5, np.float32))
    row = picture[4, :, 0].astype(float)
    assert row[3:6] == pytest.approx([200 * OVERLAP, 200 * (1 - 2 * OVERLAP), 200 * OVERLAP], abs=1)
    assert np.all(row[[0, 1, 2, 6, 7, 8]] == 0)


def test_even_areas_stay_even_and_keep_their_level_on_average() -> None:
    picture = np.full((32, 32, 3), 100, np.uint8)
    soften(picture, dither_pattern(32, 32))
    assert np.abs(picture.astype(int) - 100).max() <= 1
    assert picture.mean() == pytest.approx(100, abs=0.05)


def test_unseen_colour_does_not_leak_through_transparency() -> None:
    picture = np.zeros((8, 8, 4), np.uint8)
    picture[..., 0] = 250
    picture[:, 4:] = [10, 20, 30, 255]
    soften(picture, np.zeros((8, 8), np.float32))
    assert np.abs(picture[4, 3, :3].astype(int) - [10, 20, 30]).max() <= 1
    assert picture[4, 3, 3] == pytest.approx(255 * OVERLAP, abs=1)
    assert picture[4, 1, 3] == 0
