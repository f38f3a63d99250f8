"""Train the joint audio-visual flow on the synthesised passages (paper sections 3.2 and 3.3).

    python -m scripts.train.train_flow --passages work/passages --codec work/codec_stats.npz \
        --head-vae work/head_prior/head_vae.safetensors --run work/flow --config mira --minutes 60

Runs on the CPU or CUDA, continues from the run's checkpoint, and validates on fixed noise and times. With
--initial a new run starts from the weights of another one, whatever their face code, and with --new-head
whatever their latent of the head; with --keep-voice only the motion is trained, and the audio transformer
stays as it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import yaml
from safetensors.torch import load_file
from torch import Tensor

from avgen.emotion import EMOTIONS
from avgen.flow.avflow import AVFlow, AVFlowConfig, LossWeights, flow_loss
from avgen.text.labels import LABELS
from scripts.train.data import CodecStatistics, Crops, Example, load_examples, load_head_vae, posteriors
from scripts.train.loop import Run, autocast, export, read_config

CONFIGS = Path(__file__).with_name("configs.yaml")
Losses = tuple[Tensor, Tensor, Tensor]
HEAD_WEIGHT = 1.0
"""Squared errors are smaller than absolute ones: at the paper's 0.2 the head missed its beats."""


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
    parser.add_argument("--initial", type=Path, help="flow.safetensors that a new run starts from")
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
    config = AVFlowConfig.from_dict(
        {
            "num_labels": len(LABELS),
            "face_channels": codec.num_codes,
            "emotion_channels": len(EMOTIONS),
            **read_config(CONFIGS, args.config),
        }
    )
    head_vae = load_head_vae(args.head_vae)
    mel = (config.mel_mean, config.mel_std)
    train, valid = (load_examples(args.passages, split, codec, head_vae, mel) for split in ("train", "valid"))
    crops = Crops(train, args.frames, args.batch, seed=0)
    model = AVFlow(config)
    model.reflex.load_state_dict(codec.reflex().state_dict())
    model.to(device)
    if args.initial is not None:
        adopt(model, load_file(args.initial))
        if args.new_head:
            forget_head(model)
    if args.keep_voice:
        keep_voice(model)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.01)
    run = Run(args.run, args.minutes, model, optimiser, peak_rate=args.rate)
    crops.rng = np.random.default_rng(run.step)
    forward = model if args.no_compile else torch.compile(model)

    def losses(
        field: Callable[..., Tensor], x_1: Tensor, conditions: Tensor, x_0: Tensor, t: Tensor
    ) -> Losses:
        with autocast(device):
            return flow_loss(field, model.channels, x_1, conditions, x_0, t)

    weights, recent = LossWeights(head=HEAD_WEIGHT), []
    validate = Validation(valid, args.frames, model, losses)
    for step in run.steps():
        labels, emotion, x_1 = crops()
        tokens = posteriors(labels, torch.rand(len(labels)) < 0.25)
        conditions = drop(model.conditions(tokens, emotion), tokens.shape[-1]).to(device)
        x_1 = x_1.to(device)
        parts = losses(forward, x_1, conditions, torch.randn_like(x_1), torch.rand(len(x_1), device=device))
        run.update(weights.total(*parts))
        recent.append([part.item() for part in parts])
        if step % 500 == 499:
            named = dict(zip(("mel", "face", "head"), np.mean(recent, axis=0), strict=True))
            run.log(**named, **validate(model, run.ema))
            recent.clear()
    run.log(**validate(model, run.ema))
    export(run.ema, args.run / "flow.safetensors")
    (args.run / "flow.yaml").write_text(yaml.safe_dump(asdict(config), sort_keys=False))


def drop(conditions: Tensor, num_labels: int) -> Tensor:
    """Withhold emotion in 8% of the crops and everything in another 6%, for guidance."""
    chance = torch.rand(len(conditions), 1, 1)
    keep_tokens, keep_emotion = chance >= 0.06, chance >= 0.14
    return torch.cat(
        [conditions[..., :num_labels] * keep_tokens, conditions[..., num_labels:] * keep_emotion], dim=-1
    )


def adopt(model: AVFlow, weights: dict[str, Tensor]) -> None:
    """Copy the weights of another run; what a layer has grown at its end begins at zero.

    A layer that reads or writes the face code starts anew if the code has another size: its channels moved.
    """
    renewed = (
        ("visual.embed", "visual.head")
        if len(weights["visual.head.weight"]) != len(model.visual.head.weight)
        else ()
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith(renewed):
                parameter.zero_()
                parameter[tuple(slice(size) for size in weights[name].shape)] = weights[name].float()


@torch.no_grad()
def forget_head(model: AVFlow) -> None:
    """Begin anew, from zero, what reads and writes the latent of the head."""
    face, head = model.config.face_channels, model.config.head_channels
    model.visual.embed.weight[:, face : face + head] = 0
    model.visual.head.weight[face:] = 0
    model.visual.head.bias[face:] = 0


def keep_voice(model: AVFlow) -> None:
    """Exclude from training whatever writes to the audio stream."""
    for name, parameter in model.named_parameters():
        if name.startswith("audio.") or ".to_audio." in name:
            parameter.requires_grad_(False)


class Validation:
    """Losses of the averaged weights on fixed crops, noise and times."""

    def __init__(
        self, examples: list[Example], frames: int, model: AVFlow, losses: Callable[..., Losses]
    ) -> None:
        generator, device = torch.Generator().manual_seed(1), model.audio.head.weight.device
        labels, emotion, x_1 = Crops(examples, frames, 16, seed=1)()
        self.conditions = model.conditions(posteriors(labels), emotion).to(device)
        self.x_1, self.x_0 = x_1.to(device), torch.randn(x_1.shape, generator=generator).to(device)
        self.times, self.losses = (0.1, 0.4, 0.7, 0.95), losses

    @torch.no_grad()
    def __call__(self, model: AVFlow, ema: dict[str, Tensor]) -> dict[str, float]:
        """Mean over the times of the mel, face and head losses."""
        kept = {name: value.clone() for name, value in model.state_dict().items()}
        model.load_state_dict(ema)
        rows = [
            [
                part.item()
                for part in self.losses(
                    model, self.x_1, self.conditions, self.x_0, self.x_1.new_full((16,), t)
                )
            ]
            for t in self.times
        ]
        model.load_state_dict(kept)
        return dict(zip(("valid_mel", "valid_face", "valid_head"), np.mean(rows, axis=0), strict=True))


if __name__ == "__main__":
    main()
