"""Light of a body in other colours: what was fitted to one person's pictures, for another's skin and clothes.

Skin tells how much light arrives, since its albedo is large; what dark cloth shows beyond its share of that
is its sheen, which has no colour. Both are taken back to light by the captures' own tone curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from avgen.avatars.mesh.body import NUM_FEATURES
from avgen.casting.person import Person
from avgen.casting.tone_curve import develop, undevelop
from avgen.types import FloatArray
from scripts.mira.body.colours import cloth_colours, hand_colour
from scripts.mira.body.figure import Figure
from scripts.mira.body.light import fit_gains
from scripts.mira.body.pieces import Array, Piece
from scripts.mira.body.wardrobe import PARTS, SHOES, SKIN, TOP, TROUSERS, Layer

SAMPLES = 20_000
"""Pixels of a material that its new colours are fitted to."""
SPECULAR = 0.02
"""Albedo that counts as skin's colourless reflection."""
DISPLAY_POWER = 0.45
"""Of display levels by albedo, about the middle of the tone curve."""


@dataclass(frozen=True)
class Lit:
    """A person whose body was fitted.

    Attributes:
        person: colours.
        figure: shape.
        pieces: by part.
        gains: [M, NUM_FEATURES, 3].
        tints: [v, 3] of the pieces.
        features: [n, NUM_FEATURES] of pixels, by part.
    """

    person: Person
    figure: Figure
    pieces: dict[str, Piece]
    gains: FloatArray
    tints: dict[str, FloatArray]
    features: dict[str, FloatArray]

    def light(self, features: FloatArray, part: str) -> Array:
        """Linear light [n, 3] of pixels on one of the person's materials."""
        levels = np.clip(features @ self.gains[PARTS.index(part)], 0, 255).astype(np.float64)
        return undevelop(levels)


def recoloured_gains(lit: Lit, person: Person) -> FloatArray:
    """Gains [M, NUM_FEATURES, 3] of a person's materials."""
    rng = np.random.default_rng(0)
    old, new = cloth_colours(lit.person), cloth_colours(person)
    out = np.zeros((len(PARTS), NUM_FEATURES, 3), np.float32)
    for k, part in enumerate(PARTS):
        like = counterpart(part, person)
        found = lit.features[like]
        features = found[rng.choice(len(found), min(SAMPLES, len(found)), replace=False)]
        seen = lit.light(features, like)
        if part == SKIN:
            shown = seen * (np.array(person.skin) + SPECULAR) / (np.array(lit.person.skin) + SPECULAR)
        else:
            arriving = lit.light(features, SKIN) / np.array(lit.person.skin)
            shown = np.maximum(seen - arriving * np.array(old[like]), 0) + arriving * np.array(new[part])
        out[k] = fit_gains(features, develop(shown).astype(np.float32))
    return out


def counterpart(part: str, person: Person) -> str:
    """Which part of Mira's is of the same stuff as that of a person: only her sweater is knitted."""
    if part in (SKIN, SHOES):
        return part
    return TOP if part == TOP and person.wear.cut != "jacket" else TROUSERS


def recoloured_tint(lit: Lit, gains: FloatArray, person: Person, figure: Figure, layer: Layer) -> FloatArray:
    """Tint [v, 3] of a layer of a person's: that of the other's at the same places.

    Hands get the tones of their own skin. Of cloth the tint says where folds and hems keep light away: it is
    the light that changes by the same factor.

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
        return (tint * (tones[1] / tones[0][place]) ** DISPLAY_POWER).astype(np.float32)
    usual = lit.features[part].mean(0).astype(np.float64)
    before, after = (
        np.clip(usual @ values[PARTS.index(name)], 1, 254)[None]
        for values, name in ((lit.gains, part), (gains, layer.part))
    )
    factor = undevelop(np.clip(before * tint, 0, 254)) / undevelop(before)
    return (develop(factor * undevelop(after)) / after).astype(np.float32)
