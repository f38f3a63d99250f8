"""What the texels of Mira's skin are: lips, mouth, scalp, and how much redder or paler than the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.atlas import TexelMap
from avgen.casting.person import Person
from avgen.config import presets_folder

Array = NDArray[np.float64]

SKIN_FILE: Final = "people/skin.safetensors"
"""Under the presets; scripts/mira/pack_skin.py makes it."""
BRIGHTEST_TINT: Final = 1.1
FARTHEST: Final = 1.0
"""Decimetres from the hairline that the file tells apart."""
ROOTS: Final = 0.12
"""Linear albedo of the scalp between strands, in shares of the light that the hair sends back."""
SCALP_COVER: Final = 0.97
MOUTH_COLOUR: Final = (0.30, 0.055, 0.05)
LIP_COVER: Final = 0.88


@dataclass(frozen=True, slots=True)
class Skin:
    """Texels of an atlas with Mira's layout; what is no skin counts as skin without any of it.

    Attributes:
        lips: [n] share of lip.
        inside: [n] share of the mouth's inside.
        scalp: [n] share of scalp under hair.
        hairline: [n] decimetres above the hairline, at most FARTHEST.
        tint: [n, 3] factor on the colour of the skin.
    """

    lips: Array
    inside: Array
    scalp: Array
    hairline: Array
    tint: Array

    @classmethod
    def of(cls, texels: TexelMap) -> Skin:
        """Skin of the texels of a map."""
        planes = _planes()[texels.rows, texels.columns] / 255.0
        lips, inside, scalp, hairline, *tint = planes.T
        return cls(lips, inside, scalp, (hairline * 2 - 1) * FARTHEST, np.stack(tint, 1) * BRIGHTEST_TINT)

    def albedo(self, person: Person) -> Array:
        """Linear albedo [n, 3] of every texel of a person."""
        skin, lips, hair = (np.array(colour) for colour in (person.skin, person.lips, person.hair.colour))
        cover = SCALP_COVER * self.scalp[:, None]
        out = skin * self.tint * (1 - cover) + ROOTS * hair * cover
        share = np.clip(LIP_COVER * self.lips, 0, 1)[:, None]
        out = out * (1 - share) + lips * share
        inside = self.inside[:, None]
        mixed: Array = out * (1 - inside) + np.array(MOUTH_COLOUR) * inside
        return mixed


@cache
def _planes() -> NDArray[np.uint8]:
    """Planes [h, w, 7] in the order of the attributes of `Skin`."""
    planes: NDArray[np.uint8] = read_tensors(presets_folder() / SKIN_FILE)[0]["planes"]
    return planes
