"""Light features of a body: what the studio lights, shadows and what is near do to each vertex.

A material's colour is a linear function of them, fitted to path-traced pictures. The key light casts shadows
of head and body through a shadow map of its own (percentage-closer soft shadows, Fernando 2005); what keeps
soft light away is a score of balls along limbs and trunk (Bunnell 2005, with spheres in place of discs), and
from a hand, its own fingers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.body import NUM_FEATURES, Body, PosedBody
from avgen.avatars.mesh.lighting import KEY_GROUP, RIM_GROUP, vertex_normals
from avgen.avatars.raster.compile import kernel
from avgen.avatars.raster.triangles import rasterise
from avgen.body.channels import SIDES
from avgen.body.skeleton import ARM_BONES, BONES, PLACE
from avgen.types import FloatArray

SHADOW_SIZE: Final = 400
SHADOW_AIM: Final = (0.04, -0.42)
SHADOW_HALF_FIELD: Final = 0.62
"""Tangents, from the key light, of the shadow map's middle and of half the angle it sees: head to feet."""
SHADOW_FOCAL: Final = SHADOW_SIZE / 2 / SHADOW_HALF_FIELD
BIAS: Final = 0.005
"""Metres between a surface and what casts a shadow on it, at the least."""
SLOPE_BIAS: Final = 0.25
"""Metres more per metre between a sample and the point."""
LIGHT_WIDTH: Final = 0.4
"""Metres of the key light that count as its width."""
SEARCH_STEP: Final = 6.0
"""Texels between the samples that look for what is in the light's way."""
MOST_BLURRED: Final = 30.0
"""Texels from the middle to the edge of the softest shadow."""
GRID_TURN: Final = 0.2
WRAP: Final = 0.1
GLOSS_POWER: Final = 14
RIM_POWER: Final = 16
GRAZING: Final = 0.25
"""Least cosine between normal and view in the rim lights' gloss."""
OCCLUSION: Final = 1.2
HORIZON: Final = 0.15
"""Cosine below the surface's horizon from which balls count."""
_LIMB: Final = (
    *(("upperarm02", 0.3, 0.055), ("upperarm02", 0.8, 0.050), ("lowerarm01", 0.3, 0.045)),
    *(("lowerarm02", 0.0, 0.042), ("lowerarm02", 0.6, 0.036), ("wrist", 0.8, 0.045)),
    *(("finger3-1", 0.3, 0.040), ("finger3-3", 0.0, 0.030)),
)
_TRUNK: Final = (
    ("spine01", 0.0, 0.135),
    ("spine03", 0.5, 0.130),
    ("spine05", 0.5, 0.150),
    ("head", 0.5, 0.100),
    *((f"{bone}.{side}", 0.5, 0.085) for side in SIDES for bone in ("upperleg01", "upperleg02")),
    *((f"{bone}.{side}", 0.5, 0.060) for side in SIDES for bone in ("lowerleg01", "lowerleg02")),
)
BALLS: Final = (*((f"{b}.{side}", t, r) for side in SIDES for b, t, r in _LIMB), *_TRUNK)
"""Bone, share of the way along it, and radius in metres, of every ball."""


@kernel
def key_share(shadow_map: FloatArray, x: float, y: float, depth: float) -> float:
    """Share in [0, 1] of the key light that reaches a point of the shadow map, at a depth in metres."""
    size = shadow_map.shape[0]
    one, focal = np.float32(1), np.float32(SHADOW_FOCAL)
    slope = np.float32(SLOPE_BIAS / SHADOW_FOCAL) * depth
    nearest = depth - np.float32(BIAS)
    turn, step = np.float32(GRID_TURN), np.float32(SEARCH_STEP)
    blockers, blocker_depth = 0, np.float32(0)
    for j in range(-2, 3):
        for i in range(-2, 3):
            across = (np.float32(i) + turn * np.float32(j)) * step
            down = (np.float32(j) - turn * np.float32(i)) * step
            u, v = int(x + across), int(y + down)
            if 0 <= u < size and 0 <= v < size and shadow_map[v, u] > 0:
                z = one / shadow_map[v, u]
                if z < nearest - slope * (abs(across) + abs(down)):
                    blockers += 1
                    blocker_depth += z
    share: float = one
    if blockers == 0:
        return share
    z = blocker_depth / np.float32(blockers)
    wide = (depth - z) / (z * depth) * np.float32(LIGHT_WIDTH * 0.5) * focal
    if blockers == 25 and wide < 2 * step:
        share = np.float32(0)
        return share
    radius = min(max(wide, np.float32(1.2)), np.float32(MOST_BLURRED)) / np.float32(3)
    lit = 49
    for j in range(-3, 4):
        for i in range(-3, 4):
            across = (np.float32(i) + turn * np.float32(j)) * radius
            down = (np.float32(j) - turn * np.float32(i)) * radius
            u, v = int(x + across), int(y + down)
            if not (0 <= u < size and 0 <= v < size and shadow_map[v, u] > 0):
                continue
            if one / shadow_map[v, u] < nearest - slope * (abs(across) + abs(down)):
                lit -= 1
    share = np.float32(lit) / np.float32(49)
    return share


