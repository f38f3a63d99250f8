"""A take as 3D programs know it: pieces of a mesh, morph targets, joints, keys in time, and cameras.

World space: metres, Y up, Z towards the viewer, as in glTF. Shapes go before joints: a vertex is its rest
position plus weighted deltas, then moved by its joints (`avgen.exports.rig`).

A take whose camera shows the body has the whole figure, any other the bust, as its video was drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.body import Body
from avgen.avatars.mesh.lighting import vertex_normals
from avgen.errors import InputError
from avgen.exports import Material
from avgen.exports.bake import Baked, HairBake, bake_surface
from avgen.exports.bake_body import BakedBody, bake_body
from avgen.exports.rig import RIGID, Motion, Rig, make_motion, make_rig
from avgen.types import FloatArray

FACE: Final = "face"
"""The piece that morph targets move."""
SURFACE, HAIR, BODY = "surface", "hair", "body"
"""Names of the pictures, and of the materials that show them."""
LEAST_NORMAL: Final = np.float32(1e-3)
VIEWER: Final = np.array([0, 0, 1], np.float32)
BAKED_FRAMES: Final = 16
"""Moments of a take whose mean colour the surface gets."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the mesh with vertices of its own, one for each place in the picture.

    Attributes:
        name: of the piece.
        picture: SURFACE, HAIR or BODY.
        points: [v, 3] at rest.
        normals: [v, 3] outwards, at rest.
        uv: [v, 2] in its picture, 0 to 1 from the top left corner.
        faces: [f, 3] counter-clockwise from outside.
        joints: [v, K] indices of the joints that move it, two or four.
        shares: [v, K] of their motion; they sum to 1.
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

    @property
    def tracks(self) -> tuple[str, ...]:
        """Those that move it."""
        return (*self.avatar.tracks, *self.avatar.optional_tracks)

    @cached_property
    def rig(self) -> Rig:
        """Its joints."""
        return make_rig(self.avatar)

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
        fps = self.material.config.fps
        times = np.arange(self.codes.num_pictures(fps) + 1) / fps
        return make_motion(self.avatar, self.rig, times, self.codes.at(times, self.tracks))

    @cached_property
    def hair(self) -> Baked:
        """The hair's picture."""
        return HairBake.of(self.avatar.hair).bake()

    @cached_property
    def pictures(self) -> Mapping[str, NDArray[np.uint8]]:
        """Pictures by name: SURFACE and BODY [h, w, 3]; HAIR [h, w, 4] with straight colour and opacity."""
        camera = self.material.view.camera(*self.size)
        pictures = {SURFACE: bake_surface(self.avatar, self._moments, camera), HAIR: self.hair.picture}
        return pictures | ({BODY: self.baked_body.picture} if self.baked_body else {})

    @cached_property
    def _moments(self) -> Posed:
        """The avatar at the moments of the take that make its colours."""
        times = (np.arange(BAKED_FRAMES) + 0.5) * self.codes.duration / BAKED_FRAMES
        return self.avatar.pose_tracks(self.codes.at(times, self.tracks))

    @cached_property
    def baked_body(self) -> BakedBody | None:
        """The body's picture, if there is a body."""
        if self.avatar.body is None:
            return None
        camera = self.material.view.camera(*self.size)
        return bake_body(self.avatar, self.avatar.body, self._moments, camera)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Face (skin and tongue), eyes, teeth, shirt or body, and hair."""
        starts = self.avatar.mesh.starts
        names = ((FACE, 0, 2), *((name, 2 + k, 3 + k) for k, name in enumerate(RIGID)))
        blocks = [self._block(name, starts[first], starts[last]) for name, first, last in names]
        body, baked = self.avatar.body, self.baked_body
        below = _body_piece(body, baked) if body and baked else self._block("shirt", *starts[6:8])
        return (*blocks, below, self._hair_piece())

    def _block(self, name: str, first: int, last: int) -> Piece:
        """Piece of the mesh's vertices from first to before last."""
        mesh, body = self.avatar.mesh, self.avatar.body
        inside = ((mesh.faces >= first) & (mesh.faces < last)).all(1)
        if body is not None:
            inside &= body.bust
        faces, uv, source = _split(mesh.faces[inside], mesh.uv[inside])
        joints, shares = self._neck_shares() if name == FACE else self._fixed(name, last)
        return Piece(
            name,
            SURFACE,
            mesh.rest[source],
            self._normals[source],
            _normalised(uv, self.avatar.texture.texels),
            faces,
            joints[source],
            shares[source],
            self.avatar.deltas[:, source] if name == FACE else _no_deltas(len(source)),
        )

    @cached_property
    def _normals(self) -> FloatArray:
        """Unit normals [V, 3] of the mesh at rest."""
        return _unit_normals(self.avatar.mesh.rest, self.avatar.mesh.faces)

    def _neck_shares(self) -> tuple[NDArray[np.uint8], FloatArray]:
        """Joints and shares [M, 2] of skin and tongue: of the three about the neck, the two nearest."""
        turn = 2 * self.avatar.mesh.head_weight
        lower = np.minimum(turn.astype(np.uint8), 1)
        upper = turn - lower
        chain = np.array([self.rig.torso, self.rig.neck, self.rig.head])
        joints = chain[np.stack([lower, lower + 1], 1)]
        shares = np.stack([1 - upper, upper], 1).astype(np.float32)
        return np.where(shares > 0, joints, 0).astype(np.uint8), shares

    def _hair_piece(self) -> Piece:
        """The hair's hull, whose triangles are clockwise from outside in the avatar's file."""
        hair = self.avatar.hair
        faces, uv, source = _split(hair.faces[:, ::-1], self.hair.uv[:, ::-1])
        joints, shares = self._fixed("head", len(hair.vertices))
        return Piece(
            HAIR,
            HAIR,
            hair.vertices[source],
            hair.normals[source],
            _normalised(uv, self.hair.picture),
            faces,
            joints[source],
            shares[source],
            _no_deltas(len(source)),
        )

    def _fixed(self, name: str, count: int) -> tuple[NDArray[np.uint8], FloatArray]:
        """Joints and shares [count, 2] of what follows the joint of its name, or else the torso."""
        joints = np.zeros((count, 2), np.uint8)
        joints[:, 0] = self.rig.names.index(name) if name in self.rig.names else self.rig.torso
        return joints, np.tile(np.array([1, 0], np.float32), (count, 1))


def _body_piece(body: Body, baked: BakedBody) -> Piece:
    """Hands and clothes."""
    return Piece(
        BODY,
        BODY,
        body.points,
        _unit_normals(body.points, body.faces),
        _normalised(baked.uv, baked.picture),
        body.faces,
        np.where(body.weights > 0, body.bones, 0).astype(np.uint8),
        body.weights,
        _no_deltas(len(body.points)),
    )


def _unit_normals(points: FloatArray, faces: NDArray[np.int32]) -> FloatArray:
    """Unit normals [V, 3] of points [V, 3]; where triangles have no area, towards the viewer."""
    normals = np.empty_like(points)
    vertex_normals(points * np.float32(1000), faces, normals)  # their areas are tiny in metres
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > LEAST_NORMAL, normals / np.maximum(length, LEAST_NORMAL), VIEWER)


def _no_deltas(count: int) -> FloatArray:
    """Deltas [0, count, 3] of vertices that no shape moves."""
    return np.zeros((0, count, 3), np.float32)


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
