"""The CPU rasteriser: triangles -> nearest triangle and inverse depth of every sample of a strip of rows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.raster.compile import kernel
from avgen.avatars.raster.simd import cover
from avgen.types import FloatArray

SUPERSAMPLING = 2
"""Samples of the opaque mesh a pixel along each axis."""
Indices = NDArray[np.int32]
EMPTY = -1
"""Triangle index of a sample that nothing covers."""
Plane = tuple[float, float, float, float, float, float, float, float, float]
"""A triangle as linear functions on the screen: x and y of its third corner, where the barycentrics u and v
of the first and the second are 0; slopes of u along x and y, and of v; 1 / depth of the three corners."""


@kernel
def signed_area(points: FloatArray, faces: NDArray[np.int32], t: int) -> float:
    """Twice the area of triangle t; above 0 if it is clockwise on the screen (y down: its back is seen)."""
    i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
    ax, ay = points[i, 0], points[i, 1]
    area: float = (points[j, 0] - ax) * (points[k, 1] - ay) - (points[j, 1] - ay) * (points[k, 0] - ax)
    return area


@kernel
def plane(points: FloatArray, faces: NDArray[np.int32], t: int) -> Plane:
    """Triangle t as linear functions on the screen."""
    i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
    ax, ay, bx, by = points[i, 0], points[i, 1], points[j, 0], points[j, 1]
    cx, cy = points[k, 0], points[k, 1]
    inverse = np.float32(1) / ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
    return (
        cx,
        cy,
        (by - cy) * inverse,
        (cx - bx) * inverse,
        (cy - ay) * inverse,
        (ax - cx) * inverse,
        points[i, 2],
        points[j, 2],
        points[k, 2],
    )


@kernel
def reach(a: float, b: float, c: float, least: float, most: float, step: float) -> tuple[int, int]:
    """First and last n with a sample between three coordinates, if samples lie at least..most + n step."""
    return math.ceil((min(a, b, c) - most) / step), math.floor((max(a, b, c) - least) / step)


@kernel
def fill(
    points: FloatArray, faces: Indices, t: int, first_row: int, inverse_depth: FloatArray, index: Indices
) -> None:
    """Draw triangle t into a strip; arguments as in `rasterise`."""
    height, width = inverse_depth.shape
    half, one = np.float32(0.5), np.float32(1)
    i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
    low, high = reach(points[i, 1], points[j, 1], points[k, 1], half, half, one)
    left, right = reach(points[i, 0], points[j, 0], points[k, 0], half, half, one)
    low, high = max(low, first_row), min(high, first_row + height - 1)
    left, right = max(left, 0), min(right, width - 1)
    if low > high or left > right or abs(signed_area(points, faces, t)) < np.float32(1e-9):
        return
    cx, cy, ux, uy, vx, vy, za, zb, zc = plane(points, faces, t)
    for y in range(low, high + 1):
        dx, dy = np.float32(left) + half - cx, np.float32(y) + half - cy
        u, v = dx * ux + dy * uy, dx * vx + dy * vy
        z = u * za + v * zb + (one - u - v) * zc
        row = y - first_row
        for x in range(left, right + 1):
            if u >= 0 and v >= 0 and u + v <= 1 and z > inverse_depth[row, x]:
                inverse_depth[row, x] = z
                index[row, x] = t
            u += ux
            v += vx
            z += ux * za + vx * zb - (ux + vx) * zc


@kernel
def to_samples(along_x: float, along_y: float) -> tuple[float, float, float, float]:
    """What a linear function gains from a pixel's origin to its four samples, given its slopes."""
    least, most = np.float32(0.25), np.float32(0.75)
    one = np.float32(1)
    return (
        most * along_x + least * along_y,
        (one + most) * along_x + most * along_y,
        least * along_x + (one + least) * along_y,
        (one + least) * along_x + (one + most) * along_y,
    )


@kernel
def fill_four(
    points: FloatArray,
    faces: NDArray[np.int32],
    t: int,
    first_row: int,
    inverse_depth: FloatArray,
    index: NDArray[np.int32],
    planes: FloatArray,
) -> None:
    """Draw triangle t, if its front is seen, into a strip of pixels of four samples each.

    The four form a rotated grid, which shows edges close to the axes in four steps instead of two: sample s
    of pixel (x, y) lies at `rotated_sample(2 x + s % 2, 2 y + s // 2)`.

    Args:
        points: [V, 3] in samples, two a pixel along each axis: x, y, 1 / depth.
        faces: [F, 3].
        t: which triangle.
        first_row: row of the picture that the strip starts at, in pixels.
        inverse_depth: [h, w, 4] nearest so far.
        index: [h, w, 4] triangle or EMPTY.
        planes: [F, 9] out: row t becomes `plane(points, faces, t)`.
    """
    height, width, _ = inverse_depth.shape
    two = np.float32(2)
    i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
    least, most = np.float32(0.25), np.float32(1.75)
    low, high = reach(points[i, 1], points[j, 1], points[k, 1], least, most, two)
    left, right = reach(points[i, 0], points[j, 0], points[k, 0], least, most, two)
    low, high = max(low, first_row), min(high, first_row + height - 1)
    left, right = max(left, 0), min(right, width - 1)
    if low > high or left > right or signed_area(points, faces, t) > np.float32(-1e-9):
        return
    cx, cy, ux, uy, vx, vy, za, zb, zc = here = plane(points, faces, t)
    for n in range(len(here)):
        planes[t, n] = here[n]
    zx, zy = ux * za + vx * zb - (ux + vx) * zc, uy * za + vy * zb - (uy + vy) * zc
    du, dv, dz = to_samples(ux, uy), to_samples(vx, vy), to_samples(zx, zy)
    for y in range(low, high + 1):
        dx, dy = np.float32(2 * left) - cx, np.float32(2 * y) - cy
        u, v = dx * ux + dy * uy, dx * vx + dy * vy
        z = u * za + v * zb + (np.float32(1) - u - v) * zc
        for x in range(left, right + 1):
            cover(inverse_depth, index, y - first_row, x, t, u, v, z, du, dv, dz)
            u += two * ux
            v += two * vx
            z += two * zx


