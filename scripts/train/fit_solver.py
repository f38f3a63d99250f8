"""Fit solvers of few evaluations to a trained flow, and add them to the file of its weights.

    python -m scripts.train.fit_solver --passages work/passages --flow work/flow/flow.safetensors

A bespoke solver (Shaul et al. 2024), fitted in closed form: step by step, the weights of noise and velocities
that bring the states of training passages nearest to those of a solver with many steps, by least squares,
channel by channel. Prints how far validation passages end from where many steps take them, beside the method
of Adams and Bashforth with as many evaluations.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise, zip_longest
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from scipy.interpolate import CubicHermiteSpline
from torch import Tensor
from torch.nn.functional import one_hot

from avgen.files import part_file, publish
from avgen.flow.avflow import SOLVER, AVFlow
from avgen.flow.config import spans
from avgen.flow.solver import FittedSolver, Velocity, adams_bashforth, combine, time_grid
from avgen.types import CODE_RATE
from scripts.mira.dataset import SPLITS, Passage, Passages, Split
from scripts.train.data import frame_labels, load_flow, posteriors
from scripts.voices.corpus import recipes

EVALUATIONS: Final = range(4, 13)
"""Of the solvers, one each."""
REFERENCE_STEPS: Final = 32
TRAIN: Final = 16
VALID: Final = 8
"""Passages to fit to and to report on."""
LONGEST: Final = 15.0
"""Seconds of a passage; memory grows with it."""
BEND: Final = 1.75
"""Evaluations lie at (s / S) ** BEND: closer at the start, where the states of a face part ways."""
TEMPERATURES: Final = (1.0, 0.7, 1.0, 1.0, 1.25, 1.0)
"""Of the noise that is fitted to: others than 1 keep the weights right for what users ask."""
RIDGE: Final = 1e-6
"""Of the squares of what is combined."""


@dataclass(frozen=True, slots=True)
class Trajectory:
    """How the flow takes one passage's noise to data: x_t [N, K] at any time, by many steps."""

    velocity: Velocity
    states: CubicHermiteSpline

    def at(self, t: float) -> Tensor:
        """State [1, N, K]."""
        return torch.from_numpy(self.states(t).astype(np.float32))[None]


def trace(velocity: Velocity, x_0: Tensor) -> Trajectory:
    """Follow the flow by small steps."""
    seen: list[tuple[Tensor, ...]] = []

    def record(x_t: Tensor, t: Tensor) -> Tensor:
        v = velocity(x_t, t)
        seen.append((t, x_t[0], v[0]))
        return v

    record(adams_bashforth(record, x_0, time_grid(REFERENCE_STEPS)), torch.ones(()))
    del seen[1]  # the midpoint of the first step lies beside the trajectory
    return Trajectory(
        velocity, CubicHermiteSpline(*(torch.stack(values) for values in zip(*seen, strict=True)))
    )


def fit(trajectories: Sequence[Trajectory], num_evaluations: int) -> FittedSolver:
    """Least squares, one step after the other, on the states that the steps before lead to."""
    grid = torch.linspace(0, 1, num_evaluations + 1) ** BEND
    seen = [[one.at(0.0)] for one in trajectories]
    state = [one[0] for one in seen]
    weights = torch.zeros(num_evaluations, num_evaluations + 1, state[0].shape[-1])
    for step, (t, t_next) in enumerate(pairwise(grid)):
        size = step + 2
        square = torch.zeros(weights.shape[-1], size, size, dtype=torch.float64)
        product = torch.zeros(weights.shape[-1], size, 1, dtype=torch.float64)
        for one, x_t, terms in zip(trajectories, state, seen, strict=True):
            terms.append(one.velocity(x_t, t))
            columns = torch.cat(terms).double().permute(2, 1, 0)  # [K, N, size]
            square += columns.mT @ columns
            product += columns.mT @ one.at(t_next.item())[0].double().T[..., None]
        square += RIDGE * torch.diag_embed(square.diagonal(dim1=-2, dim2=-1))
        weights[step, :size] = torch.linalg.solve(square, product)[..., 0].T
        state = [combine(weights[step], terms) for terms in seen]
    return FittedSolver(grid[:-1].clone(), weights)


