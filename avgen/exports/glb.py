"""A take as binary glTF 2.0: mesh, pictures, morph targets, joints, animation and cameras in one file.

Of a figure the joints are the bones of `avgen.body.standards.GLTF_JOINTS`, then eyes and teeth. All turn; the
root moves, too, and neck and head a little, since the head turns about a pivot between them.

Colours are final: the light is in the pictures (see `avgen.exports.bake` for what that loses), and the
materials ask not to be lit (KHR_materials_unlit). The sound is not part of glTF.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import avgen
from avgen.avatars.camera import Camera
from avgen.exports import Material, synthetic
from avgen.exports.rig import Motion
from avgen.exports.scene import FACE, HAIR, Piece, Stage
from avgen.media.png import encode_png

Json = dict[str, Any]

FLOAT, UINT8, UINT16, UINT32 = 5126, 5121, 5123, 5125
VERTICES, INDICES = 34962, 34963
"""What a part of the buffer is for."""
LINEAR_MIPMAP, LINEAR, CLAMP = 9987, 9729, 33071
UNLIT: Final = "KHR_materials_unlit"
INFLUENCES: Final = 4
"""Joints that a vertex names."""
NEAREST_DEPTH: Final = 0.01
"""Metres from a camera to what it shows first."""
_COMPONENTS: Final = {"f": FLOAT, "B": UINT8, "H": UINT16, "I": UINT32}
_TYPES: Final = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


def write_glb(material: Material, path: Path) -> None:
    """Write a take as .glb.

    Raises:
        InputError: if the actor's avatar is no textured mesh.
    """
    path.write_bytes(_Document(Stage(material, "glb")).to_bytes())


@dataclass(slots=True)
class _Buffer:
    """The binary part as it grows, and what describes it.

    Attributes:
        parts: bytes, each a whole number of four.
        views: of the parts.
        accessors: to what the parts hold.
    """

    parts: list[bytes] = field(default_factory=list)
    views: list[Json] = field(default_factory=list)
    accessors: list[Json] = field(default_factory=list)
    length: int = 0

    def add_bytes(self, data: bytes, **about: Any) -> int:
        """Add a part; returns its view."""
        self.views.append({"buffer": 0, "byteOffset": self.length, "byteLength": len(data), **about})
        padded = data + bytes(-len(data) % 4)
        self.parts.append(padded)
        self.length += len(padded)
        return len(self.views) - 1

    def add(self, values: NDArray[Any], width: int, **about: Any) -> int:
        """Add elements of some width; returns their accessor."""
        rows = np.ascontiguousarray(values).reshape(-1, width)
        accessor: Json = {
            "bufferView": self.add_bytes(rows.astype(rows.dtype.newbyteorder("<")).tobytes(), **about),
            "componentType": _COMPONENTS[rows.dtype.char],
            "count": len(rows),
            "type": _TYPES[width],
        }
        if accessor["componentType"] == FLOAT:
            accessor |= {"min": rows.min(0).tolist(), "max": rows.max(0).tolist()}
        self.accessors.append(accessor)
        return len(self.accessors) - 1


class _Document:
    """Puts the file together. Nodes: the joints, then the pieces, then the cameras."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.buffer = _Buffer()

    def to_bytes(self) -> bytes:
        """Header, JSON and the binary part."""
        text = json.dumps(self._json(), separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        binary = b"".join(self.buffer.parts)
        total = 12 + 8 + len(text) + 8 + len(binary)
        return b"".join(
            [
                struct.pack("<4sII", b"glTF", 2, total),
                *(struct.pack("<I4s", len(text), b"JSON"), text),
                *(struct.pack("<I4s", len(binary), b"BIN\0"), binary),
            ]
        )

    def _json(self) -> Json:
        """The description; fills the buffer."""
        stage, buffer = self.stage, self.buffer
        pieces, cameras = stage.pieces, stage.cameras
        pictures = [
            {"bufferView": buffer.add_bytes(encode_png(pixels)), "mimeType": "image/png", "name": name}
            for name, pixels in stage.pictures.items()
        ]
        nodes = self._nodes()
        roots = [0, *range(len(stage.rig.names), len(nodes))]
        return {
            "asset": self._asset(),
            "extensionsUsed": [UNLIT],
            "scene": 0,
            "scenes": [{"name": stage.material.name, "nodes": roots}],
            "nodes": nodes,
            "meshes": [self._mesh(piece) for piece in pieces],
            "skins": [self._skin()],
            "cameras": [_camera(name, camera, *stage.size) for name, camera in cameras.items()],
            "animations": [self._animation(stage.motion)],
            "materials": [_material(n, name) for n, name in enumerate(stage.pictures)],
            "textures": [{"sampler": 0, "source": n} for n in range(len(pictures))],
            "samplers": [{"magFilter": LINEAR, "minFilter": LINEAR_MIPMAP, "wrapS": CLAMP, "wrapT": CLAMP}],
            "images": pictures,
            "accessors": buffer.accessors,
            "bufferViews": buffer.views,
            "buffers": [{"byteLength": buffer.length}],
        }

    def _asset(self) -> Json:
        material = self.stage.material
        actor = material.actor
        return {
            "version": "2.0",
            "generator": f"avgen {avgen.__version__}",
            "copyright": f"{actor.title}: {actor.licence}",
            "extras": {"about": f"{synthetic(material.recorded)}.", "consent": actor.consent},
        }

    def _nodes(self) -> list[Json]:
        """Joints at rest, then pieces, then cameras."""
        rig = self.stage.rig
        nodes: list[Json] = []
        for joint, (name, place) in enumerate(zip(rig.names, rig.offsets.tolist(), strict=True)):
            children = [child for child, above in enumerate(rig.parents) if above == joint]
            nodes.append({"name": name, "translation": place})
            if children:
                nodes[-1]["children"] = children
        for n, piece in enumerate(self.stage.pieces):
            nodes.append({"name": f"{piece.name}_mesh", "mesh": n, "skin": 0})
        for n, (name, camera) in enumerate(self.stage.cameras.items()):
            nodes.append({"name": f"camera_{name}", "camera": n, "matrix": _placed(camera)})
        return nodes

    def _mesh(self, piece: Piece) -> Json:
        buffer, pad = self.buffer, ((0, 0), (0, INFLUENCES - piece.joints.shape[1]))
        vertices = {"target": VERTICES}
        attributes = {
            "POSITION": buffer.add(piece.points, 3, **vertices),
            "NORMAL": buffer.add(piece.normals, 3, **vertices),
            "TEXCOORD_0": buffer.add(piece.uv, 2, **vertices),
            "JOINTS_0": buffer.add(np.pad(piece.joints, pad), 4, **vertices),
            "WEIGHTS_0": buffer.add(np.pad(piece.shares, pad), 4, **vertices),
        }
        indices = buffer.add(piece.faces.astype(np.uint32), 1, target=INDICES)
        primitive: Json = {"attributes": attributes, "indices": indices}
        primitive["material"] = list(self.stage.pictures).index(piece.picture)
        mesh: Json = {"name": piece.name, "primitives": [primitive]}
        if len(piece.deltas):
            primitive["targets"] = [{"POSITION": buffer.add(delta, 3, **vertices)} for delta in piece.deltas]
            mesh["weights"] = [0.0] * len(piece.deltas)
            mesh["extras"] = {"targetNames": list(self.stage.units)}
        return mesh

    def _skin(self) -> Json:
        rest = self.stage.rig.rest
        inverse = np.tile(np.eye(4, dtype=np.float32), (len(rest), 1, 1))
        inverse[:, 3, :3] = -rest  # glTF stores columns one after another
        return {
            "name": "skeleton",
            "skeleton": 0,
            "joints": list(range(len(rest))),
            "inverseBindMatrices": self.buffer.add(inverse, 16),
        }

    def _animation(self, motion: Motion) -> Json:
        """Weights, and what moves of the joints; all share one list of times."""
        rig = self.stage.rig
        times = self.buffer.add(motion.times.astype(np.float32), 1)
        face = next(n for n, piece in enumerate(self.stage.pieces) if piece.name == FACE)
        curves = [(len(rig.names) + face, "weights", self.buffer.add(motion.weights, 1))]
        for joint in range(len(rig.names)):
            turns = np.roll(motion.rotations[:, joint], -1, axis=1)
            if joint in rig.sliding:
                curves.append((joint, "translation", self.buffer.add(motion.translations[:, joint], 3)))
            curves.append((joint, "rotation", self.buffer.add(turns, 4)))
        return {
            "name": self.stage.material.name,
            "samplers": [
                {"input": times, "interpolation": "LINEAR", "output": output} for _, _, output in curves
            ],
            "channels": [
                {"sampler": n, "target": {"node": node, "path": path}}
                for n, (node, path, _) in enumerate(curves)
            ],
        }


def _material(picture: int, name: str) -> Json:
    """Material of a picture; to programs that light everything it is without gloss."""
    flat = {"baseColorTexture": {"index": picture}, "metallicFactor": 0, "roughnessFactor": 1}
    material: Json = {"name": name, "pbrMetallicRoughness": flat, "extensions": {UNLIT: {}}}
    return material | ({"alphaMode": "BLEND"} if name == HAIR else {})


def _camera(name: str, camera: Camera, width: int, height: int) -> Json:
    tangent = height / (2 * camera.pixels_per_tangent(width, height))
    lens = {"yfov": 2 * math.atan(tangent), "aspectRatio": width / height, "znear": NEAREST_DEPTH}
    return {"name": name, "type": "perspective", "perspective": lens}


def _placed(camera: Camera) -> list[float]:
    """Matrix of a camera's node, column by column: it looks along -Z."""
    right, up, forward = camera.axes
    rows = [(*right, 0), (*up, 0), (*-forward, 0), (*camera.position, 1)]
    return [float(value) for row in rows for value in row]
