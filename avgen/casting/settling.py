"""Which part of a texel's colour is diffuse, where its donor was never seen without the light of the rims.

There a fit to pictures tells gloss from diffuse light by chance: the one may be far below black and the other
make up for it. In the light of another head, or in other colours, that shows.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.tone_curve import develop, undevelop

Array = NDArray[np.float64]

DIFFUSE: Final = 2
"""Light terms that an albedo tints; they come first, and the second is the root of all lights' irradiance."""
RIM: Final = slice(4, 6)
"""Terms of the rim lights."""
LITTLE_RIM: Final = 0.15
"""Up to which a texel's colour says how bright the skin is under all light."""
LOW, LOW_BY_HAIR = 0.85, 0.35
"""Display level of diffuse skin in shares of what the light would give it, below which the rims' light stands
for it; and next to hair, which shades it."""
FAINT: Final = 8.0
"""Display levels of rims' light that is too little to stand for any."""
SHADED: Final = 0.75
"""Least display level of skin next to hair, in shares of what the light would give it."""
EVEN: Final = 0.75
"""Least of a channel of bare skin in shares of what all three have, and of these in the most of one: even in
shade, skin has its colour."""


def settled(
    solution: Array,
    terms: Array,
    albedo: Array,
    plain: NDArray[np.bool_],
    shaded: Array,
) -> Array:
    """Colours of skin in which rims' light that stands for diffuse light has become such.

    In typical light nothing changes but the shade of hair.

    Args:
        solution: [n, 1 + terms, 3] colours of texels: base, and response to every term.
        terms: [n, terms] typical ones.
        albedo: [n, 3] linear, of the skin.
        plain: [n] texels of bare skin.
        shaded: [n] share of bare skin next to hair, whose shade is not another's.
    """
    diffuse = solution[:, 0] + np.einsum("nt,ntc->nc", terms[:, :DIFFUSE], solution[:, 1 : 1 + DIFFUSE])
    rim = np.einsum("nt,ntc->nc", terms[:, RIM], solution[:, 1:][:, RIM])
    lit = albedo * terms[:, 1:DIFFUSE] ** 2
    sure = plain & (np.abs(terms[:, RIM]).sum(1) < LITTLE_RIM)
    expected = develop(lit * np.median(undevelop(diffuse[sure]) / lit[sure], 0))
    low = LOW - (LOW - LOW_BY_HAIR) * shaded[:, None]
    missing = np.maximum(low * expected - diffuse, 0)
    share = np.clip((missing * rim).sum(1) / ((rim**2).sum(1) + FAINT**2), 0, 1)[:, None]
    diffuse = diffuse + share * rim
    bright = np.clip(diffuse / expected, 0, 1).mean(1)[:, None]
    even = np.clip(diffuse, EVEN * bright * expected, bright / EVEN * expected)
    even = np.where(plain[:, None] & (diffuse < expected), even, diffuse)
    lifted = np.maximum(even, SHADED * shaded[:, None] * expected)
    out: Array = solution.copy()
    out[:, 0] += share * rim + lifted - diffuse
    out[:, 1:][:, RIM] *= 1 - share[:, None]
    return out
