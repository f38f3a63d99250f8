"""What the light terms miss of a surface's colour: soft light between surfaces, folds, other sides.

A low-rank change of colour per vertex, linear in features of the whole frame: the face units, the pose of the
head and the side from which the camera looks. Fitted to path-traced pictures; smooth over the surface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avgen.types import FloatArray

SIDE_AZIMUTH = 25.0
"""Degrees of the camera's azimuth that count as one."""
POSE_UNIT = 0.1
"""Radians of a turn of the head that count as one."""
BEND_UNIT = 0.25
"""What a product of two turns of one counts: shadows and gloss do not follow a turn in a straight line."""
NUM_VIEW_FEATURES = 12


def frame_features(weights: FloatArray, turn: FloatArray, azimuth: float) -> FloatArray:
    """Features [R] of a frame; R is NUM_VIEW_FEATURES + U.

    Args:
        weights: [U] unit weights.
        turn: [3] rotation vector of the head (pitch, yaw, roll), radians.
        azimuth: of the camera about the actor, degrees to the viewer's right.
    """
    pitch, yaw, roll = (float(value) / POSE_UNIT for value in turn)
    left, right = max(-azimuth / SIDE_AZIMUTH, 0.0), max(azimuth / SIDE_AZIMUTH, 0.0)
    view = [left, right, yaw, pitch, roll, left * yaw, right * yaw]
    bends = [yaw * yaw, pitch * pitch, yaw * pitch, yaw * roll, pitch * roll]
    squares = BEND_UNIT * np.array(bends, np.float32)
    return np.concatenate([np.array(view, np.float32), squares, weights])


@dataclass(frozen=True, slots=True)
class ResidualColour:
    """Change of colour per vertex.

    Attributes:
        gains: [R, 3 * V] display levels per feature.
        low: [R] least value of every feature in the pictures it was fitted to.
        high: [R] greatest value.
    """

    gains: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> ResidualColour:
        """Residual colour of the `tint.*` tensors of an avatar file, where gains are in whole steps."""
        gains, scale, low, high = (
            np.asarray(tensors[f"tint.{name}"], np.float32) for name in ("gains", "scale", "low", "high")
        )
        return cls(gains * scale[:, None], low, high)

    def colours(self, features: FloatArray) -> FloatArray:
        """Change of colour [V, 3] in display levels for features [R], held inside the range known."""
        change: NDArray[np.float32] = np.clip(features, self.low, self.high) @ self.gains
        return change.reshape(-1, 3)