def deviation(
    ends: Sequence[Tensor], trajectories: Sequence[Trajectory], tracks: Mapping[str, int]
) -> list[float]:
    """Of every track: error over the spread of the channel, root mean square; then the spread kept."""
    end, goal = torch.cat(list(ends), dim=1)[0], torch.cat([one.at(1.0) for one in trajectories], dim=1)[0]
    spread = goal.var(0)
    error = (end - goal).square().mean(0) / spread
    kept = end.var(0) / spread
    return [
        *(error[columns].mean().sqrt().item() for columns in spans(tracks).values()),
        *(kept[columns].mean().item() for columns in spans(tracks).values()),
    ]


def short_passages(folder: Path, voices: Sequence[str], split: Split) -> Iterator[tuple[int, Passage]]:
    """Passages that are not too long, with the numbers of their voices, which take turns."""
    of_voice = [
        ((number, item) for item in Passages(folder / name, split) if len(item.mel) <= LONGEST * CODE_RATE)
        for number, name in enumerate(voices)
    ]
    for together in zip_longest(*of_voice):
        yield from (found for found in together if found is not None)


def trajectories_of(
    flow: AVFlow, passages: Iterable[tuple[int, Passage]], temperatures: Sequence[float]
) -> list[Trajectory]:
    """Of passages, every other one neutral, at each temperature in turn."""
    found = []
    for index, (voice, item) in enumerate(passages):
        labels = torch.from_numpy(frame_labels(item.phones, len(item.mel)))[None]
        emotion = torch.from_numpy(item.emotion)[None] * (index % 2)
        told = one_hot(torch.tensor(voice), flow.config.conditions["voice"].channels).float()
        conditions = flow.conditions(
            {
                "tokens": posteriors(labels),
                "emotion": emotion,
                "voice": told.expand(1, labels.shape[1], -1),
            }
        )

        def velocity(x_t: Tensor, t: Tensor, conditions: Tensor = conditions) -> Tensor:
            return flow(x_t, t.expand(1), conditions)

        temperature = temperatures[index // 2 % len(temperatures)]
        found.append(trace(velocity, flow.noise(labels.shape[1], item.seed, temperature)))
    return found


def add(solvers: Mapping[int, FittedSolver], file: Path) -> None:
    """Write solvers into the file of a flow's weights, in place of those that it has."""
    tensors = {name: tensor for name, tensor in load_file(file).items() if not name.startswith(SOLVER)}
    for count, solver in solvers.items():
        for name, tensor in solver._asdict().items():
            tensors[f"{SOLVER}{count}.{name}"] = tensor
    with part_file(file.parent, file.name) as part:
        save_file(tensors, part)
        publish(part, file)


@torch.inference_mode()
def main() -> None:
    """Fit, print the table, add to the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=Path, required=True)
    parser.add_argument("--voices", default=",".join(recipes()), help="names, in the order of the columns")
    parser.add_argument("--flow", type=Path, required=True, help="flow.safetensors with flow.yaml beside it")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    flow = load_flow(args.flow)
    voices = args.voices.split(",")
    train, valid = (
        trajectories_of(flow, islice(short_passages(args.passages, voices, split), count), temperatures)
        for split, count, temperatures in zip(SPLITS, (TRAIN, VALID), (TEMPERATURES, (1.0,)), strict=True)
    )
    tracks = flow.config.tracks
    print("| evaluations | solver |", " | ".join([*tracks, *(f"spread of {name}" for name in tracks)]), "|")
    print("| --- " * (2 + 2 * len(tracks)) + "|")
    solvers = {}
    for count in EVALUATIONS:
        solvers[count] = fit(train, count)
        rivals: dict[str, Callable[[Velocity, Tensor], Tensor]] = {
            "fitted": solvers[count].__call__,
            "Adams-Bashforth": partial(adams_bashforth, grid=time_grid(count - 1)),
        }
        for name, solve in rivals.items():
            ends = [solve(one.velocity, one.at(0.0)) for one in valid]
            cells = " | ".join(f"{value:.3f}" for value in deviation(ends, valid, tracks))
            print(f"| {count} | {name} | {cells} |", flush=True)
    add(solvers, args.flow)


if __name__ == "__main__":
    main()
