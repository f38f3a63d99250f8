"""Mira's head: the one source of geometry for captures, contact, motion and the run-time avatar.

The CC0 MakeHuman mesh is shaped into Mira, given 53 face units (52 ARKit units and a tongue tip of our own),
and repaired: lips sealed at rest, tongue drawn back, procedural teeth and eyeballs.

Everything here is in decimetres on MakeHuman's axes (X to the actor's left, Y up, Z out of the face); the
contact constants (contact.py) and the files derived from them are in metres.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scripts.mira import basemesh, crowns
from scripts.mira.surface import LimitStencil, limit_stencil

Array = NDArray[np.float64]
Index = NDArray[np.int64]

METRES = 0.1
"""Metres per decimetre."""
TONGUE_TIP = "tongueTip"
NECK_PIVOT = np.array([0.0, 5.55, 0.10])
"""Point about which the head turns."""
TONGUE_REST = -0.16
"""tongueOut at rest: the mesh's tongue tip pierces the lower teeth."""
LIP_OVERLAP = 0.0015
"""How far the sealed lips overlap."""

MACRO = {
    "macrodetails/caucasian-female-young": 0.50,
    "macrodetails/asian-female-young": 0.22,
    "macrodetails/african-female-young": 0.28,
    "macrodetails/universal-female-young-averagemuscle-averageweight": 0.75,
    "macrodetails/universal-female-young-averagemuscle-minweight": 0.25,
}
DETAIL = {
    "head/head-oval": 0.40,
    "head/head-scale-horiz-decr": 0.18,
    "head/head-fat-decr": 0.18,
    "forehead/forehead-scale-vert-decr": 0.25,
    "cheek/*-cheek-bones-incr": 0.25,
    "cheek/*-cheek-volume-decr": 0.30,
    "chin/chin-width-decr": 0.30,
    "chin/chin-prominent-incr": 0.1,
    "neck/neck-scale-horiz-decr": 0.3,
    "eyes/*-eye-scale-incr": 0.22,
    "eyes/*-eye-trans-in": 0.12,
    "eyes/*-eye-eyefold-down": 0.15,
    "eyes/*-eye-bag-decr": 0.2,
    "nose/nose-scale-horiz-decr": 0.32,
    "nose/nose-point-width-decr": 0.2,
    "nose/nose-nostrils-width-decr": 0.15,
    "nose/nose-scale-vert-incr": 0.1,
    "mouth/mouth-lowerlip-volume-incr": 0.15,
    "mouth/mouth-upperlip-volume-incr": 0.1,
    "mouth/mouth-angles-up": 0.12,
    "mouth/mouth-scale-horiz-incr": 0.1,
    "mouth/mouth-scale-vert-incr": 0.08,
}
ASYMMETRY = {
    "asym/asym-brown-1-l": 0.12,
    "asym/asym-mouth-1-r": 0.10,
    "asym/asym-nose-1-l": 0.10,
    "asym/asym-eye-3-r": 0.12,
    "asym/asym-jaw-1-l": 0.12,
    "eyes/r-eye-height2-decr": 0.10,
}
ARM_BONES = ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
SHOULDER_BONES = ("clavicle", "shoulder", *ARM_BONES)
UPPER_RIM = (520, 521, 522, 514, 515, 516, 421, 420, 433)
"""Upper-lip rim from the middle to the actor's left; the other half is found by mirroring."""
LOWER_RIM = (540, 534, 518, 475, 438, 443)
SEAL_REACH = 0.06
"""Distance over which sealing the lips fades out."""


def unit_names() -> list[str]:
    """The 53 face units: 52 ARKit names, sorted, then `tongueTip`."""
    return [*basemesh.face_unit_names(), TONGUE_TIP]


@dataclass(frozen=True, slots=True)
class RigidPart:
    """A part that follows some helper vertices of the mesh as a rigid body.

    Attributes:
        part: its own mesh at rest, decimetres.
        helpers: indices of the mesh vertices it follows.
    """

    part: crowns.Part
    helpers: Index


@dataclass(frozen=True, slots=True)
class LipRims:
    """Rim vertices of both lips, from the actor's right to her left.

    Attributes:
        upper: [n] vertex indices.
        lower: [J] vertex indices; these are the stations at which the gap is measured.
        blend: [J, n] weights that interpolate the upper rim at the stations.
        station_x: [J] x of the stations at rest.
    """

    upper: Index
    lower: Index
    blend: Array
    station_x: Array

    def gap(self, points: Array) -> Array:
        """Vertical lip distance [..., J] of points or displacements [..., V, 3]; positive is open."""
        return points[..., self.upper, 1] @ self.blend.T - points[..., self.lower, 1]


