"""Light terms: what the fixed studio lights do to each vertex of a posed head.

Skin: square roots of the key light's and of all lights' diffuse irradiance, of the key's sharp and broad
gloss and of the rim lights' gloss; and where the rims' grazing light begins. The key casts soft shadows
through a small shadow map (percentage-closer soft shadows, Fernando 2005). Eyes, teeth and tongue: shadow,
and where they look or how far the mouth opens.
The textures that multiply the terms are fitted to path-traced pictures, so scales here are free.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.layout import NUM_TERMS
from avgen.avatars.mesh.residual_colour import frame_features
from avgen.avatars.raster.compile import kernel
from avgen.avatars.raster.triangles import rasterise
from avgen.types import FloatArray

SHADOW_SIZE = 288
SHADOW_HALF_FIELD = 0.118
"""Tangent of half the angle that the shadow map sees."""
SHADOW_FOCAL = SHADOW_SIZE / 2 / SHADOW_HALF_FIELD
SKIN_BIAS = 0.004
INNER_BIAS = 0.0025
SLOPE_BIAS = 0.4
"""Metres of bias per metre between a sample and the point."""
GRID_TURN = 0.2
SEARCH_STEP = 5.0
"""Texels between the samples that look for what is in the light's way."""
LIGHT_WIDTH = 0.3
GRAZING = 0.25
"""Least cosine between normal and view in the gloss terms."""
OPENING_SCALE = 50.0
"""Mouth opening in units of 20 mm."""
KEY_GROUP, RIM_GROUP, LOW_GROUP = 0.0, 2.0, 3.0
RIM_RISE = 0.3
"""Cosine between normal and rim light from which skin, seen at a slant as there, grows no brighter."""
INNER_TERMS = slice(2, 5)
"""Terms of the eyes and of the mouth's inside that say how they lie."""


@kernel
def vertex_normals(points: FloatArray, faces: NDArray[np.int32], out: FloatArray) -> None:
    """Unit normals of the vertices that faces [F, 3] use, into out [V, 3]."""
    out[:] = 0
    for t in range(faces.shape[0]):
        i, j, k = faces[t, 0], faces[t, 1], faces[t, 2]
        ax, ay, az = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1], points[j, 2] - points[i, 2]
        bx, by, bz = points[k, 0] - points[i, 0], points[k, 1] - points[i, 1], points[k, 2] - points[i, 2]
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        for c in range(3):
            q = faces[t, c]
            out[q, 0] += nx
            out[q, 1] += ny
            out[q, 2] += nz
    for q in range(out.shape[0]):
        length = math.sqrt(out[q, 0] ** 2 + out[q, 1] ** 2 + out[q, 2] ** 2)
        scale = np.float32(1.0 / max(length, 1e-12))
        for c in range(3):
            out[q, c] *= scale


@kernel
def soft_shadow(shadow_map: FloatArray, x: float, y: float, depth: float, bias: float) -> float:
    """Share in [0, 1] of a wide light that reaches a point of the shadow map.

    Samples lie on a turned grid, so that edges along rows or columns do not come in five steps, and the bias
    grows with their distance, so that a curved surface does not shade itself.
    """
    size = shadow_map.shape[0]
    turn, step, one = np.float32(GRID_TURN), np.float32(SEARCH_STEP), np.float32(1)
    slope = np.float32(SLOPE_BIAS / SHADOW_FOCAL) * depth
    nearest = depth - np.float32(bias)
    blockers = 0
    blocker_depth = np.float32(0)
    for j in range(-2, 3):
        for i in range(-2, 3):
            a, b = np.float32(i), np.float32(j)
            across, down = (a + turn * b) * step, (b - turn * a) * step
            u, v = int(x + across), int(y + down)
            if 0 <= u < size and 0 <= v < size and shadow_map[v, u] > 0:
                z = one / shadow_map[v, u]
                if z < nearest - slope * math.sqrt(across * across + down * down):
                    blockers += 1
                    blocker_depth += z
    lit = 25
    if blockers > 0:
        z = blocker_depth / np.float32(blockers)
        radius = (depth - z) / (z * depth) * np.float32(LIGHT_WIDTH * SHADOW_FOCAL * 0.5)
        radius = min(max(radius, one), np.float32(24)) * np.float32(0.5)
        for j in range(-2, 3):
            for i in range(-2, 3):
                a, b = np.float32(i), np.float32(j)
                across, down = (a + turn * b) * radius, (b - turn * a) * radius
                u, v = int(x + across), int(y + down)
                if not (0 <= u < size and 0 <= v < size and shadow_map[v, u] > 0):
                    continue
                if one / shadow_map[v, u] <= nearest - slope * math.sqrt(across * across + down * down):
                    lit -= 1
    share: float = np.float32(lit) / np.float32(25)
    return share


