"""Train Mira's source-filter vocoder by regression on the teacher's own envelopes (CPU or CUDA).

    python -m scripts.train.train_vocoder --corpus corpus --held corpus_eval --work vocoder --minutes 16 \\
        --export presets/actors/mira/vocoder.safetensors

The run writes checkpoint.pt and log.jsonl to --work and continues from them. Time is CPU seconds of this
process on a CPU (so that a busy machine does not shorten training) and wall-clock seconds on CUDA.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor
from torch.nn import functional

from avgen.types import HOP_SIZE
from avgen.vocoders import synthesis
from avgen.vocoders.source_filter import ControlNetwork, Controls, SourceFilterConfig
from scripts.voices.corpus import Corpus
from scripts.train.loop import autocast

ENVELOPE_FLOOR = -9.0
"""Envelopes below this are inaudible: no gradient there."""
UNVOICED_WEIGHT = 0.05
"""Weight of the harmonic envelope in unvoiced frames, where no pulse sounds."""
STATISTICS_FRAMES = 50_000
"""Frames from which the envelopes' mean and spread are taken."""
LOG_EVERY_S = 60.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how fast to train."""

    budget: float
    """Seconds."""
    rate: float = 1.0e-3
    """Peak learning rate of AdamW."""
    batch: int = 12
    """Crops a step."""
    crop: int = 96
    """Frames a crop."""
    device: str = "cpu"
    spectral_from: float = 0.6
    """Fraction of the budget after which the spectral loss joins; 1 = never."""
    spectral_weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Batch:
    """Crops of the corpus.

    Attributes:
        mel: [B, N, 80].
        harmonic: [B, N, 513] envelope of the pulses.
        breath: [B, 4 N, 129] envelope of the noise.
        f0: [B, N] Hz.
        samples: [B, N * 256].
    """

    mel: Tensor
    harmonic: Tensor
    breath: Tensor
    f0: Tensor
    samples: Tensor


class Targets:
    """All utterances that have vocoder targets, laid end to end."""

    def __init__(self, folder: Path) -> None:
        corpus = Corpus(folder)
        mel, harmonic, breath, f0, samples, lengths = [], [], [], [], [], []
        for number in range(len(corpus)):
            found = corpus.targets(number)
            if found is None:
                continue
            envelopes, speech = found
            lengths.append(len(envelopes.f0))
            mel.append(corpus[number].mel.astype(np.float16))
            harmonic.append(envelopes.harmonic)
            breath.append(envelopes.noise)
            f0.append(envelopes.f0)
            samples.append(speech.astype(np.float16))
        self.starts = np.cumsum([0, *lengths])
        self.mel, self.harmonic, self.breath, self.f0, self.samples = (
            np.concatenate(parts) for parts in (mel, harmonic, breath, f0, samples)
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    def crop(self, spans: list[tuple[int, int]], device: str) -> Batch:
        """Spans of equal length, by first and last frame, as one batch."""

        def stack(values: NDArray[Any], unit: int = 1) -> Tensor:
            parts = [values[start * unit : stop * unit] for start, stop in spans]
            return torch.from_numpy(np.stack(parts)).to(device).float()

        mel, harmonic, f0 = (stack(values) for values in (self.mel, self.harmonic, self.f0))
        breath = stack(self.breath, synthesis.NOISE_FRAMES)
        return Batch(mel, harmonic, breath, f0, stack(self.samples, HOP_SIZE))

    def draw(self, rng: np.random.Generator, options: Options) -> Batch:
        """Random crops inside utterances, every possible position equally likely."""
        room = np.maximum(0, np.diff(self.starts) - options.crop)
        rows = rng.choice(len(room), options.batch, p=room / room.sum())
        firsts = [int(self.starts[row] + rng.integers(room[row] + 1)) for row in rows]
        return self.crop([(first, first + options.crop) for first in firsts], options.device)


def regression_losses(network: ControlNetwork, controls: Controls, batch: Batch) -> dict[str, Tensor]:
    """Distance of the controls from the teacher's, each already weighted."""
    voiced = (batch.f0 > 0).float()

    def gap(predicted: Tensor, target: Tensor) -> Tensor:
        return (predicted.clamp(min=ENVELOPE_FLOOR) - target.clamp(min=ENVELOPE_FLOOR)).abs().mean(-1)

    classes = torch.arange(network.config.pitch_bins, device=batch.mel.device)
    bumps = torch.exp(-0.5 * (classes - network.pitch_class(batch.f0)[..., None]) ** 2)
    bumps = bumps / bumps.sum(-1, keepdim=True)
    pitch = -(bumps * controls.pitch_logits.log_softmax(-1)).sum(-1)
    return {
        "harmonic": ((voiced + UNVOICED_WEIGHT) * gap(controls.harmonic, batch.harmonic)).mean(),
        "noise": gap(controls.breath, batch.breath).mean(),
        "voicing": 0.5 * functional.binary_cross_entropy_with_logits(controls.voicing, voiced),
        "pitch": 0.25 * (pitch * voiced).mean(),
    }


