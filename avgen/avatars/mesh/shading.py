"""The CPU shader: strips of rasterised samples -> anti-aliased pixels.

Four samples a pixel decide coverage. Where they lie on one smooth part the texture is fetched once, else
once a sample; hair is fetched once a pixel and composited sample by sample. Nothing is fetched that
cannot be seen. At edges of a body samples are averaged by their squares, about as light is: the mean of
display levels would make pale hands before dark cloth too small. What runs for every pixel gets whole arrays
and an index, because numba counts references to a part of an array, atomically.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.avatar import Texture
from avgen.avatars.mesh.highlights import HIGHLIGHT_LEVEL, Highlights, highlight_at
from avgen.avatars.raster.compile import inlined, kernel
from avgen.avatars.raster.simd import LAYERS, sum_layers
from avgen.avatars.raster.triangles import (
    EMPTY,
    barycentrics,
    containing,
    fill,
    fill_four,
    kept_plane,
    plane,
    rotated_sample,
    sort_into_strips,
)
from avgen.types import FloatArray

STRIP_ROWS = 32
"""Pixel rows drawn together; the buffers of a strip stay in the cache."""
SAME_SURFACE = 0.003
"""Largest difference of inverse depth inside one smooth surface."""
HAIR_BIAS = 0.004
"""Metres by which the hair's hull is drawn nearer than it is."""
OPAQUE = 0.998
"""Coverage of the hair behind which nothing is seen."""
NO_PART = 255
RESIDUAL = LAYERS
"""First of the three columns of gains that hold a change of colour."""


class Surface(NamedTuple):
    """Opaque triangles of one frame.

    Attributes:
        points: [V, 3] sample x, sample y (two samples a pixel), 1 / depth.
        faces: [F, 3].
        uv: [F, 3, 2] texels.
        part: [F].
        terms: [V, NUM_TERMS + 3] light terms, then a change of colour.
        bare: first of the triangles that have no texture, but only a colour.
    """

    points: FloatArray
    faces: NDArray[np.int32]
    uv: FloatArray
    part: NDArray[np.uint8]
    terms: FloatArray
    bare: int


class Hull(NamedTuple):
    """Hair of one frame.

    Attributes:
        points: [X, 3] pixel x, pixel y, 1 / depth.
        faces: [G, 3].
        places: [n, X, 3] texel x, y and weight of every vertex in each of the n nearest pictures.
        pictures: [Q, h, w, 4] uint8, premultiplied.
        chosen: [n] which pictures.
    """

    points: FloatArray
    faces: NDArray[np.int32]
    places: FloatArray
    pictures: NDArray[np.uint8]
    chosen: NDArray[np.int32]


