"""Mira's head: the one source of geometry for captures, contact, motion and the run-time avatar.

The CC0 MakeHuman mesh is shaped into Mira, given 53 face units (52 ARKit units and a tongue tip of our own),
and repaired: lips sealed at rest, tongue drawn back, procedural teeth and eyeballs.

Everything here is in decimetres on MakeHuman's axes (X to the actor's left, Y up, Z out of the face); the
contact constants (contact.py) and the files derived from them are in metres.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from avgen.casting import head
from avgen.casting.head import ANCHORS, kabsch, tongue_tip
from avgen.casting.head import METRES as METRES
from avgen.casting.person import read_person
from avgen.casting.shapes import (
    ARM_JOINTS,
    GROUPS,
    TONGUE_OUT,
    TONGUE_REST,
    ShapeSpace,
    Sparse,
    both_sides,
    lower_arms,
)
from avgen.casting.surface import limit_stencil
from avgen.config import presets_folder
from scripts.mira import basemesh, crowns

Array = NDArray[np.float64]
Index = NDArray[np.int64]

TONGUE_TIP = "tongueTip"
NECK_PIVOT = np.array([0.0, 5.55, 0.10])
"""Point about which the head turns."""

ARM_BONES = ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
TURNED_BY = {"shoulder": ARM_BONES, "clavicle": ("clavicle", "shoulder", *ARM_BONES)}
"""Bones that turn with each joint that lowers an arm."""
UPPER_RIM = (520, 521, 522, 514, 515, 516, 421, 420, 433)
"""Upper-lip rim from the middle to the actor's left; the other half is found by mirroring."""
LOWER_RIM = (540, 534, 518, 475, 438, 443)
SIDES = ("Left", "Right")
RESTING = {
    "browInnerUp": -0.4,
    "browDownLeft": 0.26,
    "browDownRight": 0.22,
    "browOuterUpLeft": -0.35,
    "browOuterUpRight": -0.16,
    "eyeBlinkLeft": -0.20,
    "eyeBlinkRight": -0.17,
    "eyeLookDown": -0.2,
    "eyeLookUp": 0.3,
    "mouthPucker": -0.1,
}
"""Weights of face units at rest (paired units without their side: both).

The mesh's own rest, judged by a face tracker that was trained on people (scripts/evaluate/judge.py), looks
faintly surprised, more so on its left, and down with heavy lids.
"""
MIXTURES = {
    "browInnerUp": {"browInnerUp": 1.5},
    "browDown": {"browDown": 1.28, "browOuterUp": 0.1},
    "eyeWide": {"eyeWide": 0.85},
    "eyeSquint": {"eyeSquint": 1.1},
    "cheekSquint": {"cheekSquint": 1.1, "eyeSquint": 1.3},
    "mouthSmile": {"mouthSmile": 1.1},
    "mouthFrown": {"mouthFrown": 1.25, "mouthStretch": 0.7},
}
"""What a face unit is made of, in weights of the mesh's units of the same side; others are as they are.

So that each at weight 1 reads as what it means: cheeks that rise narrow the eyes, as action unit 6 does, and
the mouth's corners go down and outwards, as 15 does (Ekman & Friesen 1978).
"""


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
class Head(head.Head):
    """A head with the whole base mesh, and what is drawn of it in captures only.

    Attributes:
        mesh: the untouched base mesh (topology, groups, texture coordinates).
    """

    mesh: basemesh.BaseMesh

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


def head_weight(rest: Array) -> Array:
    """Share [V] of the head's motion at rest points: 0 in the torso, 1 above the neck, smooth between."""
    top = 5.72 + 0.28 * np.clip(0.6 - rest[:, 2], 0, 0.9)
    t = np.clip((rest[:, 1] - 5.20) / (top - 5.20), 0, 1)
    return t * t * (3 - 2 * t)


def mira_targets() -> Mapping[str, float]:
    """Morph targets of her shape, by name; `*` stands for l and r."""
    return read_person(presets_folder() / "actors/mira").shape


def resting_weights(units: list[str]) -> Array:
    """Weight [U] of every face unit that she has at rest."""
    out = np.zeros(len(units))
    for name, weight in RESTING.items():
        for each in _sided(name, units):
            out[units.index(each)] = weight
    return out


