"""Draw the README's picture of Mira: named expressions as the CPU renderer shows them.

python -m scripts.bench.contact_sheet scripts/bench/mira.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from avgen.avatars.actor import find_actor
from avgen.components import Models
from avgen.renderers import create_renderer
from scripts.mira.fit_texture import named_channels

EXPRESSIONS = {
    "rest": {"mouthClose": 1.0, "mouthSmile_": 0.15},
    "m": {
        "jawOpen": 0.06,
        "mouthClose": 1.0,
        "mouthPress_": 0.06,
        "mouthRollLower": 0.1,
        "mouthRollUpper": 0.08,
    },
    "ah": {"jawOpen": 0.5, "mouthLowerDown_": 0.1, "browInnerUp": 0.15},
    "oo": {"jawOpen": 0.09, "mouthPucker": 0.8, "mouthFunnel": 0.1},
    "ee": {
        "jawOpen": 0.1,
        "mouthSmile_": 0.24,
        "mouthStretch_": 0.24,
        "mouthUpperUp_": 0.12,
        "mouthLowerDown_": 0.2,
    },
    "f": {"jawOpen": 0.185, "mouthRollLower": 1.0, "mouthUpperUp_": 0.22},
    "blink": {"mouthClose": 1.0, "eyeBlink_": 1.05, "mouthSmile_": 0.15},
    "smile": {"jawOpen": 0.08, "mouthSmile_": 0.55, "cheekSquint_": 0.16, "mouthUpperUp_": 0.15},
}
VERGENCE = {"eyeLookIn_": 0.09}
COLUMNS, SIDE, SIZE = 4, 256, 512
CROP = slice(20, 20 + 380), slice(66, 66 + 380)


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    avatar = Models(find_actor("mira"))["avatar"]
    renderer = create_renderer("numba", avatar, "portrait", SIZE, SIZE, "gradient")
    units = avatar.codec.units
    channels = np.concatenate([named_channels({**e, **VERGENCE}, units) for e in EXPRESSIONS.values()])
    still = np.tile(np.float32([1, 0, 0, 0, 0, 0, 0]), (len(channels), 1))
    pictures = renderer.render(avatar.codec.encode(channels), still)
    tiles = [
        Image.fromarray(picture[CROP]).resize((SIDE, SIDE), Image.Resampling.LANCZOS) for picture in pictures
    ]
    sheet = Image.new("RGB", (COLUMNS * SIDE, -(-len(tiles) // COLUMNS) * SIDE))
    for index, tile in enumerate(tiles):
        sheet.paste(tile, (index % COLUMNS * SIDE, index // COLUMNS * SIDE))
    sheet.save(options.file, quality=88)


if __name__ == "__main__":
    main()
