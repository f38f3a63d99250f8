"""What an avatar file holds: names, shapes and meaning of its tensors, checked before anything is computed.

Kernels follow indices without looking, so that a file whose parts do not belong together has to be refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.codec import BLINKS, MOUTH_CLOSE
from avgen.avatars.mesh.residual_colour import NUM_VIEW_FEATURES
from avgen.documents import unknown
from avgen.errors import ActorError

NUM_TERMS: Final = 6
"""Light terms per vertex; each has a texture of its own."""
EYE_PARTS: Final = ("eye_l", "eye_r")
NUM_BLOCKS: Final = 7
"""Skin, tongue, left eye, right eye, upper teeth, lower teeth, shirt: the order of the vertices."""
NUM_RIGID: Final = 4
"""Blocks that move as rigid bodies: eyes and teeth."""
SHAPES: Final[dict[str, tuple[str | int, ...]]] = {
    "mesh.rest": ("V", 3),
    "mesh.faces": ("F", 3),
    "mesh.uv": ("F", 3, 2),
    "mesh.part": ("F",),
    "mesh.starts": (NUM_BLOCKS + 1,),
    "mesh.head_weight": ("M",),
    "mesh.pivot": (3,),
    "blend.deltas": ("U", "M", 3),
    "rigid.cross": (NUM_RIGID, "1 + U", 3, 3),
    "rigid.centre": (NUM_RIGID, "1 + U", 3),
    "eyes.frames": (2, 4, 3),
    "codec.active": ("U",),
    "codec.mean": ("U",),
    "codec.scale": ("U",),
    "contact.lip_gap": ("J",),
    "contact.lip": ("J", "U"),
    "contact.lid_gap": (2,),
    "contact.lid": (2, "U"),
    "contact.margin": (1,),
    "texture.base": ("height", "width", 3),
    "texture.light": ("height", "width", 3 * NUM_TERMS),
    "texture.scale": (1 + NUM_TERMS,),
    "tint.gains": ("R", "3 V"),
    "tint.scale": ("R",),
    "tint.low": ("R",),
    "tint.high": ("R",),
    "hair.vertices": ("X", 3),
    "hair.faces": ("G", 3),
    "hair.normals": ("X", 3),
    "hair.depth": ("X",),
    "hair.pictures": ("Q", "picture height", "picture width", 4),
    "hair.cameras": ("Q", 3, 4),
    "hair.seen": ("Q", "X"),
    "hair.views": ("Q", 3),
    "light.samples": ("lights", 8),
    "light.key": (4, 3),
    "light.key_half": (1,),
}
"""Shape of every tensor in letters of the legend; what one letter stands for is the same everywhere."""


def check_layout(tensors: Mapping[str, NDArray[Any]], units: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """Refuse tensors that are not those of an avatar.

    Args:
        tensors: by name.
        units: names of the face units.
        parts: names of the mesh's parts.

    Raises:
        ActorError: naming the tensor and what was expected.
    """
    for name in tensors:
        if name not in SHAPES:
            raise ActorError(f"{unknown('tensor', name, SHAPES)} It may be of another version of avgen.")
    if missing := [name for name in SHAPES if name not in tensors]:
        raise ActorError(f"missing: {', '.join(missing)}.")
    for kind, names, needed in (("unit", units, (MOUTH_CLOSE, *BLINKS)), ("part", parts, EYE_PARTS)):
        if lacking := [name for name in needed if name not in names]:
            raise ActorError(f"metadata: expected a {kind} named {', '.join(lacking)}.")
    known: dict[str | int, int] = {
        "U": len(units),
        "1 + U": 1 + len(units),
        "R": NUM_VIEW_FEATURES + len(units),
    }
    sizes = check_shapes(tensors, SHAPES, known)
    for name in ("texture.base", "hair.pictures"):
        if min(tensors[name].shape[-3:-1]) < 2:
            raise ActorError(f"{name}: expected at least 2 x 2 texels, got {list(tensors[name].shape)}.")
    check_indices("mesh.faces", tensors, sizes["V"])
    check_indices("hair.faces", tensors, sizes["X"])
    check_indices("mesh.part", tensors, len(parts))
    starts = tensors["mesh.starts"].tolist()
    if starts != sorted(starts) or (starts[0], starts[2], starts[-1]) != (0, sizes["M"], sizes["V"]):
        raise ActorError(f"mesh.starts: expected first vertices of blocks that end at V, got {starts}.")
    _check_grid(tensors["hair.views"])


def check_shapes(
    tensors: Mapping[str, NDArray[Any]],
    shapes: Mapping[str, tuple[str | int, ...]],
    sizes: Mapping[str | int, int],
) -> dict[str | int, int]:
    """Compare the shapes of tensors with those of a legend; returns what its letters stand for.

    Args:
        tensors: by name.
        shapes: of each, in numbers and letters; a letter is the same number everywhere.
        sizes: letters that are known.

    Raises:
        ActorError: naming the tensor and what was expected.
    """
    found = dict(sizes)
    for name, letters in shapes.items():
        shape = tensors[name].shape
        wanted = [_size(letter, found) for letter in letters]
        fits = len(shape) == len(wanted) and all(w in (None, n) for w, n in zip(wanted, shape, strict=True))
        if not fits or 0 in shape:
            about = ", ".join(
                str(letter if size is None else size) for letter, size in zip(letters, wanted, strict=True)
            )
            raise ActorError(f"{name}: expected shape [{about}], got {list(shape)}.")
        found.update(zip(letters, shape, strict=True))
    return found


def _size(letter: str | int, sizes: Mapping[str | int, int]) -> int | None:
    """What a letter, or a multiple of one (`3 V`), stands for; None if that is not known yet."""
    if isinstance(letter, int):
        return letter
    factor, _, name = letter.rpartition(" ")
    return int(factor) * sizes[name] if factor.isdigit() and name in sizes else sizes.get(letter)


def check_indices(name: str, tensors: Mapping[str, NDArray[Any]], count: int) -> None:
    """Refuse a tensor that does not hold whole numbers below a count.

    Raises:
        ActorError: naming the tensor and what was expected.
    """
    values = tensors[name]
    if values.dtype.kind not in "iu" or values.min() < 0 or values.max() >= count:
        raise ActorError(f"{name}: expected whole numbers from 0 to {count - 1}.")


def _check_grid(views: NDArray[Any]) -> None:
    """Refuse views [Q, 3] that are no complete grid of yaws and pitches at every azimuth."""
    for azimuth in np.unique(views[:, 0]):
        members = views[views[:, 0] == azimuth, 1:]
        yaws, pitches = (np.unique(members[:, k]) for k in range(2))
        if not len(members) == len(np.unique(members, axis=0)) == len(yaws) * len(pitches):
            raise ActorError(f"hair.views: expected a grid of yaws and pitches at azimuth {azimuth:g}.")
