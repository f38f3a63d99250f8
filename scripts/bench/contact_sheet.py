"""Draw the README's picture of Mira: path-traced and, to the right of each, what the CPU renderer shows.

MIRA_WORK=... python -m scripts.bench.contact_sheet scripts/bench/mira.jpg

Takes dev pictures (`$MIRA_WORK/captures/test_*`, scripts/mira/capture.py), which nothing was fitted to.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from PIL import Image

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.raster.background import make_background
from avgen.background import Background
from scripts.bench.bm_likeness import AVATAR
from scripts.mira.pictures import RESOLUTION, load_pictures

NAMES = ("rest", "smile", "ah", "oo", "ee", "f", "m", "blink", "view_+25")
COLUMNS, SIDE = 3, 220
CROP = slice(50, 50 + 330), slice(91, 91 + 330)


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--avatar", type=Path, default=AVATAR)
    options = parser.parse_args()
    avatar = TexturedMesh.load({}, options.avatar)
    folder = Path(os.environ["MIRA_WORK"]) / "captures"
    pictures = {str(p.note["name"]): p for p in load_pictures(folder, "full", avatar)}
    background = make_background(Background(), RESOLUTION, RESOLUTION)
    sheet = Image.new("RGB", (2 * COLUMNS * SIDE, -(-len(NAMES) // COLUMNS) * SIDE))
    for index, name in enumerate(NAMES):
        picture = pictures[f"test_{name}"]
        renderer = NumbaRenderer(avatar, picture.camera, (RESOLUTION, RESOLUTION), Background())
        drawn = renderer.render_posed(avatar.pose_weights(picture.weights, picture.head))[0]
        alpha = picture.rgba[..., 3:] / 255
        traced = (picture.rgba[..., :3] * alpha + background * (1 - alpha)).astype(np.uint8)
        for k, pixels in enumerate((traced, drawn)):
            tile = Image.fromarray(pixels[CROP]).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            sheet.paste(tile, ((2 * (index % COLUMNS) + k) * SIDE, index // COLUMNS * SIDE))
    sheet.save(options.file, quality=88)


if __name__ == "__main__":
    main()
