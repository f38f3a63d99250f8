"""Fixed-step solver of the flow's ordinary differential equation (paper equation 3)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

Velocity = Callable[[Tensor, Tensor], Tensor]
"""(x_t [B, N, K], t []) -> dx/dt [B, N, K]."""


def time_grid(num_steps: int) -> Tensor:
    """[num_steps + 1] evenly spaced times from 0 (noise) to 1 (data).

    Raises:
        ValueError: num_steps is below one.
    """
    if num_steps < 1:
        raise ValueError(f"num_steps must be at least 1, got {num_steps}")
    return torch.linspace(0.0, 1.0, num_steps + 1)


_WEIGHTS: Final = ((1.5, -0.5), (23 / 12, -16 / 12, 5 / 12))
"""Of the latest velocities, newest first: Adams-Bashforth methods of second and third order."""


def adams_bashforth(velocity: Velocity, x_0: Tensor, grid: Tensor) -> Tensor:
    """Integrate dx/dt = velocity(x, t) from grid[0] to grid[-1] by the third-order Adams-Bashforth method.

    One evaluation a step, because a step also uses the velocities of the two steps before; the first step is
    a midpoint step of two evaluations, the next one of second order. The paper takes eight Euler steps; for
    as many evaluations this keeps far more of the spread that the tokens leave open, such as gaze and blinks.

    Args:
        velocity: the vector field.
        x_0: [B, N, K] state at grid[0].
        grid: [steps + 1] increasing times, evenly spaced.

    Returns:
        [B, N, K] state at grid[-1].
    """
    x_t, latest = x_0, deque[Tensor](maxlen=3)
    for t, t_next in pairwise(grid):
        step = t_next - t
        latest.appendleft(velocity(x_t, t))
        if len(latest) == 1:
            x_t = x_t + step * velocity(x_t + step / 2 * latest[0], t + step / 2)
            continue
        for weight, v in zip(_WEIGHTS[len(latest) - 2], latest, strict=True):
            x_t = x_t + step * weight * v
    return x_t
