"""Colours of hands and clothes, and the light of one body in the colours of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.body import NUM_FEATURES
from avgen.casting.person import Colour, Person
from avgen.casting.tone_curve import develop, undevelop
from avgen.types import FloatArray

Array = NDArray[np.float64]

SKIN, TOP, TROUSERS, SHOES, SHIRT = "skin", "top", "trousers", "shoes", "shirt"
PARTS: Final = (SKIN, TOP, TROUSERS, SHOES, SHIRT)
"""What a body is drawn of; SHIRT is what shows under a jacket."""
INNER_SHIRTS: Final[tuple[Colour, Colour]] = ((0.46, 0.45, 0.42), (0.020, 0.020, 0.022))
"""Linear albedo under dark jackets, and under light ones."""
DARK: Final = 0.16
"""Mean albedo up to which clothes are dark."""
PALE_SKIN: Final[Colour] = (0.600, 0.335, 0.225)
"""Mira's; darker skin is less glossy in its coat and rougher."""
NAVY, CHARCOAL, BLACK, BROWN = (
    (0.018, 0.022, 0.034),
    (0.030, 0.030, 0.032),
    (0.012, 0.011, 0.011),
    (0.045, 0.024, 0.014),
)
SPECULAR: Final = 0.02
"""Albedo that counts as skin's colourless reflection."""
SAMPLES: Final = 20_000
"""Light features of a material that its new colours are fitted to."""
RIDGE: Final = 1e-3


def cloth_colours(person: Person) -> dict[str, Colour]:
    """Linear albedo of every part that is cloth or leather."""
    light = sum(person.wear.colour) / 3 > DARK
    suit = person.wear.cut == "jacket"
    red, green, blue = person.wear.colour
    legs = (0.8 * red, 0.8 * green, 0.8 * blue) if suit else NAVY if light else CHARCOAL
    shoes = BLACK if suit else BROWN
    return {TOP: person.wear.colour, TROUSERS: legs, SHOES: shoes, SHIRT: INNER_SHIRTS[1 if light else 0]}


def fit_gains(features: FloatArray, colours: FloatArray) -> FloatArray:
    """Gains [NUM_FEATURES, 3] by robust ridge regression: what geometry does not explain counts less.

    Args:
        features: [n, NUM_FEATURES] of light.
        colours: [n, 3] display levels.
    """
    scale = features.std(0) + 1e-6
    scale[0] = 1
    scaled, weight = features / scale, np.ones(len(features), np.float32)
    penalty = RIDGE * len(scaled) * np.eye(NUM_FEATURES)
    for _ in range(3):
        normal = scaled.T @ (weight[:, None] * scaled) + penalty
        solution = np.linalg.solve(normal, scaled.T @ (weight[:, None] * colours))
        error = np.abs(scaled @ solution - colours).mean(1)
        weight = 1 / (1 + (error / (2 * np.median(error) + 1)) ** 2)
    gains: FloatArray = (solution / scale[:, None]).astype(np.float32)
    return gains


@dataclass(frozen=True)
class Lit:
    """A person whose body's light was fitted.

    Attributes:
        person: colours.
        gains: [M, NUM_FEATURES, 3].
        features: [n, NUM_FEATURES] of places on the body, by part.
    """

    person: Person
    gains: FloatArray
    features: Mapping[str, FloatArray]

    def light(self, features: FloatArray, part: str) -> Array:
        """Linear light [n, 3] of places on one of the person's materials."""
        levels = np.clip(features @ self.gains[PARTS.index(part)], 0, 255).astype(np.float64)
        return undevelop(levels)

    def gains_for(self, person: Person, like: Mapping[str, str] | None = None) -> FloatArray:
        """Gains [M, NUM_FEATURES, 3] of another person's materials.

        Skin tells how much light arrives, since its albedo is large; what cloth shows beyond its share of
        that is its sheen, which has no colour.

        Args:
            person: the other.
            like: which part of this one is of the same stuff, where it is another than of the same name.
        """
        rng = np.random.default_rng(0)
        old, new = cloth_colours(self.person), cloth_colours(person)
        out = np.zeros((len(PARTS), NUM_FEATURES, 3), np.float32)
        for k, part in enumerate(PARTS):
            stuff = (like or {}).get(part, part)
            found = self.features[stuff]
            if not len(found):
                continue
            features = found[rng.choice(len(found), min(SAMPLES, len(found)), replace=False)]
            seen = self.light(features, stuff)
            if part == SKIN:
                shown = seen * (np.array(person.skin) + SPECULAR) / (np.array(self.person.skin) + SPECULAR)
            else:
                arriving = self.light(features, SKIN) / np.array(self.person.skin)
                sheen = np.maximum(seen - arriving * np.array(old[stuff]), 0)
                shown = sheen + arriving * np.array(new[part])
            out[k] = fit_gains(features, develop(shown).astype(np.float32))
        return out

    def tint_for(self, tint: FloatArray, gains: FloatArray, part: str, like: str) -> FloatArray:
        """Tint [v, 3] of another person's cloth, of this one's at the same places.

        Of cloth the tint says where folds and hems keep light away: it is the light that changes by the same
        factor, alike in all colours.

        Args:
            tint: [v, 3] of this person's.
            gains: [M, NUM_FEATURES, 3] of the other.
            part: of the other.
            like: which part of this person is of the same stuff.
        """
        usual = self.features[like].mean(0).astype(np.float64)
        before, after = (
            np.clip(usual @ values[PARTS.index(name)], 1, 254)[None]
            for values, name in ((self.gains, like), (gains, part))
        )
        factor = undevelop(np.clip(before * tint, 0, 254)) / undevelop(before)
        shown: FloatArray = (develop(factor.mean(1, keepdims=True) * undevelop(after)) / after).astype(
            np.float32
        )
        return shown


def darkness(person: Person) -> float:
    """How dark somebody's skin is: 0 for PALE_SKIN, 1 for black."""
    return float(np.clip(1 - sum(person.skin) / sum(PALE_SKIN), 0, 1))
