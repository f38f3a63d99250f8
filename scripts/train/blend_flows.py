"""Weights between those of a flow before and after more training: what it learnt, at less cost to the rest.

    python -m scripts.train.blend_flows work/before/flow.safetensors work/after/flow.safetensors \
        --share 0.5 --out work/flow/flow.safetensors

Both have their flow.yaml beside them; the later one may be told or make more (`avgen.flow.widen`). Averaging
the weights of a network and of its fine-tuned self keeps most of both (Wortsman et al. 2022, WiSE-FT).
Solvers are those of the later one.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from torch import Tensor

from avgen.flow.avflow import AVFlow
from avgen.flow.widen import widen
from scripts.train.data import load_flow
from scripts.train.fit_solver import add
from scripts.train.loop import export


def main() -> None:
    """Blend, and write the weights and their configuration."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the weights after, 0 to 1")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    before, after = load_flow(args.before), load_flow(args.after)
    export(blend(before, after, args.share), args.out)
    add(after.solvers, args.out)
    shutil.copyfile(args.after.with_suffix(".yaml"), args.out.with_suffix(".yaml"))


def blend(before: AVFlow, after: AVFlow, share: float) -> dict[str, Tensor]:
    """Weights between two flows, for the configuration of the later one.

    Args:
        before: what `after` was trained on from.
        after: what only it reads or writes is taken as it is.
        share: of its other weights, in [0, 1].
    """
    old = widen(before.state_dict(), before.config, after.config)
    ones = {name: torch.ones_like(value) for name, value in before.state_dict().items()}
    common = widen(ones, before.config, after.config)
    return {
        name: value + (1 - share) * common[name] * (old[name] - value)
        for name, value in after.state_dict().items()
    }


if __name__ == "__main__":
    main()
