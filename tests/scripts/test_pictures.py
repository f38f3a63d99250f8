from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.mira.expressions import picture_file
from scripts.mira.pictures import mean_picture


def _save(folder: Path, seed: int, pixel: tuple[int, int, int, int]) -> Path:
    file = picture_file(folder, "held_00", seed)
    Image.fromarray(np.full((2, 2, 4), pixel, np.uint8)).save(file)
    return file


def test_the_first_seed_keeps_the_name_of_the_capture(tmp_path: Path) -> None:
    assert [picture_file(tmp_path, "rest", seed).name for seed in (0, 2)] == ["rest.png", "rest.seed2.png"]


def test_one_seed_is_read_as_it_is(tmp_path: Path) -> None:
    pixel = (10, 200, 30, 128)
    assert mean_picture([_save(tmp_path, 0, pixel)])[0, 0] == pytest.approx(pixel, abs=1e-3)


def test_mean_over_seeds_weighs_colour_by_coverage(tmp_path: Path) -> None:
    files = [_save(tmp_path, 0, (200, 0, 0, 255)), _save(tmp_path, 1, (0, 90, 0, 51))]
    red, green, blue, alpha = mean_picture(files)[0, 0]
    assert alpha == pytest.approx(153)
    on_black = np.array([red, green, blue]) * alpha / 255
    assert on_black == pytest.approx([100, 9, 0], abs=1e-3)
