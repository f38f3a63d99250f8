"""The textured mesh at run time: face codes and head poses -> posed mesh, plus what its renderers need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.base import Avatar, Renderer
from avgen.avatars.mesh.body import Body, PosedBody, swayed
from avgen.avatars.mesh.codec import FaceCodec
from avgen.avatars.mesh.layout import check_layout
from avgen.avatars.mesh.residual_colour import ResidualColour
from avgen.avatars.mesh.skinning import SHOULDER_FOLLOW, HeadTurn, RigidParts
from avgen.avatars.mesh.storage import read_tensors
from avgen.avatars.mesh.strengths import restyle
from avgen.avatars.views import View
from avgen.background import Background
from avgen.errors import ActorError
from avgen.style import Style
from avgen.tracks import Codes, Track
from avgen.types import FloatArray

BODY_TRACKS: Final = ("body", "hands")


@dataclass(frozen=True, slots=True)
class Mesh:
    """Opaque triangles. World space: metres, Y up, Z towards the viewer.

    Vertices come in the order skin, tongue, left eye, right eye, upper teeth, lower teeth, shirt.

    Attributes:
        rest: [V, 3] neutral positions.
        faces: [F, 3] vertex indices, counter-clockwise from outside.
        uv: [F, 3, 2] texture coordinates of the corners, in texels.
        part: [F] index of each triangle's part.
        starts: [8] first vertex of every block, and V.
        head_weight: [M] share of the head's motion, of the M vertices of skin and tongue.
        pivot: [3] point about which the head turns.
    """

    rest: FloatArray
    faces: NDArray[np.int32]
    uv: FloatArray
    part: NDArray[np.uint8]
    starts: tuple[int, ...]
    head_weight: FloatArray
    pivot: FloatArray


@dataclass(frozen=True, slots=True)
class Texture:
    """Colour of a surface point = base + sum over light terms of term x texture, in 0..255 display values.

    Attributes:
        texels: [h, w, 3 * (1 + NUM_TERMS)] int16; base, then one triple per term.
        scale: [1 + NUM_TERMS] value of one step of each.
    """

    texels: NDArray[np.int16]
    scale: FloatArray


@dataclass(frozen=True, slots=True)
class HairViews:
    """Pictures of the hair taken by a camera at one azimuth, on a grid of views.

    Attributes:
        azimuth: of the camera, degrees to the viewer's right: where the light falls from.
        yaws: [y] degrees at which the head is seen, ascending.
        pitches: [p] likewise.
        pictures: [p, y] indices into `Hair.pictures`.
    """

    azimuth: float
    yaws: FloatArray
    pitches: FloatArray
    pictures: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hair:
    """Hull around the hair that shows pictures of it taken from many views.

    Attributes:
        vertices: [X, 3] at rest, fixed to the head.
        faces: [G, 3].
        normals: [X, 3] outwards.
        depth: [X] metres below the hull, along the normal, where the visible strands lie.
        pictures: [Q, h, w, 4] uint8, premultiplied colour and coverage.
        cameras: [Q, 3, 4] points of the head at rest (homogeneous) to texels (homogeneous) of every picture.
        seen: [Q, X] how well every vertex is seen in every picture (0..1).
        views: [Q, 3] azimuth of the camera, yaw and pitch at which the head is seen; degrees.
    """

    vertices: FloatArray
    faces: NDArray[np.int32]
    normals: FloatArray
    depth: FloatArray
    pictures: NDArray[np.uint8]
    cameras: FloatArray
    seen: FloatArray
    views: FloatArray

    def banks(self) -> list[HairViews]:
        """The pictures by the camera's azimuth, ascending; each bank's views form a complete grid."""
        out = []
        for azimuth in np.unique(self.views[:, 0]):
            members = np.flatnonzero(self.views[:, 0] == azimuth)
            yaws, pitches = (np.unique(self.views[members, k]) for k in (1, 2))
            order = np.lexsort((self.views[members, 1], self.views[members, 2]))
            grid = members[order].reshape(len(pitches), len(yaws))
            out.append(HairViews(float(azimuth), yaws, pitches, grid))
        return out


@dataclass(frozen=True, slots=True)
class Lights:
    """The fixed studio lights.

    Attributes:
        samples: [n, 8] position, direction it faces, power, group (0 key, 1 fill, 2 rim, 3 low).
        key: [4, 3] centre, normal, x axis, y axis of the square key light.
        key_half: half of its side, metres.
    """

    samples: FloatArray
    key: FloatArray
    key_half: float


@dataclass(frozen=True, slots=True)
class Posed:
    """A chunk of T posed frames.

    Attributes:
        vertices: [T, V, 3] of the opaque mesh.
        eyes: [T, 2, 4, 3] per eye: ball centre, cornea centre, axis, and (ball radius, cornea radius,
            cosine of the limbus).
        turn: head poses, for parts that are fixed to the head.
        opening: [T] widest lip distance, metres.
        weights: [T, U] unit weights.
        body: of an avatar that has one; its chest has then carried all the others.
    """

    vertices: FloatArray
    eyes: FloatArray
    turn: HeadTurn
    opening: FloatArray
    weights: FloatArray
    body: PosedBody | None = None

    def carried(self, rotation: FloatArray, shift: FloatArray, body: PosedBody) -> Posed:
        """The same on a chest that has moved by rotations [T, 3, 3] and shifts [T, 3].

        Args:
            rotation: of the chest.
            shift: of what it carries: a point p goes to rotation @ p + shift.
            body: whose chest.
        """
        back, turn = np.swapaxes(rotation, 1, 2), self.turn
        vertices = self.vertices @ back + shift[:, None]
        eyes = self.eyes.copy()
        eyes[..., :2, :] = eyes[..., :2, :] @ back[:, None] + shift[:, None, None]
        eyes[..., 2, :] = eyes[..., 2, :] @ back
        pivot = np.einsum("tij,tj->ti", rotation, turn.pivot + turn.shifts) + shift
        moved = HeadTurn.from_matrices(rotation @ turn.matrices, pivot - turn.pivot, turn.pivot)
        return replace(self, vertices=vertices, eyes=eyes, turn=moved, body=body)


@dataclass(frozen=True, eq=False)
class TexturedMesh(Avatar):
    """A textured mesh driven by face units, with view-dependent hair.

    Attributes:
        codec: face codes <-> unit weights.
        mesh: opaque triangles.
        deltas: [U, M, 3] displacement of skin and tongue per unit, metres.
        rigid: eyeballs and tooth rows.
        eyes: [2, 4, 3] eye spheres at rest, as in `Posed`.
        texture: of the mesh.
        residual_colour: change of its colour with face, head and view.
        hair: hull and pictures.
        lights: of the studio.
        parts: names of the mesh's parts.
        body: below the neck, in place of the shirt; None for a bust.
    """

    codec: FaceCodec
    mesh: Mesh
    deltas: FloatArray
    rigid: RigidParts
    eyes: FloatArray
    texture: Texture
    residual_colour: ResidualColour
    hair: Hair
    lights: Lights
    parts: tuple[str, ...]
    body: Body | None = None
    tracks: ClassVar[tuple[str, ...]] = ("face", "head")

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> TexturedMesh:
        """Read an avatar file.

        Args:
            config: unused; an avatar describes itself.
            file: as written by `write_tensors`, with what scripts/mira/fit_avatar.py puts together.

        Raises:
            ActorError: the file is damaged, or its tensors are not those of an avatar.
        """
        del config
        tensors, metadata = read_tensors(file)
        units, parts = (tuple(metadata.get(key, "").split()) for key in ("units", "parts"))
        try:
            check_layout(tensors, units, parts)
        except ActorError as error:
            raise ActorError(f"{file}: {error}") from None
        return cls.from_tensors(tensors, units, parts)

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, NDArray[Any]], units: tuple[str, ...], parts: tuple[str, ...]
    ) -> TexturedMesh:
        """Avatar of the named tensors of its file; textures are in whole steps there."""

        def value(name: str) -> FloatArray:
            return np.ascontiguousarray(tensors[name], np.float32)

        mesh = Mesh(
            value("mesh.rest"),
            np.ascontiguousarray(tensors["mesh.faces"], np.int32),
            value("mesh.uv"),
            np.ascontiguousarray(tensors["mesh.part"], np.uint8),
            tuple(int(x) for x in tensors["mesh.starts"]),
            value("mesh.head_weight"),
            value("mesh.pivot"),
        )
        hair = Hair(
            value("hair.vertices"),
            np.ascontiguousarray(tensors["hair.faces"], np.int32),
            value("hair.normals"),
            value("hair.depth"),
            np.ascontiguousarray(tensors["hair.pictures"], np.uint8),
            value("hair.cameras"),
            value("hair.seen"),
            value("hair.views"),
        )
        base, light = tensors["texture.base"], tensors["texture.light"]
        texture = Texture(
            np.concatenate([base.astype(np.int16), light.astype(np.int16)], -1), value("texture.scale")
        )
        return cls(
            FaceCodec.from_tensors(tensors, units),
            mesh,
            value("blend.deltas"),
            RigidParts(value("rigid.cross"), value("rigid.centre")),
            value("eyes.frames"),
            texture,
            ResidualColour.from_tensors(tensors),
            hair,
            Lights(value("light.samples"), value("light.key"), float(tensors["light.key_half"][0])),
            parts,
        )

    def make_renderer(
        self, device: str, view: View, size: tuple[int, int], background: Background
    ) -> Renderer:
        """Make a renderer; arguments as in `renderer`."""
        camera = view.camera(*size)
        if device == "cpu":
            from avgen.avatars.mesh.cpu import NumbaRenderer

            return NumbaRenderer(self, camera, size, background)
        from avgen.avatars.mesh.cuda import TorchRenderer

        return TorchRenderer(self, camera, size, background, device)

    @property
    def optional_tracks(self) -> tuple[str, ...]:
        """Those of the body, if there is one."""
        return BODY_TRACKS if self.body else ()

    def embodied(self, body: Body) -> TexturedMesh:
        """Return this avatar with a body below its neck.

        Raises:
            ActorError: if the body was made for another avatar.
        """
        if len(body.bust) != len(self.mesh.faces):
            raise ActorError(
                f"the body belongs to an avatar of {len(body.bust)} triangles, this one has "
                f"{len(self.mesh.faces)}. Make it anew for this avatar, or leave it out of actor.yaml."
            )
        return replace(self, body=body)

    def settle(self, codes: Codes) -> Codes:
        """Return a clip's codes with open eyes where it starts and ends, and a body that at least stands."""
        times = (np.arange(len(codes)) + 0.5) / codes.rate
        face = self.codec.open_eyes(codes["face"], np.minimum(times, codes.duration - times))
        tracks = {**codes.tracks, "face": replace(codes.tracks["face"], values=face)}
        if self.body:
            for name, values in zip(BODY_TRACKS, self.body.resting, strict=True):
                tracks.setdefault(name, Track(np.tile(values, (len(codes), 1))))
        return replace(codes, tracks=tracks)

    def restyle(self, codes: Codes, style: Style) -> Codes:
        """Return codes in which parts of the face move more or less."""
        face = restyle(self.codec, codes["face"], style)
        return replace(codes, tracks={**codes.tracks, "face": replace(codes.tracks["face"], values=face)})

    def part(self, name: str) -> int:
        """Index of a named part."""
        return self.parts.index(name)

    def pose_tracks(self, tracks: Mapping[str, FloatArray]) -> Posed:
        """Pose the tracks `face` [T, C] and `head` [T, 7]; a body by `body` [T, 30] and `hands` [T, 32]."""
        if self.body is None:
            return self.pose(tracks["face"], tracks["head"])
        weights = self.codec.unit_weights(tracks["face"])
        return self.pose_figure(self.body, weights, tracks["head"], tracks["body"], tracks["hands"])

    def pose_figure(
        self, figure: Body, weights: FloatArray, head: FloatArray, body: FloatArray, hands: FloatArray
    ) -> Posed:
        """Pose a body, and the head on it under unit weights [T, U], contact already solved.

        The head's turn is one in the room, so that the gaze stays where it is while the trunk moves.
        """
        posed_body = figure.pose(swayed(body, head), hands)
        chest, shift = figure.chest(posed_body)
        turn = HeadTurn.from_poses_on(chest, head, self.mesh.pivot)
        follow = np.einsum("tij,tj->ti", chest, SHOULDER_FOLLOW * head[:, 4:])
        return self._pose(weights, turn).carried(chest, shift - follow, posed_body)

    def pose(self, face: FloatArray, head: FloatArray) -> Posed:
        """Pose the head.

        Args:
            face: [T, C] face codes.
            head: [T, 7] unit quaternion (w, x, y, z) and translation in metres.
        """
        return self.pose_weights(self.codec.unit_weights(face), head)

    def pose_weights(self, weights: FloatArray, head: FloatArray) -> Posed:
        """Pose the head under unit weights [T, U], contact already solved."""
        return self._pose(weights, HeadTurn.from_poses(head, self.mesh.pivot))

    def _pose(self, weights: FloatArray, turn: HeadTurn) -> Posed:
        starts, num_frames = self.mesh.starts, len(weights)
        vertices = np.empty((num_frames, len(self.mesh.rest), 3), np.float32)
        blended = len(self.mesh.head_weight)
        moved = weights @ self.deltas.reshape(len(self.deltas), -1)
        face = self.mesh.rest[:blended] + moved.reshape(num_frames, blended, 3)
        vertices[:, :blended] = turn.skin(face, self.mesh.head_weight)
        rotation, shift = self.rigid.motions(weights)
        for k in range(rotation.shape[1]):
            block = slice(starts[2 + k], starts[3 + k])
            placed = self.mesh.rest[block] @ np.swapaxes(rotation[:, k], 1, 2) + shift[:, k, None]
            vertices[:, block] = turn.move(placed)
        vertices[:, starts[6] :] = self.mesh.rest[starts[6] :] + SHOULDER_FOLLOW * turn.shifts[:, None]
        opening = np.maximum(self.codec.lips.gaps(weights).max(-1), 0)
        eyes = self._eyes(rotation, shift, turn)
        return Posed(vertices, eyes, turn, opening.astype(np.float32), np.asarray(weights, np.float32))

    def _eyes(self, rotation: FloatArray, shift: FloatArray, turn: HeadTurn) -> FloatArray:
        """Eye spheres [T, 2, 4, 3] that follow the eyeballs (rigid parts 0 and 1)."""
        out = np.tile(self.eyes, (len(rotation), 1, 1, 1))
        for k in range(2):
            spheres = self.eyes[k, :2] @ np.swapaxes(rotation[:, k], 1, 2) + shift[:, k, None]
            out[:, k, :2] = turn.move(spheres)
            axis = np.einsum("tij,j->ti", rotation[:, k], self.eyes[k, 2])
            out[:, k, 2] = np.einsum("tij,tj->ti", turn.matrices, axis)
        return out
