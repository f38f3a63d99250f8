"""A face of one's own: how a person's face rests, and what its units are made of, beyond everybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avgen.casting.head import METRES, Head
from avgen.casting.shapes import ShapeSpace
from avgen.casting.transfer import contact_tensors, rigid_tensors
from scripts.mira.assemble import PARTS

Array = NDArray[np.float64]
Tensors = dict[str, NDArray[Any]]

SIDES = ("Left", "Right")
MADE_OF = {"cheekSquint": "eyeSquint", "mouthFrown": "mouthStretch", "eyeWide": "eyeSquint"}
"""Units of which another is a part.

Cheeks that rise narrow the eyes, corners that sink go outwards, and lower lids sink (a negative weight) under
eyes that open wide.
"""


@dataclass(frozen=True, slots=True)
class Face:
    """What a person's face does in its own way.

    Attributes:
        resting: weights of face units that it has at rest besides everybody's, by name.
        gains: strengths of face units, by name without a side; others are 1.
        also: weights of the unit that MADE_OF names in another, by the other's name without a side.
    """

    resting: Mapping[str, float] = field(default_factory=dict)
    gains: Mapping[str, float] = field(default_factory=dict)
    also: Mapping[str, float] = field(default_factory=dict)

    def of(self, space: ShapeSpace) -> ShapeSpace:
        """The space of people whose faces rest and move like this one."""
        units, mixture = space.units, np.eye(len(space.units))
        for name, gain in self.gains.items():
            for one in _sided(name, units):
                mixture[one, one] = gain
        for name, weight in self.also.items():
            for one, other in zip(_sided(name, units), _sided(MADE_OF[name], units), strict=True):
                mixture[one, other] += weight
        resting = space.resting.copy()
        for name, weight in self.resting.items():
            resting[units.index(name)] += weight
        return replace(
            space,
            deltas=np.tensordot(mixture, space.deltas, 1),
            resting=np.linalg.solve(mixture.T, resting),
        )


def _sided(name: str, units: Sequence[str]) -> list[int]:
    """Indices of a unit, or of its sides."""
    return [units.index(one) for one in ([name] if name in units else [name + side for side in SIDES])]


def with_face(tensors: Tensors, head: Head) -> Tensors:
    """Tensors of an avatar whose face, at rest and in motion, is that of a head of the same shape.

    The neck, which clothes may have moved, stays.
    """
    blended = np.concatenate([head.groups["skin"], head.groups["tongue"]])
    neck = np.unique(tensors["mesh.faces"][tensors["mesh.part"] == PARTS.index("neck")])
    face = np.setdiff1d(np.arange(len(blended)), neck)
    rest = tensors["mesh.rest"].copy()
    rest[face] = head.limit(head.rest)[blended[face]] * METRES
    return {
        **tensors,
        "mesh.rest": rest,
        "blend.deltas": (head.limit(head.deltas)[:, blended] * METRES).astype(np.float16),
        "eyes.frames": head.eye_frames(),
        **rigid_tensors(head),
        **contact_tensors(head),
    }
