"""Train the flow of gestures on performances of the gesture synthesiser.

    python -m scripts.train.train_gestures --examples work/gestures --run work/gesture_flow --minutes 40

Runs on the CPU or CUDA, continues from the run's checkpoint, and validates on fixed noise and times. With
--initial a new run starts from the weights of another one.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
import torch
import yaml
from torch import Tensor

from avgen.body.channels import BODY_CHANNELS, HAND_CHANNELS
from avgen.flow.gesture_cues import SIZES
from avgen.flow.gestures import GestureFlow, GestureFlowConfig
from avgen.flow.losses import flow_losses, weighted
from avgen.flow.path import towards_noise
from avgen.text.labels import LABELS
from scripts.train.gesture_data import Example, part, read_examples, told
from scripts.train.loop import CONFIGS, Run, autocast, export, read_config, with_weights
from scripts.train.train_flow import withhold

VALID_EVERY: Final = 20
"""One performance in this many is for validation."""
VALIDATED: Final = 16
LEAST_SCALE: Final = 0.01
Tell = Callable[[Sequence[Example]], dict[str, Tensor]]
TIMES: Final = (0.02, 0.1, 0.3, 0.7)
"""Of validation; what is done when is decided at the first ones."""


def gesture_flow_config(name: str, *, guided: bool = False) -> GestureFlowConfig:
    """The flow of a configuration in configs.yaml that is told, and makes, what the examples hold.

    Args:
        name: of the configuration.
        guided: whether it is told the keys of `scripts.train.guided_gestures`, too.
    """
    sizes = SIZES | ({"keys": len(BODY_CHANNELS) + len(HAND_CHANNELS)} if guided else {})
    conditions = {"tokens": {"channels": len(LABELS), "flag": False}}
    conditions |= {condition: {"channels": size} for condition, size in sizes.items()}
    tracks = {"body": len(BODY_CHANNELS), "hands": len(HAND_CHANNELS)}
    return GestureFlowConfig.from_dict(
        {"conditions": conditions, "tracks": tracks, **read_config(CONFIGS, name)}
    )


def load_gesture_flow(file: Path) -> GestureFlow:
    """The flow that this script exported, with its configuration from the .yaml beside it."""
    return GestureFlow.load(yaml.safe_load(file.with_suffix(".yaml").read_text(encoding="utf-8")), file)


def split_examples(examples: Iterable[Example]) -> tuple[list[Example], list[Example]]:
    """Those to learn from, and those for validation."""
    every = list(examples)
    valid = every[VALID_EVERY - 1 :: VALID_EVERY]
    return [one for k, one in enumerate(every) if k % VALID_EVERY != VALID_EVERY - 1], valid


class Crops:
    """Random crops of one length, longer performances more often."""

    def __init__(self, examples: Sequence[Example], frames: int, seed: int) -> None:
        self.examples = [example for example in examples if len(example.code) >= frames]
        self.frames, self.rng = frames, np.random.default_rng(seed)
        room = np.array([len(example.code) - frames / 2 for example in self.examples])
        self.share = room / room.sum()

    def __call__(self, count: int) -> list[Example]:
        """The next ones."""
        out = []
        for index in self.rng.choice(len(self.examples), count, p=self.share):
            start = self.rng.integers(len(self.examples[index].code) - self.frames + 1)
            out.append(part(self.examples[index], int(start), self.frames))
        return out


def fit_latents(model: GestureFlow, examples: Sequence[Example]) -> None:
    """Give the model the principal components of tokens, channels counted in their own spreads."""
    patch, latent = model.config.patch, model.config.latent
    codes = [example.code.astype(np.float32) for example in examples]
    spread = np.tile(np.maximum(np.concatenate(codes).std(0), LEAST_SCALE), patch)
    tokens = np.concatenate([code[: len(code) // patch * patch].reshape(-1, len(spread)) for code in codes])
    mean = tokens.mean(0)
    values, vectors = np.linalg.eigh(np.cov((tokens - mean) / spread, rowvar=False))
    kept = np.sqrt(values[-latent:])[:, None] * vectors.T[-latent:] * spread
    model.mean.copy_(torch.from_numpy(mean))
    model.spread.copy_(torch.from_numpy(spread))
    model.basis.copy_(torch.from_numpy(kept))
    print(f"latents keep {values[-latent:].sum() / values.sum():.1%} of the variance", flush=True)


def latents(model: GestureFlow) -> dict[str, int]:
    """The state as `flow_losses` counts it."""
    return {"latent": model.config.latent}


def targets(model: GestureFlow, crops: Sequence[Example]) -> Tensor:
    """Latents [B, L, D]."""
    return model.encode(torch.from_numpy(np.stack([crop.code for crop in crops])).float())


class Validation:
    """Loss of the averaged weights on fixed crops and noise, at several times."""

    def __init__(self, model: GestureFlow, tell: Tell, crops: Sequence[Example]) -> None:
        generator = torch.Generator().manual_seed(1)
        self.model, self.conditions = model, model.conditions(tell(crops))
        self.x_1 = targets(model, crops)
        self.x_0 = torch.randn(self.x_1.shape, generator=generator)

    @torch.no_grad()
    def __call__(self, ema: dict[str, Tensor]) -> dict[str, float]:
        """By time."""
        out = {}
        with with_weights(self.model, ema):
            for t in TIMES:
                times = torch.full((len(self.x_1),), t)
                losses = flow_losses(
                    self.model, latents(self.model), self.x_1, self.conditions, self.x_0, times
                )
                out[f"valid_{t:g}"] = float(weighted(losses, {})) / len(losses)
        return out


def parse() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--examples", type=Path, required=True, help="that scripts.train.gesture_data wrote")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--config", default="gestures", help="a name in configs.yaml")
    parser.add_argument("--minutes", type=float, default=40.0)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--frames", type=int, default=288, help="of a crop, at a third of the code rate")
    parser.add_argument("--rate", type=float, default=1.5e-3, help="peak learning rate")
    parser.add_argument("--initial", type=Path, help="gestures.safetensors to start from")
    parser.add_argument("--guide", type=Path, help="guide.safetensors of scripts.train.guided_gestures")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def batches(crops: Crops, model: GestureFlow, tell: Tell, count: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Targets [B, M, K] and what of their conditions is told."""
    while True:
        batch = crops(count)
        yield targets(model, batch), withhold(model.conditions(tell(batch)), model.config.condition_columns)


