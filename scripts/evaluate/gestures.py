"""How a learnt body moves beside the gesture synthesiser it is learnt from, on held-out text, as a table.

    python -m scripts.evaluate.gestures work/passages_held --flow work/gesture_flow/gestures.safetensors \
        --out scripts/evaluate/GESTURES.md

Every passage is performed under several seeds by each. The reference of distances is the synthesiser under
other seeds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from avgen.body.gestures.curves import STRIDE
from avgen.body.gestures.hearing import Hearing
from avgen.body.gestures.synthesis import perform
from avgen.body.skeleton import Skeleton
from avgen.emotion import Emotion
from avgen.flow.gestures import Draw, perform_learnt
from avgen.gestures import Gestures
from avgen.metrics.beats import Beats, alignment, onsets
from avgen.metrics.distribution import diversity, half_distance
from avgen.metrics.gestures import BodyMotion, accent_speed
from avgen.text.labels import LABELS
from avgen.types import CODE_RATE, LOGIT, FloatArray
from scripts.mira.dataset import Passage, Passages
from scripts.mira.skeleton import person_skeleton
from scripts.train.data import frame_labels
from scripts.train.gesture_data import listen
from scripts.train.guided_gestures import KEYS, guided, load_guide
from scripts.train.train_gestures import load_gesture_flow

SEEDS: Final = 4
REFERENCE_SEED: Final = 1000
GESTURES: Final = Gestures()
LEAST_SPREAD: Final = 0.003
"""Deviation of a channel that moves at all, radians or metres."""
ROWS: Final = {
    "accent_speed": ("speed of hands near strong accents over other clips'", "{:.2f}", ">= 1.15"),
    "deviation": ("deviation of channels over the teacher's, mean", "{:.2f}", ">= .85"),
    "deviation_least": ("the same, least channel", "{:.2f}", ""),
    "beat_hands": ("beat alignment of braking hands (BC)", "{:.3f}", ""),
    "beat_hands_shuffled": ("the same with other clips' sound", "{:.3f}", ""),
    "beat_margin": ("margin over chance, of the teacher's", "{:.0%}", ">= 80%"),
    "frechet_ratio": ("FD of body codes over that of reference and reference", "{:.2f}", "<= 2"),
    "hands_in_trunk": ("hand or forearm deeper than 5 mm in the trunk", "{:.1%}", "< 1%"),
    "hands_touching": ("hands deeper than 5 mm in each other", "{:.1%}", "< 1%"),
    "hands_resting": ("frames with hands resting", "{:.1%}", "within 20%"),
    "gestures_per_minute": ("gestures a minute", "{:.0f}", "within 20%"),
    "speed_median": ("speed of the faster hand, median, m/s", "{:.2f}", ""),
    "speed_high": ("the same, 95%", "{:.2f}", ""),
    "hand_jerk": ("jerk of hands, RMS, m/s^3", "{:.0f}", ""),
    "foot_slide": ("speed of feet, mm/s", "{:.2f}", ""),
    "takes_diversity_body": ("spread across takes (Div), radians and metres", "{:.3f}", ""),
    "happy_speed": ("speed of hands, happy over neutral", "{:.2f}", "as the teacher"),
    "sad_speed": ("the same, sad", "{:.2f}", "as the teacher"),
    "seconds_per_second": ("CPU seconds per second of speech, hearing aside", "{:.3f}", "<= .067"),
}
"""What is reported: by the name of the value, its label, form and bound."""
HEADING: Final = """# Learnt gestures beside the synthesiser's

{minutes:.1f} minutes of held-out speech in {passages} passages, {seeds} seeds each; gestures of amount 0.6,
with the emotions of the passages. Made by `scripts.evaluate.gestures`; distances count channels in the
teacher's spreads.

