"""Training data of the flow of gestures: passages that the synthesiser performs, and what the flow is told.

    python -m scripts.train.gesture_data --passages work/passages/mira --out work/gestures --seeds 2

Every passage is performed under several seeds and manners, now and then with gestures that a script asks for.
A shard holds arrays laid end to end with `*_offsets`, at a third of the code rate: labels [M, 3] of the code
frames, each condition of `cues`, and the code [M, 62]; accents [A, 2] are times and strengths.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import one_hot

from avgen.body.gestures.curves import STRIDE
from avgen.body.gestures.hearing import Hearing, hear
from avgen.body.gestures.poses import KINDS
from avgen.body.gestures.synthesis import perform
from avgen.body.skeleton import Skeleton
from avgen.flow.gesture_cues import SIZES, cues
from avgen.gestures import AMOUNTS, Gestures
from avgen.speech.melody import mel_pitch
from avgen.text.labels import LABELS
from avgen.types import CODE_RATE, Interval
from scripts.mira.dataset import SPLITS, Passage, Passages, Split
from scripts.mira.phones import Phone, is_pause
from scripts.mira.skeleton import person_skeleton
from scripts.train.data import frame_labels
from scripts.voices.corpus import save

log = logging.getLogger(__name__)
NATURAL_SHARE: Final = 0.6
"""Share of performances in the natural manner, of any amount; the others' is a named one."""
LEAST_AMOUNT: Final = 0.2
ASKED_SHARE: Final = 0.15
"""Share of performances in which a script asks for gestures."""
ASKED_SECONDS: Final = 4.0
"""Between such gestures, on average."""
SHARD_PASSAGES: Final = 100


def words_of(passage: Passage) -> tuple[Interval, ...]:
    """Timed words of a passage; none if its phones are not as many words as its text."""
    spans: list[list[Phone]] = [[]]
    for phone in passage.phones:
        if is_pause(phone.name):
            spans.append([])
        else:
            spans[-1].append(phone)
    spans, written = [span for span in spans if span], passage.text.split()
    if len(spans) != len(written):
        return ()
    return tuple(
        Interval(word, span[0].start, span[-1].end) for word, span in zip(written, spans, strict=True)
    )


def labelled(phone: Phone) -> Interval:
    """A phone as tokens name it."""
    label = LABELS[int(frame_labels([phone], 1)[0])]
    return Interval(label, phone.start, phone.end)


def listen(passage: Passage, marks: Sequence[Interval] = ()) -> Hearing:
    """A passage as the body hears it."""
    phonemes = [labelled(phone) for phone in passage.phones]
    return hear(passage.mel, mel_pitch(passage.mel), phonemes, words_of(passage), marks)


def draw_gestures(rng: np.random.Generator) -> Gestures:
    """How much and in what manner somebody gestures."""
    if rng.random() < NATURAL_SHARE:
        return Gestures(float(rng.uniform(LEAST_AMOUNT, 1)))
    return Gestures.parse(str(rng.choice(list(AMOUNTS))))


def draw_marks(seconds: float, rng: np.random.Generator) -> tuple[Interval, ...]:
    """Gestures that a script might ask for; mostly none."""
    if rng.random() >= ASKED_SHARE:
        return ()
    asked = [f"point {kind}" if kind in ("me", "you", "there") else kind for kind in KINDS if kind != "count"]
    out, time = [], rng.exponential(ASKED_SECONDS)
    while time < seconds - 1:
        label = str(rng.choice([*asked, "count 1", "count 2", "count 3", "hands rest", "hands free"]))
        out.append(Interval(label, time, time))
        time += 1.0 + rng.exponential(ASKED_SECONDS)
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Example:
    """One performance: labels [M, 3], conditions [M, channels] by name, code [M, 62], accents [A, 2]."""

    labels: NDArray[np.uint8]
    conditions: dict[str, NDArray[np.float16]]
    code: NDArray[np.float16]
    accents: NDArray[np.float32]


