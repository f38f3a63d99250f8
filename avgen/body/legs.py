"""Legs that follow the pelvis while the feet stand still."""

from __future__ import annotations

from typing import Final

import numpy as np

from avgen.body.channels import SIDES
from avgen.body.rotations import Array, frame, transposed, unit
from avgen.body.skeleton import PLACE, Skeleton

STRAIGHTEST: Final = 0.9995
"""Share of its length that a leg reaches at the most."""
_KNEE_AHEAD: Final = np.array([0.0, 0.0, 0.005])
"""Metres that are added to the knee's own offset, so that it bends forwards."""
_ACROSS: Final = np.array([1.0, 0.0, 0.0])


def plant_legs(skeleton: Skeleton, local: Array, shift: Array) -> None:
    """Write the turns of thighs, shanks and feet whose ankles stay where they are at rest.

    Args:
        skeleton: whose legs.
        local: [T, J, 3, 3] turns of all bones; the root's are read.
        shift: [T, 3] of the root, metres.
    """
    pelvis = local[:, PLACE["root"]]
    base = skeleton.head("root")
    for side in SIDES:
        hip_rest, knee_rest, ankle = (
            skeleton.head(f"{bone}.{side}") for bone in ("upperleg01", "lowerleg01", "foot")
        )
        thigh_rest, shank_rest = knee_rest - hip_rest, ankle - knee_rest
        upper, lower = np.linalg.norm(thigh_rest), np.linalg.norm(shank_rest)
        aim = ankle - (base + shift + pelvis @ (hip_rest - base))
        length = np.minimum(np.linalg.norm(aim, axis=1), STRAIGHTEST * (upper + lower))
        aim = unit(aim)
        on_line = (upper**2 - lower**2 + length**2) / (2 * length)
        beside = np.sqrt(np.maximum(upper**2 - on_line**2, 0))
        ahead = thigh_rest + _KNEE_AHEAD
        ahead = unit(ahead - aim * (aim @ ahead)[:, None])
        knee = on_line[:, None] * aim + beside[:, None] * ahead
        across = np.broadcast_to(_ACROSS, knee.shape)
        thigh = frame(knee, across) @ frame(thigh_rest, _ACROSS).T
        shank = frame(length[:, None] * aim - knee, across) @ frame(shank_rest, _ACROSS).T
        local[:, PLACE[f"upperleg01.{side}"]] = transposed(pelvis) @ thigh
        local[:, PLACE[f"lowerleg01.{side}"]] = transposed(thigh) @ shank
        local[:, PLACE[f"foot.{side}"]] = transposed(shank)