@kernel
def rasterise(
    points: FloatArray,
    faces: NDArray[np.int32],
    first_row: int,
    cull: bool,
    inverse_depth: FloatArray,
    index: NDArray[np.int32],
) -> None:
    """Fill a strip of samples; sample (x, y) lies at (x + 1/2, y + 1/2).

    Args:
        points: [V, 3] sample x, sample y, 1 / depth.
        faces: [F, 3].
        first_row: row of the picture that the strip starts at.
        cull: skip triangles that are clockwise on the screen.
        inverse_depth: [h, w] out, 0 where empty; interpolated linearly, as is exact for 1 / depth.
        index: [h, w] out, triangle or EMPTY.
    """
    inverse_depth[:] = 0
    index[:] = EMPTY
    for t in range(faces.shape[0]):
        if not cull or signed_area(points, faces, t) <= 0:
            fill(points, faces, t, first_row, inverse_depth, index)


@kernel
def seen_vertices(points: FloatArray, faces: NDArray[np.int32], width: int, height: int) -> NDArray[np.bool_]:
    """Which vertices [V] belong to a triangle whose front is seen in a picture; the others cannot show.

    Args:
        points: [V, 3] as in `rasterise`.
        faces: [F, 3].
        width: of the picture, samples.
        height: of the picture, samples.
    """
    seen = np.zeros(len(points), np.bool_)
    right, low, zero = np.float32(width), np.float32(height), np.float32(0)
    for t in range(len(faces)):
        if signed_area(points, faces, t) < 0:
            i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
            if min(points[i, 1], points[j, 1], points[k, 1]) > low:
                continue
            if max(points[i, 1], points[j, 1], points[k, 1]) < zero:
                continue
            if min(points[i, 0], points[j, 0], points[k, 0]) > right:
                continue
            if max(points[i, 0], points[j, 0], points[k, 0]) < zero:
                continue
            for corner in range(3):
                seen[faces[t, corner]] = True
    return seen


@kernel
def sort_into_strips(
    points: FloatArray, faces: NDArray[np.int32], rows: int, count: int
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Which triangles may show in which strip of a picture, so that strips need not look at all of them.

    Args:
        points: [V, 3] as in `rasterise`.
        faces: [F, 3].
        rows: of samples in a strip.
        count: of strips.

    Returns:
        Starts [count + 1] of the strips' stretches in a list of triangles, and the list; inside a stretch
        their order is kept.
    """
    reach = np.empty((faces.shape[0], 2), np.int32)
    starts = np.zeros(count + 1, np.int32)
    for t in range(faces.shape[0]):
        i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
        a, b, c = points[i, 1], points[j, 1], points[k, 1]
        low, high = min(a, b, c), max(a, b, c)
        reach[t, 0], reach[t, 1] = 0, -1
        if high < 0 or low >= rows * count:
            continue
        reach[t, 0] = max(int(low) // rows, 0)
        reach[t, 1] = min(int(high) // rows, count - 1)
        for s in range(reach[t, 0], reach[t, 1] + 1):
            starts[s + 1] += 1
    for s in range(count):
        starts[s + 1] += starts[s]
    members = np.empty(starts[count], np.intp)
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
def barycentrics(at: Plane, x: float, y: float) -> tuple[float, float, float]:
    """Perspective-correct barycentrics of a triangle at a sample position."""
    dx, dy = x - at[0], y - at[1]
    u, v = dx * at[2] + dy * at[3], dx * at[4] + dy * at[5]
    a, b, c = u * at[6], v * at[7], (np.float32(1) - u - v) * at[8]
    norm = np.float32(1) / (a + b + c)
    return a * norm, b * norm, c * norm


@kernel
def kept_plane(planes: FloatArray, t: int) -> Plane:
    """Row t of planes [F, 9]."""
    return (
        planes[t, 0],
        planes[t, 1],
        planes[t, 2],
        planes[t, 3],
        planes[t, 4],
        planes[t, 5],
        planes[t, 6],
        planes[t, 7],
        planes[t, 8],
    )


@kernel
def containing(planes: FloatArray, candidates: tuple[int, int, int, int], x: float, y: float) -> int:
    """Of four triangles, the one that a position lies deepest in, or least far outside."""
    best, deepest = candidates[0], np.float32(-1e9)
    for t in candidates:
        dx, dy = x - planes[t, 0], y - planes[t, 1]
        u, v = dx * planes[t, 2] + dy * planes[t, 3], dx * planes[t, 4] + dy * planes[t, 5]
        inside = min(u, v, np.float32(1) - u - v)
        if inside > deepest:
            best, deepest = t, inside
    return best
