"""The texture atlas of an avatar: which surface its texels show, and how it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.avatar import Texture, TexturedMesh
from avgen.avatars.mesh.layout import NUM_TERMS
from avgen.avatars.mesh.residual_colour import ResidualColour
from avgen.avatars.raster.triangles import rasterise

Array = NDArray[np.float32]
Numbers = NDArray[np.float32] | NDArray[np.float64]

LIGHT_STEPS: Final = 2000
BASE_STEPS: Final = 8
"""Steps per display level of the stored base texture."""
RESIDUAL_STEPS: Final = 127
BLEED: Final = 2
"""Texels that a part's colour extends beyond its border."""


@dataclass(frozen=True, slots=True)
class TexelMap:
    """Which surface point every used texel shows.

    Attributes:
        rows: [n] texel row.
        columns: [n] texel column.
        face: [n] triangle.
        weights: [n, 3] barycentrics of the texel's centre.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    face: NDArray[np.int32]
    weights: Array


def map_texels(avatar: TexturedMesh) -> TexelMap:
    """Rasterise the triangles in texture space."""
    uv = avatar.mesh.uv.reshape(-1, 2)
    points = np.concatenate([uv, np.ones((len(uv), 1), np.float32)], 1)
    faces = np.arange(len(uv), dtype=np.int32).reshape(-1, 3)
    size = avatar.texture.texels.shape[:2]
    depth, index = np.empty(size, np.float32), np.empty(size, np.int32)
    rasterise(points, faces, 0, False, depth, index)
    rows, columns = np.nonzero(index >= 0)
    face = index[rows, columns]
    a, b, c = np.moveaxis(avatar.mesh.uv[face].astype(np.float64), 1, 0)
    p = np.stack([columns, rows], 1) + 0.5

    def cross(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        return u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]

    area = cross(b - a, c - a)
    first, second = cross(b - p, c - p) / area, cross(c - p, a - p) / area
    weights = np.stack([first, second, 1 - first - second], 1).astype(np.float32)
    return TexelMap(rows, columns, face, weights)


def unobstructed(seen: Array, inverse_depth: Array, tolerance: float) -> NDArray[np.bool_]:
    """Whether no sample in the 3 x 3 around a projected point [n, 3] is clearly nearer."""
    height, width = inverse_depth.shape
    x, y = seen[:, 0].astype(int), seen[:, 1].astype(int)
    inside = (x > 1) & (y > 1) & (x < width - 2) & (y < height - 2)
    x, y = np.clip(x, 1, width - 2), np.clip(y, 1, height - 2)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            z = inverse_depth[y + dy, x + dx]
            inside &= (z == 0) | (1 / np.maximum(z, 1e-6) > seen[:, 2] - tolerance)
    free: NDArray[np.bool_] = inside
    return free


def quantise(atlas: Array) -> dict[str, NDArray[Any]]:
    """Texture tensors in int16, and the value of one step of each.

    In 8 bits a step of the diffuse terms would be four levels, which shows where the light changes.
    """
    base, light = atlas[:, :, 0], atlas[:, :, 1:]
    scale = np.percentile(np.abs(light), 99.998, axis=(0, 1, 3)) / LIGHT_STEPS + 1e-6
    steps = np.clip(np.round(light / scale[:, None]), -LIGHT_STEPS, LIGHT_STEPS).astype(np.int16)
    return {
        "texture.base": np.clip(np.round(base * BASE_STEPS), -32768, 32767).astype(np.int16),
        "texture.light": steps.reshape(*steps.shape[:2], -1),
        "texture.scale": np.r_[1 / BASE_STEPS, scale].astype(np.float32),
    }


def stored_atlas(texture: Texture) -> Array:
    """Atlas [h, w, 1 + NUM_TERMS, 3] of a texture: what `quantise` was given."""
    height, width, _ = texture.texels.shape
    return texture.texels.reshape(height, width, 1 + NUM_TERMS, 3) * texture.scale[:, None]


def quantise_residual_colour(residual_colour: ResidualColour) -> dict[str, NDArray[Any]]:
    """Tensors of the avatar file: gains as int8 with one step per feature."""
    scale = np.abs(residual_colour.gains).max(1) / RESIDUAL_STEPS + 1e-9
    return {
        "tint.gains": np.round(residual_colour.gains / scale[:, None]).astype(np.int8),
        "tint.scale": scale.astype(np.float32),
        "tint.low": residual_colour.low.astype(np.float32),
        "tint.high": residual_colour.high.astype(np.float32),
    }


def to_layer(texels: TexelMap, values: Array, size: tuple[int, int]) -> Array:
    """Layer [h, w, ...] of values [n, ...] at the texels, which bleed a little beyond the parts' borders."""
    layer, known = np.zeros((*size, *values.shape[1:]), np.float32), np.zeros(size, bool)
    layer[texels.rows, texels.columns] = values
    known[texels.rows, texels.columns] = True
    for _ in range(BLEED):
        rows, columns = np.nonzero(_beside(known))
        total = np.zeros((len(rows), *values.shape[1:]), np.float32)
        count = np.zeros((len(rows), *(1,) * (values.ndim - 1)), np.float32)
        for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            at = np.clip(rows + down, 0, size[0] - 1), np.clip(columns + right, 0, size[1] - 1)
            share = known[at].astype(np.float32).reshape(count.shape)
            total += share * layer[at]
            count += share
        layer[rows, columns] = total / count
        known[rows, columns] = True
    return layer


def _beside(known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Texels that are not known, next to one that is."""
    out = np.zeros_like(known)
    out[1:] |= known[:-1]
    out[:-1] |= known[1:]
    out[:, 1:] |= known[:, :-1]
    out[:, :-1] |= known[:, 1:]
    return out & ~known


def sample(image: Numbers, place: Numbers) -> NDArray[np.float64]:
    """Bilinear samples [n, channels] of an image [H, W, channels] at pixel positions [n, 2]."""
    x = np.clip(place[:, 0] - 0.5, 0, image.shape[1] - 1.001)
    y = np.clip(place[:, 1] - 0.5, 0, image.shape[0] - 1.001)
    i, j = x.astype(int), y.astype(int)
    u, v = (x - i)[:, None], (y - j)[:, None]
    top = image[j, i] * (1 - u) + image[j, i + 1] * u
    mixed: NDArray[np.float64] = top * (1 - v) + (image[j + 1, i] * (1 - u) + image[j + 1, i + 1] * u) * v
    return mixed