def _sided(name: str, units: Sequence[str]) -> list[str]:
    """Names of the units that one without a side stands for."""
    return [name] if name in units else [name + side for side in SIDES]


def mixed_units(deltas: Array, units: list[str]) -> Array:
    """Displacements [U, V, 3] of the face units, of those of the mesh's own."""
    out = deltas.copy()
    for name, parts in MIXTURES.items():
        for k, each in enumerate(_sided(name, units)):
            own = [(_sided(part, units)[k], weight) for part, weight in parts.items()]
            out[units.index(each)] = sum(weight * deltas[units.index(part)] for part, weight in own)
    return out


def shape(mesh: basemesh.BaseMesh, targets: Mapping[str, float]) -> Array:
    """Vertices [V, 3] of weighted targets, arms in T-pose."""
    out = mesh.vertices.copy()
    for name, weight in targets.items():
        for each in both_sides(name):
            out += weight * basemesh.load_target(each, len(out))
    return out


def arm_weights(mesh: basemesh.BaseMesh) -> dict[str, Array]:
    """Share [V] of the turn of each joint that lowers an arm, by the name of the joint's group."""
    bones, out = basemesh.skin_weights(), {}
    for name in ARM_JOINTS:
        side, joint = name.split("-")[1:]
        weight = np.zeros(len(mesh.vertices))
        for bone, pairs in bones.items():
            if bone.endswith(f".{side.upper()}") and bone.startswith(TURNED_BY[joint]):
                for index, value in pairs:
                    weight[index] += value
        out[name] = np.clip(weight, 0, 1)
    return out


def _mouth_region(mesh: basemesh.BaseMesh, rest: Array) -> Index:
    body = mesh.indices("body")
    p = rest[body]
    near = (np.abs(p[:, 0]) < 0.26) & (p[:, 1] > 5.9) & (p[:, 1] < 6.2) & (p[:, 2] > 1.2)
    return body[near]


def lip_rims(region: Index, rest: Array) -> list[Index]:
    """Upper and lower rim; the half not listed above is found as the nearest mirrored vertices."""
    mirrored = rest[region] * [-1, 1, 1]
    rims = []
    for half in (UPPER_RIM, LOWER_RIM):
        other = [region[np.argmin(np.linalg.norm(mirrored - rest[i], axis=1))] for i in half]
        rims.append(np.array(sorted({*half, *other}, key=lambda i: rest[i, 0])))
    return rims


@cache
def full_space() -> tuple[basemesh.BaseMesh, ShapeSpace]:
    """The base mesh, and everything but the morph targets that heads with all of it are made of."""
    mesh = basemesh.load_base_mesh()
    groups = {name: mesh.indices(name) for name in GROUPS}
    arms = arm_weights(mesh)
    rest = lower_arms(shape(mesh, mira_targets()), arms, groups)
    anchor = rest[np.concatenate([groups[name] for name in ANCHORS])].mean(0)
    units = unit_names()
    own = np.stack([basemesh.load_target(name, len(rest)) for name in units[:-1]])
    rest = rest + TONGUE_REST * own[units.index(TONGUE_OUT)]
    tip = tongue_tip(rest, groups["helper-tongue"])
    deltas = np.concatenate([mixed_units(own, units[:-1]), tip[None]])
    groups["mouth"] = _mouth_region(mesh, rest)
    groups["upper-lip"], groups["lower-lip"] = lip_rims(groups["mouth"], rest)
    surface = [tuple(v for v, _ in face) for group in ("body", "helper-tongue") for face in mesh.faces[group]]
    limit = limit_stencil(surface, len(rest))
    none = Sparse.pack({})
    resting = resting_weights(units)
    return mesh, ShapeSpace(mesh.vertices, limit, groups, none, tuple(units), deltas, resting, arms, anchor)


@cache
def load_head() -> Head:
    """Mira's head; takes a few seconds the first time."""
    return make_head(mira_targets())


def make_head(
    targets: Mapping[str, float], face: Callable[[ShapeSpace], ShapeSpace] = lambda space: space
) -> Head:
    """Head of weighted morph targets, in Mira's place, with everybody's face or one that is made of it."""
    mesh, space = full_space()
    made = face(space).shaped(shape(mesh, targets))
    return Head(**{name: getattr(made, name) for name in head.Head.__slots__}, mesh=mesh)