@kernel
def skin_terms(
    points: FloatArray,
    normals: FloatArray,
    seen: FloatArray,
    shadow_map: FloatArray,
    lights: FloatArray,
    camera: FloatArray,
    used: NDArray[np.bool_],
    out: FloatArray,
) -> None:
    """Terms [n, 6] of the skin vertices that are used.

    Args:
        points: [n, 3] world.
        normals: [n, 3].
        seen: [n, 3] shadow map x, y and depth.
        shadow_map: [size, size] 1 / depth of the nearest skin.
        lights: [m, 8] light samples, as in `Lights`.
        camera: [3] position.
        used: [n].
        out: [n, 6].
    """
    zero, one = np.float32(0), np.float32(1)
    for i in range(points.shape[0]):
        if not used[i]:
            continue
        shadow = soft_shadow(shadow_map, seen[i, 0], seen[i, 1], seen[i, 2], SKIN_BIAS)
        px, py, pz = points[i, 0], points[i, 1], points[i, 2]
        nx, ny, nz = normals[i, 0], normals[i, 1], normals[i, 2]
        vx, vy, vz = camera[0] - px, camera[1] - py, camera[2] - pz
        m = one / math.sqrt(vx * vx + vy * vy + vz * vz)
        vx, vy, vz = vx * m, vy * m, vz * m
        facing = max(nx * vx + ny * vy + nz * vz, np.float32(GRAZING))
        key = others = sharp = broad = rim = grazing = zero
        for k in range(lights.shape[0]):
            lx, ly, lz = lights[k, 0] - px, lights[k, 1] - py, lights[k, 2] - pz
            square = lx * lx + ly * ly + lz * lz
            m = one / math.sqrt(square)
            lx, ly, lz = lx * m, ly * m, lz * m
            leaving = -(lx * lights[k, 3] + ly * lights[k, 4] + lz * lights[k, 5])
            arriving = nx * lx + ny * ly + nz * lz
            group = lights[k, 7]
            power = lights[k, 6] * np.float32(1 / math.pi) * max(leaving, zero) * m * m
            if group == KEY_GROUP:
                power *= shadow
            wrapped = power * max((arriving + np.float32(0.12)) * np.float32(1 / 1.12), zero)
            if group == KEY_GROUP:
                key += wrapped
            else:
                others += wrapped
            if group == RIM_GROUP:
                rise = min(max(arriving * np.float32(1 / RIM_RISE), zero), one)
                grazing += rise * rise * (np.float32(3) - np.float32(2) * rise)
            if arriving > 0 and group != LOW_GROUP:
                hx, hy, hz = lx + vx, ly + vy, lz + vz
                m = one / math.sqrt(hx * hx + hy * hy + hz * hz)
                half = max((nx * hx + ny * hy + nz * hz) * m, zero)
                across = one - (vx * hx + vy * hy + vz * hz) * m
                fresnel = np.float32(0.04) + np.float32(0.96) * across**5
                gloss = fresnel * power * arriving / facing
                if group == KEY_GROUP:
                    sharp += gloss * half**40 * np.float32(10)
                    broad += gloss * half**10 * np.float32(3)
                else:
                    rim += gloss * half**16 * np.float32(4)
        out[i, 0] = math.sqrt(key + np.float32(0.02))
        out[i, 1] = math.sqrt(key + others + np.float32(0.08))
        out[i, 2] = math.sqrt(sharp)
        out[i, 3] = math.sqrt(broad)
        out[i, 4] = math.sqrt(rim)
        out[i, 5] = grazing


@kernel
def shadow_terms(seen: FloatArray, shadow_map: FloatArray, used: NDArray[np.bool_], out: FloatArray) -> None:
    """First two terms of parts other than skin: root of the key light's share, and the share itself."""
    for i in range(seen.shape[0]):
        if not used[i]:
            continue
        shadow = soft_shadow(shadow_map, seen[i, 0], seen[i, 1], seen[i, 2], INNER_BIAS)
        out[i, 0] = math.sqrt(shadow + 0.02)
        out[i, 1] = shadow


