"""Train the joint audio-visual flow on the synthesised passages of all voices (paper sections 3.2 and 3.3).

    python -m scripts.train.train_flow --passages work/passages --codec work/codec_stats.npz \
        --head-vae work/head_prior/head_vae.safetensors --run work/flow --config mira --minutes 60

The passages of each voice lie in a folder of its name. Runs on the CPU or CUDA, continues from the run's
checkpoint, and validates on fixed noise and times. With --initial a new run starts from the weights of
another one, whatever that was told and made, and with --new-head whatever its latent of the head; with
--keep-voice only the motion is trained, and the audio transformer stays as it is. With --conversations the
flow learns to listen as well: it is told what a partner says and shows.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import cast

import numpy as np
import torch
import yaml
from torch import Tensor

from avgen.flow.avflow import AVFlow
from avgen.flow.losses import PAPER_WEIGHTS, flow_losses, weighted
from avgen.flow.widen import widen
from avgen.partner import PARTNER_FACE, PARTNER_TOKENS
from scripts.mira.contact import load_contact
from scripts.mira.dataset import SPLITS
from scripts.train.conversing import as_tracked, load_conversations
from scripts.train.data import (
    Batch,
    CodecStatistics,
    Crops,
    flow_config,
    load_examples,
    load_flow,
    load_head_vae,
)
from scripts.train.loop import Run, autocast, export, with_weights
from scripts.voices.corpus import recipes

WEIGHTS = {**PAPER_WEIGHTS, "head_latent": 1.0}
"""Squared errors are smaller than absolute ones: at the paper's 0.2 the head missed its beats."""
ALL_WITHHELD = 0.06
"""Share of crops without any condition, for guidance."""
WITHHELD = 0.08
"""Share of crops without each of the conditions, independently, so that any subset works."""
FRESH_RATE = 10.0
"""How many times as fast it is learnt what --initial was not told: that begins at zero."""
PARTNER_WITHHELD = 0.2
"""Share of crops in which a partner is not heard, and of those in which it is not seen."""


def parse() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=Path, required=True)
    parser.add_argument("--voices", default=",".join(recipes()), help="names, in the order of the columns")
    parser.add_argument("--conversations", type=Path, help="folder of scripts.mira.conversations")
    parser.add_argument("--contact", type=Path, help="contact.npz of the actor; for --conversations")
    parser.add_argument("--codec", type=Path, required=True, help="codec_stats.npz of the passages")
    parser.add_argument("--head-vae", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--config", default="mira", help="a name in configs.yaml")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--frames", type=int, default=224)
    parser.add_argument("--rate", type=float, default=1e-3, help="peak learning rate")
    parser.add_argument(
        "--initial", type=Path, help="flow.safetensors, with flow.yaml beside it, to start from"
    )
    parser.add_argument("--new-head", action="store_true", help="--initial knew another latent of the head")
    parser.add_argument("--keep-voice", action="store_true", help="train the visual transformer only")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-compile", action="store_true", help="skip torch.compile")
    return parser.parse_args()


def main() -> None:
    """Train, validate, export the averaged weights and their configuration."""
    args = parse()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    codec = CodecStatistics.read(args.codec)
    head_vae = load_head_vae(args.head_vae)
    voices = args.voices.split(",")
    listens = args.conversations is not None
    config = flow_config(args.config, codec, head_vae, len(voices), listens=listens)
    train, valid = (load_examples(args.passages, voices, split, codec, head_vae) for split in SPLITS)
    held = {"valid": valid}
    if listens:
        contact = load_contact(args.contact)
        talks, held["listening"] = (
            load_conversations(args.conversations, voices, split, codec, head_vae, contact)
            for split in SPLITS
        )
        train += talks
    crops = Crops(train, len(voices), args.frames, args.batch, seed=0)
    model = AVFlow(config)
    fresh: set[str] = set()
    if args.initial is not None:
        donor, forget = load_flow(args.initial), ("head_latent",) if args.new_head else ()
        model.load_state_dict(widen(donor.state_dict(), donor.config, config, forget))
        fresh = config.conditions.keys() - donor.config.conditions.keys()
    model.gaze.load_state_dict(codec.gaze().state_dict())
    model.to(device)
    if args.keep_voice:
        keep_voice(model)
    run = begin(model, args.run, args.minutes, args.rate)
    checked = {
        name: Crops(examples, len(voices), args.frames, 16, seed=1)() for name, examples in held.items()
    }
    train_flow(run, crops, checked, WEIGHTS, compiled=not args.no_compile, fresh=fresh)


