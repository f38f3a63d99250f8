"""A person's whole mesh before it is dressed: shape, skeleton, weights, legs side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from avgen.body.channels import SIDES
from avgen.body.skeleton import BONES, PLACE, Skeleton
from avgen.casting.person import read_person
from scripts.mira import basemesh
from scripts.mira.basemesh import Array
from scripts.mira.body.pieces import Piece
from scripts.mira.geometry import METRES
from scripts.mira.look.landmarks import domain
from scripts.mira.skeleton import skeleton_of

ARM_BONES = ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
LEG_BONES = ("upperleg", "lowerleg", "foot", "toe")
STANCE = np.radians(4.5)
"""By which each leg is brought inwards: the mesh stands with its legs apart."""


@dataclass(frozen=True)
class Figure:
    """A person at rest.

    Attributes:
        mesh: the base mesh.
        skeleton: metres.
        points: [V, 3] decimetres.
        weights: [V, J] of every bone.
    """

    mesh: basemesh.BaseMesh
    skeleton: Skeleton
    points: Array
    weights: Array

    def head(self, bone: str) -> Array:
        """Where a bone begins [3], decimetres."""
        return self.skeleton.head(bone) / METRES

    def tail(self, bone: str) -> Array:
        """Where a bone ends [3], decimetres."""
        return self.skeleton.tail(bone) / METRES

    def piece(self, group: str, keep: Callable[[Piece], Array] | None = None) -> Piece:
        """The polygons of a group of the mesh, all of whose vertices are kept."""
        whole = Piece(
            [tuple(v for v, _ in face) for face in self.mesh.faces[group]],
            np.concatenate([self.points, domain(), nails()[:, None], self.weights], 1),
        )
        if keep is None:
            return whole.only(whole.polygons)
        kept = keep(whole)
        return whole.only([polygon for polygon in whole.polygons if all(kept[v] for v in polygon)])

    def along(self, piece: Piece, first: str, last: str) -> Array:
        """Share [V] of the way from one joint of a limb to another; -1 on the rest of the body."""
        bones = ARM_BONES if first.startswith(ARM_BONES) else LEG_BONES
        out = np.full(len(piece.points), -1.0)
        for side in SIDES:
            a, b = (self.head(f"{bone}.{side}") for bone in (first, last))
            mine = limb_share(piece.weights, bones, side) > 0.5
            out[mine] = ((piece.points - a) @ (b - a) / ((b - a) @ (b - a)))[mine]
        return out


def limb_share(weights: Array, bones: tuple[str, ...], side: str) -> Array:
    """Share [V] that bones of one side, whose names begin so, have in weights [V, J]."""
    limb = [k for k, bone in enumerate(BONES) if bone.startswith(bones) and bone.endswith(side)]
    out: Array = weights[:, limb].sum(1)
    return out


@cache
def bone_weights() -> Array:
    """Weight [V, J] of every kept bone; what others weigh goes to their nearest kept ancestor."""
    folder = basemesh.data_root() / "mpfb2/rigs/standard"
    rig = json.loads((folder / "rig.default.json").read_text())
    rig = rig.get("bones", rig)
    out = np.zeros((len(domain()), len(BONES)))
    for name, pairs in basemesh.skin_weights().items():
        bone = name
        while bone not in PLACE:
            bone = rig[bone]["parent"]
        for vertex, weight in pairs:
            out[int(vertex), PLACE[bone]] += weight
    return out / np.maximum(out.sum(1, keepdims=True), 1e-9)


@cache
def nails() -> Array:
    """Share of a finger nail [V] of every vertex, by the mask that comes with the mesh."""
    mesh = basemesh.load_base_mesh()
    mask = np.asarray(Image.open(basemesh.data_root() / "mpfb2/textures/mpfb_fingernails.jpg").convert("L"))
    corners = np.array([corner for face in mesh.faces["body"] for corner in face])
    u, v = mesh.texcoords[corners[:, 1]].T
    row = np.clip((1 - v) * len(mask), 0, len(mask) - 1).astype(int)
    column = np.clip(u * mask.shape[1], 0, mask.shape[1] - 1).astype(int)
    out = np.zeros(len(mesh.vertices))
    np.maximum.at(out, corners[:, 0], mask[row, column] / 255)
    return out


def load_figure(person: Path) -> Figure:
    """Figure of the person in an actor's folder."""
    return figure_of(read_person(person).shape)


def figure_of(targets: Mapping[str, float]) -> Figure:
    """Figure of a shape, weights of morph targets by name."""
    skeleton, points = skeleton_of(targets)
    return _closed(Figure(basemesh.load_base_mesh(), skeleton, points / METRES, bone_weights()))


def _closed(figure: Figure) -> Figure:
    """The figure with its legs side by side and its feet flat."""
    heads, tails, points = (v.copy() for v in (figure.skeleton.heads, figure.skeleton.tails, figure.points))
    for side, sign in zip(SIDES, (1, -1), strict=True):
        for bones, start, angle in (
            (LEG_BONES, "upperleg01", -sign * STANCE),
            (("foot", "toe"), "foot", sign * STANCE),
        ):
            moved = [k for k, bone in enumerate(BONES) if bone.startswith(bones) and bone.endswith(side)]
            centre = heads[PLACE[f"{start}.{side}"]].copy()
            c, s = np.cos(angle), np.sin(angle)
            turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
            share = figure.weights[:, moved].sum(1, keepdims=True)
            middle = centre / METRES
            points += share * ((points - middle) @ turn.T + middle - points)
            for ends in (heads, tails):
                ends[moved] = (ends[moved] - centre) @ turn.T + centre
    return Figure(figure.mesh, Skeleton(heads, tails, figure.skeleton.trunk), points, figure.weights)
