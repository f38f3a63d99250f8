"""Sampling: known answers."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch

from avgen.generators.ddim import TIMES, sample, signal_shares, times


def test_a_model_that_knows_is_believed_in_any_number_of_steps() -> None:
    wanted, noise = torch.randn(1, 5, 3), torch.randn(1, 5, 3)
    done: list[None] = []
    for steps in (1, 7, 10, 333):
        made = sample(lambda x, time: wanted, noise, steps, lambda: done.append(None))
        assert torch.allclose(made, wanted, atol=1e-5)
    assert len(done) == 351


def test_gaussian_data_stay_gaussian() -> None:
    """Of data N(m, s^2) the best x_0 is known in closed form, and DDIM then maps noise linearly."""
    mean, deviation, shares = 2.0, 0.5, signal_shares()

    def predict(x: torch.Tensor, time: int) -> torch.Tensor:
        share = shares[time]
        gain = math.sqrt(share) * deviation**2 / (share * deviation**2 + 1 - share)
        return mean + gain * (x - math.sqrt(share) * mean)

    noise = torch.randn(20_000, generator=torch.Generator().manual_seed(0))
    made = sample(predict, noise, 500, lambda: None)
    assert abs(float(made.mean()) - mean) < 0.02 and abs(float(made.std()) - deviation) < 0.02


def test_the_schedule_is_the_cosine_one() -> None:
    shares = signal_shares()
    assert len(shares) == TIMES and all(a > b for a, b in pairwise(shares))
    assert shares[0] == pytest.approx(1, abs=1e-4) and shares[-1] < 1e-6
    assert shares[499] == pytest.approx(math.cos(0.508 / 1.008 * math.pi / 2) ** 2, rel=1e-3)


def test_times_are_evenly_spaced() -> None:
    assert times(10) == [900, 800, 700, 600, 500, 400, 300, 200, 100, 0]
    assert times(1) == [0] and times(1000) == list(range(999, -1, -1))
    assert times(3) == [666, 333, 0]
