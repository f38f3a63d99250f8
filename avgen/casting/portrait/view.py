"""What a photograph shows of a head: where its texels lie in the picture, and how well they are seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.raster.triangles import rasterise
from avgen.casting.atlas import TexelMap, unobstructed
from avgen.casting.portrait.fit import PortraitCamera
from avgen.casting.portrait.space import UNITS
from avgen.casting.surface import vertex_normals

Array = NDArray[np.float64]

SAMPLES: Final = 1400
"""Samples along the picture's longer side in which parts of the head hide others."""
TOLERANCE: Final = 0.004
"""Metres by which a texel may lie behind what is seen."""
NO_REST: Final = np.eye(1, 7, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class TexelView:
    """The n texels of an avatar in a photograph.

    Attributes:
        place: [n, 2] pixel x and y.
        facing: [n] cosine between the surface and the direction to the camera.
        normal: [n, 3] of the surface, in the camera's axes.
        visible: [n] whether nothing else of the head hides it.
        covered: [h, w] part of the mesh that each sample shows, or -1.
        step: samples a pixel.
    """

    place: Array
    facing: Array
    normal: Array
    visible: NDArray[np.bool_]
    covered: NDArray[np.int64]
    step: float


def unit_weights(avatar: TexturedMesh, units: Array) -> NDArray[np.float32]:
    """Unit weights [1, U] of an avatar for those [len(UNITS)] of a photograph."""
    out = np.zeros((1, len(avatar.codec.units)), np.float32)
    out[0, [avatar.codec.unit(name) for name in UNITS]] = units
    return out


def view_texels(
    avatar: TexturedMesh, texels: TexelMap, camera: PortraitCamera, units: Array, size: tuple[int, int]
) -> TexelView:
    """View of the texels of an avatar that makes the photograph's face.

    Args:
        avatar: of the fitted head.
        texels: of its atlas.
        camera: of the photograph.
        units: [len(UNITS)] weights of the face units in it.
        size: height and width of the picture, pixels.
    """
    points = avatar.pose_weights(unit_weights(avatar, units), NO_REST).vertices[0].astype(np.float64)
    faces = avatar.mesh.faces
    corner, shares = faces[texels.face], texels.weights
    place = np.einsum("nk,nkd->nd", shares, points[corner])
    normal = np.einsum("nk,nkd->nd", shares, vertex_normals(points, faces)[corner])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    step = SAMPLES / max(size)
    seen, screen = camera.project(place), camera.project(points)
    samples = np.c_[screen[:, :2] * step, 1 / screen[:, 2]].astype(np.float32)
    shape = round(size[0] * step), round(size[1] * step)
    depth, index = np.empty(shape, np.float32), np.empty(shape, np.int32)
    rasterise(samples, faces, 0, True, depth, index)
    in_samples = np.c_[seen[:, :2] * step, seen[:, 2]].astype(np.float32)
    return TexelView(
        place=seen[:, :2],
        facing=(normal * camera.towards(place)).sum(1),
        normal=normal @ camera.turn.T,
        visible=unobstructed(in_samples, depth, TOLERANCE),
        covered=np.where(index >= 0, avatar.mesh.part[np.maximum(index, 0)].astype(np.int64), -1),
        step=step,
    )
