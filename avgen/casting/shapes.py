"""The space of people: MakeHuman's bust and its morph targets (CC0), which make heads of any shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.head import ANCHORS, Array, Head, Index, LipRims, seal_lips, tongue_tip, turn_about_z
from avgen.casting.surface import LimitStencil, limit_stencil
from avgen.config import presets_folder
from avgen.documents import unknown
from avgen.errors import InputError

SHAPES_FILE: Final = "people/shapes.safetensors"
"""Under the presets; scripts/mira/pack_shapes.py makes it."""
ARM_JOINTS: Final = {
    "joint-l-shoulder": -33.0,
    "joint-r-shoulder": 33.0,
    "joint-l-clavicle": -4.0,
    "joint-r-clavicle": 4.0,
}
"""Degrees by which each joint, in turn, brings an arm from the T-pose to the side."""
GROUPS: Final = (
    *("helper-l-eye", "helper-r-eye", "helper-upper-teeth", "helper-lower-teeth", "helper-tongue"),
    *(f"helper-{side}-eyelashes-{strip}" for side in "lr" for strip in "12"),
    *ARM_JOINTS,
)
"""Parts of the mesh that a head is measured and moved by."""
TONGUE_REST: Final = -0.16
"""tongueOut at rest: the mesh's tongue tip pierces the lower teeth."""
GROUP: Final = "group."
"""Before the name of a group, in the file."""
TONGUE_OUT: Final = "tongueOut"
_BOTH: Final = "*"
"""Stands for l and r in a target's name."""


def lower_arms(rest: Array, weights: Mapping[str, Array], groups: Mapping[str, Index]) -> Array:
    """Vertices [V, 3] with the arms brought from the T-pose to the sides, by weights [V] of every joint."""
    for joint, degrees in ARM_JOINTS.items():
        centre = rest[groups[joint]].mean(0)
        rest = turn_about_z(rest, centre, np.radians(degrees), weights[joint])
    return rest


