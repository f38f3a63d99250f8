"""Colours of hands: linear albedos of the skin that shows."""

from __future__ import annotations

import numpy as np

from avgen.body.arms import arm_axes
from avgen.body.channels import SIDES
from avgen.body.skeleton import BONES
from avgen.casting.body_colours import darkness
from avgen.casting.person import Person
from scripts.mira.body.figure import Figure, limb_share
from scripts.mira.body.pieces import Array, Piece

KNUCKLE, TIP, NAIL, PALM = (1.00, 0.84, 0.80), (1.02, 0.80, 0.77), (1.06, 0.98, 0.98), (1.02, 0.92, 0.88)
"""Factors on the colour of pale skin."""
PALE_PALM = (0.42, 0.25, 0.18)
"""What dark skin goes towards inside the hand, and under the nails."""
REACH = 0.085
"""Decimetres around joints and finger tips."""


def hand_colour(figure: Figure, piece: Piece, person: Person) -> Array:
    """Albedo [V, 3] of hands and forearms: redder joints and tips, paler palms, nails."""
    skin = np.array(person.skin)
    dark = darkness(person)
    out = np.tile(skin, (len(piece.points), 1))
    inside = np.zeros(len(out))
    for side, sign in zip(SIDES, (1, -1), strict=True):
        palm = arm_axes(figure.skeleton, side).palm * [sign, 1, 1]
        mine = limb_share(piece.weights, ("wrist", "metacarpal", "finger"), side)
        inside += mine * np.clip((piece.normals @ palm + 0.1) / 0.6, 0, 1)
    joints = [figure.head(bone) for bone in BONES if bone.startswith("finger")]
    tips = [figure.tail(bone) for bone in BONES if bone.startswith("finger") and "-3" in bone]
    shares = (
        (0.8 * (1 - inside) * _near(piece.points, joints), KNUCKLE),
        (_near(piece.points, tips), TIP),
        (inside, PALM),
        (piece.nail, NAIL),
    )
    for share, factor in shares:
        out *= 1 + share[:, None] * (1 - dark) * (np.array(factor) - 1)
    paler = dark * np.maximum(0.75 * inside, 0.6 * piece.nail)[:, None]
    return out * (1 - paler) + np.array(PALE_PALM) * paler


def _near(points: Array, places: list[Array]) -> Array:
    """Weight [V] of points around any of some places."""
    distance = np.min([np.linalg.norm(points - place, axis=1) for place in places], 0)
    return np.exp(-((distance / REACH) ** 2))
