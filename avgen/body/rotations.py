"""Rotations as matrices [..., 3, 3] and rotation vectors [..., 3] in radians, many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_TINY = 1e-12


def unit(vectors: Array) -> Array:
    """Vectors [..., 3] at length 1."""
    scaled: Array = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), _TINY)
    return scaled


def dot(a: Array, b: Array) -> Array:
    """Scalar products [...] of vectors [..., 3]."""
    product: Array = np.einsum("...k,...k->...", a, b)
    return product


def turn(vectors: ArrayLike) -> Array:
    """Rotation matrices [..., 3, 3] of rotation vectors [..., 3] (Rodrigues)."""
    vectors = np.asarray(vectors, np.float64)
    angle = np.linalg.norm(vectors, axis=-1)
    x, y, z = np.moveaxis(vectors / np.maximum(angle, _TINY)[..., None], -1, 0)
    sine, cosine = np.sin(angle), np.cos(angle)
    rest = 1 - cosine
    out = np.empty((*angle.shape, 3, 3))
    out[..., 0, 0], out[..., 1, 1], out[..., 2, 2] = (cosine + rest * k * k for k in (x, y, z))
    for i, j, a, b, c in ((0, 1, x, y, z), (2, 0, z, x, y), (1, 2, y, z, x)):
        out[..., i, j], out[..., j, i] = rest * a * b - sine * c, rest * a * b + sine * c
    return out


def turn_about(axis: Array, angle: Array) -> Array:
    """Rotation matrices [T, 3, 3] by angles [T] about one unit axis [3]."""
    return turn(angle[..., None] * axis)


def rotation_vector(matrices: Array) -> Array:
    """Rotation vectors [..., 3] of matrices [..., 3, 3]; angles below pi."""
    trace = np.einsum("...kk->...", matrices)
    angle = np.arccos(np.clip((trace - 1) / 2, -1, 1))
    axis = axial(matrices)
    factor = np.where(angle < 1e-6, 0.5, angle / (2 * np.maximum(np.sin(angle), _TINY)))
    return axis * factor[..., None]


def axial(matrices: Array) -> Array:
    """Twice the sine of the angle times the axis [..., 3] of rotations [..., 3, 3]."""
    m = matrices
    parts = (m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1])
    return np.stack(parts, -1)


def twist(matrices: Array, axis: Array) -> Array:
    """Angles [...] of the twist about a unit axis [3] in rotations [..., 3, 3]."""
    w = np.sqrt(np.maximum(1 + np.einsum("...kk->...", matrices), 1e-9)) / 2
    angle: Array = 2 * np.arctan2(axial(matrices) @ axis / (4 * w), w)
    return angle


def frame(x: Array, z: Array) -> Array:
    """Rotations [..., 3, 3] whose columns are x, z cross x, and z made perpendicular to x, at length 1."""
    x = unit(x)
    z = unit(z - x * dot(x, z)[..., None])
    return np.stack([x, np.cross(z, x), z], -1)


def transposed(matrices: Array) -> Array:
    """Inverse rotations [..., 3, 3]."""
    return np.swapaxes(matrices, -1, -2)


def turn_trunk(angles: Array) -> Array:
    """Rotations [..., 3, 3] of pitch, yaw, roll [..., 3] in radians: Y(yaw) X(pitch) Z(roll)."""
    zero = np.zeros_like(angles[..., 0])
    pitch, yaw, roll = np.moveaxis(angles, -1, 0)
    return (
        turn(np.stack([zero, yaw, zero], -1))
        @ turn(np.stack([pitch, zero, zero], -1))
        @ turn(np.stack([zero, zero, roll], -1))
    )


def trunk_angles(matrices: Array) -> Array:
    """Pitch, yaw, roll [..., 3] of rotations: the inverse of `turn_trunk`."""
    m = matrices
    pitch = -np.arcsin(np.clip(m[..., 1, 2], -1, 1))
    yaw = np.arctan2(m[..., 0, 2], m[..., 2, 2])
    roll = np.arctan2(m[..., 1, 0], m[..., 1, 1])
    return np.stack([pitch, yaw, roll], -1)


def turn_quaternion(quaternions: ArrayLike) -> Array:
    """Rotations [..., 3, 3] of unit quaternions (w, x, y, z) [..., 4]."""
    q = np.asarray(quaternions, np.float64)
    w, x, y, z = np.moveaxis(q / np.linalg.norm(q, axis=-1, keepdims=True), -1, 0)
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return np.stack([np.stack(row, -1) for row in rows], -2)


def quaternions(matrices: Array) -> Array:
    """Unit quaternions (w, x, y, z) [..., 4], w >= 0, of rotations [..., 3, 3]."""
    vectors = rotation_vector(matrices)
    angle = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scale = np.where(angle < 1e-6, 0.5, np.sin(angle / 2) / np.maximum(angle, _TINY))
    return np.concatenate([np.cos(angle / 2), scale * vectors], -1)
