"""A person's skeleton, of the shape that the person was given.

The mesh, its standard rig and `helper-tights`, which is what clothes are cut of, are MakeHuman's (CC0).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from avgen.body.channels import SIDES
from avgen.body.skeleton import ARM_CHAIN, BONES, PLACE, Skeleton
from avgen.casting.head import ANCHORS, METRES
from avgen.casting.person import read_person
from scripts.mira import basemesh, geometry

Array = basemesh.Array
NUM_SECTIONS = 16
BELOW_ROOT, BELOW_NECK = 2.6, 0.35
"""Where the lowest and the highest section of the trunk lie, decimetres below root and base of the neck."""
BAND = 0.25
"""Half the height of what is measured for a section."""
ARM_BONES = ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
CLOTH = 0.05
"""Decimetres that the clothes are wider than the tights."""


def _end(end: dict[str, Any], points: Array, mesh: basemesh.BaseMesh) -> Array:
    """A bone's end: the centre of a joint's cube, the mean of some vertices, or one."""
    if end["strategy"] == "CUBE":
        return points[mesh.indices(end["cube_name"])].mean(0)
    if end["strategy"] == "MEAN":
        return points[end["vertex_indices"]].mean(0)
    return points[end["vertex_index"]]


def _trunk(points: Array, mesh: basemesh.BaseMesh, heights: Array) -> Array:
    """Sections [K, 4] of the tights without their arms: height, half the width, front, back."""
    arm = np.zeros(len(points))
    for bone, pairs in basemesh.skin_weights().items():
        if bone.startswith(ARM_BONES):
            for index, weight in pairs:
                arm[index] += weight
    tights = mesh.indices("helper-tights")
    p = points[tights[arm[tights] < 0.5]]
    rows = []
    for height in heights:
        band = p[np.abs(p[:, 1] - height) < BAND]
        rows.append(
            [height, np.abs(band[:, 0]).max() + CLOTH, band[:, 2].max() + CLOTH, band[:, 2].min() - CLOTH]
        )
    return np.array(rows)


def _straighten(heads: Array) -> None:
    """Bring the joints in the middle of upper arm and forearm, about which these twist, onto their axes."""
    for side in SIDES:
        for first, middle, last in (ARM_CHAIN[1:4], ARM_CHAIN[3:6]):
            start, joint, end = (PLACE[f"{bone}.{side}"] for bone in (first, middle, last))
            axis = heads[end] - heads[start]
            share = (heads[joint] - heads[start]) @ axis / (axis @ axis)
            heads[joint] = heads[start] + share * axis


def person_skeleton(person: Path) -> tuple[Skeleton, Array]:
    """`skeleton_of` the person in an actor's folder."""
    return skeleton_of(read_person(person).shape)


def skeleton_of(targets: Mapping[str, float]) -> tuple[Skeleton, Array]:
    """Skeleton of a shape, and the whole mesh's vertices [V, 3], metres, at rest.

    The eyes are where an avatar of that shape has them; the arms are as the mesh has them, not lowered.
    """
    mesh, space = geometry.full_space()
    points = geometry.shape(mesh, targets)
    anchors = np.concatenate([space.groups[name] for name in ANCHORS])
    points = points + (space.anchor - points[anchors].mean(0))
    bones = json.loads((basemesh.data_root() / "mpfb2/rigs/standard/rig.default.json").read_text())
    bones = bones.get("bones", bones)
    heads, tails = (np.stack([_end(bones[n][end], points, mesh) for n in BONES]) for end in ("head", "tail"))
    _straighten(heads)
    low, high = heads[PLACE["root"], 1] - BELOW_ROOT, heads[PLACE["neck01"], 1] - BELOW_NECK
    trunk = _trunk(points, mesh, np.linspace(low, high, NUM_SECTIONS))
    return Skeleton(heads * METRES, tails * METRES, trunk * METRES), points * METRES