@kernel
def openness(point: FloatArray, normal: FloatArray, balls: FloatArray, first: int, last: int) -> float:
    """Share of soft light that balls [n, 4] (centre, radius) let through to a point; its own limb's do."""
    occlusion = np.float32(0)
    for k in range(balls.shape[0]):
        if first <= k < last:
            continue
        dx, dy, dz = balls[k, 0] - point[0], balls[k, 1] - point[1], balls[k, 2] - point[2]
        square = max(dx * dx + dy * dy + dz * dz, balls[k, 3] * balls[k, 3])
        cosine = (normal[0] * dx + normal[1] * dy + normal[2] * dz) / math.sqrt(square)
        occlusion += max(cosine + np.float32(HORIZON), np.float32(0)) * balls[k, 3] * balls[k, 3] / square
    share: float = np.float32(1) / (np.float32(1) + np.float32(OCCLUSION) * occlusion)
    return share


@kernel
def light_features(
    points: FloatArray,
    normals: FloatArray,
    used: NDArray[np.bool_],
    seen: FloatArray,
    shadow_map: FloatArray,
    lights: FloatArray,
    camera: FloatArray,
    balls: FloatArray,
    own: NDArray[np.int32],
    open_to_itself: FloatArray,
    out: FloatArray,
) -> None:
    """Features [V, NUM_FEATURES] of the vertices that are used.

    Args:
        points: [V, 3] world.
        normals: [V, 3].
        used: [V].
        seen: [V, 3] shadow map x, y and depth.
        shadow_map: [size, size] 1 / depth of what is nearest to the key light.
        lights: [m, 8] light samples, as in `Lights`.
        camera: [3] position.
        balls: [n, 4] centre and radius.
        own: [V, 2] first and last ball, exclusive, of the vertex's own limb.
        open_to_itself: [V] share of soft light that its own limb lets through.
        out: [V, NUM_FEATURES].
    """
    zero, one, wrap = np.float32(0), np.float32(1), np.float32(WRAP)
    for i in range(points.shape[0]):
        if not used[i]:
            continue
        share = np.float32(-1)
        px, py, pz = points[i, 0], points[i, 1], points[i, 2]
        nx, ny, nz = normals[i, 0], normals[i, 1], normals[i, 2]
        vx, vy, vz = camera[0] - px, camera[1] - py, camera[2] - pz
        m = one / math.sqrt(vx * vx + vy * vy + vz * vz)
        vx, vy, vz = vx * m, vy * m, vz * m
        key = others = rim = gloss = sharp = zero
        facing = max(nx * vx + ny * vy + nz * vz, np.float32(GRAZING))
        for k in range(lights.shape[0]):
            lx, ly, lz = lights[k, 0] - px, lights[k, 1] - py, lights[k, 2] - pz
            m = one / math.sqrt(lx * lx + ly * ly + lz * lz)
            lx, ly, lz = lx * m, ly * m, lz * m
            leaving = -(lx * lights[k, 3] + ly * lights[k, 4] + lz * lights[k, 5])
            arriving = nx * lx + ny * ly + nz * lz
            power = lights[k, 6] * np.float32(1 / math.pi) * max(leaving, zero) * m * m
            if lights[k, 7] == KEY_GROUP and arriving > -wrap:
                if share < zero:
                    share = key_share(shadow_map, seen[i, 0], seen[i, 1], seen[i, 2])
                power *= share
            soft = power * max((arriving + wrap) / (one + wrap), zero)
            if lights[k, 7] == KEY_GROUP:
                key += soft
            elif lights[k, 7] == RIM_GROUP:
                rim += soft
            else:
                others += soft
            if arriving > 0:
                hx, hy, hz = lx + vx, ly + vy, lz + vz
                m = one / math.sqrt(hx * hx + hy * hy + hz * hz)
                half = max((nx * hx + ny * hy + nz * hz) * m, zero)
                gloss += power * arriving * half**GLOSS_POWER
                if lights[k, 7] == RIM_GROUP:
                    across = one - (vx * hx + vy * hy + vz * hz) * m
                    fresnel = np.float32(0.04) + np.float32(0.96) * across**5
                    sharp += fresnel * power * arriving / facing * half**RIM_POWER
        free = open_to_itself[i] * openness(points[i], normals[i], balls, own[i, 0], own[i, 1])
        edge = (one - max(nx * vx + ny * vy + nz * vz, np.float32(0.05))) ** 3
        total = key + (others + rim) * free
        out[i, 0] = one
        out[i, 1] = math.sqrt(key + np.float32(0.02))
        out[i, 2] = math.sqrt(total + np.float32(0.08))
        out[i, 3] = key
        out[i, 4] = others * free
        out[i, 5] = rim
        out[i, 6] = math.sqrt(gloss)
        out[i, 7] = free
        out[i, 8] = edge
        out[i, 9] = edge * math.sqrt(total)
        out[i, 10] = ny * free
        out[i, 11] = total * total
        out[i, 12] = math.sqrt(rim + np.float32(0.01))
        out[i, 13] = rim * free
        out[i, 14] = edge * free
        out[i, 15] = math.sqrt(others * free + np.float32(0.01))
        out[i, 16] = sharp
        out[i, 17] = math.sqrt(sharp)


