"""Sampling by DDIM without noise (Song et al. 2021), of models that predict x_0."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from torch import Tensor

TIMES: Final = 1000
"""Steps that the models were trained with."""
_MAX_BETA: Final = 0.999


def signal_shares() -> list[float]:
    """Share of the signal's power in x_t at every time: the cosine schedule (Nichol and Dhariwal 2021)."""

    def share(time: float) -> float:
        return math.cos((time + 0.008) / 1.008 * math.pi / 2) ** 2

    shares, left = [], 1.0
    for time in range(TIMES):
        left *= 1 - min(1 - share((time + 1) / TIMES) / share(time / TIMES), _MAX_BETA)
        shares.append(left)
    return shares


def times(steps: int) -> list[int]:
    """Times of a number of steps, evenly spaced, from noise to signal."""
    return [step * TIMES // steps for step in reversed(range(steps))]


def sample(
    predict: Callable[[Tensor, int], Tensor], noise: Tensor, steps: int, advance: Callable[[], None]
) -> Tensor:
    """Turn noise into x_0.

    Args:
        predict: x_0 of x_t and t.
        noise: x_T.
        steps: from 1 to TIMES.
        advance: called after every step.
    """
    shares, x, left = signal_shares(), noise, times(steps)
    for time, following in zip(left, [*left[1:], None], strict=True):
        x_0 = predict(x, time)
        share, later = shares[time], 1.0 if following is None else shares[following]
        drawn = (x - math.sqrt(share) * x_0) / math.sqrt(1 - share)
        x = math.sqrt(later) * x_0 + math.sqrt(1 - later) * drawn
        advance()
    return x
