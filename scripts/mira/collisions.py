"""How deep a body's hands and forearms are in its clothes and in each other, on the surfaces themselves.

Surfaces are MakeHuman's (CC0): the skin of the hands, and `helper-tights`, of which clothes are cut.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from avgen.body.posing import pose
from avgen.body.skeleton import BONES, PLACE, Skeleton
from avgen.casting.surface import vertex_normals
from avgen.types import FloatArray
from scripts.mira import basemesh
from scripts.mira.skeleton import person_skeleton

Array = basemesh.Array
Index = NDArray[np.int64]
NEAR: Final = 0.06
"""Metres within which the nearest point of the cloth tells the depth."""
_HAND: Final = ("wrist", "metacarpal", "finger")
_LIMBS: Final = (*_HAND, "clavicle", "upperarm", "lowerarm", "upperleg", "lowerleg", "foot", "toe")


class Collisions(NamedTuple):
    """Of some frames [T], metres; negative depths are distances."""

    hands: Array
    """Depth of the deepest point of the hands in the trunk."""
    forearms: Array
    """Likewise of the forearms."""
    between: Array
    """Distance of the hands from each other."""


class Surfaces:
    """A person's skin and tights, and the bones that carry them."""

    def __init__(self, person: Path) -> None:
        """Make the surfaces of a person in an actor's folder."""
        self.skeleton: Skeleton
        self.skeleton, points = person_skeleton(person)
        mesh = basemesh.load_base_mesh()
        weights = _weights(len(points))
        bone = np.array(BONES)[weights.argmax(1)]
        tights, skin = mesh.indices("helper-tights"), mesh.indices("body")

        def of(vertices: Index, names: tuple[str, ...], side: str = "") -> Index:
            return np.array([v for v in vertices if bone[v].startswith(names) and bone[v].endswith(side)])

        parts = [of(skin, _HAND, ".L"), of(skin, _HAND, ".R"), of(tights, ("lowerarm",)), tights]
        kept = np.unique(np.concatenate(parts))
        place = np.full(len(points), -1)
        place[kept] = np.arange(len(kept))
        self._left, self._right, self._fore, _ = (place[part] for part in parts)
        self._trunk = place[np.setdiff1d(tights, of(tights, _LIMBS))]
        faces = basemesh.triangulate([tuple(v for v, _ in face) for face in mesh.faces["helper-tights"]])
        self._faces, self._points, self._weights = place[faces], points[kept], weights[kept]

    def collide(self, body: FloatArray, hands: FloatArray) -> Collisions:
        """Collisions of codes [T, 30] and [T, 32]."""
        rotation, position = (values.astype(np.float64) for values in pose(self.skeleton, body, hands))
        shift = position - np.einsum("tjab,jb->tja", rotation, self.skeleton.heads)
        matrices = np.concatenate([rotation, shift[..., None]], 3)
        return Collisions(*np.array([self._frame(matrix) for matrix in matrices]).T)

    def _frame(self, matrices: Array) -> tuple[float, float, float]:
        blended = np.einsum("vj,jab->vab", self._weights, matrices)
        points = np.einsum("vab,vb->va", blended[..., :3], self._points) + blended[..., 3]
        normals = vertex_normals(points, self._faces)[self._trunk]
        cloth = points[self._trunk]
        tree = cKDTree(cloth)

        def depth(part: Array) -> float:
            distance, nearest = tree.query(points[part])
            ahead = ((points[part] - cloth[nearest]) * normals[nearest]).sum(1)
            return float(np.where(distance < NEAR, -ahead, -distance).max())

        apart, _ = cKDTree(points[self._left]).query(points[self._right])
        return depth(np.concatenate([self._left, self._right])), depth(self._fore), float(apart.min())


def _weights(num_vertices: int) -> Array:
    """[V, J] weights of the bones that are kept; others' go to their nearest ancestor that is."""
    bones = json.loads((basemesh.data_root() / "mpfb2/rigs/standard/rig.default.json").read_text())
    bones = bones.get("bones", bones)
    out = np.zeros((num_vertices, len(BONES)))
    for bone, pairs in basemesh.skin_weights().items():
        while bone not in PLACE:
            bone = bones[bone]["parent"]
        for index, weight in pairs:
            out[int(index), PLACE[bone]] += weight
    return out / np.maximum(out.sum(1, keepdims=True), 1e-9)
