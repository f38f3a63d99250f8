"""The CPU shader: strips of rasterised samples -> anti-aliased pixels.

Four samples a pixel decide coverage. Where they lie on one smooth part the texture is fetched once, else
once a sample; hair is fetched once a pixel and composited sample by sample.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.renderers.compile import kernel
from avgen.renderers.glint import GLINT_LEVEL, Glint, glint_at
from avgen.renderers.raster import barycentrics, clear, containing, fill, rotated_sample, sort_into_strips
from avgen.types import FloatArray

STRIP_ROWS = 32
"""Pixel rows drawn together; the buffers of a strip stay in the cache."""
SAME_SURFACE = 0.003
"""Largest difference of inverse depth inside one smooth surface."""
HAIR_BIAS = 0.004
"""Metres by which the hair's hull is drawn nearer than it is."""
NO_PART = 255


class Surface(NamedTuple):
    """Opaque triangles of one frame.

    Attributes:
        points: [V, 3] sample x, sample y (two samples a pixel), 1 / depth.
        faces: [F, 3].
        uv: [F, 3, 2] texels.
        part: [F].
        terms: [V, NUM_TERMS + 3] light terms, then a change of colour.
        texels: [h, w, 3 * (1 + NUM_TERMS)] int16.
        scale: [1 + NUM_TERMS].
    """

    points: FloatArray
    faces: NDArray[np.int32]
    uv: FloatArray
    part: NDArray[np.uint8]
    terms: FloatArray
    texels: NDArray[np.int16]
    scale: FloatArray


class Hull(NamedTuple):
    """Hair of one frame.

    Attributes:
        points: [H, 3] pixel x, pixel y, 1 / depth.
        faces: [G, 3].
        places: [n, H, 3] texel x, y and weight of every vertex in each of the n nearest pictures.
        pictures: [Q, h, w, 4] uint8, premultiplied.
        chosen: [n] which pictures.
    """

    points: FloatArray
    faces: NDArray[np.int32]
    places: FloatArray
    pictures: NDArray[np.uint8]
    chosen: NDArray[np.int32]


@kernel
def fetch(
    points: FloatArray,
    faces: NDArray[np.int32],
    uv: FloatArray,
    terms: FloatArray,
    texels: NDArray[np.int16],
    scale: FloatArray,
    t: int,
    x: float,
    y: float,
) -> tuple[float, float, float]:
    """Colour of triangle t at a sample: bilinear base texture plus the sum of term x texture.

    The sample may lie outside the triangle, where one triangle speaks for a whole pixel: a point of it
    counts, since beyond the border of a small triangle the terms would be extrapolated without limit.
    """
    a, b, c = barycentrics(points, faces, t, x, y)
    a, b, c = max(a, np.float32(0)), max(b, np.float32(0)), max(c, np.float32(0))
    norm = np.float32(1) / (a + b + c)
    a, b, c = a * norm, b * norm, c * norm
    i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
    half = np.float32(0.5)
    u = a * uv[t, 0, 0] + b * uv[t, 1, 0] + c * uv[t, 2, 0] - half
    v = a * uv[t, 0, 1] + b * uv[t, 1, 1] + c * uv[t, 2, 1] - half
    u = min(max(u, np.float32(0)), np.float32(texels.shape[1] - 1.01))
    v = min(max(v, np.float32(0)), np.float32(texels.shape[0] - 1.01))
    iu, iv = int(u), int(v)
    fu, fv = u - np.float32(iu), v - np.float32(iv)
    w11 = fu * fv
    w01, w10 = fu - w11, fv - w11
    w00 = np.float32(1) - fu - w10
    p00, p01, p10, p11 = texels[iv, iu], texels[iv, iu + 1], texels[iv + 1, iu], texels[iv + 1, iu + 1]
    red = green = blue = np.float32(0)
    for q in range(scale.shape[0]):
        gain = scale[q]
        if q > 0:
            gain *= a * terms[i, q - 1] + b * terms[j, q - 1] + c * terms[k, q - 1]
        if abs(gain) > np.float32(1e-7):
            n = 3 * q
            red += gain * (w00 * p00[n] + w01 * p01[n] + w10 * p10[n] + w11 * p11[n])
            n += 1
            green += gain * (w00 * p00[n] + w01 * p01[n] + w10 * p10[n] + w11 * p11[n])
            n += 1
            blue += gain * (w00 * p00[n] + w01 * p01[n] + w10 * p10[n] + w11 * p11[n])
    n = scale.shape[0] - 1
    red += a * terms[i, n] + b * terms[j, n] + c * terms[k, n]
    green += a * terms[i, n + 1] + b * terms[j, n + 1] + c * terms[k, n + 1]
    blue += a * terms[i, n + 2] + b * terms[j, n + 2] + c * terms[k, n + 2]
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
    a, b, c = barycentrics(points, faces, t, x, y)
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
        picture = pictures[chosen[q]]
        p00, p01, p10, p11 = (
            picture[iv, iu],
            picture[iv, iu + 1],
            picture[iv + 1, iu],
            picture[iv + 1, iu + 1],
        )
        red += w00 * p00[0] + w01 * p01[0] + w10 * p10[0] + w11 * p11[0]
        green += w00 * p00[1] + w01 * p01[1] + w10 * p10[1] + w11 * p11[1]
        blue += w00 * p00[2] + w01 * p01[2] + w10 * p10[2] + w11 * p11[2]
        alpha += w00 * p00[3] + w01 * p01[3] + w10 * p10[3] + w11 * p11[3]
        total += weight
    gain = np.float32(1) / max(total, np.float32(1e-6))
    return red * gain, green * gain, blue * gain, alpha * gain / np.float32(255)


