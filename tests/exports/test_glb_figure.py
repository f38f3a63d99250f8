"""A take that shows the body: the whole figure on one skeleton."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.body.skeleton import BONES, PARENTS
from avgen.body.standards import GLTF_JOINTS
from avgen.exports import Material, write_export
from tests.exports.gltf import Glb
from tests.performances import FPS, figure, figure_codes, material_of, moving_codes

TRACKS = ("face", "head", "body", "hands")
CAMERA = "full"


@pytest.fixture(scope="module")
def avatar() -> TexturedMesh:
    return figure()


@pytest.fixture(scope="module")
def material(avatar: TexturedMesh) -> Material:
    return material_of(lambda: avatar, figure_codes(avatar), CAMERA)


@pytest.fixture(scope="module")
def glb(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Glb:
    path = tmp_path_factory.mktemp("glb") / "hello.glb"
    write_export("glb", material, path)
    return Glb(path.read_bytes())


def distances(glb: Glb, avatar: TexturedMesh, material: Material, key: float) -> dict[str, np.ndarray]:
    """Metres [v] between the file's vertices and the avatar's, by name of the mesh."""
    posed = avatar.pose_tracks(avatar.settle(material.codes).at(np.array([key / FPS]), TRACKS))
    assert posed.body is not None
    hair = posed.turn.move(avatar.hair.vertices)[0]
    places = {tuple(rest): place for rest, place in zip(avatar.mesh.rest, posed.vertices[0], strict=True)}
    places |= {tuple(rest): place for rest, place in zip(avatar.hair.vertices, hair, strict=True)}
    out = {}
    for mesh in glb.json["meshes"]:
        rest, found = glb.posed(mesh, key)
        if mesh["name"] == "body":
            wanted = posed.body.vertices[0]
        else:
            wanted = np.stack([places[tuple(point)] for point in rest.astype(np.float32)])
        out[mesh["name"]] = np.linalg.norm(found - wanted, axis=1)
    return out


def test_skeleton_has_the_names_and_the_structure_of_the_standard(glb: Glb, avatar: TexturedMesh) -> None:
    assert avatar.body is not None
    nodes, skeleton = glb.json["nodes"], avatar.body.skeleton
    assert [node["name"] for node in nodes[: len(BONES)]] == list(GLTF_JOINTS.values())
    assert [glb.parents.get(n, -1) for n in range(len(BONES))] == PARENTS.tolist()
    assert [node["translation"] for node in nodes[1 : len(BONES)]] == pytest.approx(
        skeleton.offsets[1:], abs=1e-6
    )
    assert nodes[0]["translation"] == pytest.approx(skeleton.heads[0], abs=1e-6)
    assert {nodes[glb.parents[glb.node(name)]]["name"] for name in ("eye_left", "teeth_lower")} == {"head"}


def test_only_joints_that_move_in_their_parents_have_keys_of_translation(glb: Glb) -> None:
    moving = {glb.json["nodes"][node]["name"] for node, path in glb.curves if path == "translation"}
    assert moving == {"hips", "neck", "head", "eye_left", "eye_right", "teeth_upper", "teeth_lower"}


@pytest.mark.parametrize("key", [0, 7, 20])
def test_every_vertex_is_where_the_renderer_has_it(
    glb: Glb, avatar: TexturedMesh, material: Material, key: int
) -> None:
    found = distances(glb, avatar, material, key)
    assert set(found) == {"face", "eye_left", "eye_right", "teeth_upper", "teeth_lower", "body", "hair"}
    assert found.pop("face").max() < 1e-3  # skin of the neck, whose turns are no line
    assert max(values.max() for values in found.values()) < 1e-5


def test_between_keys_vertices_are_near_to_where_the_renderer_has_them(
    glb: Glb, avatar: TexturedMesh, material: Material
) -> None:
    found = np.concatenate(list(distances(glb, avatar, material, 7.5).values()))
    assert found.max() < 2e-2 and found.mean() < 4e-3  # of codes that swing up to three times a second


def test_triangles_are_those_that_are_drawn_with_the_body(glb: Glb, avatar: TexturedMesh) -> None:
    assert avatar.body is not None
    counts = {
        mesh["name"]: len(glb.array(mesh["primitives"][0]["indices"])) // 3 for mesh in glb.json["meshes"]
    }
    assert counts.pop("hair") == len(avatar.hair.faces)
    assert counts.pop("body") == len(avatar.body.faces)
    assert sum(counts.values()) == avatar.body.bust.sum()


def test_weights_are_of_joints_that_exist_and_nothing_lies_askew(glb: Glb) -> None:
    (skin,) = glb.json["skins"]
    for mesh in glb.json["meshes"]:
        attributes = mesh["primitives"][0]["attributes"]
        joints, shares = glb.array(attributes["JOINTS_0"]), glb.array(attributes["WEIGHTS_0"])
        assert joints.max() < len(skin["joints"])
        assert not joints[shares == 0].any()
    for n, about in enumerate(glb.json["accessors"]):
        view, values = glb.json["bufferViews"][about["bufferView"]], glb.array(n)
        assert view["byteOffset"] % 4 == 0 and view["byteLength"] == values.nbytes
        if "min" in about:
            assert (values.min(0) == about["min"]).all() and (values.max(0) == about["max"]).all()


def test_codes_without_a_body_stand_at_rest(avatar: TexturedMesh, tmp_path: Path) -> None:
    path = tmp_path / "hello.glb"
    write_export("glb", material_of(lambda: avatar, moving_codes(avatar.codec.size), CAMERA), path)
    standing = Glb(path.read_bytes())
    arm = standing.curves[standing.node("leftUpperArm"), "rotation"]
    assert np.abs(arm - arm[0]).max() < 1e-6
