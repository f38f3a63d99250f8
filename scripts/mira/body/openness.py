"""How a hand shades itself: the light from everywhere that reaches its skin, by its own pose.

Linear in the pose (Kirk and Arikan 2007), fitted to hands in many poses whose light is blocked by rasterising
them from many sides. One person's hands stand for everybody's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from avgen.actors.actor import actor_folders
from avgen.avatars.mesh.body import HAND_POSE, hand_poses
from avgen.avatars.raster.triangles import rasterise
from avgen.body.channels import (
    BODY_CHANNELS,
    DEVIATION,
    FLEXION,
    HAND_CHANNELS,
    arm,
    hand,
    within_limits,
)
from avgen.body.posing import pose
from avgen.casting.making import DOMAIN
from avgen.casting.surface import vertex_normals
from scripts.mira.body.figure import ARM_BONES, Figure, limb_share, load_figure
from scripts.mira.body.pieces import Array, Piece
from scripts.mira.body.poses import SHAPES
from scripts.mira.body.wardrobe import LONG_SLEEVE, hands
from scripts.mira.geometry import METRES

POSES = 120
SIDES_SEEN = 64
"""Directions from which light is blocked."""
SIZE, FIELD = 224, 0.30
"""Texels and metres of the side of a depth map."""
BIAS, LIFT = 0.0022, 0.0015
"""Metres in depth, and along the normal, by which skin does not shade itself."""
RIDGE = 0.5
SPREAD = 0.12
"""Deviation of poses about the mixtures of hand shapes, radians."""
FLEXIONS, DEVIATIONS = (-0.9, 0.9), (-0.35, 0.5)


def hand_openness(piece: Piece) -> tuple[NDArray[np.int32], Array]:
    """Vertices [H] of a piece that are of arms, and openness [H, HAND_POSE] per number of the pose."""
    mine = sum(limb_share(piece.weights, ARM_BONES, side) for side in "LR") > 0.5
    vertices = np.flatnonzero(mine).astype(np.int32)
    places, shares = _left_hand()
    left = np.abs(piece.on_mira[vertices]) * [1, 0, 0] + piece.on_mira[vertices] * [0, 1, 1]
    return vertices, shares[cKDTree(places).query(left)[1]]


@cache
def _left_hand() -> tuple[Array, Array]:
    """Places [n, 3] on Mira of the vertices of her left hand, and their openness [n, HAND_POSE]."""
    figure = load_figure(actor_folders()[DOMAIN])
    both = hands(figure, LONG_SLEEVE).on_surface()
    piece = both.only([polygon for polygon in both.polygons if both.points[polygon[0], 0] > 0])
    rng = np.random.default_rng(0)
    numbers, seen = [], []
    for _ in range(POSES):
        body, code = _random_pose(rng)
        numbers.append(hand_poses(body, code)[0, 0])
        seen.append(_openness(_posed(figure, piece, body, code), piece.faces))
    x = np.array(numbers, np.float64)
    penalty = RIDGE * np.diag(np.r_[0, np.ones(HAND_POSE - 1)])
    return piece.on_mira, np.linalg.solve(x.T @ x + penalty, x.T @ np.array(seen)).T


def _random_pose(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Codes [1, 30] and [1, 32] with a left hand at random."""
    first, second = (np.concatenate(SHAPES[n]) for n in rng.integers(len(SHAPES), size=2))
    share = rng.uniform()
    body = np.zeros((1, len(BODY_CHANNELS)), np.float32)
    code = np.zeros((1, len(HAND_CHANNELS)), np.float32)
    code[0, hand("L")] = (1 - share) * first + share * second + rng.normal(0, SPREAD, len(first))
    body[0, arm("L")][[FLEXION, DEVIATION]] = rng.uniform(*FLEXIONS), rng.uniform(*DEVIATIONS)
    return body, within_limits(code)


def _posed(figure: Figure, piece: Piece, body: NDArray[np.float32], code: NDArray[np.float32]) -> Array:
    """Points [V, 3] of a piece in a pose, metres."""
    rotation, position = (values[0].astype(np.float64) for values in pose(figure.skeleton, body, code))
    shift = position - np.einsum("jab,jb->ja", rotation, figure.skeleton.heads)
    turned = np.einsum("jab,vb->vja", rotation, piece.points * METRES) + shift
    posed: Array = np.einsum("vj,vja->va", piece.weights, turned)
    return posed


def _openness(points: Array, faces: NDArray[np.int64]) -> Array:
    """Share [V] of the light from all sides, by its slant, that triangles leave to their vertices."""
    normals = vertex_normals(points, faces)
    middle, triangles = points.mean(0), faces.astype(np.int32)
    depth, index = np.empty((SIZE, SIZE), np.float32), np.empty((SIZE, SIZE), np.int32)
    reached, total = np.zeros(len(points)), np.full(len(points), 1e-6)
    for direction in _directions():
        across = np.cross(direction, np.eye(3)[np.abs(direction).argmin()])
        across /= np.linalg.norm(across)
        axes = np.stack([across, np.cross(direction, across), direction], 1)
        scale = np.array([SIZE / FIELD, SIZE / FIELD, 1])
        offset = np.array([SIZE / 2, SIZE / 2, 1])
        rasterise(
            ((points - middle) @ axes * scale + offset).astype(np.float32), triangles, 0, False, depth, index
        )
        x, y, near = ((points + LIFT * normals - middle) @ axes * scale + offset).T
        column, row = (np.clip(values, 0, SIZE - 1).astype(int) for values in (x, y))
        slant = np.maximum(normals @ direction, 0)
        reached += slant * (depth[row, column] <= near + BIAS)
        total += slant
    share: Array = reached / total
    return share


def _directions() -> Array:
    """Unit vectors [n, 3] to all sides."""
    k = np.arange(SIDES_SEEN) + 0.5
    height, turn = 1 - 2 * k / SIDES_SEEN, k * np.pi * (3 - 5**0.5)
    around = np.sqrt(1 - height**2)
    return np.stack([around * np.cos(turn), around * np.sin(turn), height], 1)
