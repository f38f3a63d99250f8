"""What both renderers draw: posed points seen by a camera, light terms, the nearest pictures of the hair."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import HairViews, Posed, TexturedMesh
from avgen.avatars.mesh.body_lighting import BodyLighting
from avgen.avatars.mesh.highlights import Highlights
from avgen.avatars.mesh.layout import EYE_PARTS, NUM_TERMS
from avgen.avatars.mesh.lighting import Lighting
from avgen.avatars.mesh.shading import Hull, Surface
from avgen.avatars.raster.pixel_filter import ShrunkPictures
from avgen.avatars.raster.triangles import SUPERSAMPLING, seen_vertices
from avgen.types import FloatArray

HAIR_CAMERA = (0.0, 0.65, 1.28996)
"""Where the camera stood in front that took pictures of the hair: to it, a head at rest is level."""
LEAST_SLANT = 0.4
"""Least cosine between the view and the hair's hull when looking below it."""


def view_angles(turn: FloatArray, direction: FloatArray) -> tuple[float, float]:
    """Yaw and pitch in degrees at which a head turned by a matrix [3, 3] is seen from a direction [3].

    Equal to the head's own yaw and pitch for a viewer straight in front.
    """
    seen_from = turn.T @ direction
    yaw = -np.degrees(np.arctan2(seen_from[0], seen_from[2]))
    pitch = np.degrees(np.arctan2(seen_from[1], np.hypot(seen_from[0], seen_from[2])))
    return float(yaw), float(pitch)


def grid_weights(value: float, grid: FloatArray) -> list[tuple[int, float]]:
    """Linear interpolation on an ascending grid: up to two (index, weight), clamped at its ends."""
    if len(grid) == 1:
        return [(0, 1.0)]
    value = float(np.clip(value, grid[0], grid[-1]))
    i = int(np.clip(np.searchsorted(grid, value) - 1, 0, len(grid) - 2))
    f = (value - float(grid[i])) / float(grid[i + 1] - grid[i])
    return [(i, 1 - f), (i + 1, f)]


class Triangles(NamedTuple):
    """What of a scene is opaque.

    Attributes:
        faces: [F, 3] vertex indices: those of the mesh, then those of the body.
        uv: [F, 3, 2] texels.
        part: [F].
        textured: how many vertices are the mesh's; the others have a colour of their own, and no texture.
        bare: first of the triangles of the body.
    """

    faces: NDArray[np.int32]
    uv: FloatArray
    part: NDArray[np.uint8]
    textured: int
    bare: int


