from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.errors import InputError
from avgen.exports import Material, write_export
from avgen.media.png import encode_png
from tests.exports.gltf import Glb
from tests.performances import FPS, material_of, mira, moving_codes


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
    weights = glb.curves[glb.node("face_mesh"), "weights"][key]
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
