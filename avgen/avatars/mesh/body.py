"""A body below the neck at run time: hands and clothes that follow a skeleton, lit by fitted light terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.layout import check_indices, check_shapes
from avgen.avatars.mesh.skinning import SHOULDER_FOLLOW
from avgen.avatars.mesh.storage import read_tensors
from avgen.avatars.raster.compile import kernel
from avgen.body.arms import Reach, arm_axes, girdle, solve
from avgen.body.channels import BODY_CHANNELS, DEVIATION, FLEXION, HAND_CHANNELS, SIDES, SWAY, arm, hand
from avgen.body.posing import pose
from avgen.body.skeleton import BONES, CHEST_BONE, PLACE, Skeleton
from avgen.errors import ActorError
from avgen.types import FloatArray

NUM_INFLUENCES: Final = 4
NUM_FEATURES: Final = 18
"""Light features of a vertex, of which its colour is a linear function; older files have fewer."""
HAND_POSE: Final = 1 + len(HAND_CHANNELS) // 2 + 2
"""Numbers that a hand's shade on itself is a linear function of: one, its channels, its wrist's two."""
SHAPES: Final[dict[str, tuple[str | int, ...]]] = {
    "body.points": ("V", 3),
    "body.faces": ("F", 3),
    "body.material": ("V",),
    "body.bones": ("V", NUM_INFLUENCES),
    "body.weights": ("V", NUM_INFLUENCES),
    "body.tint": ("V", 3),
    "body.gains": ("M", "N", 3),
    "hand.vertices": ("H",),
    "hand.openness": ("H", HAND_POSE),
    "bust.kept": ("B",),
    "skeleton.heads": (len(BONES), 3),
    "skeleton.tails": (len(BONES), 3),
    "skeleton.trunk": ("K", 4),
}
"""Shape of every tensor of a body's file; a letter is the same number everywhere."""
LEAST_OPEN: Final = 0.02
RESTING_WRIST: Final = (0.25, -0.04, 0.07)
"""Of somebody who only stands there: metres of the left wrist from the middle, above the root, in front."""
RESTING_HAND: Final = (
    0.10,
    0.05,
    0.15,
    0.15,
    0.10,
    0.02,
    0.25,
    0.22,
    0,
    0.32,
    0.30,
    -0.02,
    0.36,
    0.32,
    -0.04,
    0.36,
)


@dataclass(frozen=True, slots=True)
class PosedBody:
    """Bodies of T frames.

    Attributes:
        vertices: [T, V, 3] world.
        rotation: [T, J, 3, 3] of the bones.
        position: [T, J, 3] where they begin.
        hands: [T, 2, HAND_POSE] poses of the left hand and of the right one.
    """

    vertices: FloatArray
    rotation: FloatArray
    position: FloatArray
    hands: FloatArray


@dataclass(frozen=True, eq=False)
class Body:
    """A person's body below the neckline.

    Attributes:
        points: [V, 3] at rest, metres.
        faces: [F, 3] counter-clockwise from outside.
        material: [V] which gains a vertex has.
        bones: [V, 4] that move it.
        weights: [V, 4] their shares.
        tint: [V, 3] factor on its colour.
        gains: [M, NUM_FEATURES, 3] display levels per light feature, of every material.
        hand_vertices: [H] those of both hands.
        hand_openness: [H, HAND_POSE] share of the light from everywhere that a hand leaves to each of them,
            per number of its pose (Kirk and Arikan 2007).
        bust: [B] which triangles of the avatar are drawn with the body: not its shirt.
        skeleton: of the person.
    """

    points: FloatArray
    faces: NDArray[np.int32]
    material: NDArray[np.uint8]
    bones: NDArray[np.int32]
    weights: FloatArray
    tint: FloatArray
    gains: FloatArray
    hand_vertices: NDArray[np.int32]
    hand_openness: FloatArray
    bust: NDArray[np.bool_]
    skeleton: Skeleton

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> Body:
        """Read a body's file.

        Args:
            config: unused; a body describes itself.
            file: as written by `write_tensors`, with what scripts/mira/body puts together.

        Raises:
            ActorError: the file does not fit, or is damaged.
        """
        del config
        tensors, _ = read_tensors(file)
        try:
            check_layout(tensors)
        except ActorError as error:
            raise ActorError(f"{file}: {error}") from None
        return cls.from_tensors(tensors)

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Body:
        """Body of the named tensors of its file."""

        def value(name: str) -> FloatArray:
            return np.ascontiguousarray(tensors[name], np.float32)

        weights = value("body.weights")
        return cls(
            value("body.points"),
            np.ascontiguousarray(tensors["body.faces"], np.int32),
            np.ascontiguousarray(tensors["body.material"], np.uint8),
            np.ascontiguousarray(tensors["body.bones"], np.int32),
            weights / weights.sum(1, keepdims=True),
            value("body.tint"),
            _padded(value("body.gains")),
            np.ascontiguousarray(tensors["hand.vertices"], np.int32),
            value("hand.openness"),
            tensors["bust.kept"].astype(bool),
            Skeleton.from_tensors(tensors),
        )

    def pose(self, body: FloatArray, hands: FloatArray) -> PosedBody:
        """Pose the body by codes [T, 30] and [T, 32]; neck and head go with the chest."""
        rotation, position = pose(self.skeleton, body, hands)
        shift = position - np.einsum("tjab,jb->tja", rotation, self.skeleton.heads)
        matrices = np.concatenate([rotation, shift[..., None]], -1).astype(np.float32)
        vertices = np.empty((len(body), *self.points.shape), np.float32)
        skin(self.points, self.bones, self.weights, matrices, vertices)
        return PosedBody(vertices, rotation, position, hand_poses(body, hands))

    @cached_property
    def hand_sides(self) -> NDArray[np.intp]:
        """[H] 0 for vertices of the left hand, 1 for those of the right one."""
        return np.asarray(self.points[self.hand_vertices, 0] < 0, np.intp)

    def openness(self, posed: PosedBody, frame: int) -> FloatArray:
        """Share [V] of the light from everywhere that a hand leaves to its own skin; 1 for all the rest."""
        out = np.ones(len(self.points), np.float32)
        shares = (self.hand_openness * posed.hands[frame, self.hand_sides]).sum(1)
        out[self.hand_vertices] = np.clip(shares, LEAST_OPEN, 1)
        return out

    def chest(self, posed: PosedBody) -> tuple[FloatArray, FloatArray]:
        """How the chest carries what is fixed to it: rotations [T, 3, 3] and shifts [T, 3]."""
        place = PLACE[CHEST_BONE]
        rotation = posed.rotation[:, place]
        return rotation, (posed.position[:, place] - rotation @ self.skeleton.heads[place]).astype(np.float32)

    @cached_property
    def resting(self) -> tuple[FloatArray, FloatArray]:
        """Codes [30] and [32] of somebody who only stands there, arms down."""
        body, hands = np.zeros(len(BODY_CHANNELS), np.float32), np.zeros(len(HAND_CHANNELS), np.float32)
        x, up, z = RESTING_WRIST
        wrist = np.array([[x, self.skeleton.head("root")[1] + up, z]])
        palm, pointing = np.array([[-1.0, 0.0, -0.3]]), np.array([[-0.05, -1.0, 0.15]])
        for side in SIDES:
            hands[hand(side)] = RESTING_HAND
            axes = arm_axes(self.skeleton, side)
            body[arm(side)] = solve(axes, Reach(wrist, np.array([0.2]), palm, pointing), girdle(axes, wrist))[
                0
            ]
        return body, hands


