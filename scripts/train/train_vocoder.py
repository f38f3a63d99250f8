"""Train the source-filter vocoder on the sound of all voices, by spectral distance (CPU or CUDA).

    python -m scripts.train.train_vocoder --corpora work/corpora --held work/held --run work/vocoder

Every voice's corpus lies in a folder of its name. The network's envelopes filter a pulse train of the
teacher's own pitch, and noise; spectra of the result are compared with the teacher's in windows of four
sizes, which tell pulses and noise apart. With --initial it starts from vocoder.safetensors of another run.
"""

from __future__ import annotations

import argparse
import dataclasses
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from avgen.nn.weights import read_weights
from avgen.types import CODE_RATE, HOP_SIZE
from avgen.vocoders import synthesis
from avgen.vocoders.source_filter import ControlNetwork, Controls, SourceFilterConfig
from scripts.mira.performance.speech import frame_f0
from scripts.train.loop import Run, autocast, export, with_weights
from scripts.voices.corpus import Corpus, recipes

WEIGHTS = {"spectral": 1.0, "voicing": 0.5, "pitch": 0.25}
ENVELOPE_MEAN, ENVELOPE_SCALE = -5.0, 2.5
"""Rough mean and spread of log envelopes, for a network that begins with nothing."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Crops of the corpora: mel [B, N, 80], f0 [B, N] Hz and samples [B, N * 256]."""

    mel: Tensor
    f0: Tensor
    samples: Tensor


class Sounds:
    """Utterances of several voices, laid end to end.

    Args:
        folders: corpora, one of each voice.
        minutes: at most so much of each.
    """

    def __init__(self, folders: list[Path], minutes: float = 30.0) -> None:
        mel: list[NDArray[np.float16]] = []
        f0: list[NDArray[np.float32]] = []
        samples: list[NDArray[np.float16]] = []
        voices: list[int] = []
        for voice, folder in enumerate(folders):
            corpus, left = Corpus(folder), minutes * 60
            for number, utterance in enumerate(corpus):
                if left <= 0:
                    break
                left -= len(utterance.mel) / CODE_RATE
                mel.append(utterance.mel.astype(np.float16))
                f0.append(frame_f0(utterance.f0, len(utterance.mel)).astype(np.float32))
                samples.append(corpus.samples(number).astype(np.float16))
                voices.append(voice)
        self.starts = np.cumsum([0, *(len(part) for part in mel)])
        self.voices = np.array(voices)
        self.mel, self.f0, self.samples = np.concatenate(mel), np.concatenate(f0), np.concatenate(samples)

    def __len__(self) -> int:
        return len(self.voices)

    def crop(self, spans: list[tuple[int, int]], device: torch.device) -> Batch:
        """Spans of equal length, by first and last frame, as one batch."""

        def stack(values: NDArray[np.floating], unit: int = 1) -> Tensor:
            parts = [values[start * unit : stop * unit] for start, stop in spans]
            return torch.from_numpy(np.stack(parts)).to(device).float()

        return Batch(stack(self.mel), stack(self.f0), stack(self.samples, HOP_SIZE))

    def draw(self, batch: int, frames: int, rng: np.random.Generator, device: torch.device) -> Batch:
        """Random crops inside utterances, those of every voice equally often."""
        room = np.maximum(0, np.diff(self.starts) - frames).astype(float)
        share = room / np.bincount(self.voices, room)[self.voices]
        rows = rng.choice(len(room), batch, p=share / share.sum())
        firsts = [int(self.starts[row] + rng.integers(room[row] + 1)) for row in rows]
        return self.crop([(first, first + frames) for first in firsts], device)


def losses(network: ControlNetwork, controls: Controls, batch: Batch) -> dict[str, Tensor]:
    """Distance of the sound from the teacher's, and of voicing and pitch."""
    voiced = (batch.f0 > 0).float()
    classes = torch.arange(network.config.pitch_bins, device=batch.mel.device)
    bumps = torch.exp(-0.5 * (classes - network.pitch_class(batch.f0)[..., None]) ** 2)
    bumps = bumps / bumps.sum(-1, keepdim=True)
    pitch = -(bumps * controls.pitch_logits.log_softmax(-1)).sum(-1)
    return {
        "spectral": spectral_loss(resynthesis(controls, batch.f0), batch.samples),
        "voicing": functional.binary_cross_entropy_with_logits(controls.voicing, voiced),
        "pitch": (pitch * voiced).mean(),
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
            torch.stft(x, size, size // 4, window=window, return_complex=True).abs().clamp(min=1e-4)
            for x in (made, real)
        )
        total = total + (torch.log(a) - torch.log(b)).abs().mean()
    return total / 4


def measure(network: ControlNetwork, batch: Batch) -> dict[str, float]:
    """Losses, voicing error, median F0 error in cents and share of gross errors."""
    controls = network(batch.mel)
    row = {f"held_{name}": loss.item() for name, loss in losses(network, controls, batch).items()}
    f0 = network.f0(controls)
    both = (f0 > 0) & (batch.f0 > 0)
    cents = 1200 * torch.log2(f0[both] / batch.f0[both]).abs()
    row["voicing_error"] = ((f0 > 0) != (batch.f0 > 0)).float().mean().item()
    row["cents"], row["gross"] = cents.median().item(), (cents > 200).float().mean().item()
    return row


@torch.no_grad()
def validate(network: ControlNetwork, ema: dict[str, Tensor], held: Sounds) -> dict[str, float]:
    """Mean measures of the averaged weights over held-out utterances."""
    with with_weights(network, ema):
        rows = [
            measure(network, held.crop([(start, stop)], network.envelope_mean.device))
            for start, stop in pairwise(held.starts)
        ]
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def make_network(config: SourceFilterConfig, initial: Path | None) -> ControlNetwork:
    """A network to train, with the weights of another where they are given."""
    network = ControlNetwork(config)
    network.envelope_mean.fill_(ENVELOPE_MEAN)
    network.envelope_scale.fill_(ENVELOPE_SCALE)
    if initial:
        network.load_state_dict(read_weights(initial))
    return network


def main() -> None:
    """Train, log, export."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--held", type=Path, required=True, help="corpora of held-out sentences")
    parser.add_argument("--voices", default=",".join(recipes()))
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=1e-3, help="peak learning rate")
    parser.add_argument("--initial", type=Path, help="vocoder.safetensors to start from")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--frames", type=int, default=96)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    voices = args.voices.split(",")
    sounds, held = (Sounds([folder / name for name in voices]) for folder in (args.corpora, args.held))
    config = SourceFilterConfig()
    network = make_network(config, args.initial).to(device)
    optimiser = torch.optim.AdamW(network.parameters(), betas=(0.9, 0.98), weight_decay=0.01)
    run = Run(args.run, args.minutes, network, optimiser, peak_rate=args.rate)
    for step in run.steps():
        batch = sounds.draw(args.batch, args.frames, np.random.default_rng(step), device)
        with autocast(device):
            controls = network(batch.mel)
        controls = Controls(*(getattr(controls, f.name).float() for f in dataclasses.fields(controls)))
        parts = losses(network, controls, batch)
        run.update(torch.stack([WEIGHTS[name] * part for name, part in parts.items()]).sum())
        if step % 250 == 249:
            run.log(**{name: part.item() for name, part in parts.items()}, **validate(network, run.ema, held))
    run.log(**validate(network, run.ema, held))
    export(run.ema, args.run / "vocoder.safetensors")
    (args.run / "vocoder.yaml").write_text(yaml.safe_dump(dataclasses.asdict(config), sort_keys=False))


if __name__ == "__main__":
    main()