@kernel
def mix(
    features: FloatArray,
    used: NDArray[np.bool_],
    material: NDArray[np.uint8],
    gains: FloatArray,
    tint: FloatArray,
    out: FloatArray,
) -> None:
    """Colours [V, 3] of the used vertices: tint x features [V, n] x gains [M, n, 3] of their materials."""
    for i in range(features.shape[0]):
        if not used[i]:
            continue
        for c in range(3):
            total = np.float32(0)
            for k in range(features.shape[1]):
                total += features[i, k] * gains[material[i], k, c]
            out[i, c] = tint[i, c] * total


@dataclass(frozen=True)
class BodyLighting:
    """Colours of a body's vertices.

    Attributes:
        avatar: whose lights, and whose head casts shadows.
        body: of the avatar.
        camera: from which it is seen.
    """

    avatar: TexturedMesh
    body: Body
    camera: Camera

    @cached_property
    def casting_faces(self) -> NDArray[np.int32]:
        """Triangles of head and body for the shadow map, which is a mirror image."""
        bust = self.avatar.mesh.faces[self.body.bust]
        both = np.concatenate([bust, self.body.faces + np.int32(len(self.avatar.mesh.rest))])
        return np.ascontiguousarray(both[:, ::-1])

    @cached_property
    def own_balls(self) -> NDArray[np.int32]:
        """First and last ball [V, 2], exclusive, of every vertex's own limb, or of the trunk."""
        limb, count = len(_LIMB), len(BALLS)
        place = {
            f"{bone}.{side}": (k * limb, (k + 1) * limb)
            for k, side in enumerate(SIDES)
            for bone in ARM_BONES[1:]
        }
        spans = np.array([place.get(name, (2 * limb, count)) for name in BONES], np.int32)
        heaviest = self.body.weights.argmax(1)
        own: NDArray[np.int32] = spans[self.body.bones[np.arange(len(heaviest)), heaviest]]
        return own

    def balls(self, posed: PosedBody, frame: int) -> FloatArray:
        """Centres and radii [n, 4] of the balls of one frame."""
        bones = [PLACE[name] for name, _, _ in BALLS]
        along = np.array([t for _, t, _ in BALLS])[:, None]
        skeleton = self.body.skeleton
        offset = along * (skeleton.tails[bones] - skeleton.heads[bones])
        centre = posed.position[frame, bones] + np.einsum("nij,nj->ni", posed.rotation[frame, bones], offset)
        return np.column_stack([centre, [r for _, _, r in BALLS]]).astype(np.float32)

    def _seen_by_key(self, points: FloatArray) -> FloatArray:
        """Shadow map x, y and depth [V, 3] of world points."""
        centre, normal, x_axis, y_axis = self.avatar.lights.key
        seen: FloatArray = (points - centre) @ np.stack([x_axis, y_axis, normal]).T
        middle, focal = np.float32(SHADOW_SIZE / 2), np.float32(SHADOW_FOCAL)
        for k, aim in enumerate(SHADOW_AIM):
            seen[:, k] = middle + focal * (seen[:, k] / seen[:, 2] - np.float32(aim))
        return seen

    def features(self, posed: Posed, frame: int, used: NDArray[np.bool_]) -> FloatArray:
        """Light features [V, NUM_FEATURES] of the body's vertices [V] that are used."""
        assert posed.body is not None
        points = posed.body.vertices[frame]
        normals = np.empty_like(points)
        vertex_normals(points, self.body.faces, normals)
        seen = self._seen_by_key(points)
        cast = np.concatenate([self._seen_by_key(posed.vertices[frame]), seen])
        cast[:, 2] = 1 / cast[:, 2]
        shadow_map = np.empty((SHADOW_SIZE, SHADOW_SIZE), np.float32)
        rasterise(cast, self.casting_faces, 0, True, shadow_map, np.empty(shadow_map.shape, np.int32))
        out = np.zeros((len(points), NUM_FEATURES), np.float32)
        position = np.array(self.camera.position, np.float32)
        balls, lights = self.balls(posed.body, frame), self.avatar.lights.samples
        where = points, normals, used, seen, shadow_map, lights, position, balls, self.own_balls
        light_features(*where, self.body.openness(posed.body, frame), out)
        return out

    def colours(self, posed: Posed, frame: int, used: NDArray[np.bool_]) -> FloatArray:
        """Colours [V, 3] in display levels of the body's vertices [V] that are used."""
        out = np.zeros((len(used), 3), np.float32)
        body = self.body
        mix(self.features(posed, frame, used), used, body.material, body.gains, body.tint, out)
        return out
