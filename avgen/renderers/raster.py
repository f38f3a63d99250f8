"""The CPU rasteriser: triangles -> nearest triangle and inverse depth of every sample of a strip of rows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from avgen.renderers.compile import kernel
from avgen.types import FloatArray

EMPTY = -1
"""Triangle index of a sample that nothing covers."""


@kernel
def rasterise(
    points: FloatArray,
    faces: NDArray[np.int32],
    first_row: int,
    cull: bool,
    inverse_depth: FloatArray,
    index: NDArray[np.int32],
) -> None:
    """Fill a strip of samples; sample centres lie at half-integers.

    Args:
        points: [V, 3] sample x, sample y, 1 / depth.
        faces: [F, 3].
        first_row: row of the picture that the strip starts at.
        cull: skip triangles that are clockwise on the screen (y down: their back is seen).
        inverse_depth: [h, w] out, 0 where empty; interpolated linearly, as is exact for 1 / depth.
        index: [h, w] out, triangle or EMPTY.
    """
    height, width = inverse_depth.shape
    half = np.float32(0.5)
    last_row = first_row + height - 1
    for y in range(height):
        for x in range(width):
            inverse_depth[y, x] = 0
            index[y, x] = EMPTY
    for t in range(faces.shape[0]):
        i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
        ay, by, cy = points[i, 1], points[j, 1], points[k, 1]
        low = max(math.ceil(min(ay, by, cy) - half), first_row)
        high = min(math.floor(max(ay, by, cy) - half), last_row)
        if low > high:
            continue
        ax, bx, cx = points[i, 0], points[j, 0], points[k, 0]
        left = max(math.ceil(min(ax, bx, cx) - half), 0)
        right = min(math.floor(max(ax, bx, cx) - half), width - 1)
        if left > right:
            continue
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < np.float32(1e-9) or (cull and area > 0):
            continue
        inverse = np.float32(1) / area
        za, zb, zc = points[i, 2], points[j, 2], points[k, 2]
        ux, vx = (by - cy) * inverse, (cy - ay) * inverse
        uy, vy = (cx - bx) * inverse, (ax - cx) * inverse
        zx = ux * za + vx * zb - (ux + vx) * zc
        for y in range(low, high + 1):
            px, py = np.float32(left) + half, np.float32(y) + half
            u = (px - bx) * ux + (py - by) * uy
            v = (px - cx) * vx + (py - cy) * vy
            z = u * za + v * zb + (np.float32(1) - u - v) * zc
            row = y - first_row
            for x in range(left, right + 1):
                if u >= 0 and v >= 0 and u + v <= 1 and z > inverse_depth[row, x]:
                    inverse_depth[row, x] = z
                    index[row, x] = t
                u += ux
                v += vx
                z += zx


@kernel
def barycentrics(
    points: FloatArray, faces: NDArray[np.int32], t: int, x: float, y: float
) -> tuple[float, float, float]:
    """Perspective-correct barycentrics of triangle t at a sample position."""
    i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
    ax, ay, bx, by = points[i, 0], points[i, 1], points[j, 0], points[j, 1]
    cx, cy = points[k, 0], points[k, 1]
    inverse = np.float32(1) / ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
    u = ((bx - x) * (cy - y) - (by - y) * (cx - x)) * inverse
    v = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) * inverse
    w = np.float32(1) - u - v
    u, v, w = u * points[i, 2], v * points[j, 2], w * points[k, 2]
    total = np.float32(1) / (u + v + w)
    return u * total, v * total, w * total
