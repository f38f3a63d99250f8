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
def clear(inverse_depth: FloatArray, index: NDArray[np.int32]) -> None:
    """Empty the samples [h, w] of a strip."""
    for y in range(index.shape[0]):
        for x in range(index.shape[1]):
            inverse_depth[y, x] = 0
            index[y, x] = EMPTY


@kernel
def fill(
    points: FloatArray,
    faces: NDArray[np.int32],
    t: int,
    first_row: int,
    cull: bool,
    inverse_depth: FloatArray,
    index: NDArray[np.int32],
    rotated: bool,
) -> None:
    """Draw triangle t into a strip; arguments as in `rasterise`."""
    height, width = inverse_depth.shape
    least = np.float32(0.25) if rotated else np.float32(0.5)
    most = np.float32(1) - least
    i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
    ay, by, cy = points[i, 1], points[j, 1], points[k, 1]
    low = max(math.ceil(min(ay, by, cy) - most), first_row)
    high = min(math.floor(max(ay, by, cy) - least), first_row + height - 1)
    if low > high:
        return
    ax, bx, cx = points[i, 0], points[j, 0], points[k, 0]
    left = max(math.ceil(min(ax, bx, cx) - most), 0)
    right = min(math.floor(max(ax, bx, cx) - least), width - 1)
    if left > right:
        return
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if abs(area) < np.float32(1e-9) or (cull and area > 0):
        return
    inverse = np.float32(1) / area
    za, zb, zc = points[i, 2], points[j, 2], points[k, 2]
    ux, vx = (by - cy) * inverse, (cy - ay) * inverse
    uy, vy = (cx - bx) * inverse, (ax - cx) * inverse
    zx = ux * za + vx * zb - (ux + vx) * zc
    zy = uy * za + vy * zb - (uy + vy) * zc
    for y in range(low, high + 1):
        px = np.float32(left) + (most if y % 2 == 0 else least)
        py = np.float32(y) + (least if left % 2 == 0 else most)
        down = most - least if left % 2 == 0 else least - most
        u = (px - bx) * ux + (py - by) * uy
        v = (px - cx) * vx + (py - cy) * vy
        z = u * za + v * zb + (np.float32(1) - u - v) * zc
        row = y - first_row
        for x in range(left, right + 1):
            if u >= 0 and v >= 0 and u + v <= 1 and z > inverse_depth[row, x]:
                inverse_depth[row, x] = z
                index[row, x] = t
            u += ux + down * uy
            v += vx + down * vy
            z += zx + down * zy
            down = -down


@kernel
def rasterise(
    points: FloatArray,
    faces: NDArray[np.int32],
    first_row: int,
    cull: bool,
    inverse_depth: FloatArray,
    index: NDArray[np.int32],
    rotated: bool = False,
) -> None:
    """Fill a strip of samples; sample (x, y) lies at (x + 1/2, y + 1/2), or at `rotated_sample(x, y)`.

    Args:
        points: [V, 3] sample x, sample y, 1 / depth.
        faces: [F, 3].
        first_row: row of the picture that the strip starts at.
        cull: skip triangles that are clockwise on the screen (y down: their back is seen).
        inverse_depth: [h, w] out, 0 where empty; interpolated linearly, as is exact for 1 / depth.
        index: [h, w] out, triangle or EMPTY.
        rotated: whether the four samples of each pixel (2 x 2) form a rotated grid, which shows edges close
            to the axes in four steps instead of two.
    """
    clear(inverse_depth, index)
    for t in range(faces.shape[0]):
        fill(points, faces, t, first_row, cull, inverse_depth, index, rotated)


@kernel
def sort_into_strips(
    points: FloatArray, faces: NDArray[np.int32], rows: int, count: int, cull: bool
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Which triangles may show in which strip of a picture, so that strips need not look at all of them.

    Args:
        points: [V, 3] as in `rasterise`.
        faces: [F, 3].
        rows: of samples in a strip.
        count: of strips, S.
        cull: as in `rasterise`.

    Returns:
        Starts [S + 1] of the strips' stretches in a list of triangles, and the list; inside a stretch their
        order is kept.
    """
    reach = np.empty((faces.shape[0], 2), np.int32)
    starts = np.zeros(count + 1, np.int32)
    for t in range(faces.shape[0]):
        i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
        ax, ay, bx, by = points[i, 0], points[i, 1], points[j, 0], points[j, 1]
        cx, cy = points[k, 0], points[k, 1]
        reach[t, 0], reach[t, 1] = 0, -1
        if cull and (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) > 0:
            continue
        low, high = min(ay, by, cy), max(ay, by, cy)
        if high < 0 or low >= rows * count:
            continue
        reach[t, 0] = max(int(low) // rows, 0)
        reach[t, 1] = min(int(high) // rows, count - 1)
        for s in range(reach[t, 0], reach[t, 1] + 1):
            starts[s + 1] += 1
    for s in range(count):
        starts[s + 1] += starts[s]
    members = np.empty(starts[count], np.int32)
    free = starts[:-1].copy()
    for t in range(faces.shape[0]):
        for s in range(reach[t, 0], reach[t, 1] + 1):
            members[free[s]] = t
            free[s] += 1
    return starts, members


@kernel
def rotated_sample(x: int, y: int) -> tuple[float, float]:
    """Position of sample (x, y) where the four samples of a pixel form a rotated grid."""
    right = np.float32(0.75) if y % 2 == 0 else np.float32(0.25)
    down = np.float32(0.25) if x % 2 == 0 else np.float32(0.75)
    return np.float32(x) + right, np.float32(y) + down


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


@kernel
def containing(
    points: FloatArray, faces: NDArray[np.int32], candidates: tuple[int, int, int, int], x: float, y: float
) -> int:
    """Of four triangles, the one that a position lies deepest in, or least far outside."""
    best, deepest = candidates[0], np.float32(-1e9)
    for t in candidates:
        i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
        ax, ay, bx, by = points[i, 0], points[i, 1], points[j, 0], points[j, 1]
        cx, cy = points[k, 0], points[k, 1]
        inverse = np.float32(1) / ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
        u = ((bx - x) * (cy - y) - (by - y) * (cx - x)) * inverse
        v = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) * inverse
        inside = min(u, v, np.float32(1) - u - v)
        if inside > deepest:
            best, deepest = t, inside
    return best