@kernel
def draw(
    surface: Surface,
    hull: Hull,
    glint: Glint,
    background: FloatArray,
    out: NDArray[np.uint8],
) -> None:
    """Draw one frame.

    Args:
        surface: opaque triangles.
        hull: hair.
        glint: eye highlights.
        background: [H, W, 3] in 0..255, from `dithered`.
        out: [H, W, 3] picture; or [H, W, 4], straight colour and opacity, which the background is no part of.
    """
    points, faces, uv, part, terms, texels, scale = surface
    hair_points, hair_faces, places, pictures, chosen = hull
    eyes, eye_parts, key, key_half, position, axes, focal = glint
    height, width = out.shape[0], out.shape[1]
    depth = np.empty((2 * STRIP_ROWS, 2 * width), np.float32)
    index = np.empty((2 * STRIP_ROWS, 2 * width), np.int32)
    hair_depth = np.empty((STRIP_ROWS, width), np.float32)
    hair_index = np.empty((STRIP_ROWS, width), np.int32)
    quarter, half, one, two = np.float32(0.25), np.float32(0.5), np.float32(1), np.float32(2)
    zero, full, level = np.float32(0), np.float32(255), np.float32(GLINT_LEVEL)
    strips = (height + STRIP_ROWS - 1) // STRIP_ROWS
    starts, members = sort_into_strips(points, faces, 2 * STRIP_ROWS, strips, True)
    hair_starts, hair_members = sort_into_strips(hair_points, hair_faces, STRIP_ROWS, strips, False)
    for top in range(0, height, STRIP_ROWS):
        strip = top // STRIP_ROWS
        clear(depth, index)
        for n in range(starts[strip], starts[strip + 1]):
            fill(points, faces, members[n], 2 * top, True, depth, index, True)
        clear(hair_depth, hair_index)
        for n in range(hair_starts[strip], hair_starts[strip + 1]):
            fill(hair_points, hair_faces, hair_members[n], top, False, hair_depth, hair_index, False)
        for row in range(min(STRIP_ROWS, height - top)):
            y = top + row
            fy = np.float32(y)
            for x in range(width):
                fx = np.float32(x)
                r, c = 2 * row, 2 * x
                t0, t1, t2, t3 = index[r, c], index[r, c + 1], index[r + 1, c], index[r + 1, c + 1]
                covered = (t0 >= 0) + (t1 >= 0) + (t2 >= 0) + (t3 >= 0)
                t_hair = hair_index[row, x]
                # Each kind of pixel is written in its own way: a single writer for all of them costs a fourth
                # of the drawing, because opaque pixels then read the background too.
                if covered == 0 and t_hair < 0:
                    for channel in range(3):
                        empty = background[y, x, channel] if out.shape[2] == 3 else zero
                        out[y, x, channel] = np.uint8(min(empty + half, full))
                    if out.shape[2] == 4:
                        out[y, x, 3] = 0
                    continue
                red = green = blue = alpha = zero
                hair_red = hair_green = hair_blue = hair_alpha = hair_near = zero
                if t_hair >= 0:
                    hair_red, hair_green, hair_blue, hair_alpha = fetch_hair(
                        hair_points, hair_faces, places, pictures, chosen, t_hair, fx + half, fy + half
                    )
                    hair_near = one / hair_depth[row, x] - np.float32(HAIR_BIAS)
                smooth = covered == 4
                if smooth:
                    p, near = part[t0], depth[r, c]
                    limit = np.float32(SAME_SURFACE)
                    smooth = part[t1] == p and part[t2] == p and part[t3] == p
                    smooth = smooth and abs(near - depth[r + 1, c + 1]) < limit
                    smooth = smooth and abs(near - depth[r, c + 1]) < limit
                if smooth:
                    t, sx, sy = t0, two * fx + one, two * fy + one
                    if t1 != t0 or t2 != t0 or t3 != t0:
                        t = containing(points, faces, (t0, t1, t2, t3), sx, sy)
                    red, green, blue = fetch(points, faces, uv, terms, texels, scale, t, sx, sy)
                    alpha = one
                    if t_hair < 0 and part[t0] != eye_parts[0] and part[t0] != eye_parts[1]:
                        out[y, x, 0] = np.uint8(min(red + half, full))
                        out[y, x, 1] = np.uint8(min(green + half, full))
                        out[y, x, 2] = np.uint8(min(blue + half, full))
                        if out.shape[2] == 4:
                            out[y, x, 3] = np.uint8(255)
                        continue
                eye = NO_PART
                share = zero
                for s in range(4):
                    t = index[r + s // 2, c + s % 2]
                    front = t_hair >= 0 and (t < 0 or hair_near * depth[r + s // 2, c + s % 2] < one)
                    if front:
                        share += quarter
                    if t < 0:
                        continue
                    if part[t] == eye_parts[0] or part[t] == eye_parts[1]:
                        eye = part[t]
                    if not smooth:
                        sx, sy = rotated_sample(2 * x + s % 2, 2 * y + s // 2)
                        sample = fetch(points, faces, uv, terms, texels, scale, t, sx, sy)
                        weight = quarter * (one - hair_alpha) if front else quarter
                        red += weight * sample[0]
                        green += weight * sample[1]
                        blue += weight * sample[2]
                        alpha += weight
                if smooth:
                    keep = one - share * hair_alpha
                    red, green, blue, alpha = red * keep, green * keep, blue * keep, keep
                if eye != NO_PART:
                    which = 0 if eye == eye_parts[0] else 1
                    light = zero
                    for s in range(4):
                        t = index[r + s // 2, c + s % 2]
                        if t >= 0 and part[t] == eye:
                            sx, sy = rotated_sample(2 * x + s % 2, 2 * y + s // 2)
                            ball = eyes[which]
                            light += quarter * glint_at(
                                sx * half,
                                sy * half,
                                width,
                                height,
                                ball,
                                key,
                                key_half,
                                position,
                                axes,
                                focal,
                            )
                    red += light * max(level - red, zero)
                    green += light * max(level - green, zero)
                    blue += light * max(level - blue, zero)
                red, green, blue = (
                    red + share * hair_red,
                    green + share * hair_green,
                    blue + share * hair_blue,
                )
                rest = one - alpha - share * hair_alpha
                if out.shape[2] == 4:
                    gain = one / max(one - rest, np.float32(1e-6))
                    out[y, x, 0] = np.uint8(min(red * gain + half, full))
                    out[y, x, 1] = np.uint8(min(green * gain + half, full))
                    out[y, x, 2] = np.uint8(min(blue * gain + half, full))
                    out[y, x, 3] = np.uint8(min(max(one - rest, zero), one) * full + half)
                    continue
                out[y, x, 0] = np.uint8(min(red + rest * background[y, x, 0] + half, full))
                out[y, x, 1] = np.uint8(min(green + rest * background[y, x, 1] + half, full))
                out[y, x, 2] = np.uint8(min(blue + rest * background[y, x, 2] + half, full))
