"""Train the token extractor's head: what whisper's encoder hears -> label of every frame.

    python -m scripts.train.train_extractor work/corpora --sessions work/sessions \\
        --encoder work/encoder.safetensors --run work/runs/extractor --minutes 20

Of every ten shards of sessions the last is held out. Reported on those: frames labelled right, and the same
without regard to stress and to the kind of pause, of all and of those in which somebody speaks; and frames
in which a sound is heard though nobody speaks in the whole session. What a change of label costs is chosen
on them by the edit errors of consonants. More minutes continue a run, with the labels as they are timed by
then.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import Tensor, nn

from avgen.metrics.words import edit_distance
from avgen.speech.extractor import FEATURE_SAMPLES, ExtractorConfig, LabelHead, at_code_rate
from avgen.speech.paths import steady_path
from avgen.text.labels import LABELS, PAUSES
from avgen.types import HOP_SIZE
from scripts.evaluate.hearing import consonants
from scripts.train.loop import Run, export, with_weights
from scripts.train.sessions import UNTIMED, Voices, labels, load_encoder, read_shard, shards

HELD_OUT: Final = 10
"""Every so manieth shard is held out."""
COSTS: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Nats that a change of label may cost; the best on held-out sessions goes into the configuration."""
EXCERPT: Final = 4096
"""Code frames that are heard at once."""
CROP: Final = 256
"""Code frames of an example."""
SMOOTHING: Final = 0.05
"""Of the labels, which are themselves late or early by a frame or two."""
SOUNDS: Final = np.array([0 if label in PAUSES else ord(label[0]) for label in LABELS])
"""[88] the sound of every label: stress left out, all pauses one."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Sessions laid end to end; both clocks start at zero.

    Attributes:
        features: [T, width] at 50 Hz.
        labels: [N] at the code rate.
        spoken: [N] whether anybody speaks in the frame's session.
    """

    features: NDArray[np.float16]
    labels: NDArray[np.uint8]
    spoken: NDArray[np.bool_]

    @classmethod
    def read(cls, folder: Path, numbers: Sequence[int], voices: Voices) -> Frames:
        """The sessions of some shards."""
        heard, said, spoken = [], [], []
        for number in numbers:
            plans, features = read_shard(folder, number)
            heard.append(features)
            for plan in plans:
                said.append(labels(plan, voices))
                spoken.append(np.full(len(said[-1]), bool(plan.pieces)))
        return cls(np.concatenate(heard), np.concatenate(said), np.concatenate(spoken))

    def cut(self, start: int, frames: int) -> tuple[Tensor, Tensor]:
        """Features [frames, width] at the code rate, and labels [frames]."""
        first = max(0, start * HOP_SIZE // FEATURE_SAMPLES - 1)
        last = (start + frames) * HOP_SIZE // FEATURE_SAMPLES + 2
        features = torch.from_numpy(self.features[first:last].astype(np.float32))
        said = torch.from_numpy(self.labels[start : start + frames].astype(np.int64))
        return at_code_rate(features, first, start, start + frames), said

    def draw(self, batch: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Crops [batch, CROP, width] from anywhere, across sessions too, and labels [batch, CROP]."""
        starts = rng.integers(len(self.labels) - CROP, size=batch)
        features, said = zip(*(self.cut(int(start), CROP) for start in starts), strict=True)
        return torch.stack(features), torch.stack(said)


@torch.inference_mode()
def validate(head: LabelHead, frames: Frames) -> dict[str, float]:
    """Shares of held-out frames."""
    steps = range(0, len(frames.labels), EXCERPT)
    parts = [frames.cut(start, min(EXCERPT, len(frames.labels) - start))[0] for start in steps]
    found = np.concatenate([head(part[None])[0].argmax(-1).numpy() for part in parts])
    timed, silent = frames.labels != UNTIMED, ~frames.spoken
    said, heard = SOUNDS[frames.labels[timed]], SOUNDS[found[timed]]
    return {
        "labels": float((found == frames.labels)[timed].mean()),
        "sounds": float((said == heard).mean()),
        "spoken_sounds": float((said == heard)[said != 0].mean()),
        "heard_in_silence": float((SOUNDS[found[silent]] != 0).mean()),
    }


@torch.inference_mode()
def edit_errors(head: LabelHead, frames: Frames, costs: Sequence[float] = COSTS) -> dict[float, float]:
    """Edit errors of the consonants of held-out sessions by what a change of label costs, in nats."""
    wrong, total = dict.fromkeys(costs, 0), 0
    for start in range(0, len(frames.labels), EXCERPT):
        features, said = frames.cut(start, min(EXCERPT, len(frames.labels) - start))
        timed = (said != UNTIMED).numpy()
        logits = head(features[None])[0].numpy()[timed]
        if not len(logits):
            continue
        wanted = consonants(said.numpy()[timed])
        total += len(wanted)
        for cost in costs:
            wrong[cost] += edit_distance(wanted, consonants(steady_path(logits, cost)))
    return {cost: count / max(1, total) for cost, count in wrong.items()}


def evaluate(head: LabelHead, ema: dict[str, Tensor], frames: Frames) -> dict[str, float]:
    """Validate the averaged weights; the head keeps its own."""
    with with_weights(head, ema):
        return validate(head, frames)


def main() -> None:
    """Train, log, export head and encoder together."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--sessions", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--batch", type=int, default=8)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    config, voices = ExtractorConfig(num_labels=len(LABELS)), Voices(args.corpora)
    found = shards(args.sessions)
    held = found[HELD_OUT - 1 :: HELD_OUT] or found[-1:]
    training = Frames.read(args.sessions, [number for number in found if number not in held], voices)
    validation = Frames.read(args.sessions, held, voices)
    head = LabelHead(config)
    optimiser = torch.optim.AdamW(head.parameters(), betas=(0.9, 0.98), weight_decay=0.01)
    run = Run(args.run, args.minutes, head, optimiser, peak_rate=2e-3, ema_decay=0.998)
    for step in run.steps():
        features, said = training.draw(args.batch, np.random.default_rng([args.batch, step]))
        loss = nn.functional.cross_entropy(
            head(features).flatten(0, 1), said.flatten(), ignore_index=UNTIMED, label_smoothing=SMOOTHING
        )
        run.update(loss)
        if step % 250 == 249:
            run.log(loss=loss.item(), **evaluate(head, run.ema, validation))
    run.log(**evaluate(head, run.ema, validation))
    head.load_state_dict(run.ema)
    errors = edit_errors(head, validation)
    run.log(**{f"edit_errors_{cost}": share for cost, share in errors.items()})
    config = replace(config, change_cost=min(errors, key=errors.__getitem__))
    weights = {f"head.{name}": value for name, value in run.ema.items()}
    weights |= {f"encoder.{name}": value for name, value in load_encoder(args.encoder).state_dict().items()}
    export(weights, args.run / "extractor.safetensors")
    stored = {**asdict(config), "dilations": list(config.dilations)}
    (args.run / "extractor.yaml").write_text(yaml.safe_dump(stored, sort_keys=False))


if __name__ == "__main__":
    main()