@dataclass(frozen=True, slots=True)
class Sparse:
    """Displacements of few vertices each, in whole steps.

    Attributes:
        names: of the displacements.
        starts: [n + 1] first entry of each, and their number.
        index: [m] vertices.
        delta: [m, 3] int16 steps.
        scale: [n] decimetres of one step.
    """

    names: tuple[str, ...]
    starts: Index
    index: Index
    delta: NDArray[np.int16]
    scale: Array

    def dense(self, name: str, num_vertices: int) -> Array:
        """One displacement [V, 3], decimetres."""
        k = self.names.index(name)
        entries = slice(int(self.starts[k]), int(self.starts[k + 1]))
        out = np.zeros((num_vertices, 3))
        out[self.index[entries]] = self.delta[entries] * self.scale[k]
        return out

    @classmethod
    def pack(cls, deltas: Mapping[str, Array]) -> Sparse:
        """Pack displacements [V, 3] by name, to a 32767th of the largest of each."""
        index, delta, scale = [], [], []
        for value in deltas.values():
            scale.append(max(float(np.abs(value).max()), 1e-9) / 32767)
            steps = np.round(value / scale[-1]).astype(np.int16)
            index.append(np.flatnonzero(steps.any(1)))
            delta.append(steps[index[-1]])
        if not deltas:
            return cls((), np.zeros(1, int), np.zeros(0, int), np.zeros((0, 3), np.int16), np.zeros(0))
        starts = np.cumsum([0, *map(len, index)])
        return cls(tuple(deltas), starts, np.concatenate(index), np.concatenate(delta), np.array(scale))

    def tensors(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """What a file holds of it."""
        return {
            f"{prefix}.starts": self.starts.astype(np.int32),
            f"{prefix}.index": self.index.astype(np.int16),
            f"{prefix}.delta": self.delta,
            f"{prefix}.scale": self.scale,
        }


@dataclass(frozen=True, slots=True)
class ShapeSpace:
    """Everything that heads of people are made of.

    Attributes:
        mesh: [V, 3] the base mesh's vertices, arms in T-pose, decimetres.
        limit: map from its vertices to points of its smooth surface.
        groups: vertices of its named parts: GROUPS, `mouth`, the rims `upper-lip` and `lower-lip`, and `skin`
            and `tongue`, which are an avatar's vertices in its order.
        targets: morph targets by name.
        units: names of the face units; the last is the tip of the tongue, which depends on the shape.
        deltas: [U, V, 3] displacement of every unit.
        resting: [U] weight of every unit that a face has at rest, to look at rest.
        arms: share of the turn of every joint in ARM_JOINTS, [V] each.
        anchor: [3] where everybody's eyes and upper teeth lie in the mean.
    """

    mesh: Array
    limit: LimitStencil
    groups: Mapping[str, Index]
    targets: Sparse
    units: tuple[str, ...]
    deltas: Array
    resting: Array
    arms: Mapping[str, Array]
    anchor: Array

    def check(self, names: Iterable[str]) -> None:
        """Refuse targets that there are not.

        Raises:
            InputError: naming the first, and the nearest that there is.
        """
        for name in names:
            if both_sides(name)[0] not in self.targets.names:
                raise InputError(f"shape: {unknown('morph target', name, self.targets.names)}")

    def vertices(self, weights: Mapping[str, float]) -> Array:
        """Vertices [V, 3] of weighted targets, arms in T-pose; `*` in a name stands for both sides."""
        self.check(weights)
        out: Array = self.mesh.copy()
        for name, weight in weights.items():
            for each in both_sides(name):
                out += weight * self.targets.dense(each, len(out))
        return out

    def head(self, weights: Mapping[str, float]) -> Head:
        """Head of weighted targets.

        Raises:
            InputError: there is no target of a name.
        """
        return self.shaped(self.vertices(weights))

    def shaped(self, vertices: Array) -> Head:
        """Head of vertices [V, 3] as `vertices` gives them, in Mira's place, lips sealed."""
        rest = lower_arms(vertices, self.arms, self.groups)
        anchors = np.concatenate([self.groups[name] for name in ANCHORS])
        rest = rest + (self.anchor - rest[anchors].mean(0))
        deltas = self.deltas.copy()
        rest = rest + TONGUE_REST * deltas[self.units.index(TONGUE_OUT)]
        deltas[-1] = tongue_tip(rest, self.groups["helper-tongue"])
        rest = rest + np.tensordot(self.resting, deltas, 1)
        rims = LipRims.at(rest, self.groups["upper-lip"], self.groups["lower-lip"])
        return seal_lips(Head(rest, deltas, list(self.units), self.limit, rims, self.groups))


def both_sides(name: str) -> list[str]:
    """Names of the targets that a name stands for: `*` is both l and r."""
    return [name.replace(_BOTH, side) for side in "lr"] if _BOTH in name else [name]


@cache
def load_shapes() -> ShapeSpace:
    """The space that avgen ships."""
    return read_shapes(presets_folder() / SHAPES_FILE)


def read_shapes(file: Path) -> ShapeSpace:
    """Read a space as `write_tensors` wrote what scripts/mira/pack_shapes.py packed.

    Raises:
        ActorError: the file is missing or damaged.
    """
    tensors, metadata = read_tensors(file)
    names = json.loads(metadata["names"])

    def sparse(prefix: str) -> Sparse:
        starts, index = (tensors[f"{prefix}.{part}"].astype(np.int64) for part in ("starts", "index"))
        delta, scale = tensors[f"{prefix}.delta"], tensors[f"{prefix}.scale"]
        return Sparse(tuple(names[prefix]), starts, index, delta, scale)

    mesh, units = tensors["mesh"].astype(np.float64), sparse("units")
    faces = [tuple(dict.fromkeys(map(int, face))) for face in tensors["faces"]]
    return ShapeSpace(
        mesh=mesh,
        limit=limit_stencil(faces, len(mesh)),
        groups={
            name.removeprefix(GROUP): value.astype(np.int64)
            for name, value in tensors.items()
            if name.startswith(GROUP)
        },
        targets=sparse("targets"),
        units=units.names,
        deltas=np.stack([units.dense(name, len(mesh)) for name in units.names]),
        resting=tensors["resting"],
        arms=dict(zip(ARM_JOINTS, tensors["arms"].astype(np.float64), strict=True)),
        anchor=tensors["anchor"],
    )
