"""A take as 3D programs know it: pieces of a mesh, morph targets, joints, keys in time, and cameras.

World space: metres, Y up, Z towards the viewer, as in glTF. Shapes go before joints: a vertex is its rest
position plus weighted deltas, then moved by its joints.

The head turns about a pivot in the neck, and skin of the neck takes a share of that turn. Three joints lie
there one in another, each turned by half of the whole, and skin hangs on the nearest two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.lighting import vertex_normals
from avgen.avatars.mesh.skinning import SHOULDER_FOLLOW, HeadTurn, rotation_matrices
from avgen.errors import InputError
from avgen.exports import Material
from avgen.exports.bake import Baked, HairBake, bake_surface
from avgen.types import FloatArray

RIGID: Final = ("eye_left", "eye_right", "teeth_upper", "teeth_lower")
"""Blocks 2 to 5 of the mesh, each fixed to a joint of its own that is named like it."""
JOINTS: Final = ("torso", "neck", "head", *RIGID)
PARENTS: Final = (-1, 0, 1, 2, 2, 2, 2)
"""Of the joints."""
TORSO, NECK, HEAD, FIRST_RIGID = range(4)
FACE: Final = "face"
"""The piece that morph targets move."""
SURFACE, HAIR = "surface", "hair"
"""Names of the two pictures, and of the materials that show them."""
LEAST_NORMAL: Final = np.float32(1e-3)
VIEWER: Final = np.array([0, 0, 1], np.float32)
BAKED_FRAMES: Final = 16
"""Moments of a take whose mean colour the surface gets."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the mesh with vertices of its own, one for each place in the picture.

    Attributes:
        name: of the piece.
        picture: SURFACE or HAIR.
        points: [v, 3] at rest.
        normals: [v, 3] outwards, at rest.
        uv: [v, 2] in its picture, 0 to 1 from the top left corner.
        faces: [f, 3] counter-clockwise from outside.
        joints: [v, 2] indices into JOINTS.
        shares: [v, 2] of the joints' motion; they sum to 1.
        deltas: [U, v, 3] displacement per morph target; [0, v, 3] if it has none.
    """

    name: str
    picture: str
    points: FloatArray
    normals: FloatArray
    uv: FloatArray
    faces: NDArray[np.int32]
    joints: NDArray[np.uint8]
    shares: FloatArray
    deltas: FloatArray


@dataclass(frozen=True, slots=True)
class Motion:
    """Keys of a take, one a picture of its video, and one at the end.

    Attributes:
        times: [T + 1] seconds.
        weights: [T + 1, U] of the morph targets.
        rotations: [T + 1, joints, 4] of the joints in their parents: unit quaternions (w, x, y, z) that go
            on the short way.
        translations: [T + 1, joints, 3] likewise, metres.
    """

    times: NDArray[np.float64]
    weights: FloatArray
    rotations: FloatArray
    translations: FloatArray


class Stage:
    """What a take's 3D files hold, whatever their format.

    Args:
        material: the take.
        kind: of the export, for messages.

    Raises:
        InputError: if the actor's avatar is no textured mesh.
    """

    def __init__(self, material: Material, kind: str) -> None:
        avatar = material.load_avatar()
        if not isinstance(avatar, TexturedMesh):
            raise InputError(
                f"{material.name}: export {kind}: actor {material.actor.name} has an avatar without a mesh; "
                "expected one of kind textured_mesh. Export something else."
            )
        self.material = material
        self.avatar = avatar
        self.codes = avatar.settle(material.codes)

    @property
    def units(self) -> tuple[str, ...]:
        """Names of the U morph targets."""
        return self.avatar.codec.units

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the video."""
        return self.material.config.width, self.material.config.height

    @cached_property
    def rest(self) -> FloatArray:
        """Positions [joints, 3] of the joints at rest, where none is turned."""
        mesh, starts = self.avatar.mesh, self.avatar.mesh.starts
        x, _, z = mesh.pivot
        torso = np.array([x, mesh.rest[:, 1].min(), z], np.float32)
        teeth = [mesh.rest[starts[k] : starts[k + 1]].mean(0) for k in (4, 5)]
        joints = [torso, mesh.pivot, mesh.pivot, self.avatar.eyes[0, 0], self.avatar.eyes[1, 0], *teeth]
        return np.stack(joints).astype(np.float32)

    @cached_property
    def cameras(self) -> dict[str, Camera]:
        """The actor's cameras for the video's size, by name; one that is none of them is named `view`."""
        views = dict(self.material.actor.cameras)
        if self.material.view not in views.values():
            views["view"] = self.material.view
        return {name: view.camera(*self.size) for name, view in views.items()}

    @cached_property
    def motion(self) -> Motion:
        """The take's keys."""
        material = self.material
        times = np.arange(self.codes.num_pictures(material.config.fps) + 1) / material.config.fps
        tracks = self.codes.at(times, self.avatar.tracks)
        weights = self.avatar.codec.unit_weights(tracks["face"])
        turn = HeadTurn.from_poses(tracks["head"], self.avatar.mesh.pivot)
        rotations, translations = self._joint_motion(weights, turn)
        return Motion(times, weights, rotations, translations)

    def _joint_motion(self, weights: FloatArray, turn: HeadTurn) -> tuple[FloatArray, FloatArray]:
        """Rotations and translations of `Motion`."""
        rest, num_keys = self.rest, len(weights)
        rotations = np.zeros((num_keys, len(JOINTS), 4), np.float32)
        rotations[..., 0] = 1
        translations = np.tile(rest - rest[np.maximum(PARENTS, 0)], (num_keys, 1, 1))
        half = np.asarray(turn.vectors / 2, np.float32)
        rotations[:, NECK] = rotations[:, HEAD] = _unwound(_quaternions(rotation_matrices(half)))
        rise = turn.shifts * np.float32((1 - SHOULDER_FOLLOW) / 2)
        translations[:, TORSO] = rest[TORSO] + SHOULDER_FOLLOW * turn.shifts
        translations[:, NECK] += rise
        translations[:, HEAD] += (rise[:, None] @ rotation_matrices(half))[:, 0]
        matrices, shifts = self.avatar.rigid.motions(weights)
        for k in range(len(RIGID)):
            joint = FIRST_RIGID + k
            rotations[:, joint] = _unwound(_quaternions(matrices[:, k]))
            translations[:, joint] = matrices[:, k] @ rest[joint] + shifts[:, k] - rest[HEAD]
        return rotations, translations

    @cached_property
    def hair(self) -> Baked:
        """The hair's picture."""
        return HairBake.of(self.avatar.hair).bake()

    @cached_property
    def pictures(self) -> Mapping[str, NDArray[np.uint8]]:
        """Pictures by name: SURFACE [h, w, 3], and HAIR [h, w, 4] with straight colour and opacity."""
        times = (np.arange(BAKED_FRAMES) + 0.5) * self.codes.duration / BAKED_FRAMES
        tracks = self.codes.at(times, self.avatar.tracks)
        posed = self.avatar.pose(tracks["face"], tracks["head"])
        camera = self.material.view.camera(*self.size)
        return {SURFACE: bake_surface(self.avatar, posed, camera), HAIR: self.hair.picture}

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Face (skin and tongue), eyes, teeth, shirt and hair."""
        starts = self.avatar.mesh.starts
        names = ((FACE, 0, 2), *((name, 2 + k, 3 + k) for k, name in enumerate(RIGID)), ("shirt", 6, 7))
        blocks = [self._block(name, starts[first], starts[last]) for name, first, last in names]
        return (*blocks, self._hair_piece())

    def _block(self, name: str, first: int, last: int) -> Piece:
        """Piece of the mesh's vertices from first to before last."""
        mesh = self.avatar.mesh
        inside = ((mesh.faces >= first) & (mesh.faces < last)).all(1)
        faces, uv, source = _split(mesh.faces[inside], mesh.uv[inside])
        joints, shares = self._neck_shares() if name == FACE else _fixed(name, last)
        return Piece(
            name,
            SURFACE,
            mesh.rest[source],
            self._normals[source],
            _normalised(uv, self.avatar.texture.texels),
            faces,
            joints[source],
            shares[source],
            self.avatar.deltas[:, source] if name == FACE else _no_deltas(source),
        )

    @cached_property
    def _normals(self) -> FloatArray:
        """Unit normals [V, 3] of the mesh at rest; where triangles have no area, towards the viewer."""
        mesh = self.avatar.mesh
        normals = np.empty_like(mesh.rest)
        vertex_normals(mesh.rest * np.float32(1000), mesh.faces, normals)  # their areas are tiny in metres
        length = np.linalg.norm(normals, axis=1, keepdims=True)
        return np.where(length > LEAST_NORMAL, normals / np.maximum(length, LEAST_NORMAL), VIEWER)

    def _neck_shares(self) -> tuple[NDArray[np.uint8], FloatArray]:
        """Joints and shares [M, 2] of skin and tongue: of the three about the neck, the two nearest."""
        turn = 2 * self.avatar.mesh.head_weight
        lower = np.minimum(turn.astype(np.uint8), 1)
        upper = turn - lower
        joints = np.stack([lower + np.uint8(TORSO), lower + np.uint8(NECK)], 1)
        shares = np.stack([1 - upper, upper], 1).astype(np.float32)
        return np.where(shares > 0, joints, 0).astype(np.uint8), shares

    def _hair_piece(self) -> Piece:
        """The hair's hull, whose triangles are clockwise from outside in the avatar's file."""
        hair = self.avatar.hair
        faces, uv, source = _split(hair.faces[:, ::-1], self.hair.uv[:, ::-1])
        joints, shares = _fixed("head", len(hair.vertices))
        return Piece(
            HAIR,
            HAIR,
            hair.vertices[source],
            hair.normals[source],
            _normalised(uv, self.hair.picture),
            faces,
            joints[source],
            shares[source],
            _no_deltas(source),
        )


