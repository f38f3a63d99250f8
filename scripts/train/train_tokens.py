"""Train text-to-tokens on the voices' realigned phones (paper supplement B).

    python -m scripts.train.train_tokens --corpora work/corpora --run work/runs/tokens --minutes 8

With --initial, text_to_tokens.safetensors of a run that knew fewer voices, or none, it starts from there. The
encoder and duration predictor learn with the flow transformer of the logits, if there is one; reported on
held-out utterances: duration error and the share of frames the generated logits label correctly. With
--wav2vec2, torchaudio's published file, the logits are of the letters that it hears in the corpora's sound
(paper section 3.4).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import yaml
from torch import Tensor

from avgen.flow.losses import duration_loss, logit_flow_loss
from avgen.flow.text_to_tokens import TextToTokens, TextToTokensConfig
from avgen.nn.weights import read_weights
from avgen.speech.wav2vec2 import Wav2Vec2Extractor
from avgen.text.labels import CHARACTERS, LABELS, label_index
from avgen.types import CODE_RATE
from scripts.train.captures import load_ear
from scripts.train.loop import Run, export, with_weights
from scripts.voices.corpus import Corpus, recipes


class Sentence(NamedTuple):
    """One utterance."""

    labels: Tensor
    """[L] label indices."""
    frames: Tensor
    """[L] that they last."""
    voice: Tensor
    """[V] shares of the voices that speak it."""
    heard: Tensor | None = None
    """[N, D] probabilities of the letters that are heard, in half precision, if those are to be learnt."""

    def targets(self) -> Tensor:
        """[N, D] probabilities of what is learnt in every frame."""
        if self.heard is not None:
            return self.heard.float()
        one_hot = torch.nn.functional.one_hot(self.labels.repeat_interleave(self.frames), len(LABELS)).float()
        return torch.nn.functional.avg_pool1d(one_hot.T[None], 3, 1, 1, count_include_pad=False)[0].T


VOICE_WITHHELD = 0.1
"""Share of sentences whose voice is not told, so that it may be left open."""


def read_sentences(corpus: Path, voice: Tensor, ear: Wav2Vec2Extractor | None = None) -> list[Sentence]:
    """Labels and durations of every aligned utterance of a voice, in corpus order, and what an ear hears."""
    spoken, sentences = Corpus(corpus) if ear else None, []
    places = {row["id"]: place for place, row in enumerate(spoken.rows)} if spoken else {}
    for file in sorted(corpus.glob("phones_*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            utterance = json.loads(line)
            phones = utterance["phones"]
            labels = torch.tensor([label_index(name, stress) for name, stress, _, _ in phones])
            ends = torch.tensor([round(end * CODE_RATE) for *_, end in phones])
            frames = ends.diff(prepend=torch.zeros(1, dtype=ends.dtype))
            heard = None
            if ear and spoken:
                logits = torch.from_numpy(ear.logits(spoken.samples(places[utterance["id"]])))
                heard = fitted(logits.softmax(-1).half(), int(ends[-1]))
            sentences.append(Sentence(labels, frames, voice, heard))
    return sentences


def fitted(rows: Tensor, frames: int) -> Tensor:
    """Rows [N, D] cut, or their last one repeated, to a number of frames."""
    return rows[torch.arange(frames).clamp(max=len(rows) - 1)]


def collate(sentences: list[Sentence]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Labels, frames and mask, each [B, L], and voices [B, V]."""
    labels = torch.nn.utils.rnn.pad_sequence([one.labels for one in sentences], batch_first=True)
    frames = torch.nn.utils.rnn.pad_sequence([one.frames for one in sentences], batch_first=True)
    length = torch.tensor([len(one.labels) for one in sentences])
    mask = (torch.arange(labels.shape[1])[None] < length[:, None]).float()
    return labels, frames, mask, torch.stack([one.voice for one in sentences])


class Draw:
    """Random batches, each voice as often as the root of its number of sentences."""

    def __init__(self, sentences: list[Sentence]) -> None:
        self.sentences = sentences
        voice = np.array([int(one.voice.argmax()) for one in sentences])
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
    for feature, sentence in zip(features, batch, strict=True):
        total = int(sentence.frames.sum())
        if total < crop:
            continue
        inside = slice(start := int(rng.integers(total - crop + 1)), start + crop)
        rows.append(feature[: len(sentence.labels)].repeat_interleave(sentence.frames, dim=0)[inside])
        targets.append(sentence.targets()[inside])
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
    parser.add_argument("--wav2vec2", type=Path, help="learn the letters that torchaudio's file hears")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    voices = args.voices.split(",")
    ear = load_ear(args.wav2vec2, args.run / "extractor.safetensors") if args.wav2vec2 else None
    sentences = [
        sentence
        for name, voice in zip(voices, torch.eye(len(voices)), strict=True)
        for sentence in read_sentences(args.corpora / name, voice, ear)
    ]
    held, draw = sentences[::50], Draw([s for i, s in enumerate(sentences) if i % 50])
    config = TextToTokensConfig(num_labels=len(LABELS), num_voices=len(voices), num_blocks=args.blocks)
    if ear:
        letters: dict[str, Any] = {"label_set": CHARACTERS.name, "num_outputs": len(CHARACTERS.labels)}
        config = replace(config, decoder="flow", **letters)
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
        for one in held[:20] if model.flow else ():
            features, *_ = model.encode(one.labels[None], torch.ones(1, len(one.labels)), one.voice[None])
            logits = model.generate(features[0].repeat_interleave(one.frames, dim=0), generator)
            right.append((logits.argmax(-1) == one.targets().argmax(-1)).float().mean())
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
