"""Fixed-step solver of the flow's ordinary differential equation (paper equation 3)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

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


def midpoint(velocity: Velocity, x_0: Tensor, grid: Tensor) -> Tensor:
    """Integrate dx/dt = velocity(x, t) from grid[0] to grid[-1] by the explicit midpoint method.

    Two evaluations a step. The paper takes eight Euler steps; for as many evaluations, second order keeps
    more of the spread that the tokens leave open, such as gaze and blinks.

    Args:
        velocity: the vector field.
        x_0: [B, N, K] state at grid[0].
        grid: [steps + 1] increasing times.

    Returns:
        [B, N, K] state at grid[-1].
    """
    x_t = x_0
    for t, t_next in pairwise(grid):
        step = t_next - t
        x_t = x_t + step * velocity(x_t + step / 2 * velocity(x_t, t), t + step / 2)
    return x_t