@dataclass(frozen=True)
class Scene:
    """An avatar in front of a camera.

    Attributes:
        avatar: what is drawn.
        camera: from where.
        width: of the picture, pixels.
        height: of the picture, pixels.
    """

    avatar: TexturedMesh
    camera: Camera
    width: int
    height: int

    @cached_property
    def triangles(self) -> Triangles:
        """All that is opaque: of the mesh, and of the body, whose parts come after the mesh's."""
        mesh, body = self.avatar.mesh, self.avatar.body
        if body is None:
            return Triangles(mesh.faces, mesh.uv, mesh.part, len(mesh.rest), len(mesh.faces))
        count = len(self.avatar.parts)
        part = body.material[body.faces[:, 0]] + np.uint8(count)
        return Triangles(
            np.concatenate([mesh.faces[body.bust], body.faces + np.int32(len(mesh.rest))]),
            np.concatenate([mesh.uv[body.bust], np.ones((len(body.faces), 3, 2), np.float32)]),
            np.concatenate([mesh.part[body.bust], part]),
            len(mesh.rest),
            int(body.bust.sum()),
        )

    @cached_property
    def body_lighting(self) -> BodyLighting | None:
        """Colours of the body for this camera, if there is one."""
        body = self.avatar.body
        return BodyLighting(self.avatar, body, self.camera) if body else None

    @cached_property
    def lighting(self) -> Lighting:
        """Light terms for this camera."""
        return Lighting(self.avatar, self.camera)

    def surface(self, posed: Posed, frame: int) -> Surface:
        """Opaque triangles of one frame, in samples."""
        faces, uv, part, textured, bare = self.triangles
        size = SUPERSAMPLING * self.width, SUPERSAMPLING * self.height
        vertices = posed.vertices[frame]
        if posed.body is not None:
            vertices = np.concatenate([vertices, posed.body.vertices[frame]])
        points = self._inverse_depth(self.camera.project(vertices, *size))
        used = seen_vertices(points, faces, *size)
        terms = self.lighting.terms(posed, frame, used[:textured])
        if self.body_lighting is not None:
            plain = np.zeros((len(points) - textured, terms.shape[1]), np.float32)
            plain[:, NUM_TERMS:] = self.body_lighting.colours(posed, frame, used[textured:])
            terms = np.concatenate([terms, plain])
        return Surface(points, faces, uv, part, terms, bare)

    @cached_property
    def hair_banks(self) -> list[HairViews]:
        """Pictures of the hair by the camera's azimuth."""
        return self.avatar.hair.banks()

    @cached_property
    def hair_pictures(self) -> ShrunkPictures:
        """Pictures of the hair as this camera shows them."""
        hair, pivot = self.avatar.hair, self.avatar.mesh.pivot
        matrix, forward = hair.cameras[0, :, :3], hair.cameras[0, 2]
        texels = np.linalg.norm(np.cross(matrix[0], matrix[2])) / (forward[:3] @ pivot + forward[3])
        distance = self.camera.axes[2] @ (pivot - np.array(self.camera.position, np.float32))
        pixels = self.camera.pixels_per_tangent(self.width, self.height) / distance
        return ShrunkPictures(hair.pictures, float(texels / pixels))

    def hull(self, posed: Posed, frame: int) -> Hull:
        """Hair of one frame, in pixels, with the pictures nearest to its view.

        The strands seen through a point of the hull lie below it; there the pictures are looked up.
        """
        hair, turn = self.avatar.hair, posed.turn
        vertices = turn.at(frame).move(hair.vertices)[0]
        points = self._inverse_depth(self.camera.project(vertices, self.width, self.height))
        chosen, weights = self.hair_views(posed, frame)
        eye = np.array(self.camera.position, np.float32) - turn.pivot - turn.shifts[frame]
        rays = hair.vertices - (eye @ turn.matrices[frame] + turn.pivot)
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        slant = np.maximum(-np.einsum("hd,hd->h", rays, hair.normals), LEAST_SLANT)
        strands = hair.vertices + rays * (hair.depth / slant)[:, None]
        places = strands @ np.swapaxes(hair.cameras[chosen, :, :3], 1, 2) + hair.cameras[chosen, None, :, 3]
        places[..., :2] /= places[..., 2:]
        places[..., 2] = (hair.seen[chosen] + np.float32(1e-3)) * weights[:, None]
        pictures = self.hair_pictures.smoothed(chosen)
        return Hull(points, hair.faces, places.astype(np.float32), pictures, chosen)

    def hair_views(self, posed: Posed, frame: int) -> tuple[NDArray[np.int32], FloatArray]:
        """Indices and weights of the pictures around the current view: linear in azimuth, yaw and pitch."""
        turn = posed.turn
        centre = turn.pivot + turn.shifts[frame]
        direction = np.array(self.camera.position, np.float32) - centre
        level = np.array(HAIR_CAMERA, np.float32) - turn.pivot
        yaw, pitch = view_angles(turn.matrices[frame], direction)
        _, level_pitch = view_angles(np.eye(3, dtype=np.float32), level)
        azimuth = float(np.degrees(np.arctan2(direction[0], direction[2])))
        banks = self.hair_banks
        cells = [
            (int(bank.pictures[j, i]), share * a * b)
            for k, share in grid_weights(azimuth, np.array([bank.azimuth for bank in banks], np.float32))
            for bank in banks[k : k + 1]
            for i, a in grid_weights(yaw, bank.yaws)
            for j, b in grid_weights(pitch - level_pitch, bank.pitches)
            if share * a * b > 1e-3
        ]
        return np.array([c for c, _ in cells], np.int32), np.array([w for _, w in cells], np.float32)

    def highlights(self, posed: Posed, frame: int) -> Highlights:
        """Eye highlights of one frame."""
        lights, camera = self.avatar.lights, self.camera
        return Highlights(
            posed.eyes[frame],
            np.array([self.avatar.part(name) for name in EYE_PARTS], np.uint8),
            lights.key,
            lights.key_half,
            np.array(camera.position, np.float32),
            camera.axes,
            camera.pixels_per_tangent(self.width, self.height),
        )

    @staticmethod
    def _inverse_depth(points: FloatArray) -> FloatArray:
        points[:, 2] = 1 / points[:, 2]
        return points
