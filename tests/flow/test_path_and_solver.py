"""The probability path against its formula, the solver against closed-form equations."""

from __future__ import annotations

import math

import pytest
import torch

from avgen.flow.path import OTPath
from avgen.flow.solver import FittedSolver, adams_bashforth, expected, time_grid


def test_path_starts_at_noise_and_ends_at_data() -> None:
    x_0, x_1 = torch.randn(2, 3, 4), torch.randn(2, 3, 4)
    path = OTPath(sigma_min=0.01)
    assert torch.allclose(path.sample(x_0, x_1, torch.zeros(2))[0], x_0)
    assert torch.allclose(path.sample(x_0, x_1, torch.ones(2))[0], x_1 + 0.01 * x_0)


def test_velocity_is_the_time_derivative_of_the_path() -> None:
    x_0, x_1 = torch.randn(2, 3, 4).double(), torch.randn(2, 3, 4).double()
    path, t, dt = OTPath(sigma_min=0.1), torch.tensor([0.3, 0.8]).double(), 1e-6
    before, velocity = path.sample(x_0, x_1, t)
    after, _ = path.sample(x_0, x_1, t + dt)
    assert torch.allclose((after - before) / dt, velocity, atol=1e-6)


def test_a_straight_path_is_followed_exactly_in_one_step() -> None:
    x_0, x_1 = torch.randn(1, 5, 3), torch.randn(1, 5, 3)
    path = OTPath(sigma_min=0.0)
    velocity = path.sample(x_0, x_1, torch.zeros(1))[1]
    assert torch.allclose(adams_bashforth(lambda x, t: velocity, x_0, time_grid(1)), x_1, atol=1e-6)


def test_a_velocity_quadratic_in_time_is_integrated_as_the_first_two_steps_allow() -> None:
    """dx/dt = t^2: the midpoint step lacks h^3/12, the second-order one 5 h^3/6, third order nothing."""
    h, even = 0.1, torch.linspace(0, 1, 11)
    x = adams_bashforth(lambda x, t: t.square().expand(1, 1, 1), torch.zeros(1, 1, 1), even).item()
    assert x == pytest.approx(1 / 3 - h**3 / 12 - 5 * h**3 / 6, abs=1e-6)


def test_uneven_steps_lose_only_what_the_first_two_lose() -> None:
    grid = torch.tensor([0.0, 0.1, 0.25, 0.3, 0.7, 1.0])
    start, second = 0.1**3 / 3 - 0.1 * 0.05**2, (0.25**3 - 0.1**3) / 3 - (0.25**2 - 0.1**2) / 2 * 0.1
    x = adams_bashforth(lambda x, t: t.square().expand(1, 1, 1), torch.zeros(1, 1, 1), grid).item()
    assert x == pytest.approx(1 / 3 - start - second, abs=1e-6)


def test_times_lie_closer_at_the_start() -> None:
    grid = time_grid(8)
    assert (grid[0], grid[-1]) == (0, 1)
    assert (grid.diff().diff() > 0).all()


def test_steps_cost_one_evaluation_each_and_one_more() -> None:
    times: list[float] = []

    def velocity(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        times.append(t.item())
        return x

    adams_bashforth(velocity, torch.ones(1, 1, 1), torch.linspace(0, 1, 5))
    assert times == [0, 0.125, 0.25, 0.5, 0.75]


def test_the_solution_converges_at_third_order() -> None:
    """dx/dt = x cos(t), x(1) = exp(sin 1): halving the step divides the error by eight."""

    def error(steps: int) -> float:
        grid = time_grid(steps).double()
        x = adams_bashforth(lambda x, t: x * t.cos(), torch.ones(1, 1, 1, dtype=torch.float64), grid)
        return abs(x.item() - math.exp(math.sin(1.0)))

    assert error(64) / error(128) == pytest.approx(8.0, rel=0.1)


def test_eight_steps_keep_the_spread_of_independent_noise() -> None:
    """The exact velocity field of independent N(0, 1) -> N(0, 1): the spread is kept within 1%."""

    def velocity(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return x * (2 * t - 1) / ((1 - t) ** 2 + t**2)

    x_1 = adams_bashforth(velocity, torch.ones(1, 1, 1, dtype=torch.float64), time_grid(8).double())
    assert x_1.item() == pytest.approx(1.0, abs=0.01)


def test_a_flow_between_gaussians_transports_mean_and_variance() -> None:
    """The exact velocity field of N(0, 1) -> N(m, s^2) moves every sample to m + s x_0."""
    mean, std = 2.0, 0.5

    def velocity(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        scale = 1 - t + t * std
        return mean + (std - 1) * (x - t * mean) / scale

    x_0 = torch.randn(1, 1000, 1, dtype=torch.float64)
    x_1 = adams_bashforth(velocity, x_0, time_grid(8).double())
    assert torch.allclose(x_1, mean + std * x_0, atol=1e-6)


def test_a_fitted_solver_weighs_noise_and_velocities_channel_by_channel() -> None:
    seen: list[tuple[float, list[float]]] = []

    def velocity(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        seen.append((t.item(), x.flatten().tolist()))
        return 10 * x

    weights = torch.tensor([[[1.0, 2.0], [0.1, 0.2], [9.0, 9.0]], [[0.5, 0.0], [1.0, 0.0], [0.0, 0.1]]])
    x_1 = FittedSolver(torch.tensor([0.0, 0.25]), weights)(velocity, torch.tensor([[[1.0, 1.0]]]))
    assert seen == [(0.0, [1.0, 1.0]), (0.25, [2.0, 4.0])]
    assert x_1.flatten().tolist() == [10.5, 4.0]


def test_one_step_gives_the_mean_whatever_the_noise() -> None:
    mean, times = torch.tensor([3.0, -1.0]), []

    def velocity(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        times.append(t.item())
        return mean - x  # of a Gaussian about the mean, at t = 0

    for x_0 in torch.randn(2, 1, 4, 2):
        assert torch.allclose(expected(velocity, x_0), mean.expand(1, 4, 2), atol=1e-6)
    assert times == [0.0] * 4


def test_no_steps_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        time_grid(0)