def _fixed(name: str, count: int) -> tuple[NDArray[np.uint8], FloatArray]:
    """Joints and shares [count, 2] of what follows the joint of its name, or else the torso."""
    joints = np.zeros((count, 2), np.uint8)
    joints[:, 0] = JOINTS.index(name) if name in JOINTS else TORSO
    return joints, np.tile(np.array([1, 0], np.float32), (count, 1))


def _no_deltas(source: NDArray[np.int64]) -> FloatArray:
    """Deltas [0, v, 3] of vertices that no shape moves."""
    return np.zeros((0, len(source), 3), np.float32)


def _normalised(uv: FloatArray, picture: NDArray[Any]) -> FloatArray:
    """Places [v, 2] in a picture [h, w, ...], from texels to 0 to 1."""
    return np.asarray(uv / np.array(picture.shape[1::-1], np.float32), np.float32)


def _split(
    faces: NDArray[np.int32], uv: FloatArray
) -> tuple[NDArray[np.int32], FloatArray, NDArray[np.int64]]:
    """Give vertices that lie at several places of a picture one copy for each.

    Args:
        faces: [f, 3].
        uv: [f, 3, 2] of their corners.

    Returns:
        Faces [f, 3] of the new vertices, their uv [v, 2], and which vertex each was [v].
    """
    corners = np.concatenate([faces.reshape(-1, 1).astype(np.float64), uv.reshape(-1, 2)], 1)
    unique, place = np.unique(corners, axis=0, return_inverse=True)
    return (
        place.reshape(-1, 3).astype(np.int32),
        unique[:, 1:].astype(np.float32),
        unique[:, 0].astype(np.int64),
    )


def _quaternions(matrices: FloatArray) -> FloatArray:
    """Unit quaternions [..., 4] (w, x, y, z) of rotation matrices [..., 3, 3], by less than half a turn."""
    m = matrices.astype(np.float64)
    w = np.sqrt(np.maximum(1 + np.trace(m, axis1=-2, axis2=-1), 1e-12)) / 2
    axis = [m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]]
    q = np.stack([w, *(value / (4 * w) for value in axis)], -1)
    return np.asarray(q / np.linalg.norm(q, axis=-1, keepdims=True), np.float32)


def _unwound(quaternions: FloatArray) -> FloatArray:
    """Quaternions [T, 4] with the signs by which each is near to the one before."""
    turns = np.sign(np.einsum("ti,ti->t", quaternions[1:], quaternions[:-1]))
    signs = np.cumprod(np.concatenate([[1.0], np.where(turns < 0, -1.0, 1.0)]))
    return (quaternions * signs[:, None]).astype(np.float32)
