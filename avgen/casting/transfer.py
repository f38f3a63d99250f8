"""An avatar's tensors on another head: its geometry, contact and rigid parts; colours and code are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.head import METRES, Array, Head, kabsch

Tensors = dict[str, NDArray[Any]]

RIGID_GROUPS: Final = ("helper-l-eye", "helper-r-eye", "helper-upper-teeth", "helper-lower-teeth")
"""What the rigid parts of an avatar follow, in order."""
LIP_MARGIN: Final = 8e-5
"""Overlap [m] that a full lip closure reaches at the widest station."""
TORSO: Final = (0.30, 0.62)
"""Height [m] of the skin that clothes follow."""
CROWN: Final = 0.58
"""Height [m] above which the skin carries the hair."""
CLOTH_REACH, HAIR_REACH = 0.008, 0.020
"""Metres over which what lies on the skin follows it."""
NEAREST: Final = 60
"""Points of the skin that anything follows at most."""


def rigid_tensors(head: Head) -> Tensors:
    """Rigid motion of eyeballs and tooth rows as functions of the unit weights w.

    The best rotation (Kabsch) comes from the matrix sum (a - mean a)(b - mean b)^T, and b is affine in w.
    """
    cross, centre = [], []
    for name in RIGID_GROUPS:
        helpers = head.groups[name]
        every = np.concatenate([head.rest[None, helpers], head.deltas[:, helpers]]) * METRES
        centre.append(every.mean(1))
        centred = every - every.mean(1, keepdims=True)
        cross.append(np.einsum("ni,unj->uij", centred[0], centred))
    return {"rigid.cross": np.array(cross, np.float32), "rigid.centre": np.array(centre, np.float32)}


def contact_tensors(head: Head) -> Tensors:
    """Gaps of lips and lids at rest and their change per unit, metres, on the smooth surface."""
    lid_gap, lid = head.lid_gaps()
    gap = head.rims.gap(head.limit(head.rest)) * METRES
    change = head.rims.gap(head.limit(head.deltas)).T * METRES
    return {
        "contact.lip_gap": gap.astype(np.float32),
        "contact.lip": change.astype(np.float32),
        "contact.lid_gap": (lid_gap * METRES).astype(np.float32),
        "contact.lid": (lid * METRES).astype(np.float32),
        "contact.margin": np.array([LIP_MARGIN], np.float32),
    }


def transfer(tensors: Mapping[str, NDArray[Any]], base: Head, head: Head) -> Tensors:
    """Tensors of an avatar that has another head.

    Args:
        tensors: of an avatar whose head is `base`, and whose skin and tongue are the groups of that name.
        base: head of the avatar.
        head: of the new one, in the same place.
    """
    before, surface = (one.limit(one.rest) * METRES for one in (base, head))
    starts = [int(start) for start in tensors["mesh.starts"]]
    rest = tensors["mesh.rest"].astype(np.float64)
    blended = np.concatenate([head.groups["skin"], head.groups["tongue"]])
    rest[: len(blended)] = surface[blended]
    for k, side in enumerate("lr"):
        (old, old_radius), (new, new_radius) = base.eye_sphere(side), head.eye_sphere(side)
        block = slice(starts[2 + k], starts[3 + k])
        rest[block] = (rest[block] - old * METRES) * (new_radius / old_radius) + new * METRES
    for k, row in enumerate(("upper", "lower")):
        helpers = head.groups[f"helper-{row}-teeth"]
        block = slice(starts[4 + k], starts[5 + k])
        rest[block] = carried(rest[block], base.rest[helpers] * METRES, head.rest[helpers] * METRES)
    torso = np.flatnonzero((before[:, 1] > TORSO[0]) & (before[:, 1] < TORSO[1]))
    cloth = slice(starts[6], starts[7])
    rest[cloth] += followed(rest[cloth], before[torso], surface[torso], CLOTH_REACH)
    deltas = head.limit(head.deltas)[:, blended] * METRES
    return {
        **tensors,
        **moved_hair(tensors, before[head.groups["skin"]], surface[head.groups["skin"]]),
        "mesh.rest": rest.astype(np.float32),
        "blend.deltas": deltas.astype(np.float16),
        "eyes.frames": head.eye_frames(),
        **rigid_tensors(head),
        **contact_tensors(head),
    }


def moved_hair(tensors: Mapping[str, NDArray[Any]], before: Array, skin: Array) -> Tensors:
    """Hair of an avatar, on another skin.

    The hull follows the crown; its pictures stay where they are on it, by an affine map from the new head to
    the old one in their cameras.

    Args:
        tensors: of the avatar.
        before: [S, 3] its skin at rest, metres.
        skin: [S, 3] the other one's.
    """
    old = tensors["hair.vertices"].astype(np.float64)
    crown = np.flatnonzero(before[:, 1] > CROWN)
    new = old + followed(old, before[crown], skin[crown], HAIR_REACH)
    affine = np.linalg.lstsq(np.c_[new, np.ones(len(new))], old, rcond=None)[0].T
    cameras = tensors["hair.cameras"] @ np.vstack([affine, [0, 0, 0, 1]])
    return {"hair.vertices": new.astype(np.float32), "hair.cameras": cameras.astype(np.float32)}


def thinned_hair(tensors: Mapping[str, NDArray[Any]], most: int) -> Tensors:
    """Hair tensors with at most so many pictures: fewer yaws and pitches of the head, as evenly as can be."""
    out = {name: tensors[name] for name in ("hair.pictures", "hair.cameras", "hair.seen", "hair.views")}
    while len(views := out["hair.views"]) > most:
        kept = np.zeros(len(views), bool)
        for azimuth in np.unique(views[:, 0]):
            bank = views[:, 0] == azimuth
            kept |= bank & np.all([np.isin(views[:, k], _every_other(views[bank, k])) for k in (1, 2)], 0)
        if kept.all():
            break
        out = {name: value[kept] for name, value in out.items()}
    return out


def _every_other(values: Array) -> Array:
    """Half of the different values, with the outermost and the one nearest to their middle."""
    grid = np.unique(values)
    if len(grid) < 4:
        return grid
    middle = int(np.abs(grid - grid.mean()).argmin())
    chosen = {0, middle, len(grid) - 1, *range(middle, len(grid), 2), *range(middle, -1, -2)}
    return grid[sorted(chosen)]


def carried(points: Array, source: Array, target: Array) -> Array:
    """Points [n, 3] under the similarity that best carries a source to a target [m, 3] (Umeyama 1991)."""
    rotation, _ = kabsch(source, target)
    scale = np.sqrt(((target - target.mean(0)) ** 2).sum() / ((source - source.mean(0)) ** 2).sum())
    out: Array = scale * (points - source.mean(0)) @ rotation.T + target.mean(0)
    return out


def followed(points: Array, source: Array, target: Array, reach: float) -> Array:
    """Displacements [n, 3] of points near a surface [m, 3] that moves: Gaussian means of the nearest."""
    out = np.empty_like(points)
    move, count = target - source, min(NEAREST, len(source))
    for k, point in enumerate(points):
        distance = np.sqrt(((source - point) ** 2).sum(1))
        near = np.argpartition(distance, count - 1)[:count]
        weight = np.exp(-(((distance[near] - distance[near].min()) / reach) ** 2) / 2)
        out[k] = weight @ move[near] / weight.sum()
    return out
