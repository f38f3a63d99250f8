"""Draw one sentence in every style: a row per style, a column per moment.

    python -m scripts.bench.styles work/passages_eval scripts/bench/styles.jpg --contact work/contact.npz
    python -m scripts.bench.styles work/passages_eval flow.jpg --contact work/contact.npz --flow

The synthesiser performs; with ``--flow`` the actor's joint flow does.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from avgen.actors.actor import find_actor
from avgen.actors.components import Models
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.background import Background
from avgen.emotion import Emotion
from avgen.types import CODE_RATE
from scripts.mira.contact import load_contact
from scripts.mira.dataset import Passage, Passages
from scripts.mira.performers import FlowPerformer, Synthesiser
from scripts.mira.phones import BILABIALS, VOWELS, is_pause

STYLES: Final = ("neutral", "happy", "sad", "angry", "surprised", "happy:0.5,surprised:0.5")
SENTENCE: Final = "I never said that she stole the money"
SEED: Final = 7
SIZE: Final = 480
CROP: Final = slice(40, 420), slice(76, 404)
TILE: Final = (158, 183)
LEGEND: Final = 16


def moments(passage: Passage) -> dict[str, int]:
    """Frames to draw: rest before the sentence, open and spread vowels, rounding, contact, and its end."""
    frames = {"before": 4}
    wanted = {"open": "æɑɛʌI", "p b m": BILABIALS, "round": "oOuUw", "f v": "fv"}
    for label, names in wanted.items():
        found = [p for p in passage.phones if p.name in names and not is_pause(p.name)]
        if found:
            longest = max(
                found, key=lambda p: (p.stress, p.duration) if p.name in VOWELS else (0, p.duration)
            )
            frames[label] = int(longest.middle * CODE_RATE)
    return frames | {"after": len(passage.mel) - 6}


def draw_all_units(avatar: TexturedMesh) -> TexturedMesh:
    """The avatar with a code that is the 53 channels themselves."""
    codec = avatar.codec
    units = len(codec.units)
    plain = replace(
        codec,
        active=np.arange(units),
        mean=np.zeros(units, np.float32),
        scale=np.ones(units, np.float32),
    )
    return replace(avatar, codec=plain)


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("passages", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--contact", type=Path, required=True)
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--flow", action="store_true", help="let the actor's joint flow perform")
    parser.add_argument("--sentence", default=SENTENCE, help="how the sentence begins")
    options = parser.parse_args()
    passage = next(p for p in Passages(options.passages) if p.text.startswith(options.sentence))
    performer = FlowPerformer(options.actor) if options.flow else Synthesiser(load_contact(options.contact))
    actor = find_actor(options.actor)
    avatar = draw_all_units(Models(actor)["avatar"])
    renderer = avatar.renderer("cpu", actor.view("close-up"), (SIZE, SIZE), Background())
    frames = moments(passage)
    sheet = Image.new("RGB", (len(frames) * TILE[0], len(STYLES) * (TILE[1] + LEGEND)), "#202226")
    draw = ImageDraw.Draw(sheet)
    for row, style in enumerate(STYLES):
        take = performer(passage, Emotion.parse(style), SEED)
        kept = list(frames.values())
        top = row * (TILE[1] + LEGEND)
        pictures = renderer.render({"face": take.channels[kept], "head": take.head[kept]})
        for column, picture in enumerate(pictures):
            tile = Image.fromarray(picture[CROP]).resize(TILE, Image.Resampling.LANCZOS)
            sheet.paste(tile, (column * TILE[0], top + LEGEND))
        for column, label in enumerate(frames):
            text = f"{style}: {label}" if column == 0 else label
            draw.text((column * TILE[0] + 4, top + 2), text, fill="#d8d8d8")
    sheet.save(options.file, quality=75)


if __name__ == "__main__":
    main()
