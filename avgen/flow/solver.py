"""Solvers of the flow's ordinary differential equation (paper equation 3), of few evaluations."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import torch
from torch import Tensor

Velocity = Callable[[Tensor, Tensor], Tensor]
"""(x_t [B, N, K], t []) -> dx/dt [B, N, K]."""


SWAY: Final = -0.15
"""How much finer times lie at the start, where velocities change fastest."""


def time_grid(num_steps: int) -> Tensor:
    """[num_steps + 1] times from 0 (noise) to 1 (data), finer at the start ("sway", Chen et al. 2024).

    Raises:
        ValueError: num_steps is below one.
    """
    if num_steps < 1:
        raise ValueError(f"num_steps must be at least 1, got {num_steps}")
    even = torch.linspace(0.0, 1.0, num_steps + 1)
    return even + SWAY * (torch.cos(torch.pi / 2 * even) - 1 + even)


def _weights(times: Tensor, t_next: Tensor) -> list[float]:
    """Of velocities at `times`: the integral from the last to t_next of the polynomial through them."""
    order, step = torch.arange(len(times), dtype=torch.float64), (t_next - times[-1]).double()
    powers = (times - times[-1]).double() ** order[:, None]
    weights: list[float] = torch.linalg.solve(powers, step ** (order + 1) / (order + 1)).tolist()
    return weights


def adams_bashforth(velocity: Velocity, x_0: Tensor, grid: Tensor) -> Tensor:
    """Integrate dx/dt = velocity(x, t) from grid[0] to grid[-1] by the third-order Adams-Bashforth method.

    One evaluation a step, because a step also uses the velocities of the two steps before; the first step is
    a midpoint step of two evaluations, the next one of second order. The paper takes eight Euler steps; for
    as many evaluations this keeps far more of the spread that the tokens leave open, such as gaze and blinks.

    Args:
        velocity: the vector field.
        x_0: [B, N, K] state at grid[0].
        grid: [steps + 1] increasing times.

    Returns:
        [B, N, K] state at grid[-1].
    """
    x_t, latest = x_0, deque[Tensor](maxlen=3)
    for k, (t, t_next) in enumerate(pairwise(grid)):
        latest.append(velocity(x_t, t))
        if k == 0:
            half = (t_next - t) / 2
            x_t = x_t + 2 * half * velocity(x_t + half * latest[0], t + half)
            continue
        times = grid[k + 1 - len(latest) : k + 1]
        for weight, v in zip(_weights(times, t_next), latest, strict=True):
            x_t = x_t + weight * v
    return x_t


def expected(velocity: Velocity, x_0: Tensor) -> Tensor:
    """Mean of the data, in two evaluations: what regression would learn.

    At t = 0 the state says nothing of the data, so that a flow trained by squared errors has learnt
    E[x_1 - x_0 | x_0] = E[x_1] - x_0 there (conditional flow matching, Lipman et al. 2023). The same noise
    with the other sign takes away half of what the field is wrong by.

    Args:
        velocity: the vector field.
        x_0: [B, N, K] noise.

    Returns:
        [B, N, K] the same for any noise, but for the errors of the field.
    """
    start = x_0.new_zeros(())
    return (velocity(x_0, start) + velocity(-x_0, start)) / 2


class FittedSolver(NamedTuple):
    """A solver fitted to one flow (bespoke non-stationary solvers, Shaul et al. 2024).

    Every state is a linear combination of the noise and of all velocities so far, with weights of its own in
    every channel. So it knows, as a polynomial through velocities cannot, how noise turns into data where
    text decides little or all. `scripts.train.fit_solver` makes it.
    """

    times: Tensor
    """[S] of the evaluations; the first is 0."""
    weights: Tensor
    """[S, S + 1, K] of x_0 and the velocities; row s makes the state at the next time, the last one at 1."""

    def __call__(self, velocity: Velocity, x_0: Tensor) -> Tensor:
        """Integrate dx/dt = velocity(x, t) from noise x_0 [B, N, K] to data [B, N, K]."""
        x_t, seen = x_0, [x_0]
        for t, weights in zip(self.times, self.weights.to(x_0), strict=True):
            seen.append(velocity(x_t, t))
            x_t = combine(weights, seen)
        return x_t


def combine(weights: Tensor, seen: Sequence[Tensor]) -> Tensor:
    """Sum of what was seen, each [..., K] with its row of weights [at least len(seen), K]."""
    total = weights[0] * seen[0]
    for weight, x in zip(weights[1:], seen[1:], strict=False):
        total.addcmul_(weight, x)
    return total
