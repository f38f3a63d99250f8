"""What an actor hears and sees of the person that they talk with (paper section 3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from avgen.errors import InputError
from avgen.pose import head_angles
from avgen.types import CODE_RATE, FloatArray

PARTNER_TOKENS: Final = "partner_tokens"
PARTNER_FACE: Final = "partner_face"
"""Names of the conditions of a flow that has learnt to listen."""
_UNITS: Final = """
    eyeBlinkLeft eyeLookDownLeft eyeLookInLeft eyeLookOutLeft eyeLookUpLeft eyeSquintLeft eyeWideLeft
    eyeBlinkRight eyeLookDownRight eyeLookInRight eyeLookOutRight eyeLookUpRight eyeSquintRight eyeWideRight
    jawForward jawRight jawLeft jawOpen mouthClose mouthFunnel mouthPucker mouthRight mouthLeft
    mouthSmileLeft mouthSmileRight mouthFrownLeft mouthFrownRight mouthDimpleLeft mouthDimpleRight
    mouthStretchLeft mouthStretchRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper
    mouthPressLeft mouthPressRight mouthLowerDownLeft mouthLowerDownRight mouthUpperUpLeft mouthUpperUpRight
    browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft
    cheekSquintRight noseSneerLeft noseSneerRight tongueOut
"""
ARKIT_UNITS: Final = tuple(_UNITS.split())
"""Names of the 52 units of ARKit, in the order in which Live Link Face has them."""
FACE_CHANNELS: Final = len(ARKIT_UNITS) + 3
MOST_MISSING: Final = 0.5
"""Seconds for which a partner's file may end before what the actor says."""


@dataclass(frozen=True, slots=True)
class Partner:
    """What is known of the partner, frame by frame on the clock of the actor's own tokens.

    Attributes:
        tokens: [N, D] probabilities of the labels in the actor's own label set; a row of zeros where nothing
            is known. None if the partner is not heard.
        face: [N, 55] weights of ARKIT_UNITS in [0, 1], then pitch (up), yaw (to the partner's own left) and
            roll of the head in radians; a row of zeros where there is no face. None if the partner is not
            seen.
    """

    tokens: FloatArray | None = None
    face: FloatArray | None = None

    def fitted(self, frames: int) -> Partner:
        """Return what is known in so many frames: nothing after the end of what is here.

        Raises:
            InputError: if much is missing.
        """
        known = [values for values in (self.tokens, self.face) if values is not None]
        if any(len(values) < frames - MOST_MISSING * CODE_RATE for values in known):
            length, needed = min(map(len, known)) / CODE_RATE, frames / CODE_RATE
            raise InputError(
                f"partner: the file lasts {length:.1f} s, and what the actor says {needed:.1f} s. "
                "Give one that is as long."
            )
        return Partner(_fitted(self.tokens, frames), _fitted(self.face, frames))

    def conditions(self) -> dict[str, FloatArray]:
        """Return the conditions of a flow, by name, of what is known; where it is not, rows are NaN."""
        both = {PARTNER_TOKENS: self.tokens, PARTNER_FACE: self.face}
        return {
            name: np.where(values.any(1, keepdims=True), values, np.float32(np.nan))
            for name, values in both.items()
            if values is not None
        }


def _fitted(values: FloatArray | None, frames: int) -> FloatArray | None:
    """Rows [frames, K] of values [N, K], zeros after their end."""
    if values is None:
        return None
    return np.pad(values[:frames], ((0, max(frames - len(values), 0)), (0, 0)))


def partner_face(units: Sequence[str], weights: FloatArray, head: FloatArray) -> FloatArray:
    """Return what a face tracker sees of a face that is known exactly.

    Args:
        units: [U] names of face units, ARKit's and perhaps more.
        weights: [N, U].
        head: [N, 7] poses.

    Returns:
        [N, 55] as in `Partner`.
    """
    places = {name: index for index, name in enumerate(units)}
    scores = np.zeros((len(weights), len(ARKIT_UNITS)), np.float32)
    for column, name in enumerate(ARKIT_UNITS):
        if name in places:
            scores[:, column] = weights[:, places[name]]
    return np.concatenate([scores.clip(0, 1), np.radians(head_angles(head))], axis=1)
