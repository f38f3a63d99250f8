"""What is known of portraits before one is seen: how faces vary, and where landmarks lie on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.head import ANCHORS, METRES, Array, Head, Index
from avgen.casting.shapes import ShapeSpace
from avgen.config import presets_folder

PORTRAITS_FILE: Final = "people/portraits.safetensors"
"""Under the presets; scripts/cast/correspond.py makes it."""


EXPECTED: Final[dict[str, tuple[float, float]]] = {
    "jawOpen": (0.93, 0.06),
    "mouthSmileLeft": (0.9, 0.12),
    "mouthSmileRight": (0.9, 0.12),
    "mouthPucker": (0.0, 0.1),
    "mouthFunnel": (0.0, 0.1),
    "mouthUpperUpLeft": (0.5, 0.12),
    "mouthUpperUpRight": (0.5, 0.12),
    "mouthLowerDownLeft": (0.5, 0.12),
    "mouthLowerDownRight": (0.5, 0.12),
    "mouthStretchLeft": (0.5, 0.1),
    "mouthStretchRight": (0.5, 0.1),
    "mouthFrownLeft": (0.6, 0.1),
    "mouthFrownRight": (0.6, 0.1),
    "browInnerUp": (0.0, 0.1),
    "browDownLeft": (0.0, 0.1),
    "browDownRight": (0.0, 0.1),
    "browOuterUpLeft": (0.0, 0.1),
    "browOuterUpRight": (0.0, 0.1),
    "eyeBlinkLeft": (0.5, 0.08),
    "eyeBlinkRight": (0.5, 0.08),
    "eyeWideLeft": (0.5, 0.08),
    "eyeWideRight": (0.5, 0.08),
    "eyeSquintLeft": (0.0, 0.1),
    "eyeSquintRight": (0.0, 0.1),
    "cheekSquintLeft": (0.0, 0.1),
    "cheekSquintRight": (0.0, 0.1),
}
"""Face units that a photograph may show: weight for a score of 1, and standard deviation of the weight. Where
scores say nothing of drawings (brows), a face is taken to be at rest."""
UNITS: Final = tuple(EXPECTED)
NUM_POSE: Final = 5
AT_ONCE: Final = 50
"""Morph targets that are taken together, for the sake of memory."""
_FARTHEST_TURN: Final = 0.7
"""Radians beyond which the landmarker's habits are not known."""


@dataclass(frozen=True, slots=True)
class Faces:
    """A Gaussian over faces, and where the landmarks of photographs lie on them.

    Attributes:
        mean: [n] weights of the shape space's morph targets, in its order.
        components: [K, n] changes of them, each one standard deviation; the last change nothing, and stand
            for what the landmarker makes of a person in every picture, whatever the shape.
        corners: [L, 3] skin vertices around every landmark; skin is the shape space's group of that name.
        weights: [L, 3] barycentrics in between.
        habits: [2 L, NUM_POSE + K + U] metres by which the landmarker misses the surface, x (right) of all
            landmarks and then y (down), per feature of the pose, component of the shape, and unit in UNITS:
            it takes faces for more alike, and turned heads for less turned, than they are.
        whitening: [2 L, 2 L] that makes what is left of it white.
    """

    mean: Array
    components: Array
    corners: Index
    weights: Array
    habits: Array
    whitening: Array

    def at(self, skin: Array) -> Array:
        """Landmarks [..., L, 3] of skin vertices or displacements [..., S, 3]."""
        points: Array = np.einsum("...lkd,lk->...ld", skin[..., self.corners, :], self.weights)
        return points

    def head(self, space: ShapeSpace, shape: Array) -> Head:
        """Head of a shape [K] in standard deviations."""
        weights = self.mean + shape @ self.components
        return space.head(dict(zip(space.targets.names, weights.tolist(), strict=True)))


def pose_features(turn: Array) -> Array:
    """Features [NUM_POSE] of a head that a rotation [3, 3] brings before the camera."""
    yaw, pitch = np.clip(facing(turn), -_FARTHEST_TURN, _FARTHEST_TURN)
    return np.array([1.0, yaw, pitch, yaw * yaw, pitch * pitch])


def facing(turn: Array) -> Array:
    """Radians [2] by which a head is turned to its left, and down."""
    ahead = turn[:, 2]
    return np.array([np.arctan2(ahead[0], ahead[2]), -np.arcsin(np.clip(ahead[1], -1, 1))])


def upright(turn: Array) -> Array:
    """Rotation [2, 2] from a picture (right, down) to one in which the head's up points up."""
    up = turn[:2, 1] / np.linalg.norm(turn[:2, 1])
    return np.array([[up[1], up[0]], [-up[0], up[1]]])


@dataclass(frozen=True, slots=True)
class LinearFace:
    """Landmarks as a linear function of shape and expression, metres in the world.

    Attributes:
        rest: [L, 3] of the mean face.
        shapes: [K, L, 3] change per standard deviation of every component.
        units: [U, L, 3] change per weight of every unit in UNITS.
    """

    rest: Array
    shapes: Array
    units: Array

    def growth(self) -> Array:
        """Relative change [K] of the face's size per standard deviation of every component."""
        centred = self.rest - self.rest.mean(0)
        rate: Array = (self.shapes * centred).sum((1, 2)) / (centred**2).sum()
        return rate


def skin_of(head: Head, control: Array) -> Array:
    """Skin [..., S, 3] in metres of control vertices or displacements [..., V, 3]."""
    return head.limit(control)[..., head.groups["skin"], :] * METRES


@cache
def load_faces() -> Faces:
    """The Gaussian and the landmarks that come with avgen."""
    tensors, _ = read_tensors(presets_folder() / PORTRAITS_FILE)
    factor, rest = (tensors[name].astype(np.float64) for name in ("noise.factor", "noise.rest"))
    return Faces(
        mean=tensors["mean"].astype(np.float64),
        components=tensors["components"].astype(np.float64),
        corners=tensors["corners"].astype(np.int64),
        weights=tensors["weights"].astype(np.float64),
        habits=tensors["habits"].astype(np.float64),
        whitening=np.linalg.inv(np.linalg.cholesky(factor @ factor.T + np.diag(rest))),
    )


def linear_face(faces: Faces, space: ShapeSpace) -> LinearFace:
    """Linear model about the mean face."""
    head = faces.head(space, np.zeros(len(faces.components)))
    anchors = np.concatenate([space.groups[name] for name in ANCHORS])
    shapes = np.zeros((len(faces.components), space.mesh.size))
    used = np.flatnonzero(faces.components.any(0))
    for some in np.array_split(used, max(1, len(used) // AT_ONCE)):
        moves = np.stack([space.targets.dense(space.targets.names[k], len(space.mesh)) for k in some])
        moves -= moves[:, anchors].mean(1, keepdims=True)
        shapes += faces.components[:, some] @ moves.reshape(len(some), -1)
    units = head.deltas[[head.unit(name) for name in UNITS]]
    at = [
        faces.at(skin_of(head, control))
        for control in (head.rest, shapes.reshape(-1, *space.mesh.shape), units)
    ]
    return LinearFace(*at)
