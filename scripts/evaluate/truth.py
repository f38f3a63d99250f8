"""Actors from path-traced photographs of the cast against path-traced pictures of the same people.

Pictures are `$CAST_WORK/NAME/captures/photo_*` and `test_*` of scripts.cast.shoot. An actor is made from the
photograph from the front, and from all three; then poses and cameras of the other pictures are drawn. The
cast's own avatars are not used: actors from photographs start from Mira's. How units look in a person's own
face is in the truth, and no photograph at rest shows it.

    CAST_WORK=... python -m scripts.evaluate.truth --sheets work
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.making import DOMAIN, domain
from avgen.casting.person import read_person
from avgen.casting.portrait.likeness import Photo, make_likeness
from avgen.casting.portrait.making import read_photos
from scripts.bench.bm_cast import REGIONS, SIDE
from scripts.bench.bm_likeness import compare
from scripts.cast.photographs import PHOTO
from scripts.mira.pictures import load_pictures

Array = NDArray[np.float64]

WALL = 0x96
"""Grey level behind the people."""


def photographs(captures: Path) -> list[Photo]:
    """A person's photographs before a wall, the most frontal first."""
    with TemporaryDirectory() as folder:
        for file in captures.glob(f"{PHOTO}_*.png"):
            picture = Image.open(file).convert("RGBA")
            wall = Image.new("RGBA", picture.size, (WALL, WALL, WALL, 255))
            Image.alpha_composite(wall, picture).convert("RGB").save(Path(folder) / file.name)
        return read_photos(sorted(Path(folder).iterdir()))


def scores(photos: Sequence[Photo], captures: Path) -> tuple[Array, NDArray[np.uint8]]:
    """Means [regions, 2] of SSIM and PSNR of an actor from photographs, and all pictures compared."""
    mira = find_actor(DOMAIN)
    base, names = read_tensors(mira.components["avatar"].file)
    camera = mira.view().camera(SIDE, SIDE)
    made = make_likeness(photos, base, names, read_person(mira.folder), domain(), camera, lambda step: None)
    units, parts = (tuple(names[key].split()) for key in ("units", "parts"))
    avatar = TexturedMesh.from_tensors(made.tensors, units, parts)
    compared = [compare(avatar, picture) for picture in load_pictures(captures, "full", avatar)]
    means = [np.mean([score[name] for score, _ in compared], 0) for name in REGIONS]
    return np.array(means), np.concatenate([row for _, row in compared])


def table(work: Path, sheets: Path | None) -> list[str]:
    """Markdown: SSIM / PSNR of the regions, by person and number of photographs; then the means.

    Args:
        work: CAST_WORK of scripts.cast.shoot.
        sheets: folder for pictures of the truth, what is drawn, and four times the difference.
    """
    every: dict[int, list[Array]] = {}
    lines = ["| person | photographs | " + " | ".join(REGIONS) + " |", "| --- " * (2 + len(REGIONS)) + "|"]
    for captures in sorted(file.parent for file in work.glob(f"*/captures/{PHOTO}_+0.png")):
        photos = photographs(captures)
        for count in (1, len(photos)):
            values, sheet = scores(photos[:count], captures)
            every.setdefault(count, []).append(values)
            lines.append(_row(captures.parent.name, count, values))
            if sheets:
                Image.fromarray(sheet).save(sheets / f"{captures.parent.name}_{count}.jpg")
    return lines + [_row("mean", count, np.mean(values, 0)) for count, values in every.items()]


def _row(name: str, count: int, values: Array) -> str:
    cells = [f"{ssim:.3f} / {psnr:.1f}" for ssim, psnr in values]
    return f"| {name} | {count} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sheets", type=Path, help="folder for the truth, what is drawn, 4 x difference")
    print("\n".join(table(Path(os.environ["CAST_WORK"]), parser.parse_args().sheets)))


if __name__ == "__main__":
    main()
