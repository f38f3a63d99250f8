"""Which pixels of a photograph show hair: what is neither skin nor background, around the scalp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.portrait.landmarks import FACE_OVAL, Face

Array = NDArray[np.float64]

FACE_PIXELS: Final = 220
"""Height of the face, chin to forehead, at which hair is told apart."""
AROUND: Final = (1.1, 1.3, 1.6)
"""Faces' heights beside, above and below the face that may be hair."""
BESIDE, LOCKS, CLOTHES = 1.0, 0.7, 0.8
"""Where long hair hangs: faces' widths beside the face's middle, and heights below the chin; what lies lower
is taken to be clothes."""
LEAST_DIFFERENCE: Final = 28.0
"""Distance in CIE Lab between scalp and skin from which the scalp is taken to be hairy."""
EAR_DIFFERENCE, EAR_SHADE = 24.0, 60.0
"""Distance in a and b of 8-bit CIE Lab to the skin, and by how much darker, up to which an ear is no hair."""
ROUNDS: Final = 5
SOFTNESS: Final = 4


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where skin of the head is seen.

    Attributes:
        place: [n, 2] pixels.
        hairline: [n] decimetres above a usual hairline.
        ear: [n] whether it is of an ear.
    """

    place: Array
    hairline: Array
    ear: NDArray[np.bool_]


def hair_matte(
    image: NDArray[np.uint8], person: NDArray[np.float32], face: Face, seeds: Seeds
) -> NDArray[np.float32]:
    """Coverage [H, W] in [0, 1] of hair.

    Args:
        image: [H, W, 3] sRGB.
        person: [H, W] coverage of the person.
        face: in it.
        seeds: texels of the head.
    """
    import cv2

    low, high = (face.points[list(FACE_OVAL), :2].min(0), face.points[list(FACE_OVAL), :2].max(0))
    height = float(high[1] - low[1])
    scale = FACE_PIXELS / height
    corner = np.maximum(low - height * np.array(AROUND[:2]), 0)
    end = np.minimum(high + height * np.array([AROUND[0], AROUND[2]]), image.shape[1::-1])
    size = tuple(int(v) for v in np.maximum(np.round((end - corner) * scale), 8))
    move = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small, inside = (cv2.warpAffine(one, move, size, flags=flags) for one in (image, person))
    oval = (face.points[list(FACE_OVAL), :2] - corner) * scale
    near = Seeds((seeds.place - corner) * scale, seeds.hairline, seeds.ear)
    matte = _cut(small, inside, near, oval)
    back = cv2.invertAffineTransform(move)
    out: NDArray[np.float32] = cv2.warpAffine(matte, back, image.shape[1::-1], flags=cv2.INTER_LINEAR)
    return np.clip(out, 0, 1)


def _cut(
    image: NDArray[np.uint8], person: NDArray[np.float32], seeds: Seeds, oval: Array
) -> NDArray[np.float32]:
    """GrabCut (Rother et al. 2004), seeded by the head; then softened along the picture's edges.

    Args:
        image: [h, w, 3].
        person: [h, w] coverage.
        seeds: in its pixels.
        oval: [n, 2] outline of the face; ears lie outside, and may lie under hair.
    """
    import cv2

    shape = image.shape[:2]
    parts = seeds.hairline < -0.12, seeds.hairline > 0.05, seeds.ear
    face, scalp, ears = (_filled(seeds.place[chosen], shape) for chosen in parts)
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float64)
    skin = np.median(lab[(face > 0) & (scalp == 0)], 0)
    near = cv2.dilate(scalp, np.ones((7, 7), np.uint8), iterations=FACE_PIXELS // 8)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    (left, top), (right, chin) = oval.min(0), oval.max(0)
    beside = np.abs(columns - (left + right) / 2) < BESIDE * (right - left)
    near[beside & (rows > (top + chin) / 2) & (rows < chin + LOCKS * FACE_PIXELS)] = 1
    different = np.linalg.norm(cv2.GaussianBlur(lab, (0, 0), 2) - skin, axis=2) > LEAST_DIFFERENCE
    inside = cv2.fillPoly(np.zeros(shape, np.uint8), [np.round(oval).astype(np.int32)], 1)
    known = cv2.erode(face, np.ones((9, 9), np.uint8)) & inside
    mask = np.full(shape, cv2.GC_PR_BGD, np.uint8)
    mask[(person > 0.5) & (near > 0) & different] = cv2.GC_PR_FGD
    mask[(scalp > 0) & (face == 0) & (person > 0.5) & different] = cv2.GC_FGD
    mask[(known > 0) & (scalp == 0)] = cv2.GC_BGD
    like_skin = np.linalg.norm(lab[..., 1:] - skin[1:], axis=2) < EAR_DIFFERENCE
    mask[(ears > 0) & like_skin & (lab[..., 0] > skin[0] - EAR_SHADE)] = cv2.GC_BGD
    mask[rows > chin + CLOTHES * FACE_PIXELS] = cv2.GC_BGD
    mask[person < 0.15] = cv2.GC_BGD
    mask[near == 0] = cv2.GC_BGD
    if (mask == cv2.GC_FGD).sum() < 50:
        return np.zeros(shape, np.float32)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(image[..., ::-1].copy(), mask, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    solid = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    solid = _touching(solid, (scalp > 0) & (known == 0))
    soft = cv2.ximgproc.guidedFilter(image, solid.astype(np.float32), SOFTNESS, 60.0)
    matte: NDArray[np.float32] = np.clip((soft - 0.1) / 0.8, 0, 1).astype(np.float32)
    return matte


def _filled(place: Array, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Picture of the area that points [n, 2] cover."""
    import cv2

    out = np.zeros(shape, np.uint8)
    x, y = place.astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < shape[1]) & (y < shape[0])
    out[y[inside], x[inside]] = 1
    closed: NDArray[np.uint8] = cv2.morphologyEx(out, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return closed


def _touching(solid: NDArray[np.uint8], scalp: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Only the pieces of a mask that reach the scalp."""
    import cv2

    _, label = cv2.connectedComponents(solid)
    kept = np.unique(label[scalp & (solid > 0)])
    return (np.isin(label, kept[kept > 0])).astype(np.uint8)