"""
NOTES: Final = """
Collisions are those of balls, which are thicker than hands and forearms; the flow's are counted after
`keep_clear`. Hands rest where both are slower than .2 m/s for a second. A gesture is a peak of the faster
hand's speed above .35 m/s, ways back included. `flow` is how actors gesture, `guide and flow`
Audio2Photoreal's way after 25 minutes of training, where the flow had an hour (TRAINING.md).
"""
Generator = Callable[[Hearing, Passage, int], tuple[FloatArray, FloatArray]]
Values = dict[str, float]


@dataclass
class Moved:
    """What one generator made of the passages.

    Attributes:
        motions: by seed, of every passage.
        seconds: of CPU that it took.
    """

    motions: list[list[BodyMotion]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def every(self) -> list[BodyMotion]:
        """All motions, seed by seed."""
        return [one for takes in self.motions for one in takes]

    @property
    def codes(self) -> list[list[FloatArray]]:
        """Codes [M, 62] at a third of the code rate, by seed and passage."""
        return [
            [np.concatenate([one.body, one.hands], 1)[::STRIDE] for one in takes] for takes in self.motions
        ]


def move(
    skeleton: Skeleton,
    passages: Sequence[Passage],
    hearings: Sequence[Hearing],
    generate: Generator,
    seeds: Sequence[int],
) -> Moved:
    """Perform all passages under all seeds."""
    moved, start = Moved(), time.process_time()
    for seed in seeds:
        takes = []
        for number, (passage, hearing) in enumerate(zip(passages, hearings, strict=True)):
            takes.append(BodyMotion(skeleton, *generate(hearing, passage, 100 * seed + number)))
        moved.motions.append(takes)
    moved.seconds = time.process_time() - start
    return moved


def measure(moved: Moved, sounds: Sequence[Beats], hearings: Sequence[Hearing]) -> Values:
    """Measures of one generator alone."""
    every, seeds = moved.every, len(moved.motions)
    speed = np.concatenate([one.speed for one in every])
    accents = [np.array([(a.time, a.strength) for a in one.accents]).reshape(-1, 2) for one in hearings]
    found = alignment([one.beats for one in every], [*sounds] * seeds)
    assert found is not None and found.shuffled is not None
    rows, weights = [one.measures() for one in every], [one.minutes for one in every]
    by_seed = [accent_speed([one.speed for one in takes], accents) for takes in moved.motions]
    return {
        "accent_speed": float(np.mean(by_seed)),
        "beat_hands": found.own,
        "beat_hands_shuffled": found.shuffled,
        **{name: float(np.average([row[name] for row in rows], weights=weights)) for name in rows[0]},
        "speed_median": float(np.median(speed)),
        "speed_high": float(np.quantile(speed, 0.95)),
        "takes_diversity_body": float(
            np.mean([diversity(np.stack(t)) for t in zip(*moved.codes, strict=True)])
        ),
        "seconds_per_second": moved.seconds / (60 * sum(weights)),
    }


def compare(moved: Moved, teacher: Moved, reference: Moved) -> Values:
    """Measures of one generator against the teacher, and a reference of the teacher's under other seeds."""
    spread, wanted = (
        np.concatenate([code for takes in one.codes for code in takes]).std(0) for one in (moved, teacher)
    )
    scale = np.maximum(wanted, LEAST_SPREAD)

    def distance(one: Moved) -> float:
        pairs = zip(reference.codes, one.codes, strict=True)
        return float(
            np.mean([half_distance([c / scale for c in a], [c / scale for c in b]) for a, b in pairs])
        )

    moving = wanted > LEAST_SPREAD
    kept = spread[moving] / wanted[moving]
    return {
        "deviation": float(kept.mean()),
        "deviation_least": float(kept.min()),
        "frechet_ratio": distance(moved) / distance(reference),
    }


