"""An actor of scripts.train.photoreal against what it was trained to be, on the test scenes of its captures.

    python -m scripts.evaluate.captured --dataset downloads/dataset/PXB184 --actor pxb184-speaks \
        --work work/pxb184 --out work/pxb184/CAPTURED.md

Every stretch of the test scenes is drawn anew from the letters that are heard in it, speech and motion
together, and measured as in the paper's section 4; the captures themselves, measured alike, are the
yardstick.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch

from avgen.actors.actor import find_actor
from avgen.actors.components import Models
from avgen.errors import AvgenError, InputError
from avgen.files import write_whole
from avgen.metrics.beats import alignment, motion_beats, onsets
from avgen.metrics.cepstra import mel_cepstral_distortion
from avgen.metrics.distribution import diversity, frechet_distance
from avgen.pose import head_angles
from avgen.stages.sample import finish
from avgen.types import CODE_RATE, Cues, FloatArray
from scripts.train.captures import Capture, find_scenes, hear
from scripts.train.photoreal import seen

PAPER: Final = {"FD_e": 0.861, "Div_h": 0.029, "Div_e": 0.680, "BC_h": 0.258, "BC_e": 0.229, "MCD": 0.900}
"""The joint model of table 1, on all four people and another data set."""
STEPS: Final = 8
LEAST_SECONDS: Final = 1.0
_FLOOR: Final = 1e-4


class Take(NamedTuple):
    """What is heard and seen of one stretch."""

    mel: FloatArray
    face: FloatArray
    head: FloatArray


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, required=True, help="the person's folder, with sceneNN_*")
    parser.add_argument("--actor", required=True, help="that scripts.train.photoreal made")
    parser.add_argument("--work", type=Path, required=True, help="folder that it was made in")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    try:
        write_whole(args.out, report(args.dataset, args.actor, args.work))
    except AvgenError as error:
        raise SystemExit(f"Error: {error}") from None


def report(dataset: Path, name: str, work: Path) -> str:
    """The table.

    Raises:
        AvgenError: a file or the actor is not what it should be.
    """
    models = Models(find_actor(name))
    scenes = find_scenes(dataset).test
    person = seen(
        [hear(scene, models["extractor"], work / "scenes") for scene in scenes], models["avatar"], name
    )
    least = LEAST_SECONDS * CODE_RATE
    known = [pair for pair in zip(*person, strict=True) if len(pair[1]) >= least]
    if len(known) < 2:
        raise InputError(f"{dataset}: expected two stretches of {LEAST_SECONDS} s in the test scenes.")
    reference = [Take(part.mel, part.face, head) for part, head in known]
    takes = [draw(models, part, seed) for seed, (part, _) in enumerate(known)]
    minutes = sum(len(take.mel) for take in takes) / CODE_RATE / 60
    rows = {"captures": measure(reference, reference), name: measure(takes, reference), "paper": PAPER}
    lines = [
        f"| {row} | " + " | ".join(f"{found[key]:.3f}" for key in PAPER) + " |" for row, found in rows.items()
    ]
    return "\n".join(
        [
            f"Made by `python -m scripts.evaluate.captured`: {len(takes)} stretches, {minutes:.1f} minutes.",
            "",
            "| | " + " | ".join(PAPER) + " |",
            "| --- " * (len(PAPER) + 1) + "|",
            *lines,
            "",
        ]
    )


def draw(models: Models, part: Capture, seed: int) -> Take:
    """A stretch as the actor says and shows it, given its letters."""
    logits = np.log(np.maximum(part.tokens.astype(np.float32), _FLOOR))
    drawn = models["flow"].sample({"tokens": logits}, seed, num_steps=STEPS)
    cues = Cues(drawn["mel"], logits, np.zeros((len(logits), 0), np.float32))
    codes = finish(drawn, models["flow"], models["head_vae"], cues)
    return Take(codes["mel"], codes["face"], codes["head"])


def measure(takes: Sequence[Take], reference: Sequence[Take]) -> dict[str, float]:
    """The paper's measures; NaN where there are no beats."""
    sounds = [onsets(take.mel) for take in takes]
    found = {
        "FD_e": frechet_distance(
            *(np.concatenate([take.face for take in side]) for side in (reference, takes))
        ),
        "Div_h": diversity(np.concatenate([take.head for take in takes])),
        "Div_e": diversity(np.concatenate([take.face for take in takes])),
        "MCD": float(
            np.mean([mel_cepstral_distortion(b.mel, a.mel) for a, b in zip(takes, reference, strict=True)])
        ),
    }
    motions = {"BC_h": [head_angles(take.head) for take in takes], "BC_e": [take.face for take in takes]}
    for name, curves in motions.items():
        aligned = alignment([motion_beats(curve) for curve in curves], sounds)
        found[name] = aligned.own if aligned else float("nan")
    return found


if __name__ == "__main__":
    main()
