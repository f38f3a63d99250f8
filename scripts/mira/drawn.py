"""Captures drawn from what Mira performs: faces and head poses of passages, seen by the named cameras.

Two lists are kept as data, so that the pictures can be remade without the passages: `heldout_captures.json`
for measuring only (sentences never trained on, with extremes), `drawn_captures.json` for fitting.

    python -m scripts.mira.drawn --passages work/passages --held work/passages_eval
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.skinning import rotation_vectors
from avgen.avatars.views import View
from scripts.mira.dataset import Passages
from scripts.mira.expressions import DRAWN, FINE_SAMPLES, HELD_OUT, Capture, Channels
from scripts.mira.geometry import unit_names
from scripts.mira.look import studio

HELD_SEED, DRAWN_SEED = 20_261, 7_411
NUM_UNITS, NUM_HELD = 6, 40
EXTREMES: tuple[Channels, ...] = (
    {"eyeLookOutLeft": 0.8, "eyeLookInRight": 0.8},
    {"eyeLookInLeft": 0.8, "eyeLookOutRight": 0.8},
    {"eyeLookUp_": 0.8},
    {"eyeLookDown_": 0.8},
    {"eyeLookDown_": 0.5, "eyeLookInLeft": 0.5, "eyeLookOutRight": 0.5},
    {"eyeBlink_": 1.05},
    {"eyeBlink_": 0.5, "mouthClose": 1.0},
    {"eyeBlink_": 1.05, "mouthSmile_": 0.4},
)
"""Gaze and blinks; single face units, at random, come beside them."""
NUM_DRAWN = 45
CANDIDATES = 4000
EYE_SHARE = 0.6
"""How much the eyes count, relative to the rest of the face, when fitting frames are spread out."""


def _named(values: NDArray[np.float32]) -> Channels:
    return {name: round(float(v), 3) for name, v in zip(unit_names(), values, strict=True) if abs(v) > 0.004}


def seen_by(name: str, kind: str, channels: Channels, head: NDArray[np.float32], view: View) -> Capture:
    """A capture of a face under a head pose [7] from a view."""
    pitch, yaw, roll = (round(float(v), 3) for v in np.degrees(rotation_vectors(head[None, :4]))[0])
    x, y, z = (round(float(v), 5) for v in head[4:])
    focal = round(view.focal * studio.SENSOR_WIDTH / 2, 3)
    place = round(view.yaw, 3), view.target
    return Capture(name, kind, channels, yaw, pitch, roll, (x, y, z), focal, *place, FINE_SAMPLES)


def held_out(passages: Passages, cameras: Mapping[str, View]) -> list[Capture]:
    """Frames at random, single face units, gaze and blinks; the cameras take turns."""
    rng = np.random.default_rng(HELD_SEED)
    channels = np.concatenate([p.channels for p in passages])
    head = np.concatenate([p.head for p in passages])
    units = rng.choice(unit_names(), NUM_UNITS, replace=False)
    faces = [*EXTREMES, *({str(unit): round(float(rng.uniform(0.5, 0.9)), 3)} for unit in units)]
    labels = ["extreme"] * len(EXTREMES) + [str(unit) for unit in units]
    frames = rng.choice(len(head), NUM_HELD - len(faces), replace=False)
    faces += [_named(channels[frame]) for frame in frames]
    labels += ["spoken"] * len(frames)
    out: list[Capture] = []
    for k in rng.permutation(NUM_HELD):
        pose, camera = head[rng.integers(len(head))], list(cameras)[len(out) % len(cameras)]
        if k >= NUM_HELD - len(frames):
            pose = head[frames[k - (NUM_HELD - len(frames))]]
        name = f"held_{len(out):02d}_{labels[k]}_{camera}"
        out.append(seen_by(name, "full", faces[k], pose, cameras[camera]))
    return out


def drawn(passages: Passages, cameras: Mapping[str, View]) -> list[Capture]:
    """Frames far from each other (farthest-point sampling), without hair; the cameras take turns."""
    rng = np.random.default_rng(DRAWN_SEED)
    chosen = [passages[int(i)] for i in rng.choice(len(passages), min(len(passages), 150), replace=False)]
    channels = np.concatenate([p.channels for p in chosen])
    head = np.concatenate([p.head for p in chosen])
    frames = rng.choice(len(head), min(len(head), CANDIDATES), replace=False)
    eyes = np.array([name.startswith("eye") for name in unit_names()])
    space = channels[frames] * np.where(eyes, EYE_SHARE, 1)
    order, distance = [0], np.full(len(space), np.inf)
    while len(order) < NUM_DRAWN:
        distance = np.minimum(distance, np.linalg.norm(space - space[order[-1]], axis=1))
        order.append(int(distance.argmax()))
    out = []
    for place, k in enumerate(order):
        camera = list(cameras)[place % len(cameras)]
        name = f"skin_drawn_{place:02d}_{camera}"
        out.append(seen_by(name, "skin", _named(channels[frames[k]]), head[frames[k]], cameras[camera]))
    return out


def main() -> None:
    """Write both lists."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=Path, required=True)
    parser.add_argument("--held", type=Path, required=True)
    options = parser.parse_args()
    cameras = find_actor("mira").cameras
    for file, captures in (
        (HELD_OUT, held_out(Passages(options.held), cameras)),
        (DRAWN, drawn(Passages(options.passages, "train"), cameras)),
    ):
        lines = ",\n".join(json.dumps(asdict(capture)) for capture in captures)
        file.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
