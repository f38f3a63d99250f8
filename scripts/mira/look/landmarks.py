"""Where things are on Mira's face: hairline, neckline, skin tints. Decimetres, MakeHuman axes."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from avgen.casting.person import Person
from scripts.mira.basemesh import Corner
from scripts.mira.geometry import Head, full_space, load_head

Array = NDArray[np.float64]

HEAD_CENTRE = np.array([0, 6.9, 0.42])
BUN_CENTRE = np.array([0, 6.62, -0.98])
HAIRLINE_DEGREES = (0, 15, 30, 42, 52, 60, 66, 72, 78, 84, 92, 104, 112, 120, 135, 160, 180)
HAIRLINE_HEIGHT = (
    *(7.335, 7.345, 7.31, 7.20, 7.08, 6.96, 6.80, 6.66, 6.62),
    *(6.80, 6.97, 6.97, 6.72, 6.42, 6.20, 6.06, 6.02),
)
RAISED_DEGREES = (0, 12, 24, 36, 48, 58, 68, 80, 88, 98, 106, 116, 125)
RAISED = {
    "crop": (0.00, 0.02, 0.06, 0.10, 0.08, 0.04, 0.02, 0.0, -0.08, -0.16, -0.16, -0.04, 0.0),
    "swept": (0.01, 0.03, 0.07, 0.09, 0.06, 0.03, 0.0, 0.0, -0.08, -0.16, -0.16, -0.04, 0.0),
    "receding": (0.13, 0.20, 0.30, 0.33, 0.27, 0.20, 0.12, 0.04, -0.06, -0.16, -0.16, -0.04, 0.0),
}
"""Decimetres by which men's hairlines lie higher, by degrees from the middle of the forehead; around the ears
they lie lower than that of hair that is combed to the back."""
SCALP_COLOUR = (0.014, 0.008, 0.006)
"""Of the roots between strands."""
SCALP_COVER = 0.97
COVERS = {"receding": 0.35, "crop": 0.85, "swept": 0.9}
"""Where hair is thin or short, more of the skin shows: share of the usual cover."""
STUBBLE_TONE = (1.0, 0.94, 0.86)

TINTS = (
    # strength, centre (|x|, y, z), radius, factor on the skin colour
    (0.65, (0.45, 6.42, 1.18), 0.20, (1.02, 0.76, 0.74)),  # cheeks
    (0.75, (0, 6.45, 1.52), 0.11, (1.0, 0.76, 0.74)),  # tip of the nose
    (0.45, (0.14, 6.40, 1.38), 0.07, (0.98, 0.72, 0.70)),  # alae
    (0.60, (0.27, 6.60, 1.22), 0.09, (0.90, 0.80, 0.84)),  # under the eyes
    (0.45, (0.30, 6.84, 1.24), 0.09, (0.95, 0.80, 0.78)),  # upper lids
    (0.40, (0, 5.88, 1.33), 0.14, (1.0, 0.86, 0.84)),  # chin
    (0.30, (0.18, 6.02, 1.33), 0.12, (0.96, 0.97, 0.95)),  # around the mouth, cooler
    (0.30, (0, 7.15, 1.3), 0.35, (1.02, 1.02, 0.95)),  # forehead, yellower
)


def _gauss(distance: Array, radius: float) -> Array:
    return np.exp(-((distance / radius) ** 2) / 2)


@cache
def domain() -> Array:
    """Mira's vertices [V, 3] without resting expression; places on others are those of the same vertices."""
    head, (_, space) = load_head(), full_space()
    return head.rest - np.tensordot(space.resting, head.deltas, 1)


def bust_faces(head: Head) -> list[tuple[Corner, ...]]:
    """Faces of the body that a portrait can show."""
    places = domain()
    keep = np.zeros(len(places), bool)
    keep[head.mesh.indices("body")] = True
    keep &= (places[:, 1] > 3.15) & (np.abs(places[:, 0]) < 2.6)
    return [face for face in head.mesh.faces["body"] if all(keep[v] for v, _ in face)]


def above_hairline(points: Array, style: str = "bun") -> Array:
    """Signed height of points above the hairline of a way to wear hair."""
    azimuth = np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2] - HEAD_CENTRE[2]))
    raised = np.interp(azimuth, RAISED_DEGREES, RAISED.get(style, np.zeros(len(RAISED_DEGREES))))
    if style != "bun":
        raised = raised + 0.012 * np.sin(9 * points[:, 0] + 1) + 0.008 * np.sin(31 * points[:, 0])
    return points[:, 1] - raised - np.interp(azimuth, HAIRLINE_DEGREES, HAIRLINE_HEIGHT)


