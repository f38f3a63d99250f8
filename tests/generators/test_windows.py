"""Clips of any length from models that know some seconds."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from avgen.generators.windows import Window, blend, cover, shares


@pytest.mark.parametrize("seconds", [1, 19, 20, 21, 35, 36, 61, 200])
def test_windows_cover_all_and_share_a_quarter(seconds: int) -> None:
    windows = cover(seconds, 20)
    assert windows[0].start == 0 and windows[-1].stop == seconds
    assert all(window.stop - window.start == min(seconds, 20) for window in windows)
    assert all(one.stop - other.start >= 5 for one, other in pairwise(windows))
    total = torch.zeros(seconds * 30)
    for window, share in zip(windows, shares(windows, 30), strict=True):
        total[window.of(30)] += share
    assert torch.allclose(total, torch.ones(seconds * 30), atol=1e-5)


def test_windows_that_disagree_join_without_a_jump() -> None:
    windows = cover(50, 20)
    values = torch.tensor([-1.0, 1.0, -1.0])
    assert len(windows) == 3
    made = blend(windows, 30, torch.zeros(1, 1500, 1), lambda k, x: values[k].expand_as(x))[0, :, 0]
    assert made[:450].eq(-1).all() and made[600:900].eq(1).all()
    assert (made[1:] - made[:-1]).abs().max() < 2 / 150 * 1.01


def test_each_window_sees_its_own() -> None:
    x = torch.arange(180.0).view(1, 180, 1)
    made = blend([Window(0, 4), Window(2, 6)], 30, x, lambda k, seen: seen)
    assert torch.allclose(made, x)
