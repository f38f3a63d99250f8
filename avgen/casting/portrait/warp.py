"""A fitted head pulled the rest of the way to its landmarks, where no morph target reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from avgen.casting.head import METRES, Array, Head, LipRims, seal_lips
from avgen.casting.portrait.fit import Fit, believed, habits_of, habits_seen
from avgen.casting.portrait.landmarks import FACE_OVAL, Face
from avgen.casting.portrait.space import UNITS, Faces, skin_of

STIFFNESS: Final = 0.1
"""Variance of landmarks in shares of that of the warp: what is left is believed nearly wholly."""
LARGEST: Final = 0.08
REACH: Final = 0.11
"""Decimetres of the largest move, and over which it fades out around the landmarks."""
NEIGHBOURS, SMOOTHING = 40, 0.02
UNMOVED: Final = ("helper-upper-teeth", "helper-lower-teeth", "helper-tongue")
EYES: Final = ("helper-l-eye", "helper-r-eye")


def warped_head(faces: Faces, head: Head, fit: Fit, seen: Sequence[Face]) -> Head:
    """Head at rest that shows the photographs' landmarks, lips sealed.

    Args:
        faces: landmarks and habits.
        head: of the fitted shape.
        fit: to the photographs.
        seen: landmarks of each.
    """
    from scipy.interpolate import RBFInterpolator
    from scipy.spatial import cKDTree

    places, moves = _moves(faces, head, fit, seen)
    near, _ = cKDTree(places).query(head.rest)
    moved = near < 4 * REACH
    for name in UNMOVED:
        moved[head.groups[name]] = False
    inner = ~np.isin(np.arange(len(places)), FACE_OVAL)
    field = RBFInterpolator(
        places[inner], moves[inner], neighbors=NEIGHBOURS, smoothing=SMOOTHING, kernel="linear"
    )
    shift = np.zeros_like(head.rest)
    fade = np.exp(-((near[moved] / REACH) ** 2) / 2)
    shift[moved] = field(head.rest[moved]) * fade[:, None]
    for name in EYES:
        shift[head.groups[name]] = shift[head.groups[name]].mean(0)
    rest = head.rest + shift
    rims = LipRims.at(rest, head.rims.upper, head.rims.lower)
    return seal_lips(replace(head, rest=rest, rims=rims))


def _moves(faces: Faces, head: Head, fit: Fit, seen: Sequence[Face]) -> tuple[Array, Array]:
    """Landmarks [L, 3] of the head at rest, and how they have to move [L, 3]; decimetres.

    Each picture shows two directions of a move; what no picture shows does not move.
    """
    count = len(faces.weights)
    normal, right = np.tile(STIFFNESS * np.eye(3), (count, 1, 1)), np.zeros((count, 3))
    for k, (camera, face) in enumerate(zip(fit.cameras, seen, strict=True)):
        weights = np.zeros(len(head.units))
        weights[[head.unit(name) for name in UNITS]] = fit.units[k]
        points = faces.at(skin_of(head, head.vertices(weights)))
        shown = camera.project(points)
        missed = np.tensordot(habits_seen(fit, k), habits_of(faces, camera), 1)
        away = (face.points[:count, :2] - shown[:, :2]) / camera.scale - missed
        away *= (shown[:, 2] / camera.distance)[:, None]
        rows = camera.turn[:2] * [[1], [-1]]
        trust = believed(points, camera) ** 2
        normal += trust[:, None, None] * (rows.T @ rows)
        right += trust[:, None] * (away @ rows)
    moves = np.linalg.solve(normal, right[..., None])[..., 0] / METRES
    length = np.linalg.norm(moves, axis=1, keepdims=True)
    moves *= np.minimum(1, LARGEST / np.maximum(length, 1e-9))
    places: Array = faces.at(skin_of(head, head.rest)) / METRES
    return places, np.asarray(moves, np.float64)