def layered(texture: Texture) -> NDArray[np.int16]:
    """Texels [h, w, 3, LAYERS] with the layers of a channel side by side; the last is empty."""
    height, width, channels = texture.texels.shape
    layers = np.zeros((height, width, 3, LAYERS), np.int16)
    layers[..., : channels // 3] = texture.texels.reshape(height, width, -1, 3).swapaxes(2, 3)
    return layers


def vertex_gains(terms: FloatArray, texture: Texture) -> FloatArray:
    """What vertices multiply the layers with [V, LAYERS], and their change of colour: [V, LAYERS + 3]."""
    count = len(texture.scale)
    gains = np.zeros((len(terms), LAYERS + 3), np.float32)
    gains[:, 0] = texture.scale[0]
    np.multiply(terms[:, : count - 1], texture.scale[1:], out=gains[:, 1:count])
    gains[:, RESIDUAL:] = terms[:, count - 1 :]
    return gains


@inlined
def fetch(
    planes: FloatArray,
    faces: NDArray[np.int32],
    uv: FloatArray,
    t: int,
    bare: int,
    gains: FloatArray,
    texels: NDArray[np.int16],
    x: float,
    y: float,
) -> tuple[float, float, float]:
    """Colour of a triangle at a sample: bilinear texture, the sum of gain x layer, and the change of colour.

    The sample may lie outside the triangle, where one triangle speaks for a whole pixel: a point of it
    counts, since beyond the border of a small triangle the terms would be extrapolated without limit.

    Args:
        planes: [F, 9] from `fill_four`.
        faces: [F, 3].
        uv: [F, 3, 2] texels.
        t: which triangle.
        bare: first of the triangles without a texture.
        gains: [V, LAYERS + 3] from `vertex_gains`.
        texels: [h, w, 3, LAYERS] from `layered`.
        x: of the sample.
        y: of the sample.
    """
    a, b, c = barycentrics(kept_plane(planes, t), x, y)
    a, b, c = max(a, np.float32(0)), max(b, np.float32(0)), max(c, np.float32(0))
    norm = np.float32(1) / (a + b + c)
    a, b, c = a * norm, b * norm, c * norm
    i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
    half, one = np.float32(0.5), np.float32(1)
    red = green = blue = np.float32(0)
    if t < bare:
        u = a * uv[t, 0, 0] + b * uv[t, 1, 0] + c * uv[t, 2, 0] - half
        v = a * uv[t, 0, 1] + b * uv[t, 1, 1] + c * uv[t, 2, 1] - half
        u = min(max(u, np.float32(0)), np.float32(texels.shape[1] - 1.01))
        v = min(max(v, np.float32(0)), np.float32(texels.shape[0] - 1.01))
        iu, iv = int(u), int(v)
        fu, fv = u - np.float32(iu), v - np.float32(iv)
        w11 = fu * fv
        weights = (one - fu - fv + w11, fu - w11, fv - w11, w11)
        red, green, blue = sum_layers(texels, gains, (iv, iu), (i, j, k), weights, (a, b, c))
    red += a * gains[i, RESIDUAL] + b * gains[j, RESIDUAL] + c * gains[k, RESIDUAL]
    green += a * gains[i, RESIDUAL + 1] + b * gains[j, RESIDUAL + 1] + c * gains[k, RESIDUAL + 1]
    blue += a * gains[i, RESIDUAL + 2] + b * gains[j, RESIDUAL + 2] + c * gains[k, RESIDUAL + 2]
    low, high = np.float32(0), np.float32(255)
    return min(max(red, low), high), min(max(green, low), high), min(max(blue, low), high)


@kernel
def fetch_hair(
    points: FloatArray,
    faces: NDArray[np.int32],
    places: FloatArray,
    pictures: NDArray[np.uint8],
    chosen: NDArray[np.int32],
    t: int,
    x: float,
    y: float,
) -> tuple[float, float, float, float]:
    """Premultiplied colour and coverage of hull triangle t at a pixel, blended over the chosen pictures."""
    a, b, c = barycentrics(plane(points, faces, t), x, y)
    i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
    half, zero = np.float32(0.5), np.float32(0)
    red = green = blue = alpha = total = zero
    height, width = pictures.shape[1], pictures.shape[2]
    for q in range(chosen.shape[0]):
        weight = a * places[q, i, 2] + b * places[q, j, 2] + c * places[q, k, 2]
        if weight < np.float32(1e-4):
            continue
        u = a * places[q, i, 0] + b * places[q, j, 0] + c * places[q, k, 0] - half
        v = a * places[q, i, 1] + b * places[q, j, 1] + c * places[q, k, 1] - half
        u = min(max(u, zero), np.float32(width - 1.01))
        v = min(max(v, zero), np.float32(height - 1.01))
        iu, iv = int(u), int(v)
        fu, fv = u - np.float32(iu), v - np.float32(iv)
        w11 = weight * fu * fv
        w01, w10 = weight * fu - w11, weight * fv - w11
        w00 = weight * (np.float32(1) - fu) - w10
        n = chosen[q]
        for down, across, share in ((0, 0, w00), (0, 1, w01), (1, 0, w10), (1, 1, w11)):
            red += share * np.float32(pictures[n, iv + down, iu + across, 0])
            green += share * np.float32(pictures[n, iv + down, iu + across, 1])
            blue += share * np.float32(pictures[n, iv + down, iu + across, 2])
            alpha += share * np.float32(pictures[n, iv + down, iu + across, 3])
        total += weight
    gain = np.float32(1) / max(total, np.float32(1e-6))
    return red * gain, green * gain, blue * gain, alpha * gain / np.float32(255)


@kernel
def put(out: NDArray[np.uint8], y: int, x: int, red: float, green: float, blue: float) -> None:
    """Write an opaque colour."""
    half, full = np.float32(0.5), np.float32(255)
    out[y, x, 0] = np.uint8(min(red + half, full))
    out[y, x, 1] = np.uint8(min(green + half, full))
    out[y, x, 2] = np.uint8(min(blue + half, full))
    if out.shape[2] == 4:
        out[y, x, 3] = np.uint8(255)


@kernel
def draw(
    surface: Surface,
    hull: Hull,
    highlights: Highlights,
    gains: FloatArray,
    texels: NDArray[np.int16],
    out: NDArray[np.uint8],
) -> None:
    """Draw one frame.

    Args:
        surface: opaque triangles.
        hull: hair.
        highlights: eye highlights.
        gains: [V, LAYERS + 3] from `vertex_gains`.
        texels: [h, w, 3, LAYERS] from `layered`.
        out: [H, W, 3] background that is drawn upon; or [H, W, 4] of zeros, which becomes straight colour
            and opacity.
    """
    points, faces, uv, part, _, bare = surface
    hair_points, hair_faces, places, pictures, chosen = hull
    eyes, eye_parts, key, key_half, position, axes, focal = highlights
    height, width = out.shape[0], out.shape[1]
    depth, index = np.empty((STRIP_ROWS, width, 4), np.float32), np.empty((STRIP_ROWS, width, 4), np.int32)
    planes = np.empty((len(faces), 9), np.float32)
    hair_depth, hair_index = (
        np.empty((STRIP_ROWS, width), np.float32),
        np.empty((STRIP_ROWS, width), np.int32),
    )
    quarter, half, one, two = np.float32(0.25), np.float32(0.5), np.float32(1), np.float32(2)
    zero, full, level = np.float32(0), np.float32(255), np.float32(HIGHLIGHT_LEVEL)
    opaque, limit = np.float32(OPAQUE), np.float32(SAME_SURFACE)
    strips = (height + STRIP_ROWS - 1) // STRIP_ROWS
    starts, members = sort_into_strips(points, faces, 2 * depth.shape[0], strips)
    hair_starts, hair_members = sort_into_strips(hair_points, hair_faces, hair_depth.shape[0], strips)
    for top in range(0, height, STRIP_ROWS):
        strip = top // STRIP_ROWS
        depth[:] = 0
        index[:] = EMPTY
        for n in range(starts[strip], starts[strip + 1]):
            fill_four(points, faces, members[n], top, depth, index, planes)
        hair_depth[:] = 0
        hair_index[:] = EMPTY
        for n in range(hair_starts[strip], hair_starts[strip + 1]):
            fill(hair_points, hair_faces, hair_members[n], top, hair_depth, hair_index)
        for row in range(min(STRIP_ROWS, height - top)):
            y = top + row
            for x in range(width):
                t0, t1, t2, t3 = index[row, x, 0], index[row, x, 1], index[row, x, 2], index[row, x, 3]
                t_hair = np.intp(hair_index[row, x])
                if t_hair < 0 and max(t0, t1, t2, t3) < 0:
                    continue
                # Every kind of pixel is written on its own: one writer for all of them costs a fourth.
                px, py = two * np.float32(x) + one, two * np.float32(y) + one
                share = hair_red = hair_green = hair_blue = hair_alpha = hair_near = zero
                if t_hair >= 0:
                    hair_near = one / hair_depth[row, x] - np.float32(HAIR_BIAS)
                    for s in range(4):
                        if hair_near * depth[row, x, s] < one:
                            share += quarter
                    if share > zero:
                        hair_red, hair_green, hair_blue, hair_alpha = fetch_hair(
                            hair_points, hair_faces, places, pictures, chosen, t_hair, half * px, half * py
                        )
                    if share == one and hair_alpha > opaque:
                        put(out, y, x, hair_red, hair_green, hair_blue)
                        continue
                red = green = blue = alpha = zero
                smooth = min(t0, t1, t2, t3) >= 0
                if smooth and (t1 != t0 or t2 != t0 or t3 != t0):
                    p, near = part[t0], depth[row, x, 0]
                    smooth = part[t1] == p and part[t2] == p and part[t3] == p
                    smooth = smooth and abs(near - depth[row, x, 3]) < limit
                    smooth = smooth and abs(near - depth[row, x, 1]) < limit
                    if smooth:
                        t0 = containing(planes, (t0, t1, t2, t3), px, py)
                if smooth:
                    red, green, blue = fetch(planes, faces, uv, t0, bare, gains, texels, px, py)
                    alpha = one
                    if share == zero and part[t0] != eye_parts[0] and part[t0] != eye_parts[1]:
                        put(out, y, x, red, green, blue)
                        continue
                eye, bodily = NO_PART, max(t0, t1, t2, t3) >= bare
                for s in range(4):
                    t = index[row, x, s]
                    if t < 0:
                        continue
                    if part[t] == eye_parts[0] or part[t] == eye_parts[1]:
                        eye = part[t]
                    if not smooth:
                        sx, sy = rotated_sample(2 * x + s % 2, 2 * y + s // 2)
                        sample = fetch(planes, faces, uv, t, bare, gains, texels, sx, sy)
                        front = share > zero and hair_near * depth[row, x, s] < one
                        weight = quarter * (one - hair_alpha) if front else quarter
                        if bodily:
                            sample = sample[0] ** 2, sample[1] ** 2, sample[2] ** 2
                        red += weight * sample[0]
                        green += weight * sample[1]
                        blue += weight * sample[2]
                        alpha += weight
                if smooth:
                    keep = one - share * hair_alpha
                    red, green, blue, alpha = red * keep, green * keep, blue * keep, keep
                elif bodily:
                    red, green, blue = (
                        math.sqrt(red * alpha),
                        math.sqrt(green * alpha),
                        math.sqrt(blue * alpha),
                    )
                if eye != NO_PART:
                    ball = 0 if eye == eye_parts[0] else 1
                    light = zero
                    for s in range(4):
                        t = index[row, x, s]
                        if t >= 0 and part[t] == eye:
                            sx, sy = rotated_sample(2 * x + s % 2, 2 * y + s // 2)
                            mirrored = highlight_at(
                                sx * half,
                                sy * half,
                                width,
                                height,
                                eyes,
                                ball,
                                key,
                                key_half,
                                position,
                                axes,
                                focal,
                            )
                            light += quarter * np.float32(mirrored)
                    red += light * max(level - red, zero)
                    green += light * max(level - green, zero)
                    blue += light * max(level - blue, zero)
                red, green, blue = (
                    red + share * hair_red,
                    green + share * hair_green,
                    blue + share * hair_blue,
                )
                alpha += share * hair_alpha
                if out.shape[2] == 4:
                    gain = one / max(alpha, np.float32(1e-6))
                    put(out, y, x, red * gain, green * gain, blue * gain)
                    out[y, x, 3] = np.uint8(min(max(alpha, zero), one) * full + half)
                    continue
                rest = one - alpha
                put(
                    *(out, y, x),
                    red + rest * np.float32(out[y, x, 0]),
                    green + rest * np.float32(out[y, x, 1]),
                    blue + rest * np.float32(out[y, x, 2]),
                )
