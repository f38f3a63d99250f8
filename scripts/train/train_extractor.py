"""Train the token extractor: mel of recorded speech -> label of every frame.

    python -m scripts.train.train_extractor --corpus work/corpus --held work/corpus_eval \\
        --run work/runs/extractor --minutes 8

One voice is at hand, so formants, pitch, tempo and recording conditions are varied (scripts/train/voices.py).
Reported on held-out sentences: frames labelled right, and the same without regard to stress and to the kind
of pause, for the voice as it is and with its formants and pitch moved by resynthesis.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import Tensor, nn

from avgen.speech.extractor import ExtractorConfig, MelExtractor
from avgen.speech.mel import mel_spectrogram
from avgen.text.labels import LABELS, PAUSES
from avgen.types import CODE_RATE, FloatArray
from scripts.mira.align import phones_path, read_phones
from scripts.mira.envelopes import TEACHER_FRAME_RATE, VOICED_HZ
from scripts.mira.phones import Phone
from scripts.train.data import frame_labels
from scripts.train.loop import Run, autocast, export
from scripts.train.voices import other_recording, other_speaker, resynthesise
from scripts.voices.corpus import Corpus

SOUNDS = np.array([0 if label in PAUSES else ord(label[0]) for label in LABELS])
"""[88] the sound of every label: stress left out, all pauses one."""
SHIFTED = {"lower": (0.85, 0.6), "higher": (1.15, 1.25)}
"""Voices for validation: factors of formants and of pitch."""


@dataclass(frozen=True, slots=True)
class Frames:
    """A corpus laid end to end.

    Attributes:
        mel: [N, 80] natural log, half precision.
        f0: [N] Hz, 0 where unvoiced.
        labels: [N] label indices.
        starts: first frame of every utterance, and N.
    """

    mel: NDArray[np.float16]
    f0: NDArray[np.float16]
    labels: NDArray[np.uint8]
    starts: NDArray[np.int64]

    @classmethod
    def read(cls, folder: Path) -> Frames:
        """All aligned utterances of a corpus folder."""
        corpus, mel, f0, labels = Corpus(folder), [], [], []
        phones: dict[int, list[Phone]] = {}
        for shard in sorted({row["shard"] for row in corpus.rows}):
            phones |= read_phones(phones_path(folder, shard))
        for utterance in corpus:
            count = len(utterance.mel)
            place = np.round((np.arange(count) + 0.5) / CODE_RATE * TEACHER_FRAME_RATE - 0.5).astype(int)
            pitch = utterance.f0[np.clip(place, 0, len(utterance.f0) - 1)]
            mel.append(utterance.mel.astype(np.float16))
            f0.append(np.where(pitch > VOICED_HZ, pitch, 0).astype(np.float16))
            labels.append(frame_labels(phones[utterance.id], count).astype(np.uint8))
        starts = np.cumsum([0, *(len(part) for part in mel)])
        return cls(np.concatenate(mel), np.concatenate(f0), np.concatenate(labels), starts)

    def draw(self, batch: int, crop: int, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Crops played at 0.75 to 1.35 times their tempo: mel [B, crop, 80], f0 and labels [B, crop].

        They may run from one utterance into the next, as recordings do.
        """
        rate = np.exp(rng.uniform(-0.29, 0.30, (batch, 1)))
        room = len(self.mel) - np.ceil(crop * rate).astype(int) - 2
        place = rng.integers(room) + np.arange(crop) * rate
        low, weight = place.astype(int), (place % 1.0).astype(np.float32)[..., None]
        mel = (1 - weight) * self.mel[low] + weight * self.mel[low + 1]
        near = np.round(place).astype(int)
        f0, labels = self.f0[near].astype(np.float32), self.labels[near].astype(np.int64)
        return torch.from_numpy(mel.astype(np.float32)), torch.from_numpy(f0), torch.from_numpy(labels)


def shifted_mel(corpus: Corpus, number: int, formants: float, pitch: float) -> FloatArray:
    """Mel of a teacher utterance spoken by its own envelopes with formants and pitch moved."""
    found = corpus.targets(number)
    if found is None:
        raise ValueError(f"utterance {number} has no vocoder targets: make the corpus with --held")
    envelopes, samples = found
    speech = resynthesise(envelopes, formants, pitch, seed=number)
    return mel_spectrogram(speech * np.float32(samples.std() / speech.std()))


class Validation:
    """Held-out sentences as the voice speaks them and as SHIFTED voices would."""

    def __init__(self, folder: Path, count: int) -> None:
        corpus, frames = Corpus(folder), Frames.read(folder)
        self.labels = [
            frames.labels[a:b] for a, b in zip(frames.starts[:count], frames.starts[1:], strict=False)
        ]
        self.mels = {"voice": [corpus[number].mel for number in range(len(self.labels))]}
        for name, factors in SHIFTED.items():
            self.mels[name] = [shifted_mel(corpus, number, *factors) for number in range(len(self.labels))]

    def __call__(self, model: MelExtractor) -> dict[str, float]:
        """Share of frames with the right label, and with the right sound."""
        measures, labels = {}, np.concatenate(self.labels)
        for name, mels in self.mels.items():
            found = np.concatenate([model.logits(mel).argmax(1) for mel in mels])
            measures[f"{name}_labels"] = float((found == labels).mean())
            measures[f"{name}_sounds"] = float((SOUNDS[found] == SOUNDS[labels]).mean())
        return measures


def main() -> None:
    """Train, log, export."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--held", type=Path, required=True, help="held-out corpus with all vocoder targets")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--crop", type=int, default=256, help="frames")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    config = ExtractorConfig(num_labels=len(LABELS))
    model = MelExtractor(config)
    frames, validation = Frames.read(args.corpus), Validation(args.held, 30)
    optimiser = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.01)
    run = Run(args.run, args.minutes, model, optimiser, peak_rate=2e-3, ema_decay=0.998)
    for step in run.steps():
        rng = np.random.default_rng(step)
        mel, f0, labels = frames.draw(args.batch, args.crop, rng)
        mel = other_recording(other_speaker(mel, f0, rng), rng)
        with autocast(torch.device("cpu")):
            logits = model(mel)
        loss = nn.functional.cross_entropy(logits.float().flatten(0, 1), labels.flatten())
        run.update(loss)
        if step % 250 == 249:
            run.log(loss=loss.item(), **evaluate(model, run.ema, validation))
    run.log(**evaluate(model, run.ema, Validation(args.held, len(Corpus(args.held)))))
    export(run.ema, args.run / "extractor.safetensors")
    (args.run / "extractor.yaml").write_text(yaml.safe_dump(asdict(config), sort_keys=False))


def evaluate(model: MelExtractor, ema: dict[str, Tensor], validation: Validation) -> dict[str, float]:
    """Validate the averaged weights; the model keeps its own."""
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(ema)
    measures = validation(model)
    model.load_state_dict(kept)
    return measures


if __name__ == "__main__":
    main()
