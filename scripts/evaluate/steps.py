"""What each evaluation of the flow buys: motion to given speech with few and many, the fewest by regression.

    python -m scripts.evaluate.steps --reference work/passages_eval --out scripts/evaluate/STEPS.md

Held-out sentences are performed by the synthesiser; the flow is given their sound and phoneme times, as of a
recording, and moves to them.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch

import avgen
from avgen.performer import Performer
from avgen.stages.sample import finish
from avgen.types import CODE_RATE
from scripts.evaluate.against_reference import Take, measure, reference_take
from scripts.mira.dataset import Passage, Passages
from scripts.train.data import cues, frame_labels

STEPS: Final = (1, 4, 7, 12)
COLUMNS: Final = {
    "squared error of face codes": ".3f",
    "lip_correlation": ".3f",
    "lip_f1_bilabials": ".3f",
    "lip_delay_ms": ".0f",
    "blinks": ".1f",
    "gaze_sd": ".3f",
    "jaw_sd": ".3f",
    "head_yaw_sd": ".2f",
    "jitter of lips": ".2f",
    "CPU s per s": ".3f",
}


def follow(passage: Passage, performer: Performer, seed: int, steps: int) -> Take:
    """The motion of the actor's flow to a passage's sound."""
    flow, head_vae = performer.models["flow"], performer.models["head_vae"]
    heard = cues(passage, frame_labels(passage.phones, len(passage.mel)))
    told = {"tokens": heard.logits, "emotion": heard.emotion}
    drawn = flow.sample(told, seed, known={"mel": heard.mel}, num_steps=steps)
    codes = finish(drawn, flow, head_vae, heard)
    return Take(heard.mel, codes["face"], codes["head"])


def row(takes: Sequence[Take], passages: Sequence[Passage], performer: Performer) -> dict[str, float]:
    """Measures of takes, one of each passage, against its performance."""
    avatar = performer.models["avatar"]
    reference = [reference_take(passage, avatar) for passage in passages]
    pairs = list(zip(takes, reference, strict=True))

    def jitter(side: Sequence[Take]) -> float:
        return float(np.mean([np.abs(np.diff(avatar.codec.lip_gap(take.face), 2)).mean() for take in side]))

    return {
        **measure(takes, reference, passages, avatar),
        "squared error of face codes": float(np.mean([np.mean((a.face - b.face) ** 2) for a, b in pairs])),
        "jitter of lips": jitter(takes) / jitter(reference),
    }


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--reference", type=Path, required=True, help="held-out passages")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    torch.set_num_threads(1)
    performer = avgen.load_actor(args.actor)
    passages = list(Passages(args.reference))[: args.count]
    seconds = sum(len(passage.mel) for passage in passages) / CODE_RATE
    lines = [
        f"Made by `python -m scripts.evaluate.steps --count {args.count}` on {platform.machine()}, Python "
        f"{platform.python_version()}: {len(passages)} held-out sentences, {seconds:.0f} s, one thread.",
        "",
        f"| steps | {' | '.join(COLUMNS)} |",
        "| --- " * (1 + len(COLUMNS)) + "|",
    ]
    for steps in STEPS:
        started = time.process_time()
        takes = [follow(passage, performer, seed, steps) for seed, passage in enumerate(passages)]
        spent = (time.process_time() - started) / seconds
        found = {**row(takes, passages, performer), "CPU s per s": spent}
        lines.append(f"| {steps} | {' | '.join(f'{found[name]:{form}}' for name, form in COLUMNS.items())} |")
        print(lines[-1], flush=True)
    still = [reference_take(passage, performer.models["avatar"]) for passage in passages]
    own = row(still, passages, performer)
    cells = (f"{own[name]:{form}}" if name in own else "" for name, form in COLUMNS.items())
    lines += [f"| the synthesiser itself | {' | '.join(cells)} |"]
    if args.out:
        args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
