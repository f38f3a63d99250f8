"""Head poses: unit quaternion (w, x, y, z) and translation in metres, rotation Y(yaw) X(-pitch) Z(roll)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from avgen.types import FloatArray


def head_turned(yaw: ArrayLike = 0.0, pitch: ArrayLike = 0.0, roll: ArrayLike = 0.0) -> FloatArray:
    """Head poses [N, 7] of turns in degrees, in place: the inverse of `head_angles`."""
    a, b, c = np.broadcast_arrays(
        *(np.radians(np.atleast_1d(v)) / 2 for v in (yaw, np.negative(pitch), roll))
    )
    (sa, sb, sc), (ca, cb, cc) = np.sin([a, b, c]), np.cos([a, b, c])
    quaternions = (
        ca * cb * cc + sa * sb * sc,
        ca * sb * cc + sa * cb * sc,
        sa * cb * cc - ca * sb * sc,
        ca * cb * sc - sa * sb * cc,
    )
    out = np.zeros((len(a), 7), np.float32)
    out[:, :4] = np.stack(quaternions, 1)
    return out


def head_angles(head: FloatArray) -> FloatArray:
    """Pitch (up), yaw (to the actor's left) and roll [N, 3] in degrees of head poses [N, 7]."""
    w, x, y, z = (head[:, :4] / np.linalg.norm(head[:, :4], axis=1, keepdims=True)).T
    pitch = -np.arcsin(np.clip(2 * (w * x - y * z), -1, 1))
    yaw = np.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    roll = np.arctan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    angles: FloatArray = np.degrees(np.stack([pitch, yaw, roll], 1)).astype(np.float32)
    return angles


def head_position(head: FloatArray) -> FloatArray:
    """Head poses [N, 7] as pitch, yaw, roll in degrees and translation in millimetres [N, 6].

    Both move the face by about as much: 1 degree is 1.7 mm at a tenth of a metre from the neck's pivot.
    """
    return np.concatenate([head_angles(head), 1e3 * head[:, 4:]], axis=1)
