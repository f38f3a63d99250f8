"""Solvers fitted to flows whose solution is known."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from safetensors.torch import load_file, save_file  # noqa: E402

from avgen.flow.avflow import AVFlow  # noqa: E402
from avgen.flow.config import AVFlowConfig, Condition  # noqa: E402
from avgen.flow.dit import DiTConfig  # noqa: E402
from avgen.flow.solver import adams_bashforth, time_grid  # noqa: E402
from scripts.train.fit_solver import add, deviation, fit, trace  # noqa: E402

MEAN, STD = torch.tensor([2.0, -1.0]), torch.tensor([0.3, 1.5])


def gaussians(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """The exact velocity field of independent N(0, 1) -> N(MEAN, STD ** 2)."""
    variance = (1 - t) ** 2 + (t * STD) ** 2
    return MEAN + (t * STD**2 - (1 - t)) / variance * (x - t * MEAN)


def test_a_fitted_solver_follows_independent_gaussians_in_three_evaluations() -> None:
    torch.manual_seed(0)
    train, held_out = (trace(gaussians, torch.randn(1, 400, 2)) for _ in range(2))
    x_0 = held_out.at(0.0)
    fitted = fit([train], 3)(gaussians, x_0)
    even = adams_bashforth(gaussians, x_0, time_grid(2))
    assert (fitted - (MEAN + STD * x_0)).abs().max() < 0.01
    assert (even - (MEAN + STD * x_0)).abs().max() > 0.1


def test_states_between_the_steps_of_a_trajectory_are_the_flows() -> None:
    x_0 = torch.randn(1, 50, 2)
    states = trace(gaussians, x_0)
    for t in (0.0, 0.11, 0.5, 0.93, 1.0):
        exact = t * MEAN + x_0 * ((1 - t) ** 2 + (t * STD) ** 2).sqrt()
        torch.testing.assert_close(states.at(t), exact, atol=2e-3, rtol=0)


def test_deviation_is_relative_to_the_spread_of_each_channel() -> None:
    torch.manual_seed(0)
    one = trace(gaussians, torch.randn(1, 500, 2))
    goal = one.at(1.0)
    error = torch.where(torch.arange(500)[:, None] % 2 == 0, 0.1, -0.1) * goal.std(1)
    small, large, kept, halved = deviation(
        [torch.cat([(goal + error)[..., :1], goal[..., 1:] / 2], -1)], [one], {"one": 1, "other": 1}
    )
    assert small == pytest.approx(0.1, rel=0.01)
    assert halved == pytest.approx(0.25, rel=0.01)
    assert large > 0.4 and 0.9 < kept < 1.1


def test_solvers_replace_those_that_the_file_had_and_leave_its_weights(tmp_path: Path) -> None:
    shape = DiTConfig(num_blocks=1, width=8, hidden=8, num_heads=2)
    tracks = {"mel": 4, "face": 2, "head_latent": 2}
    config = AVFlowConfig({"tokens": Condition(3, flag=False)}, tracks, audio=shape, visual=shape)
    file = tmp_path / "flow.safetensors"
    model = AVFlow(config)
    save_file({name: tensor.half() for name, tensor in model.state_dict().items()}, file)
    train = [trace(gaussians, torch.randn(1, 40, 2))]
    before = load_file(file)
    add({2: fit(train, 2), 3: fit(train, 3)}, file)
    add({4: fit(train, 4)}, file)
    loaded = AVFlow.load(asdict(config), file)
    assert list(loaded.solvers) == [4] and loaded.solvers[4].weights.shape == (4, 5, 2)
    after = load_file(file)
    assert all(
        torch.equal(after[name], tensor) and after[name].dtype == torch.half
        for name, tensor in before.items()
    )
