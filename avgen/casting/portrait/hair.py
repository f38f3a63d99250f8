"""The hair of a photograph, ready to be laid on a shell: its colour everywhere, its coverage, its light."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.portrait.albedo import Relight
from avgen.casting.portrait.fit import PortraitCamera
from avgen.casting.portrait.landmarks import FACE_OVAL, Face
from avgen.casting.portrait.shell import HairPicture
from avgen.casting.tone_curve import undevelop

Array = NDArray[np.float64]

CORE: Final = 0.8
"""Coverage from which a pixel has the colour of hair."""
SPREADS: Final = (2.0, 6.0, 18.0, 60.0)
"""Pixels over which that colour is carried beyond the hair."""
RIM: Final = 0.003
"""Metres inside the outline of the hair in which what is behind it shines through, and gives no colour."""
LEAST_CORE: Final = 0.3
"""Share of the hair that has to be left; thinner hair has the colour of its rim."""
SMOOTH, USUAL = 0.012, 0.6
"""Metres over which hair is smoothed where no picture shows it, and its share of the usual colour there: what
light from the side shines on is the rim."""
COARSE: Final = 3.0
"""Pixels of a spread that are enough to see it by: wider ones are made of smaller pictures."""
LEAST_HAIR: Final = 0.02
"""Pixels of hair, in shares of the face's, below which a head is bald."""


def hair_picture(
    image: NDArray[np.uint8], matte: NDArray[np.float32], face: Face, camera: PortraitCamera, relight: Relight
) -> HairPicture:
    """Hair of a photograph [H, W, 3] with a coverage [H, W]."""
    import cv2

    inside = (matte > 0.5).astype(np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(_oval(face)), 1)
    outlines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(inside, outlines, -1, 1, cv2.FILLED)
    width = 2 * max(1, round(RIM * camera.scale)) + 1
    core = cv2.erode(matte, np.ones((width, width), np.uint8))
    if (core > CORE).sum() < LEAST_CORE * (matte > CORE).sum():
        core = matte
    colour = _spread(image.astype(np.float64), core.astype(np.float64))
    usual = np.median(image[core > CORE], 0) if (core > CORE).any() else colour.mean((0, 1))
    return HairPicture(
        colour=colour,
        smooth=USUAL * usual + (1 - USUAL) * cv2.GaussianBlur(colour, (0, 0), SMOOTH * camera.scale),
        matte=matte.astype(np.float64),
        inside=cv2.GaussianBlur(inside.astype(np.float64), (0, 0), 1.5),
        camera=camera,
        relight=lambda normal: relight.log_gain(normal @ camera.turn.T, normal),
    )


def is_bald(matte: NDArray[np.float32], face: Face) -> bool:
    """Whether hardly any hair is seen."""
    import cv2

    return bool((matte > CORE).sum() < LEAST_HAIR * cv2.contourArea(_oval(face)))


def hair_light(image: NDArray[np.uint8], matte: NDArray[np.float32]) -> Array:
    """Linear light [3] that the hair sends back on average."""
    solid = image[matte > CORE].astype(np.float64)
    light: Array = undevelop(solid[:: max(1, len(solid) // 5000)]).mean(0)
    return light


def _oval(face: Face) -> NDArray[np.int32]:
    return np.round(face.points[list(FACE_OVAL), :2]).astype(np.int32)


def _spread(image: Array, matte: Array) -> Array:
    """The picture with the colour of its hair everywhere, from the nearest hair."""
    import cv2

    core = np.clip((matte - CORE + 0.2) / 0.3, 0, 1)
    known = np.dstack([image * core[..., None], core])
    total, (height, width) = known.copy(), core.shape
    for size in SPREADS:
        less = max(1, int(size // COARSE))
        small = cv2.resize(known, (-(-width // less), -(-height // less)), interpolation=cv2.INTER_AREA)
        wide = cv2.resize(cv2.GaussianBlur(small, (0, 0), size / less), (width, height))
        total += 0.01 ** np.log2(size) * wide
    spread: Array = total[..., :3] / np.maximum(total[..., 3:], 1e-15)
    return spread
