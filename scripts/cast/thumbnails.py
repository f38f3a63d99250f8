"""Small pictures of the actors that ship, at rest, as they look now: thumbnail.png in their folders.

python -m scripts.cast.thumbnails            # everybody's
python -m scripts.cast.thumbnails mira
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from avgen.actors.actor import THUMBNAIL_FILE, read_actor
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.making import DOMAIN
from avgen.casting.sheet import draw_sheet
from avgen.config import presets_folder
from scripts.cast.people import cast

SIDE, PALETTE = 256, 200
"""Pixels of a side, and colours: a shipped picture is small."""


def write_thumbnail(folder: Path) -> None:
    """Write a small picture of an actor to its folder."""
    actor = read_actor(folder)
    sheet = draw_sheet(*read_tensors(actor.components["avatar"].file), actor)
    small = Image.fromarray(sheet[:, : len(sheet)]).resize((SIDE, SIDE))
    small.quantize(PALETTE).save(folder / THUMBNAIL_FILE, optimize=True)


def main() -> None:
    """Write them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="of actors; everybody without")
    for name in parser.parse_args().names or (DOMAIN, *cast()):
        write_thumbnail(presets_folder() / "actors" / name)


if __name__ == "__main__":
    main()
