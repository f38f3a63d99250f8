"""Train the joint audio-visual flow on the synthesised passages (paper sections 3.2 and 3.3).

    python -m scripts.train.train_flow --passages work/passages --codec work/codec_stats.npz \
        --head-vae work/runs/head_vae/head_vae.safetensors --run work/runs/flow --config mira --minutes 60

Runs on the CPU or CUDA, continues from the run's checkpoint, and validates on fixed noise and times.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import yaml
from torch import Tensor

from avgen.flow.avflow import AVFlow, AVFlowConfig, LossWeights, flow_loss
from avgen.flow.head_vae import HeadVAE, HeadVAEConfig
from avgen.text.labels import LABELS
from scripts.train.data import CodecStatistics, Crops, Example, load_examples, posteriors
from scripts.train.loop import Run, export, read_config

CONFIGS = Path(__file__).with_name("configs.yaml")
Losses = tuple[Tensor, Tensor, Tensor]


def parse() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=Path, required=True)
    parser.add_argument("--codec", type=Path, required=True, help="codec_stats.npz of the passages")
    parser.add_argument("--head-vae", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--config", default="mira", help="a name in configs.yaml")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--frames", type=int, default=224)
    parser.add_argument("--rate", type=float, default=1e-3, help="peak learning rate")
    parser.add_argument(
        "--motion-loss", choices=("l1", "l2"), default="l1", help="norm of face and head losses"
    )
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
    config = AVFlowConfig.from_dict(
        {"num_labels": len(LABELS), "face_channels": codec.num_codes, **read_config(CONFIGS, args.config)}
    )
    head_vae = HeadVAE.load(asdict(HeadVAEConfig()), args.head_vae)
    mel = (config.mel_mean, config.mel_std)
    train, valid = (load_examples(args.passages, split, codec, head_vae, mel) for split in ("train", "valid"))
    crops = Crops(train, args.frames, args.batch, seed=0)
    model = AVFlow(config).to(device)
    optimiser = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), eps=1e-9, weight_decay=0.01)
    run = Run(args.run, args.minutes, model, optimiser, peak_rate=args.rate)
    crops.rng = np.random.default_rng(run.step)
    forward = model if args.no_compile else torch.compile(model)

    def losses(field: Callable[..., Tensor], x_1: Tensor, tokens: Tensor, x_0: Tensor, t: Tensor) -> Losses:
        with torch.autocast(device.type, torch.bfloat16):
            return flow_loss(field, model.channels, x_1, tokens, x_0, t, args.motion_loss)

    weights, recent = LossWeights(), []
    validate = Validation(valid, args.frames, device, losses)
    for step in run.steps():
        labels, x_1 = crops()
        tokens = posteriors(labels, torch.rand(len(labels)) < 0.25).to(device)
        x_1 = x_1.to(device)
        parts = losses(forward, x_1, tokens, torch.randn_like(x_1), torch.rand(len(x_1), device=device))
        run.update(weights.total(*parts))
        recent.append([part.item() for part in parts])
        if step % 500 == 499:
            named = dict(zip(("mel", "face", "head"), np.mean(recent, axis=0), strict=True))
            run.log(**named, **validate(model, run.ema))
            recent.clear()
    run.log(**validate(model, run.ema))
    export(run.ema, args.run / "flow.safetensors")
    (args.run / "flow.yaml").write_text(yaml.safe_dump(asdict(config), sort_keys=False))


class Validation:
    """Losses of the averaged weights on fixed crops, noise and times."""

    def __init__(
        self, examples: list[Example], frames: int, device: torch.device, losses: Callable[..., Losses]
    ) -> None:
        crops = Crops(examples, frames, 16, seed=1)
        generator = torch.Generator().manual_seed(1)
        labels, self.x_1 = crops()
        self.tokens, self.x_1 = posteriors(labels).to(device), self.x_1.to(device)
        self.x_0 = torch.randn(self.x_1.shape, generator=generator).to(device)
        self.times, self.losses = (0.1, 0.4, 0.7, 0.95), losses

    @torch.no_grad()
    def __call__(self, model: AVFlow, ema: dict[str, Tensor]) -> dict[str, float]:
        """Mean over the times of the mel, face and head losses."""
        kept = {name: value.clone() for name, value in model.state_dict().items()}
        model.load_state_dict(ema)
        rows = [
            [
                part.item()
                for part in self.losses(model, self.x_1, self.tokens, self.x_0, self.x_1.new_full((16,), t))
            ]
            for t in self.times
        ]
        model.load_state_dict(kept)
        return dict(zip(("valid_mel", "valid_face", "valid_head"), np.mean(rows, axis=0), strict=True))


if __name__ == "__main__":
    main()
