"""What the paper's AV-Flow costs at its sizes on the CPU, with random weights: their values cost nothing.

    python -m scripts.bench.bm_photoreal --out scripts/bench/PHOTOREAL.md

Everything is measured in a process of its own, on one thread; on a busy machine trust the CPU seconds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from avgen.flow.avflow import AVFlow
from avgen.flow.head_vae import HeadVAE, HeadVAEConfig
from avgen.flow.losses import PAPER_WEIGHTS, flow_losses, weighted
from avgen.flow.text_to_tokens import TextToTokens, TextToTokensConfig
from avgen.speech.wav2vec2 import Wav2Vec2Config, Wav2Vec2Extractor
from avgen.text.labels import CHARACTERS, LABELS
from avgen.types import CODE_RATE, HOP_SIZE
from scripts.train.captures import FACE_CODES, POSE_PARAMETERS
from scripts.train.data import shaped

SECONDS = 20.0
FRAMES = round(SECONDS * CODE_RATE)
LONG_SECONDS = 60.0
D = len(CHARACTERS.labels)


def head_vae() -> HeadVAE:
    """As scripts.train.photoreal makes it."""
    return HeadVAE(HeadVAEConfig(emphasis=0.0, carriage=POSE_PARAMETERS)).eval()


def flow() -> AVFlow:
    """Likewise."""
    return AVFlow(shaped("paper", D, {}, FACE_CODES, head_vae(), scaled=("face",))).eval()


def ear() -> Wav2Vec2Extractor:
    """Of the published size."""
    return Wav2Vec2Extractor(Wav2Vec2Config()).eval()


def letters() -> TextToTokens:
    """As scripts.train.train_tokens makes it with --wav2vec2."""
    config = TextToTokensConfig(len(LABELS), decoder="flow", label_set=CHARACTERS.name, num_outputs=D)
    return TextToTokens(config).eval()


def listen(seconds: float) -> Callable[[], object]:
    """Hear a recording."""
    model, hops = ear(), round(seconds * CODE_RATE)
    noise = 0.1 * np.random.default_rng(0).standard_normal(hops * HOP_SIZE).astype(np.float32)
    return lambda: model.logits(noise)


def draw() -> Callable[[], object]:
    """Draw speech and motion of 20 s from tokens."""
    model, tokens = flow(), np.zeros((FRAMES, D), np.float32)
    return lambda: model.sample({"tokens": tokens}, seed=0, num_steps=7)


def read() -> Callable[[], object]:
    """Make the tokens of 20 s of text, a phoneme every 80 ms."""
    model, count = letters(), round(SECONDS / 0.08)
    frames = np.full(count, FRAMES // count)
    return lambda: model.logits([7] * count, frames, torch.Generator().manual_seed(0))


def step() -> Callable[[], object]:
    """Train on one crop of 20 s."""
    model = flow().train()
    optimiser = torch.optim.AdamW(model.parameters())
    x_1, x_0 = (torch.randn(1, FRAMES, model.config.num_channels) for _ in range(2))
    tokens = torch.randn(1, FRAMES, D).softmax(-1)

    def train() -> None:
        optimiser.zero_grad()
        parts = flow_losses(model, model.config.tracks, x_1, tokens, x_0, torch.rand(1))
        weighted(parts, PAPER_WEIGHTS).backward()
        optimiser.step()

    return train


WORK: dict[str, tuple[Callable[[], Callable[[], object]], float]] = {
    "wav2vec 2.0 hears 20 s": (lambda: listen(SECONDS), SECONDS),
    "wav2vec 2.0 hears 60 s": (lambda: listen(LONG_SECONDS), LONG_SECONDS),
    "text to letters, 20 s": (read, SECONDS),
    "AV-Flow draws 20 s, 8 evaluations": (draw, SECONDS),
    "a training step on one crop of 20 s": (step, SECONDS),
}
NETWORKS: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "AV-Flow, audio transformer": (
        lambda: flow().audio,
        "8 blocks of 512, hidden 1024, 4 heads, windows of 10 frames that see 2 ahead: as here",
    ),
    "AV-Flow, visual transformer": (lambda: flow().visual, "the same; face 256 + head 8"),
    "AV-Flow, highways": (lambda: flow().highways, "a linear fusion after each of the 8 blocks"),
    "head VAE, 7 to 8": (head_vae, "one encoder layer, one decoder layer; width not told, here 64"),
    "text to letters": (letters, "embeddings of 192, 3 convolutions, a transformer of 3 layers: as here"),
    "wav2vec 2.0": (ear, "base, 29 characters; torchaudio's has 94,393,245"),
}


def spent(name: str, results: multiprocessing.Queue[tuple[float, float]]) -> None:
    """CPU seconds of one piece of work, and the peak of memory in MB."""
    torch.set_num_threads(1)
    work = WORK[name][0]()
    started = time.process_time()
    work()
    seconds = time.process_time() - started
    results.put((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def main() -> None:
    """Measure, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    context = multiprocessing.get_context("spawn")
    rows = []
    for name, (_, length) in WORK.items():
        results = context.Queue()
        process = context.Process(target=spent, args=(name, results))
        process.start()
        seconds, megabytes = results.get()
        process.join()
        rows.append(f"| {name} | {seconds:.1f} | {seconds / length:.3f} | {megabytes:.0f} |")
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, {platform.machine()}"
    out.write_text(
        "\n".join(
            [
                f"Made by `python -m scripts.bench.bm_photoreal` ({versions}): the paper's",
                "configuration, random weights, one thread. The paper names sizes, no parameter counts.",
                "",
                "| network | parameters | the paper's sizes |",
                "| --- | --- | --- |",
                *(f"| {name} | {size(make()):,} | {told} |" for name, (make, told) in NETWORKS.items()),
                "",
                "| work | CPU s | per second of speech | peak MB |",
                "| --- | --- | --- | --- |",
                *rows,
                "",
            ]
        ),
        encoding="utf-8",
    )


def size(network: nn.Module) -> int:
    """Number of parameters."""
    return sum(parameter.numel() for parameter in network.parameters())


if __name__ == "__main__":
    main()