@dataclass(frozen=True)
class Lighting:
    """Light terms of an avatar's posed frames.

    Attributes:
        avatar: whose lights and mesh.
        camera: from which gloss is seen.
    """

    avatar: TexturedMesh
    camera: Camera

    @cached_property
    def skin_faces(self) -> NDArray[np.int32]:
        """Triangles [n, 3] of the skin, which give its normals."""
        mesh = self.avatar.mesh
        return np.ascontiguousarray(mesh.faces[(mesh.faces < mesh.starts[1]).all(1)])

    @cached_property
    def casting_faces(self) -> NDArray[np.int32]:
        """The same for the shadow map, which is a mirror image: what faces the light casts the shadow."""
        return np.ascontiguousarray(self.skin_faces[:, ::-1])

    def _seen_by_key(self, points: FloatArray) -> FloatArray:
        """Shadow map x, y and depth [V, 3] of world points."""
        centre, normal, x_axis, y_axis = self.avatar.lights.key
        seen = (points - centre) @ np.stack([x_axis, y_axis, normal]).T
        scale = np.float32(SHADOW_FOCAL) / seen[:, 2]
        middle = np.float32(SHADOW_SIZE / 2)
        return np.stack([middle + seen[:, 0] * scale, middle + seen[:, 1] * scale, seen[:, 2]], 1)

    def terms(self, posed: Posed, frame: int, used: NDArray[np.bool_]) -> FloatArray:
        """Terms of one frame and the change of colour they miss [V, NUM_TERMS + 3].

        Args:
            posed: the chunk.
            frame: index into it.
            used: [V] vertices that can be seen; the terms of others may be anything.
        """
        starts = self.avatar.mesh.starts
        points = posed.vertices[frame]
        seen = self._seen_by_key(points)
        shadow_map = np.empty((SHADOW_SIZE, SHADOW_SIZE), np.float32)
        index = np.empty((SHADOW_SIZE, SHADOW_SIZE), np.int32)
        cast = seen[: starts[1]].copy()
        cast[:, 2] = 1 / cast[:, 2]
        rasterise(cast, self.casting_faces, 0, True, shadow_map, index)
        normals = np.empty((starts[1], 3), np.float32)
        skin = points[: starts[1]]
        vertex_normals(skin, self.skin_faces, normals)
        out = np.zeros((len(points), NUM_TERMS + 3), np.float32)
        position = np.array(self.camera.position, np.float32)
        lights = self.avatar.lights.samples
        on, inner = slice(0, starts[1]), slice(starts[1], None)
        skin_terms(skin, normals, seen[on], shadow_map, lights, position, used[on], out[on])
        shadow_terms(seen[inner], shadow_map, used[inner], out[inner])
        self._inner_terms(posed, frame, out)
        out[:, NUM_TERMS:] = self.avatar.residual_colour.colours(self.features(posed, frame))
        return out

    def features(self, posed: Posed, frame: int) -> FloatArray:
        """Features [R] of one frame, as in `frame_features`."""
        x, _, z = np.subtract(self.camera.position, posed.turn.pivot)
        azimuth = float(np.degrees(np.arctan2(x, z)))
        return frame_features(posed.weights[frame], posed.turn.vectors[frame], azimuth)

    def _inner_terms(self, posed: Posed, frame: int, out: FloatArray) -> None:
        """Terms 2 to 4 of the mouth's inside (opening, view) and of the eyes (where they look)."""
        starts = self.avatar.mesh.starts
        towards = posed.turn.matrices[frame].T @ (
            np.array(self.camera.position, np.float32) - posed.vertices[frame, 0]
        )
        towards = towards / np.linalg.norm(towards)
        opening = min(float(posed.opening[frame]) * OPENING_SCALE, 1.0)
        for first, last in ((starts[1], starts[2]), (starts[4], starts[6])):
            out[first:last, INNER_TERMS] = opening, towards[0], towards[0] ** 2
        right, up, _ = self.camera.axes
        for eye in range(2):
            axis = posed.eyes[frame, eye, 2]
            look = float(axis @ right), float(axis @ up)
            out[starts[2 + eye] : starts[3 + eye], INNER_TERMS] = look[0], look[1], look[0] ** 2
