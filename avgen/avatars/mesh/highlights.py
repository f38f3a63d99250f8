"""The key light mirrored in the eyes: a highlight that moves with gaze, head and view."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.raster.compile import kernel
from avgen.types import FloatArray

HIGHLIGHT_LEVEL = 230.0
HIGHLIGHT_SOFTNESS = 0.06
LIMBUS_FADE = 0.045
"""Cosine over which the cornea's highlight fades towards the limbus."""
CORNEA_GAIN, SCLERA_GAIN = 0.85, 0.3
"""Strength of the highlight on the clear cornea and on the white of the eye."""


class Highlights(NamedTuple):
    """What the highlight in the eyes needs.

    Attributes:
        eyes: [2, 4, 3] spheres, as in `Posed`.
        parts: [2] their parts in `Surface.part`.
        key: [4, 3] key light: centre, normal, x axis, y axis.
        key_half: half its side.
        position: [3] camera.
        axes: [3, 3] camera: right, up, forward.
        focal: pixels per tangent.
    """

    eyes: FloatArray
    parts: NDArray[np.uint8]
    key: FloatArray
    key_half: float
    position: FloatArray
    axes: FloatArray
    focal: float


@kernel
def mirror_key(
    dx: float,
    dy: float,
    dz: float,
    eyes: FloatArray,
    eye: int,
    sphere: int,
    limbus: float,
    key: FloatArray,
    half: float,
    position: FloatArray,
) -> float:
    """Brightness of the key light mirrored by an eye's sphere along a view ray; -1 if the ray misses it.

    Sphere 0 is the ball and 1 the cornea. With limbus > -1 only the part of the sphere inside that cosine
    from the eye's axis counts.
    """
    radius = eyes[eye, 3, sphere]
    sx, sy, sz = eyes[eye, sphere, 0], eyes[eye, sphere, 1], eyes[eye, sphere, 2]
    ox, oy, oz = position[0] - sx, position[1] - sy, position[2] - sz
    along = ox * dx + oy * dy + oz * dz
    root = along * along - (ox * ox + oy * oy + oz * oz) + radius * radius
    if root < 0:
        return -1.0
    t = -along - math.sqrt(root)
    x, y, z = position[0] + dx * t, position[1] + dy * t, position[2] + dz * t
    mx, my, mz = x - eyes[eye, 0, 0], y - eyes[eye, 0, 1], z - eyes[eye, 0, 2]
    length = math.sqrt(mx * mx + my * my + mz * mz)
    inside = (mx * eyes[eye, 2, 0] + my * eyes[eye, 2, 1] + mz * eyes[eye, 2, 2]) / length - limbus
    if inside < 0:
        return -1.0
    nx, ny, nz = (x - sx) / radius, (y - sy) / radius, (z - sz) / radius
    twice = 2 * (dx * nx + dy * ny + dz * nz)
    rx, ry, rz = dx - twice * nx, dy - twice * ny, dz - twice * nz
    towards = rx * key[1, 0] + ry * key[1, 1] + rz * key[1, 2]
    if towards > np.float32(-1e-3):
        return 0.0
    lx, ly, lz = key[0, 0] - x, key[0, 1] - y, key[0, 2] - z
    reach = (lx * key[1, 0] + ly * key[1, 1] + lz * key[1, 2]) / towards
    hx, hy, hz = rx * reach - lx, ry * reach - ly, rz * reach - lz
    u = abs(hx * key[2, 0] + hy * key[2, 1] + hz * key[2, 2])
    v = abs(hx * key[3, 0] + hy * key[3, 1] + hz * key[3, 2])
    edge = (half + HIGHLIGHT_SOFTNESS - max(u, v)) / (2 * HIGHLIGHT_SOFTNESS)
    return float(min(max(edge, 0.0), 1.0) * min(inside / LIMBUS_FADE, 1.0))


@kernel
def highlight_at(
    x: float,
    y: float,
    width: int,
    height: int,
    eyes: FloatArray,
    eye: int,
    key: FloatArray,
    half: float,
    position: FloatArray,
    axes: FloatArray,
    focal: float,
) -> float:
    """Brightness in [0, 1] of the key light's highlight on an eye at a pixel position."""
    tx, ty = (x - width * np.float32(0.5)) / focal, (height * np.float32(0.5) - y) / focal
    dx = axes[0, 0] * tx + axes[1, 0] * ty + axes[2, 0]
    dy = axes[0, 1] * tx + axes[1, 1] * ty + axes[2, 1]
    dz = axes[0, 2] * tx + axes[1, 2] * ty + axes[2, 2]
    norm = np.float32(1) / math.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = dx * norm, dy * norm, dz * norm
    for sphere in range(1, -1, -1):
        limbus = eyes[eye, 3, 2] if sphere == 1 else np.float32(-2)
        found = mirror_key(dx, dy, dz, eyes, eye, sphere, limbus, key, half, position)
        if found >= 0:
            return float((CORNEA_GAIN if sphere == 1 else SCLERA_GAIN) * found)
    return 0.0
