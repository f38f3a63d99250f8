"""Eyeballs where no capture saw them: white above and below the iris, and the iris all around.

What lids cover in every capture is fitted to whatever lay nearest, lids and lashes: in eyes that open wide,
black above the iris and skin below it. There an eyeball gets the colours of what was seen at its sides.

    python -m scripts.cast.whites            # everybody's
    python -m scripts.cast.whites ken amara
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avgen.actors.packing import pack
from avgen.avatars.mesh.avatar import Texture, TexturedMesh
from avgen.avatars.mesh.storage import read_tensors, write_tensors
from avgen.casting.atlas import quantise, stored_atlas
from avgen.casting.head import LIMBUS
from avgen.config import presets_folder
from scripts.cast.people import cast
from scripts.cast.thumbnails import write_thumbnail
from scripts.mira.assemble import EYE_UV_REACH, RECTANGLES

Array = NDArray[np.float32]
Tensors = dict[str, NDArray[Any]]

BORDER = 2
"""Texels between the border of a rectangle of the atlas and its texture."""
SEEN, HIDDEN = 7.0, 12.0
"""Texels above or below the middle of an eye up to which, and from which, no capture shows it."""
SIDES = 6.0
"""Texels above and below the middle between which the sides are looked at."""
WHITE = 2.0, 9.0
"""Texels outside the iris between which the white is looked at: farther out are the corners of the lids."""
SHADE = 0.85, 0.95
"""Light that upper and lower lids leave to what they cover at rest."""


def whole_eyes(texture: Texture) -> Tensors:
    """Texture tensors in which both eyeballs have, where none was seen, the colours of their sides."""
    atlas = stored_atlas(texture)
    for name in ("eye_l", "eye_r"):
        x, y, width, height = RECTANGLES[name]
        eye = atlas[y : y + height, x : x + width]
        eye[:] = whole_eye(eye)
    return quantise(atlas)


def whole_eye(eye: Array) -> Array:
    """An eyeball's texture [h, w, 1 + NUM_TERMS, 3], rows upwards, seen from the front in its middle."""
    size = len(eye)
    up, across = np.mgrid[:size, :size] + 0.5 - size / 2
    radius, rim = np.hypot(up, across), LIMBUS / EYE_UV_REACH / 2 * (size - 2 * BORDER)
    sides = np.abs(up) < SIDES
    ring = sides & (radius > rim + WHITE[0]) & (radius < rim + WHITE[1])
    bright = eye[ring].sum((1, 2))
    white = eye[ring][bright >= np.median(bright)].mean(0)
    rings = np.arange(int(rim) + 1)
    iris = np.stack([eye[sides & (np.abs(radius - r) < 1)].mean(0) for r in rings])
    low = np.clip(radius.astype(int), 0, len(rings) - 2)
    part = np.clip(radius - low, 0, 1)[..., None, None]
    filled = (1 - part) * iris[low] + part * iris[low + 1]
    outside = np.clip((radius - rim + 1) / 2, 0, 1)[..., None, None]
    filled = (1 - outside) * filled + outside * white
    filled = filled * np.where(up > 0, *SHADE)[..., None, None]
    hidden = np.clip((np.abs(up) - SEEN) / (HIDDEN - SEEN), 0, 1)[..., None, None]
    out: Array = ((1 - hidden) * eye + hidden * filled).astype(np.float32)
    return out


def main() -> None:
    """Write the avatars, their hashes and thumbnails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="of people; everybody without")
    for name in parser.parse_args().names or cast():
        folder = presets_folder() / "actors" / name
        file = folder / "avatar.safetensors"
        tensors, names = read_tensors(file)
        units, parts = (tuple(names[key].split()) for key in ("units", "parts"))
        avatar = TexturedMesh.from_tensors(tensors, units, parts)
        write_tensors(file, tensors | whole_eyes(avatar.texture), names)
        pack(folder)
        write_thumbnail(folder)


if __name__ == "__main__":
    main()
