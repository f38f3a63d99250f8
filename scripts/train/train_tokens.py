"""Train text-to-tokens on the voices' realigned phones (paper supplement B).

    python -m scripts.train.train_tokens --corpora work/corpora --run work/runs/tokens --minutes 8

With --initial, text_to_tokens.safetensors of a run that knew fewer voices, or none, it starts from there. The
encoder and duration predictor learn with the flow transformer of the logits, if there is one; reported on
held-out utterances: duration error and the share of frames the generated logits label correctly.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import yaml
from torch import Tensor

from avgen.flow.losses import duration_loss, logit_flow_loss
from avgen.flow.text_to_tokens import TextToTokens, TextToTokensConfig
from avgen.nn.weights import read_weights
from avgen.text.labels import LABELS, label_index
from avgen.types import CODE_RATE
from scripts.train.loop import Run, export, with_weights
from scripts.voices.corpus import recipes

Sentence = tuple[Tensor, Tensor, Tensor]
"""Label indices [L] and frames [L] of one utterance, and shares [V] of the voices that speak it."""
VOICE_WITHHELD = 0.1
"""Share of sentences whose voice is not told, so that it may be left open."""


def read_sentences(corpus: Path, voice: Tensor) -> list[Sentence]:
    """Labels and durations of every aligned utterance of a voice, in corpus order."""
    sentences = []
    for file in sorted(corpus.glob("phones_*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            phones = json.loads(line)["phones"]
            labels = torch.tensor([label_index(name, stress) for name, stress, _, _ in phones])
            ends = torch.tensor([round(end * CODE_RATE) for *_, end in phones])
            sentences.append((labels, ends.diff(prepend=torch.zeros(1, dtype=ends.dtype)), voice))
    return sentences


def collate(sentences: list[Sentence]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Labels, frames and mask, each [B, L], and voices [B, V]."""
    labels = torch.nn.utils.rnn.pad_sequence([labels for labels, *_ in sentences], batch_first=True)
    frames = torch.nn.utils.rnn.pad_sequence([frames for _, frames, _ in sentences], batch_first=True)
    length = torch.tensor([len(labels) for labels, *_ in sentences])
    mask = (torch.arange(labels.shape[1])[None] < length[:, None]).float()
    return labels, frames, mask, torch.stack([voice for *_, voice in sentences])


class Draw:
    """Random batches, each voice as often as the root of its number of sentences."""

    def __init__(self, sentences: list[Sentence]) -> None:
        self.sentences = sentences
        voice = np.array([int(voice.argmax()) for *_, voice in sentences])
        share = 1 / np.sqrt(np.bincount(voice))[voice]
        self.share = share / share.sum()

    def __call__(self, count: int, rng: np.random.Generator) -> list[Sentence]:
        """The next ones."""
        return [self.sentences[i] for i in rng.choice(len(self.sentences), count, p=self.share)]


def expand(
    features: Tensor, batch: list[Sentence], crop: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Random stretches of `crop` frames: features [B', crop, width] and smoothed posteriors [B', crop, D]."""
    rows, targets = [], []
    for feature, (labels, frames, _) in zip(features, batch, strict=True):
        if int(frames.sum()) < crop:
            continue
        start = int(rng.integers(int(frames.sum()) - crop + 1))
        rows.append(feature[: len(labels)].repeat_interleave(frames, dim=0)[start : start + crop])
        one_hot = torch.nn.functional.one_hot(labels.repeat_interleave(frames), len(LABELS)).float()
        smooth = torch.nn.functional.avg_pool1d(one_hot.T[None], 3, 1, 1, count_include_pad=False)[0].T
        targets.append(smooth[start : start + crop])
    return torch.stack(rows), torch.stack(targets)


def main() -> None:
    """Train, log, export."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, required=True, help="folder of aligned corpora, one a voice")
    parser.add_argument("--voices", default=",".join(recipes()), help="names, in the order of their shares")
    parser.add_argument("--initial", type=Path, help="text_to_tokens.safetensors to start from")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--blocks", type=int, default=3, help="of the logits' flow transformer; 0 for none")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    voices = args.voices.split(",")
    sentences = [
        sentence
        for name, voice in zip(voices, torch.eye(len(voices)), strict=True)
        for sentence in read_sentences(args.corpora / name, voice)
    ]
    held, draw = sentences[::50], Draw([s for i, s in enumerate(sentences) if i % 50])
    config = TextToTokensConfig(num_labels=len(LABELS), num_voices=len(voices), num_blocks=args.blocks)
    model = TextToTokens(config)
    if args.initial:
        begin(model, read_weights(args.initial))
    run = Run(
        args.run, args.minutes, model, torch.optim.AdamW(model.parameters()), peak_rate=1e-3, ema_decay=0.995
    )
    for step in run.steps():
        model.train()
        batch = draw(16, rng)
        labels, frames, mask, voice = collate(batch)
        voice = voice * (torch.rand(len(voice), 1) >= VOICE_WITHHELD)
        features, mean, log_std = model.encode(labels, mask, voice)
        parts = {"durations": duration_loss(mean, log_std, frames.float(), mask)}
        if model.flow:
            upsampled, targets = expand(features, batch, 128, rng)
            noise, times = torch.randn_like(targets), torch.rand(len(targets))
            parts["flow"] = 5.0 * logit_flow_loss(model.flow, upsampled, targets, noise, times)
        run.update(torch.stack(list(parts.values())).sum())
        if step % 250 == 249:
            losses = {name: part.item() for name, part in parts.items()}
            run.log(**losses, **evaluate(model, run.ema, held))
    run.log(**evaluate(model, run.ema, held))
    export(run.ema, args.run / "text_to_tokens.safetensors")
    (args.run / "text_to_tokens.yaml").write_text(yaml.safe_dump(asdict(config), sort_keys=False))


def begin(model: TextToTokens, weights: Mapping[str, Tensor]) -> None:
    """Take over what another run knew; what it had not, or had in another size, begins as it is."""
    fresh = model.state_dict()
    fitting = {name: weights.get(name, value) for name, value in fresh.items()}
    model.load_state_dict(
        {name: fitting[name] if fitting[name].shape == fresh[name].shape else fresh[name] for name in fresh}
    )


@torch.no_grad()
def evaluate(model: TextToTokens, ema: dict[str, Tensor], held: list[Sentence]) -> dict[str, float]:
    """Errors of durations and lengths, predicted spread, and frames labelled right by the flow, held out."""
    model.eval()
    labels, frames, mask, voice = collate(held)
    right, generator = [], torch.Generator().manual_seed(0)
    with with_weights(model, ema):
        _, mean, log_std = model.encode(labels, mask, voice)
        for ids, count, told in held[:20] if model.flow else ():
            features, *_ = model.encode(ids[None], torch.ones(1, len(ids)), told[None])
            logits = model.generate(features[0].repeat_interleave(count, dim=0), generator)
            right.append((logits.argmax(-1) == ids.repeat_interleave(count)).float().mean())
    predicted = mean.expm1().clamp(min=0)
    error = ((predicted - frames).abs() * mask).sum() / mask.sum() / CODE_RATE
    length = ((predicted * mask).sum(1) / frames.sum(1) - 1).abs().mean()
    return {
        "duration_error_ms": 1e3 * error.item(),
        "length_error_percent": 100 * length.item(),
        "log_std": (log_std * mask).sum().item() / mask.sum().item(),
        **({"flow_frames_right": torch.stack(right).mean().item()} if right else {}),
    }


if __name__ == "__main__":
    main()