def _padded(gains: FloatArray) -> FloatArray:
    """Gains [M, NUM_FEATURES, 3] of those [M, n, 3] of fewer features."""
    missing = NUM_FEATURES - gains.shape[1]
    return np.ascontiguousarray(np.pad(gains, ((0, 0), (0, missing), (0, 0))))


def swayed(body: FloatArray, head: FloatArray) -> FloatArray:
    """Body codes [T, 30] that follow, as shoulders do, the translation of head poses [T, 7]."""
    moved: FloatArray = body.copy()
    moved[:, SWAY] += SHOULDER_FOLLOW * head[:, 4:]
    return moved


def hand_poses(body: FloatArray, hands: FloatArray) -> FloatArray:
    """Poses [T, 2, HAND_POSE] of both hands, of codes [T, 30] and [T, 32]."""
    out = np.ones((len(body), len(SIDES), HAND_POSE), np.float32)
    for k, side in enumerate(SIDES):
        out[:, k, 1:-2] = hands[:, hand(side)]
        out[:, k, -2:] = body[:, arm(side)][:, [FLEXION, DEVIATION]]
    return out


@kernel
def skin(
    points: FloatArray,
    bones: NDArray[np.int32],
    weights: FloatArray,
    matrices: FloatArray,
    out: FloatArray,
) -> None:
    """Linear blend skinning of points [V, 3] by bones' matrices [T, J, 3, 4], into out [T, V, 3]."""
    for t in range(out.shape[0]):
        for v in range(points.shape[0]):
            x, y, z = points[v, 0], points[v, 1], points[v, 2]
            for a in range(3):
                total = np.float32(0)
                for k in range(bones.shape[1]):
                    j, w = bones[v, k], weights[v, k]
                    total += w * (
                        matrices[t, j, a, 0] * x
                        + matrices[t, j, a, 1] * y
                        + matrices[t, j, a, 2] * z
                        + matrices[t, j, a, 3]
                    )
                out[t, v, a] = total


def check_layout(tensors: Mapping[str, NDArray[Any]]) -> None:
    """Refuse tensors that are not those of a body.

    Raises:
        ActorError: naming the tensor and what was expected.
    """
    if set(tensors) != set(SHAPES):
        raise ActorError(f"expected the tensors {', '.join(SHAPES)}; got {', '.join(sorted(tensors))}.")
    sizes = check_shapes(tensors, SHAPES, {})
    counts = {"body.faces": sizes["V"], "body.material": sizes["M"], "body.bones": len(BONES)}
    for name, count in {**counts, "hand.vertices": sizes["V"]}.items():
        check_indices(name, tensors, count)
    if sizes["N"] > NUM_FEATURES:
        raise ActorError(f"body.gains: expected up to {NUM_FEATURES} light features, got {sizes['N']}.")
    weights = tensors["body.weights"].astype(np.float32)
    if weights.min() < 0 or weights.sum(1).min() <= 0:
        raise ActorError("body.weights: expected shares, of which every vertex has some.")