def teller(guide: Path | None) -> Tell:
    """What tells a flow what examples hold; with a guide, the keys of their motion, too."""
    if guide is None:
        return told
    from scripts.train.guided_gestures import load_guide  # which trains as this module does

    return load_guide(guide).told


def main() -> None:
    """Train, validate, export the averaged weights and their configuration."""
    args = parse()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    config = gesture_flow_config(args.config, guided=args.guide is not None)
    tell = teller(args.guide)
    train, valid = split_examples(read_examples(args.examples))
    model = GestureFlow(config)
    if args.initial is not None:
        model.load_state_dict(load_gesture_flow(args.initial).state_dict())
    else:
        fit_latents(model, train)
    optimiser = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), eps=1e-9, weight_decay=0.01)
    run = Run(args.run, args.minutes, model, optimiser, peak_rate=args.rate)
    validate = Validation(model, tell, Crops(valid, args.frames, seed=1)(VALIDATED))
    coming = batches(Crops(train, args.frames, seed=run.step), model, tell, args.batch)
    recent: list[float] = []
    device = torch.device("cpu")
    for step in run.steps():
        x_1, conditions = next(coming)
        times = towards_noise(torch.rand(len(x_1)), config.shift)
        with autocast(device):
            losses = flow_losses(model, latents(model), x_1, conditions, torch.randn_like(x_1), times)
        loss = weighted(losses, {})
        run.update(loss)
        recent.append(loss.item() / len(losses))
        if step % 250 == 249:
            run.log(train=float(np.mean(recent)), **validate(run.ema))
            recent.clear()
    run.log(**validate(run.ema))
    export(run.ema, args.run / "gestures.safetensors")
    (args.run / "gestures.yaml").write_text(yaml.safe_dump(asdict(config), sort_keys=False))


if __name__ == "__main__":
    main()