@dataclass(frozen=True, slots=True)
class Head:
    """Mira at rest and how she moves.

    Attributes:
        mesh: the untouched base mesh (topology, groups, texture coordinates).
        rest: [V, 3] control vertices at rest.
        deltas: [53, V, 3] displacement of every face unit at weight 1.
        units: names of the 53 units.
        limit: map from control vertices to points of the smooth surface.
        rims: where the lips meet.
    """

    mesh: basemesh.BaseMesh
    rest: Array
    deltas: Array
    units: list[str]
    limit: LimitStencil
    rims: LipRims

    def unit(self, name: str) -> int:
        """Index of a face unit."""
        return self.units.index(name)

    def vertices(self, weights: Array) -> Array:
        """Control vertices [V, 3] under unit weights [53]."""
        return self.rest + np.tensordot(weights, self.deltas, 1)

    def weights(self, **values: float) -> Array:
        """Unit weights [53] by name; a name ending in `_` sets Left and Right."""
        out = np.zeros(len(self.units))
        for name, value in values.items():
            names = (name[:-1] + "Left", name[:-1] + "Right") if name.endswith("_") else (name,)
            for each in names:
                out[self.unit(each)] = value
        return out

    def teeth(self, row: str, grid: crowns.CrownGrid = crowns.FINE_CROWN) -> RigidPart:
        """Procedural `upper` or `lower` tooth row."""
        helpers = self.mesh.indices(f"helper-{row}-teeth")
        points = self.rest[helpers]
        low, high = points.min(0), points.max(0)
        half_width = np.abs(points[:, 0]).max()
        if row == "upper":
            arch = crowns.Arch(high[2] + 0.03, low[2], half_width * 0.97)
            edge = low[1] - 0.044
        else:
            arch = crowns.Arch(high[2], low[2], half_width * 0.93)
            edge = high[1] - 0.070
        return RigidPart(crowns.tooth_row(row, arch, edge, grid), helpers)

    def eye_sphere(self, side: str) -> tuple[Array, float]:
        """Centre [3] and radius of the `l` or `r` eyeball, fitted to the back of the mesh's helper eye."""
        points = self.rest[self.mesh.indices(f"helper-{side}-eye")]
        back = points[points[:, 2] < np.percentile(points[:, 2], 60)]
        system = np.c_[2 * back, np.ones(len(back))]
        solution = np.linalg.lstsq(system, (back**2).sum(1), rcond=None)[0]
        centre = solution[:3]
        return centre, 0.985 * float(np.sqrt(solution[3] + centre @ centre))

    def eye(self, side: str, template: crowns.Part) -> RigidPart:
        """An eyeball template (unit radius) placed in the socket; it looks straight ahead at rest."""
        centre, radius = self.eye_sphere(side)
        points = template.vertices * radius + centre
        placed = crowns.Part(points, template.faces, template.values)
        return RigidPart(placed, self.mesh.indices(f"helper-{side}-eye"))

    def rigid_motion(self, part: RigidPart, weights: Array) -> tuple[Array, Array]:
        """Rotation [3, 3] and translation [3] that best carry the part's helpers to their place."""
        start = self.rest[part.helpers]
        moved = start + np.tensordot(weights, self.deltas[:, part.helpers], 1)
        return kabsch(start, moved)


def kabsch(source: Array, target: Array) -> tuple[Array, Array]:
    """Rotation R and translation t with target ~ source R^T + t (Kabsch 1976)."""
    a, b = source.mean(0), target.mean(0)
    u, _, vt = np.linalg.svd((source - a).T @ (target - b))
    sign = np.sign(np.linalg.det(vt.T @ u.T))
    rotation = vt.T @ np.diag([1, 1, sign]) @ u.T
    return rotation, b - rotation @ a


def head_weight(rest: Array) -> Array:
    """Share [V] of the head's motion at rest points: 0 in the torso, 1 above the neck, smooth between."""
    top = 5.72 + 0.28 * np.clip(0.6 - rest[:, 2], 0, 0.9)
    t = np.clip((rest[:, 1] - 5.20) / (top - 5.20), 0, 1)
    return t * t * (3 - 2 * t)


def _turn_about_z(points: Array, centre: Array, angle: float, weight: Array) -> Array:
    d = points - centre
    c, s = np.cos(angle * weight), np.sin(angle * weight)
    return np.stack([d[:, 0] * c - d[:, 1] * s, d[:, 0] * s + d[:, 1] * c, d[:, 2]], 1) + centre


def _shape(mesh: basemesh.BaseMesh) -> Array:
    """Rest vertices after macro, detail and asymmetry targets."""
    n = len(mesh.vertices)
    out = mesh.vertices.copy()
    for name, weight in {**MACRO, **DETAIL, **ASYMMETRY}.items():
        names = [name.replace("*", side) for side in "lr"] if "*" in name else [name]
        for each in names:
            out += weight * basemesh.load_target(each, n)
    return out