def mood_speeds(
    skeleton: Skeleton, passages: Sequence[Passage], hearings: Sequence[Hearing], generate: Generator
) -> Values:
    """Speed of hands when happy and when sad, over that when neutral."""
    found = {}
    for name in ("neutral", "happy", "sad"):
        felt = np.array(Emotion.parse(name), np.float32)
        moody = [replace(one, emotion=np.tile(felt, (len(one.mel), 1))) for one in passages]
        moved = move(skeleton, moody, hearings, generate, [0])
        found[name] = float(np.concatenate([one.speed for one in moved.every]).mean())
    return {f"{name}_speed": found[name] / found["neutral"] for name in ("happy", "sad")}


def logits_of(passage: Passage) -> FloatArray:
    """Tokens [N, D] of a passage."""
    return LOGIT * np.eye(len(LABELS), dtype=np.float32)[frame_labels(passage.phones, len(passage.mel))]


def generators(
    skeleton: Skeleton, flows: Mapping[str, Path], guide: Path | None = None
) -> dict[str, Generator]:
    """The teacher and flows by name; those that fill in between keys have these of the guide."""

    def teacher(hearing: Hearing, passage: Passage, seed: int) -> tuple[FloatArray, FloatArray]:
        made = perform(skeleton, hearing, GESTURES, passage.emotion.astype(np.float32), seed)
        return made.body, made.hands

    found: dict[str, Generator] = {"teacher": teacher}
    for name, file in flows.items():
        flow = load_gesture_flow(file)
        draw: Draw = flow.draw
        if KEYS in flow.config.conditions:
            assert guide is not None, f"{name}: needs --guide"
            draw = guided(flow, load_guide(guide))

        def learnt(
            hearing: Hearing, passage: Passage, seed: int, draw: Draw = draw
        ) -> tuple[FloatArray, FloatArray]:
            emotion = passage.emotion.astype(np.float32)
            return perform_learnt(draw, skeleton, hearing, logits_of(passage), GESTURES, emotion, seed)

        found[name] = learnt
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("passages", type=Path, help="held-out passages of scripts.mira.dataset")
    parser.add_argument("--flow", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--guide", type=Path, help="guide.safetensors, for flows that fill in")
    parser.add_argument("--actor", type=Path, default=Path("presets/actors/mira"))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    skeleton, passages = person_skeleton(args.actor)[0], list(Passages(args.passages))
    hearings = [listen(passage) for passage in passages]
    sounds = [onsets(passage.mel) for passage in passages]
    flows = {name: Path(file) for name, _, file in (one.partition("=") for one in args.flow)}
    makers = generators(skeleton, flows, args.guide)
    moved = {
        name: move(skeleton, passages, hearings, generate, range(args.seeds))
        for name, generate in makers.items()
    }
    others = range(REFERENCE_SEED, REFERENCE_SEED + args.seeds)
    reference = move(skeleton, passages, hearings, makers["teacher"], others)
    rows = {
        name: measure(one, sounds, hearings)
        | compare(one, moved["teacher"], reference)
        | mood_speeds(skeleton, passages, hearings, makers[name])
        for name, one in moved.items()
    }
    margin = {name: row["beat_hands"] - row["beat_hands_shuffled"] for name, row in rows.items()}
    for name, row in rows.items():
        row["beat_margin"] = margin[name] / margin["teacher"]
    minutes = sum(len(passage.mel) for passage in passages) / CODE_RATE / 60
    table(rows, args.out, HEADING.format(minutes=minutes, passages=len(passages), seeds=args.seeds))


def table(rows: Mapping[str, Values], out: Path | None, heading: str) -> None:
    """Print the table, and write it with its heading if asked."""
    lines = [f"| measure | {' | '.join(rows)} | bound |", "| --- " * (2 + len(rows)) + "|"]
    for name, (label, form, bound) in ROWS.items():
        cells = " | ".join(form.format(row[name]) for row in rows.values())
        lines.append(f"| {label} | {cells} | {bound} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if out:
        out.write_text(f"{heading}\n{text}{NOTES}", encoding="utf-8")


if __name__ == "__main__":
    main()