def perform_passage(
    skeleton: Skeleton, passage: Passage, gestures: Gestures, seed: int, marks: Sequence[Interval] = ()
) -> Example:
    """What the synthesiser makes of a passage, and what a flow is told of it."""
    hearing = listen(passage, marks)
    emotion = passage.emotion.astype(np.float32)
    made = perform(skeleton, hearing, gestures, emotion, seed)
    code = np.concatenate([made.body, made.hands], 1)[::STRIDE]
    told = cues(hearing, gestures, emotion, made.plan)
    labels = np.pad(frame_labels(passage.phones, len(passage.mel)), (1, STRIDE), "edge")
    return Example(
        labels[: STRIDE * len(code)].reshape(-1, STRIDE).astype(np.uint8),
        {name: values[: len(code)].astype(np.float16) for name, values in told.items()},
        code.astype(np.float16),
        np.array([(one.time, one.strength) for one in hearing.accents], np.float32).reshape(-1, 2),
    )


def build(out: Path, passages: Passages, skeleton: Skeleton, seeds: int) -> None:
    """Write every shard that is missing."""
    out.mkdir(parents=True, exist_ok=True)
    for shard, first in enumerate(range(0, len(passages), SHARD_PASSAGES)):
        path = out / f"gestures_{shard:03d}.npz"
        if path.exists():
            continue
        arrays: dict[str, list[NDArray[Any]]] = {name: [] for name in (*SIZES, "labels", "code", "accents")}
        for number in range(first, min(first + SHARD_PASSAGES, len(passages))):
            passage = passages[number]
            for take in range(seeds):
                rng = np.random.default_rng([number, take])
                marks = draw_marks(len(passage.mel) / CODE_RATE, rng)
                made = perform_passage(
                    skeleton, passage, draw_gestures(rng), int(rng.integers(1 << 31)), marks
                )
                for name, values in made.conditions.items():
                    arrays[name].append(values)
                for name in ("labels", "code", "accents"):
                    arrays[name].append(getattr(made, name))
        save(path, arrays)
        log.info("%s: %.2f h", path.name, sum(map(len, arrays["code"])) * STRIDE / CODE_RATE / 3600)


def read_examples(folder: Path) -> Iterator[Example]:
    """All performances of a folder."""
    for path in sorted(folder.glob("gestures_*.npz")):
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)

        def cut(name: str, row: int, arrays: dict[str, NDArray[Any]] = arrays) -> NDArray[Any]:
            start, stop = arrays[f"{name}_offsets"][row : row + 2]
            return arrays[name][start:stop]

        for row in range(len(arrays["code_offsets"]) - 1):
            conditions = {name: cut(name, row) for name in SIZES}
            yield Example(cut("labels", row), conditions, cut("code", row), cut("accents", row))


def told(examples: Sequence[Example]) -> dict[str, Tensor]:
    """What a flow is told of examples of one length, each [B, M, channels]."""
    labels = torch.from_numpy(np.stack([example.labels for example in examples]))
    tokens = one_hot(labels.long(), len(LABELS)).float().mean(-2)
    named = {
        name: torch.from_numpy(np.stack([example.conditions[name] for example in examples])).float()
        for name in SIZES
    }
    return {"tokens": tokens, **named}


def part(example: Example, start: int, length: int) -> Example:
    """Frames `start` to `start + length` of an example."""
    inside = slice(start, start + length)
    conditions = {name: values[inside] for name, values in example.conditions.items()}
    return Example(example.labels[inside], conditions, example.code[inside], example.accents)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=Path, required=True, help="folder that scripts.mira.dataset wrote")
    parser.add_argument("--split", choices=SPLITS)
    parser.add_argument("--actor", type=Path, default=Path("presets/actors/mira"), help="whose body it is")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=2, help="performances of every passage")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    split: Split | None = args.split
    build(args.out, Passages(args.passages, split), person_skeleton(args.actor)[0], args.seeds)


if __name__ == "__main__":
    main()