def above_neckline(points: Array) -> Array:
    """Signed height of rest points above the edge of a crew-neck shirt."""
    x, y, z = points.T
    dip = 0.42 * (z - 0.05) / 0.75 * np.exp(-(x**2))
    return y - (5.26 - dip + 0.04 * np.clip(np.abs(x) - 0.4, 0, 1))


def _near(rest: Array, centre: tuple[float, float, float], radius: float) -> Array:
    """Weight [V] of points around a centre, and around its mirror image."""
    folded = np.stack([np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]], 1)
    return _gauss(np.linalg.norm(folded - centre, axis=1), radius)


def on_ears(rest: Array) -> NDArray[np.bool_]:
    """Which rest points [V] lie on an ear."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    return (x > 0.70) & (y > 6.2) & (y < 6.95) & (z < 0.75) & (z > -0.1)


def beard_share(rest: Array) -> Array:
    """Density [V] of a beard at rest points: moustache, chin and jaw, not the lips."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    cheek = np.interp(x, [0, 0.08, 0.20, 0.32, 0.50, 0.64, 0.72], [6.31, 6.315, 6.29, 6.21, 6.24, 6.42, 6.80])
    throat = 5.74 + 0.40 * np.clip((1.05 - z) / 0.7, 0, 1)
    lips = np.hypot(x / 0.225, (y - 6.135) / np.where(y > 6.135, 0.105, 0.125))
    inside = np.clip((cheek - y) / 0.07, 0, 1) * np.clip((y - throat) / 0.08, 0, 1)
    out: Array = inside * np.clip((lips - 1) / 0.18, 0, 1) * np.clip((z - 0.30) / 0.1, 0, 1)
    return out * np.where((x > 0.70) & (z < 0.62), 0, 1)


def skin_tints(rest: Array) -> Array:
    """Factor [V, 3] on the colour of the skin at rest points."""
    out = np.ones((len(rest), 3))
    layers: list[tuple[NDArray[np.floating], tuple[float, float, float]]]
    layers = [(strength * _near(rest, centre, radius), factor) for strength, centre, radius, factor in TINTS]
    layers += [(0.6 * on_ears(rest), (1.02, 0.74, 0.72)), (0.30 * (rest[:, 1] < 5.6), (0.97, 0.97, 0.97))]
    for weight, factor in layers:
        out = out * (1 - weight[:, None] + weight[:, None] * np.array(factor))
    return out


def scalp_share(rest: Array, style: str = "bun") -> Array:
    """How much [V] of the skin at rest points is scalp, under hair."""
    share: Array = np.clip((above_hairline(rest, style) + 0.02) / 0.10, 0, 1) * (rest[:, 1] > 6.0)
    return share


def skin_colour(person: Person) -> Array:
    """Albedo [V, 3] of a person's skin, with what shows of hair that grows out of it."""
    rest = domain()
    skin, hair = np.array(person.skin), person.hair
    pale = np.clip(skin.mean() / 0.30, 0.4, 1)
    tint = 1 + (skin_tints(rest) - 1) * pale
    pigment = hair.melanin * (1 - hair.grey)
    dark = np.clip((pigment - 0.2) / 0.5, 0, 1)
    scalp = np.array(SCALP_COLOUR) * dark + 0.6 * skin * (1 - dark)
    cover = SCALP_COVER * COVERS.get(hair.style, 1.0) * scalp_share(rest, hair.style)[:, None]
    stubble = (
        beard_share(rest) * (0.10 + 0.55 * person.beard) * dark if person.sex == "man" else 0 * cover[:, 0]
    )
    out: Array = skin * tint * (1 - np.multiply.outer(stubble, STUBBLE_TONE))
    return out * (1 - cover) + scalp * cover


def skin_mask() -> Array:
    """Mask [V, 4] of the skin: oiliness, weight of pores, scalp of slicked hair, 1."""
    rest = domain()
    nose, cheek = _near(rest, (0, 6.5, 1.5), 0.15), _near(rest, (0.42, 6.5, 1.2), 0.15)
    oil = _near(rest, (0, 7.1, 1.35), 0.30) + nose + 0.6 * cheek
    pores = np.clip(1 - _near(rest, (0.29, 6.76, 1.2), 0.12), 0.15, 1) * np.where(on_ears(rest), 0.5, 1)
    return np.stack([np.clip(oil, 0, 1), pores, scalp_share(rest), np.ones_like(oil)], 1)
