"""Pictures of the hair as they are kept in the avatar file."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")

from avgen.avatars.raster.pixel_filter import OVERLAP, filter_pixels
from scripts.mira.fit_hair import sharpened


def test_pixel_filter_gives_back_what_was_photographed() -> None:
    rng = np.random.default_rng(0)
    photographed = np.full((48, 40, 4), 255, np.float32)
    photographed[..., :3] = rng.integers(100, 156, (12, 10, 3)).repeat(4, 0).repeat(4, 1)
    drawn = (sharpened(photographed)[..., :3] + 0.5).astype(np.uint8)
    assert np.abs(drawn - photographed[..., :3]).max() > 5
    filter_pixels(drawn, OVERLAP, False)
    assert np.abs(drawn - photographed[..., :3])[1:-1, 1:-1].max() <= 1


def test_colour_is_within_coverage_and_coverage_within_levels() -> None:
    photographed = np.zeros((16, 16, 4), np.float32)
    photographed[:, 8:] = 255
    photographed[4:8, 4:8] = 250, 120, 10, 128
    kept = sharpened(photographed)
    assert kept.min() >= 0 and kept[..., 3].max() <= 255
    assert (kept[..., :3] <= kept[..., 3:]).all()