def resynthesis(controls: Controls, f0: Tensor) -> Tensor:
    """[B, N * 256] speech from predicted envelopes and the true F0."""
    count = (f0.shape[-1] + 3) * HOP_SIZE
    pitch = synthesis.at_samples(synthesis.hold_pitch(f0), -synthesis.EDGE, count)
    voiced = synthesis.at_samples((f0 > 0).float(), -synthesis.EDGE, count) > 0.5
    phase = torch.rand(len(f0), 1, dtype=torch.float64, device=f0.device)
    pulses, _ = synthesis.pulse_train(pitch, voiced, phase)
    noise = torch.randn_like(pulses)
    speech = synthesis.filter_sources(pulses, noise, controls.harmonic, controls.breath)
    return speech[:, synthesis.EDGE : -synthesis.EDGE]


def spectral_loss(made: Tensor, real: Tensor) -> Tensor:
    """Mean log-magnitude distance over STFTs of four sizes (Yamamoto et al. 2020).

    Their spectral convergence is left out: it is least when noise is too quiet.
    """
    total = made.new_zeros(())
    for size in (256, 512, 1024, 2048):
        window = torch.hann_window(size, device=made.device)
        a, b = (
            torch.stft(x, size, size // 4, window=window, return_complex=True).abs().clamp(min=1e-5)
            for x in (made, real)
        )
        total = total + (torch.log(a) - torch.log(b)).abs().mean()
    return total / 4


@torch.no_grad()
def validate(network: ControlNetwork, held: Targets, device: str) -> dict[str, float]:
    """Losses, voicing error, median F0 error in cents and share of gross errors on held-out speech."""
    network.eval()
    rows = []
    for number in range(len(held)):
        start, stop = held.starts[number : number + 2]
        batch = held.crop([(start, stop)], device)
        controls = network(batch.mel)
        row = {name: loss.item() for name, loss in regression_losses(network, controls, batch).items()}
        row["spectral"] = spectral_loss(resynthesis(controls, batch.f0), batch.samples).item()
        f0 = network.f0(controls)
        both = (f0 > 0) & (batch.f0 > 0)
        cents = 1200 * torch.log2(f0[both] / batch.f0[both]).abs()
        row["voicing_error"] = ((f0 > 0) != (batch.f0 > 0)).float().mean().item()
        row["cents"] = cents.median().item()
        row["gross"] = (cents > 200).float().mean().item()
        rows.append(row)
    network.train()
    return {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}


class Trainer:
    """Network, optimiser and clock of one run; `save` and `resume` keep all of them."""

    def __init__(self, config: SourceFilterConfig, targets: Targets, options: Options) -> None:
        torch.manual_seed(0)
        self.options, self.targets = options, targets
        self.network = ControlNetwork(config)
        harmonic = targets.harmonic[:STATISTICS_FRAMES].astype(np.float32)
        breath = targets.breath[: synthesis.NOISE_FRAMES * STATISTICS_FRAMES].astype(np.float32)
        envelopes = np.concatenate([harmonic, breath.reshape(len(harmonic), -1)], 1)
        self.network.envelope_mean[:] = torch.from_numpy(envelopes.mean(0))
        self.network.envelope_scale[:] = torch.from_numpy(envelopes.std(0) + 1e-3)
        self.network.to(options.device).train()
        self.optimiser = torch.optim.AdamW(self.network.parameters(), betas=(0.9, 0.98), weight_decay=0.01)
        self.clock: Callable[[], float] = time.process_time if options.device == "cpu" else time.monotonic
        self.started = self.clock()
        self.steps = 0

    @property
    def elapsed(self) -> float:
        """Seconds trained, earlier runs included."""
        return self.clock() - self.started

    def step(self) -> dict[str, float]:
        """One optimiser step; a short warm-up, then cosine decay over the budget."""
        options, part = self.options, min(1.0, self.elapsed / self.options.budget)
        warm = min(1.0, (self.steps + 1) / 100)
        for group in self.optimiser.param_groups:
            group["lr"] = options.rate * warm * (0.02 + 0.49 * (1 + math.cos(math.pi * part)))
        batch = self.targets.draw(np.random.default_rng(self.steps), options)
        with autocast(torch.device(options.device)):
            controls = self.network(batch.mel)
        controls = Controls(*(getattr(controls, f.name).float() for f in dataclasses.fields(controls)))
        losses = regression_losses(self.network, controls, batch)
        if part >= options.spectral_from:
            distance = spectral_loss(resynthesis(controls, batch.f0), batch.samples)
            losses["spectral"] = options.spectral_weight * distance
        self.optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        return {name: loss.item() for name, loss in losses.items()}

    def save(self, path: Path) -> None:
        """Writes the checkpoint, replacing the last one only when whole."""
        state = {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
            "elapsed": self.elapsed,
        }
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def resume(self, path: Path) -> None:
        """Continues from a checkpoint if there is one."""
        if path.exists():
            state = torch.load(path, map_location=self.options.device, weights_only=True)
            self.network.load_state_dict(state["network"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.steps, self.started = state["steps"], self.clock() - state["elapsed"]

    def start_from(self, path: Path) -> None:
        """Takes the weights of another run's checkpoint; optimiser and clock start anew."""
        self.network.load_state_dict(torch.load(path, weights_only=True)["network"])


def train(trainer: Trainer, held: Targets, work: Path) -> None:
    """Trains until the budget is spent, with a log line and a checkpoint a minute."""
    trainer.resume(work / "checkpoint.pt")
    recent: list[dict[str, float]] = []
    next_log = trainer.elapsed + LOG_EVERY_S
    with (work / "log.jsonl").open("a", encoding="utf-8") as lines:
        done = trainer.elapsed >= trainer.options.budget
        while not done:
            recent.append(trainer.step())
            done = trainer.elapsed >= trainer.options.budget
            if not done and trainer.elapsed < next_log:
                continue
            train_losses = {
                name: round(float(np.mean([r.get(name, 0) for r in recent])), 4) for name in recent[-1]
            }
            line = {"step": trainer.steps, "seconds": round(trainer.elapsed), "train": train_losses}
            line["held"] = validate(trainer.network, held, trainer.options.device)
            lines.write(json.dumps(line) + "\n")
            lines.flush()
            log.info("%s", line)
            trainer.save(work / "checkpoint.pt")
            recent, next_log = [], trainer.elapsed + LOG_EVERY_S


def export(network: ControlNetwork, path: Path) -> str:
    """Writes fp16 weights and returns the file's sha256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: value.half().cpu().contiguous() for name, value in network.state_dict().items()}
    data = save(weights)
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--held", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder of checkpoint.pt and log.jsonl")
    parser.add_argument("--export", type=Path, required=True, help="weights to write (.safetensors)")
    parser.add_argument("--minutes", type=float, default=16.0)
    parser.add_argument("--rate", type=float, default=1.0e-3, help="peak learning rate")
    parser.add_argument("--init", type=Path, help="checkpoint.pt of a finished run to fine-tune")
    parser.add_argument("--channels", type=int, default=256)
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--spectral-from", type=float, default=0.6)
    parser.add_argument("--spectral-weight", type=float, default=0.5)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(args.threads)
    args.work.mkdir(parents=True, exist_ok=True)
    options = Options(
        budget=60 * args.minutes,
        rate=args.rate,
        device=args.device,
        spectral_from=args.spectral_from,
        spectral_weight=args.spectral_weight,
    )
    config = SourceFilterConfig(channels=args.channels, blocks=args.blocks)
    trainer = Trainer(config, Targets(args.corpus), options)
    if args.init:
        trainer.start_from(args.init)
    train(trainer, Targets(args.held), args.work)
    log.info("config %s", json.dumps(dataclasses.asdict(config)))
    log.info("sha256 %s", export(trainer.network, args.export))


if __name__ == "__main__":
    main()
