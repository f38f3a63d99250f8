"""Train a BigVGAN on the speech of all voices (Lee et al. 2023, the published recipe).

    python -m scripts.train.train_bigvgan --corpora work/corpora --held work/held --run work/bigvgan

Runs on the CPU or CUDA and continues from the run's checkpoint. Writes bigvgan.safetensors and config.json,
which `scripts.mira.pack_actor` makes an actor's vocoder (`vocoder:bigvgan=work/bigvgan/bigvgan.safetensors`).
A step of `bigvgan` with the published batch of 32 x 8192 samples needs a GPU; `--batch 2` takes about 12 s on
a CPU core.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from avgen.speech.mel import EDGE_PADDING, FFT_SIZE, MEL_FLOOR, POWER_FLOOR, hann_window, mel_filters
from avgen.types import HOP_SIZE
from avgen.vocoders.bigvgan import BigVGANConfig, Generator, fold_weight_norm
from scripts.train.discriminators import Discriminators, adversarial_loss, discriminator_loss, feature_loss
from scripts.train.loop import CONFIGS, Run, export, read_config
from scripts.voices.corpus import Corpus

MEL_WEIGHT = 45.0
GREATEST_NORM = 1000.0
"""To which gradients are clipped."""
BETAS = (0.8, 0.99)
HELD_CLIPS = 32


class Speech:
    """Utterances of all voices that are long enough: mel [N, 80] and samples [N * 256] of each."""

    def __init__(self, corpora: Path, frames: int) -> None:
        self.clips = [
            (utterance.mel.astype(np.float16), corpus.samples(number).astype(np.float16))
            for corpus in (Corpus(index.parent) for index in sorted(corpora.glob("*/index.jsonl")))
            for number, utterance in enumerate(corpus)
            if len(utterance.mel) >= frames
        ]

    def crops(self, places: Iterable[tuple[int, int]], frames: int) -> tuple[Tensor, Tensor]:
        """Crops (clip, first frame): mel [B, 80, frames] and samples [B, frames * 256]."""
        mels, sounds = [], []
        for number, first in places:
            mel, samples = self.clips[number]
            mels.append(mel[first : first + frames].T)
            sounds.append(samples[first * HOP_SIZE : (first + frames) * HOP_SIZE])
        return torch.from_numpy(np.stack(mels)).float(), torch.from_numpy(np.stack(sounds)).float()

    def draw(self, rng: np.random.Generator, batch: int, frames: int) -> tuple[Tensor, Tensor]:
        """Random crops."""
        numbers = rng.integers(len(self.clips), size=batch).tolist()
        room = [len(self.clips[number][0]) - frames + 1 for number in numbers]
        return self.crops(
            [(n, int(rng.integers(most))) for n, most in zip(numbers, room, strict=True)], frames
        )


class LogMel(nn.Module):
    """`avgen.speech.mel` with a gradient."""

    window: Tensor
    filters: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.from_numpy(hann_window()), persistent=False)
        self.register_buffer("filters", torch.from_numpy(mel_filters()), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        """[B, N * 256] -> [B, 80, N]."""
        padded = nn.functional.pad(samples[:, None], (EDGE_PADDING, EDGE_PADDING), "reflect")[:, 0]
        spectrum = torch.stft(
            *(padded, FFT_SIZE, HOP_SIZE, FFT_SIZE, self.window), center=False, return_complex=True
        )
        magnitude = (spectrum.real.square() + spectrum.imag.square() + POWER_FLOOR).sqrt()
        return (self.filters @ magnitude).clamp(min=MEL_FLOOR).log()


def normalised(generator: Generator) -> Generator:
    """The generator with weight normalisation, as it is trained."""
    for module in list(generator.modules()):
        if isinstance(module, nn.Conv1d | nn.ConvTranspose1d):
            weight_norm(module)
    return generator


class Training(nn.ModuleDict):
    """Generator and discriminators, and the losses between them."""

    def __init__(self, config: BigVGANConfig, discriminator_width: int) -> None:
        super().__init__()
        self["generator"] = normalised(Generator(config))
        self["discriminators"] = Discriminators(discriminator_width)
        self["mel"] = LogMel()

    def judge_loss(self, mel: Tensor, samples: Tensor) -> Tensor:
        """Of the discriminators."""
        with torch.no_grad():
            made = self["generator"](mel)[:, 0]
        return discriminator_loss(self["discriminators"](samples), self["discriminators"](made))

    def generator_losses(self, mel: Tensor, samples: Tensor) -> dict[str, Tensor]:
        """Of the generator; the discriminators get no gradient."""
        made = self["generator"](mel)[:, 0]
        self["discriminators"].requires_grad_(False)
        with torch.no_grad():
            real = self["discriminators"](samples)
        shown = self["discriminators"](made)
        self["discriminators"].requires_grad_(True)
        return {
            "adversarial": adversarial_loss(shown),
            "features": feature_loss(real, shown),
            "mel": MEL_WEIGHT * (self["mel"](made) - self["mel"](samples)).abs().mean(),
        }


@torch.no_grad()
def validate(training: Training, held: Speech, frames: int, device: torch.device) -> float:
    """Mel L1 of the middles of held-out utterances."""
    places = [(number, (len(mel) - frames) // 2) for number, (mel, _) in enumerate(held.clips[:HELD_CLIPS])]
    mel, samples = (part.to(device) for part in held.crops(places, frames))
    made = training["generator"](mel)[:, 0]
    return float((training["mel"](made) - training["mel"](samples)).abs().mean())


def main() -> None:
    """Train, log, export the generator and its configuration."""
    args = parse()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    values: dict[str, Any] = read_config(CONFIGS, args.config)
    training = Training(BigVGANConfig.from_mapping(values), args.discriminator_width).to(device)
    optimiser = torch.optim.AdamW(training.parameters(), betas=BETAS, weight_decay=0.01)
    run = Run(args.run, args.minutes, training, optimiser, peak_rate=args.rate)
    speech, held = (Speech(folder, args.frames) for folder in (args.corpora, args.held))
    rng = np.random.default_rng(run.step)
    recent: list[dict[str, float]] = []
    for step in run.steps():
        mel, samples = (part.to(device) for part in speech.draw(rng, args.batch, args.frames))
        judged = training.judge_loss(mel, samples)
        run.update(judged, GREATEST_NORM)
        losses = training.generator_losses(mel, samples)
        run.update(torch.stack(list(losses.values())).sum(), GREATEST_NORM)
        recent.append({"judges": judged.item(), **{name: loss.item() for name, loss in losses.items()}})
        if step % args.log_every == args.log_every - 1:
            means = {name: float(np.mean([row[name] for row in recent])) for name in recent[0]}
            run.log(**means, valid_mel=validate(training, held, args.frames, device))
            recent.clear()
    run.log(valid_mel=validate(training, held, args.frames, device))
    export(fold_weight_norm(training["generator"].state_dict()), args.run / "bigvgan.safetensors")
    (args.run / "config.json").write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def parse() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--held", type=Path, required=True, help="corpus to validate on")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--config", default="bigvgan", help="a name in configs.yaml")
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--frames", type=int, default=32, help="of a crop")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--discriminator-width", type=int, default=32)
    parser.add_argument("--log-every", type=int, default=500, help="steps")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
