"""Light of a body in other colours: what was fitted to one person's pictures, for another's shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from avgen.casting.body_colours import PARTS, SHOES, SKIN, TOP, TROUSERS, Lit
from avgen.casting.person import Person
from avgen.types import FloatArray
from scripts.mira.body.colours import hand_colour
from scripts.mira.body.figure import Figure
from scripts.mira.body.pieces import Piece
from scripts.mira.body.wardrobe import LONG_SLEEVE, RINGS, SLEEVES, Layer

DISPLAY_POWER = 0.45
"""Of display levels by albedo, about the middle of the tone curve."""


@dataclass(frozen=True)
class Captured(Lit):
    """A person whose body was fitted to pictures.

    Attributes:
        figure: shape.
        pieces: by part.
        tints: [v, 3] of the pieces.
    """

    figure: Figure
    pieces: dict[str, Piece]
    tints: dict[str, FloatArray]


def recoloured_gains(lit: Captured, person: Person) -> FloatArray:
    """Gains [M, NUM_FEATURES, 3] of a person's materials."""
    return lit.gains_for(person, {part: counterpart(part, person) for part in PARTS})


def counterpart(part: str, person: Person) -> str:
    """Which part of Mira's is of the same stuff as that of a person: only her sweater is knitted."""
    if part in (SKIN, SHOES):
        return part
    return TOP if part == TOP and person.wear.cut != "jacket" else TROUSERS


def recoloured_tint(
    lit: Captured, gains: FloatArray, person: Person, figure: Figure, layer: Layer
) -> FloatArray:
    """Tint [v, 3] of a layer of a person's: that of the other's at the same places.

    Hands get the tones of their own skin; where her sleeves end is no shade on arms that are bare there.

    Args:
        lit: the other.
        gains: [M, NUM_FEATURES, 3] of the person.
        person: who.
        figure: the person's.
        layer: of it.
    """
    part = layer.part if layer.part in lit.tints else TOP
    place = cKDTree(lit.pieces[part].on_mira).query(layer.piece.on_mira)[1]
    tint = lit.tints[part][place]
    if part == SKIN:
        tones = [
            hand_colour(who, piece, one) / np.array(one.skin)
            for who, piece, one in (
                (lit.figure, lit.pieces[SKIN], lit.person),
                (figure, layer.piece, person),
            )
        ]
        if person.wear.cut in SLEEVES:
            near = lit.figure.along(lit.pieces[SKIN], "lowerarm01", "wrist")[place]
            tint[(near >= 0) & (near < LONG_SLEEVE + RINGS[-1])] = 1
        return (tint * (tones[1] / tones[0][place]) ** DISPLAY_POWER).astype(np.float32)
    return lit.tint_for(tint, gains, layer.part, part)