def begin(model: AVFlow, folder: Path, minutes: float, rate: float) -> Run:
    """A run of a flow, or what is left of it, with the paper's optimiser."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.01)
    return Run(folder, minutes, model, optimiser, peak_rate=rate)


def train_flow(
    run: Run,
    crops: Crops,
    held: Mapping[str, Batch],
    weights: Mapping[str, float],
    *,
    compiled: bool,
    fresh: Collection[str] = (),
) -> None:
    """Train a flow until the run's time is spent, and write the averaged weights and their configuration.

    Args:
        run: of an AVFlow.
        crops: that it is trained on.
        held: crops that it is measured on, by what the log calls their losses.
        weights: of the tracks' losses.
        compiled: whether to compile it first.
        fresh: conditions that it has just been given, and learns faster.
    """
    model = cast(AVFlow, run.model)
    config, device = model.config, model.audio.head.weight.device
    crops.rng = np.random.default_rng(run.step)
    forward = torch.compile(model) if compiled else model

    def losses(
        field: Callable[..., Tensor], x_1: Tensor, conditions: Tensor, x_0: Tensor, t: Tensor
    ) -> dict[str, Tensor]:
        with autocast(device):
            return flow_losses(field, config.tracks, x_1, conditions, x_0, t)

    recent: list[list[float]] = []
    checks = [Validation(name, batch, model, losses) for name, batch in held.items()]

    def validate() -> dict[str, float]:
        return {name: loss for check in checks for name, loss in check(model, run.ema).items()}

    for step in run.steps():
        batch = crops()
        batch = batch._replace(partner_face=as_tracked(batch.partner_face))
        conditions = model.conditions(batch.conditions(torch.rand(len(batch.labels)) < 0.25))
        conditions = withhold(conditions, config.condition_columns).to(device)
        x_1 = batch.targets.to(device)
        parts = losses(forward, x_1, conditions, torch.randn_like(x_1), torch.rand(len(x_1), device=device))
        with hastened(model, fresh):
            run.update(weighted(parts, weights))
        recent.append([part.item() for part in parts.values()])
        if step % 500 == 499:
            named = dict(zip(parts, np.mean(recent, axis=0), strict=True))
            run.log(**named, **validate())
            recent.clear()
    run.log(**validate())
    export(run.ema, run.folder / "flow.safetensors")
    (run.folder / "flow.yaml").write_text(yaml.safe_dump(asdict(config), sort_keys=False))


@contextmanager
def hastened(model: AVFlow, fresh: Collection[str]) -> Iterator[None]:
    """Let the weights that read some conditions move FRESH_RATE times as far as an optimiser moves them."""
    columns = [
        branch.embed.weight.detach()[:, part.start - model.config.num_conditions :][
            :, : part.stop - part.start
        ]
        for branch in (model.audio, model.visual)
        for name, part in model.config.condition_columns.items()
        if name in fresh
    ]
    before = [weight.clone() for weight in columns]
    yield
    for weight, old in zip(columns, before, strict=True):
        weight.add_(weight - old, alpha=FRESH_RATE - 1)


def withhold(conditions: Tensor, columns: Mapping[str, slice]) -> Tensor:
    """Zero some of the joined conditions [B, N, M], of each crop as a whole.

    A partner is heard or seen or both: where neither is known, an actor talks to a camera.
    """
    kept = torch.rand(len(conditions), 1, 1) >= ALL_WITHHELD
    left = torch.zeros_like(conditions)
    draw = torch.rand(len(conditions), 1, 1)
    partner = {PARTNER_TOKENS: draw >= PARTNER_WITHHELD, PARTNER_FACE: draw < 1 - PARTNER_WITHHELD}
    for name, part in columns.items():
        given = partner.get(name, torch.rand(len(conditions), 1, 1) >= WITHHELD)
        left[..., part] = conditions[..., part] * (kept & given)
    return left


def keep_voice(model: AVFlow) -> None:
    """Exclude from training whatever writes to the audio stream."""
    for name, parameter in model.named_parameters():
        if name.startswith("audio.") or ".to_audio." in name:
            parameter.requires_grad_(False)


class Validation:
    """Losses of the averaged weights on fixed crops, noise and times."""

    def __init__(
        self,
        name: str,
        batch: Batch,
        model: AVFlow,
        losses: Callable[..., dict[str, Tensor]],
    ) -> None:
        generator, device = torch.Generator().manual_seed(1), model.audio.head.weight.device
        self.name = name
        self.conditions = model.conditions(batch.conditions()).to(device)
        self.x_1 = batch.targets.to(device)
        self.x_0 = torch.randn(self.x_1.shape, generator=generator).to(device)
        self.times, self.losses = (0.1, 0.4, 0.7, 0.95), losses

    @torch.no_grad()
    def __call__(self, model: AVFlow, ema: dict[str, Tensor]) -> dict[str, float]:
        """Mean over the times of the loss of every track."""
        with with_weights(model, ema):
            rows = [
                self.losses(
                    model, self.x_1, self.conditions, self.x_0, self.x_1.new_full((len(self.x_1),), t)
                )
                for t in self.times
            ]
        return {f"{self.name}_{name}": float(np.mean([row[name].item() for row in rows])) for name in rows[0]}


if __name__ == "__main__":
    main()
