from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.errors import InputError
from avgen.exports import Material, write_export
from avgen.media.png import encode_png
from tests.performances import FPS, material_of, mira, moving_codes

DTYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass
class Glb:
    """Reads a file back, knowing nothing of how it was made."""

    data: bytes

    @cached_property
    def json(self) -> dict[str, Any]:
        (length,) = struct.unpack_from("<I", self.data, 12)
        return json.loads(self.data[20 : 20 + length])

    @cached_property
    def binary(self) -> bytes:
        (length,) = struct.unpack_from("<I", self.data, 12)
        return self.data[28 + length :]

    def array(self, accessor: int) -> np.ndarray:
        about = self.json["accessors"][accessor]
        dtype, width = DTYPES[about["componentType"]], WIDTHS[about["type"]]
        start = self.json["bufferViews"][about["bufferView"]]["byteOffset"]
        return np.frombuffer(self.binary, dtype, about["count"] * width, start).reshape(-1, width)

    def node(self, name: str) -> int:
        return [node["name"] for node in self.json["nodes"]].index(name)

    def curves(self) -> dict[tuple[int, str], np.ndarray]:
        """Keys [T, K] by node and path."""
        (animation,) = self.json["animations"]
        times = self.times
        found = {}
        for channel in animation["channels"]:
            values = self.array(animation["samplers"][channel["sampler"]]["output"])
            target = channel["target"]
            found[target["node"], target["path"]] = values.reshape(len(times), -1)
        return found

    @property
    def times(self) -> np.ndarray:
        (animation,) = self.json["animations"]
        (accessor,) = {sampler["input"] for sampler in animation["samplers"]}
        return self.array(accessor)[:, 0]

    def joint_matrices(self, key: int) -> np.ndarray:
        """Matrices [joints, 4, 4] that move points at rest."""
        nodes, curves = self.json["nodes"], self.curves()
        parents = {child: n for n, node in enumerate(nodes) for child in node.get("children", ())}

        def world(node: int) -> np.ndarray:
            matrix = np.eye(4)
            x, y, z, w = curves[node, "rotation"][key].astype(float)
            matrix[:3, :3] = [
                [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
            ]
            matrix[:3, 3] = curves[node, "translation"][key]
            return world(parents[node]) @ matrix if node in parents else matrix

        (skin,) = self.json["skins"]
        inverse = self.array(skin["inverseBindMatrices"]).reshape(-1, 4, 4).swapaxes(1, 2)
        return np.stack([world(joint) for joint in skin["joints"]]) @ inverse

    def posed(self, mesh: dict[str, Any], key: int) -> tuple[np.ndarray, np.ndarray]:
        """Vertices [v, 3] of a mesh at rest and at a key: shapes, then joints."""
        (primitive,) = mesh["primitives"]
        points = rest = self.array(primitive["attributes"]["POSITION"]).astype(float)
        if "targets" in primitive:
            weights = self.curves()[self.node("face_mesh"), "weights"][key]
            deltas = np.stack([self.array(target["POSITION"]) for target in primitive["targets"]])
            points = rest + np.einsum("u,uvd->vd", weights, deltas)
        moves = self.joint_matrices(key)[self.array(primitive["attributes"]["JOINTS_0"])]
        shares = self.array(primitive["attributes"]["WEIGHTS_0"])
        assert shares.sum(1) == pytest.approx(1)
        move = np.einsum("vk,vkij->vij", shares, moves)
        return rest, np.einsum("vij,vj->vi", move[:, :3, :3], points) + move[:, :3, 3]


@pytest.fixture(scope="module")
def avatar() -> TexturedMesh:
    return mira()


@pytest.fixture(scope="module")
def material(avatar: TexturedMesh) -> Material:
    return material_of(lambda: avatar, moving_codes(avatar.codec.size))


@pytest.fixture(scope="module")
def glb(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Glb:
    path = tmp_path_factory.mktemp("glb") / "hello.glb"
    write_export("glb", material, path)
    return Glb(path.read_bytes())


def test_header_and_chunks_fit_the_file(glb: Glb) -> None:
    magic, version, length = struct.unpack_from("<4sII", glb.data)
    assert (magic, version, length) == (b"glTF", 2, len(glb.data))
    size, kind = struct.unpack_from("<I4s", glb.data, 12)
    assert kind == b"JSON"
    rest, kind = struct.unpack_from("<I4s", glb.data, 20 + size)
    assert (kind, 28 + size + rest) == (b"BIN\0", len(glb.data))
    assert size % 4 == rest % 4 == 0


def test_accessors_lie_in_the_buffer_and_know_their_bounds(glb: Glb) -> None:
    assert glb.json["buffers"] == [{"byteLength": len(glb.binary)}]
    for n, about in enumerate(glb.json["accessors"]):
        values = glb.array(n)
        view = glb.json["bufferViews"][about["bufferView"]]
        assert values.nbytes == view["byteLength"]
        assert view["byteOffset"] % 4 == 0
        if "min" in about:
            assert (values.min(0) == about["min"]).all()
            assert (values.max(0) == about["max"]).all()


def test_triangles_use_vertices_that_exist_and_all_of_the_mesh_is_there(
    glb: Glb, avatar: TexturedMesh
) -> None:
    count = 0
    for mesh in glb.json["meshes"]:
        (primitive,) = mesh["primitives"]
        indices = glb.array(primitive["indices"])
        vertices = {glb.json["accessors"][n]["count"] for n in primitive["attributes"].values()}
        assert vertices == {indices.max() + 1}
        count += len(indices) // 3
    assert count == len(avatar.mesh.faces) + len(avatar.hair.faces)


def test_morph_targets_are_named_after_the_face_units(glb: Glb, avatar: TexturedMesh) -> None:
    (face,) = [mesh for mesh in glb.json["meshes"] if "targets" in mesh["primitives"][0]]
    assert face["extras"]["targetNames"] == list(avatar.codec.units)
    assert len(face["primitives"][0]["targets"]) == len(face["weights"]) == len(avatar.codec.units)


def test_animation_lasts_as_long_as_the_video_with_a_key_a_picture(glb: Glb, material: Material) -> None:
    frames = material.codes.num_pictures(FPS)
    assert glb.times == pytest.approx(np.arange(frames + 1) / FPS)


@pytest.mark.parametrize("key", [0, 7, 20])
def test_weights_are_the_unit_weights_at_their_time(
    glb: Glb, material: Material, avatar: TexturedMesh, key: int
) -> None:
    weights = glb.curves()[glb.node("face_mesh"), "weights"][key]
    tracks = avatar.settle(material.codes).at(np.array([key / FPS]), ("face",))
    assert weights == pytest.approx(avatar.codec.unit_weights(tracks["face"])[0], abs=1e-6)
    assert weights.max() > 0.1


@pytest.mark.parametrize("key", [0, 7, 20])
def test_shapes_and_joints_put_every_vertex_within_a_millimetre_of_where_the_avatar_does(
    glb: Glb, material: Material, avatar: TexturedMesh, key: int
) -> None:
    tracks = avatar.settle(material.codes).at(np.array([key / FPS]), ("face", "head"))
    posed = avatar.pose(tracks["face"], tracks["head"])
    expected = {
        tuple(rest): place for rest, place in zip(avatar.mesh.rest, posed.vertices[0], strict=True)
    } | {
        tuple(rest): place
        for rest, place in zip(avatar.hair.vertices, posed.turn.move(avatar.hair.vertices)[0], strict=True)
    }
    farthest = 0.0
    for mesh in glb.json["meshes"]:
        rest, found = glb.posed(mesh, key)
        wanted = np.stack([expected[tuple(point)] for point in rest.astype(np.float32)])
        farthest = max(farthest, float(np.linalg.norm(found - wanted, axis=1).max()))
    moved = np.linalg.norm(posed.vertices[0] - avatar.mesh.rest, axis=1).max()
    assert farthest < 1e-3 < moved


def test_cameras_see_what_the_videos_do(glb: Glb, material: Material) -> None:
    width, height = material.config.width, material.config.height
    point = np.array([[0.05, 0.6, 0.1]], np.float32)
    for name, view in material.actor.cameras.items():
        node = glb.json["nodes"][glb.node(f"camera_{name}")]
        lens = glb.json["cameras"][node["camera"]]["perspective"]
        matrix = np.reshape(node["matrix"], (4, 4)).T
        x, y, z, _ = np.linalg.inv(matrix) @ [*point[0], 1]
        scale = height / 2 / np.tan(lens["yfov"] / 2)
        seen = width / 2 + x / -z * scale, height / 2 - y / -z * scale, -z
        assert seen == pytest.approx(view.camera(width, height).project(point, width, height)[0], rel=1e-4)


def test_same_take_gives_the_same_bytes(glb: Glb, material: Material, tmp_path: Path) -> None:
    write_export("glb", material, tmp_path / "again.glb")
    assert (tmp_path / "again.glb").read_bytes() == glb.data


def test_an_avatar_without_a_mesh_is_refused(avatar: TexturedMesh, tmp_path: Path) -> None:
    material = material_of(object, moving_codes(avatar.codec.size))
    with pytest.raises(InputError, match=r"hello: export glb: .* expected one of kind textured_mesh"):
        write_export("glb", material, tmp_path / "hello.glb")


@pytest.mark.parametrize("channels", [3, 4])
def test_png_holds_the_pixels(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    data = encode_png(pixels)
    start = data.index(b"IDAT")
    (length,) = struct.unpack(">I", data[start - 4 : start])
    rows = np.frombuffer(zlib.decompress(data[start + 4 : start + 4 + length]), np.uint8).reshape(5, -1)
    assert (rows[:, 0] == 2).all()
    assert (np.cumsum(rows[:, 1:], 0, np.uint8).reshape(pixels.shape) == pixels).all()