def _lower_arms(mesh: basemesh.BaseMesh, rest: Array) -> Array:
    """Bring the arms from the T-pose to the sides by skinning."""
    bones = basemesh.skin_weights()
    for joint, prefixes, degrees in (("shoulder", ARM_BONES, 33), ("clavicle", SHOULDER_BONES, 4)):
        for side, sign in (("L", 1), ("R", -1)):
            weight = np.zeros(len(rest))
            for bone, pairs in bones.items():
                if bone.endswith("." + side) and bone.startswith(prefixes):
                    for index, value in pairs:
                        weight[index] += value
            centre = rest[mesh.indices(f"joint-{side.lower()}-{joint}")].mean(0)
            rest = _turn_about_z(rest, centre, -sign * np.radians(degrees), np.clip(weight, 0, 1))
    return rest


def _tongue_tip(mesh: basemesh.BaseMesh, rest: Array) -> Array:
    """Displacement of our own unit: the front of the tongue rises to the ridge behind the teeth."""
    tongue = mesh.indices("helper-tongue")
    z = rest[tongue, 2]
    start = z.min() + 0.25
    lift = np.clip((z - start) / (z.max() - start), 0, 1) ** 2
    delta = np.zeros_like(rest)
    delta[tongue, 1] = 0.13 * lift
    delta[tongue, 2] = -0.03 * lift
    return delta


def _mouth_region(mesh: basemesh.BaseMesh, rest: Array) -> Index:
    body = mesh.indices("body")
    p = rest[body]
    near = (np.abs(p[:, 0]) < 0.26) & (p[:, 1] > 5.9) & (p[:, 1] < 6.2) & (p[:, 2] > 1.2)
    return body[near]


def lip_rims(mesh: basemesh.BaseMesh, rest: Array) -> LipRims:
    """Both rims; the half not listed above is found as the nearest mirrored vertices."""
    region = _mouth_region(mesh, rest)
    mirrored = rest[region] * [-1, 1, 1]
    rims = []
    for half in (UPPER_RIM, LOWER_RIM):
        other = [region[np.argmin(np.linalg.norm(mirrored - rest[i], axis=1))] for i in half]
        rims.append(np.array(sorted({*half, *other}, key=lambda i: rest[i, 0])))
    upper, lower = rims
    station_x = rest[lower, 0]
    blend = np.stack([np.interp(station_x, rest[upper, 0], one) for one in np.eye(len(upper))], 1)
    return LipRims(upper, lower, blend, station_x)


def _seal_lips(head: Head) -> Array:
    """Rest vertices with the lips just touching: each lip moves by half the gap, fading over 6 mm.

    The mesh's lips gape 0.6-2 mm towards the corners. Repeated, as the smooth surface follows the control
    points only approximately.
    """
    region = _mouth_region(head.mesh, head.rest)
    drop = head.deltas[head.unit("jawOpen"), :, 1]
    rims, rest = head.rims, head.rest.copy()
    for _ in range(4):
        x = rest[region, 0]
        gap = rims.gap(head.limit(rest)) + LIP_OVERLAP
        gap = np.interp(x, [-0.235, *rims.station_x, 0.235], [0, *gap, 0])
        upper_x, lower_x = rest[rims.upper, 0], rest[rims.lower, 0]
        upper_drop, lower_drop = (
            np.interp(x, upper_x, drop[rims.upper]),
            np.interp(x, lower_x, drop[rims.lower]),
        )
        lowness = (drop[region] - upper_drop) / np.minimum(lower_drop - upper_drop, -0.03)
        lowness = np.clip(lowness, 0, 1)
        upper_y, lower_y = (
            np.interp(x, upper_x, rest[rims.upper, 1]),
            np.interp(x, lower_x, rest[rims.lower, 1]),
        )
        rim_y = np.where(lowness > 0.5, lower_y, upper_y)
        fade = np.exp(-(((rest[region, 1] - rim_y) / SEAL_REACH) ** 2))
        rest[region, 1] += gap / 2 * (2 * lowness - 1) * fade
    return rest


@cache
def load_head() -> Head:
    """Mira's head; takes a few seconds the first time."""
    mesh = basemesh.load_base_mesh()
    rest = _lower_arms(mesh, _shape(mesh))
    names = unit_names()
    deltas = [basemesh.load_target(name, len(rest)) for name in names[:-1]]
    rest = rest + TONGUE_REST * deltas[names.index("tongueOut")]
    deltas.append(_tongue_tip(mesh, rest))
    surface = [tuple(v for v, _ in face) for group in ("body", "helper-tongue") for face in mesh.faces[group]]
    limit = limit_stencil(surface, len(rest))
    head = Head(mesh, rest, np.stack(deltas), names, limit, lip_rims(mesh, rest))
    return replace(head, rest=_seal_lips(head))
