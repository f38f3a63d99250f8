from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.body.standards import GLTF_JOINTS
from avgen.errors import InputError
from avgen.exports import write_export
from tests.performances import FPS, figure, figure_codes, material_of, mira, moving_codes


@pytest.fixture(scope="module")
def avatar() -> TexturedMesh:
    return mira()


def test_without_usd_people_are_told_how_to_install_it(
    avatar: TexturedMesh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pxr", None)
    monkeypatch.setitem(sys.modules, "pxr.UsdSkel", None)
    material = material_of(lambda: avatar, moving_codes(avatar.codec.size))
    with pytest.raises(InputError, match=r"usdz needs .* pip install 'avgen\[usd\]'"):
        write_export("usdz", material, tmp_path / "hello.usdz")


@pytest.fixture(scope="module")
def package(avatar: TexturedMesh, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("pxr")
    path = tmp_path_factory.mktemp("usd") / "hello.usdz"
    write_export("usdz", material_of(lambda: avatar, moving_codes(avatar.codec.size)), path)
    return path


def test_files_of_the_package_are_stored_plainly_at_multiples_of_64(package: Path) -> None:
    data = package.read_bytes()
    with zipfile.ZipFile(package) as archive:
        files = archive.infolist()
        assert [file.filename for file in files] == ["take.usdc", "surface.png", "hair.png"]
        for file in files:
            content = archive.read(file)
            assert file.compress_type == zipfile.ZIP_STORED
            assert data.index(content) % 64 == 0


def test_skinned_points_are_where_the_avatar_puts_them(package: Path, avatar: TexturedMesh) -> None:
    from pxr import Usd, UsdGeom, UsdSkel

    codes = moving_codes(avatar.codec.size)
    stage = Usd.Stage.Open(str(package))
    assert (stage.GetTimeCodesPerSecond(), UsdGeom.GetStageMetersPerUnit(stage)) == (FPS, 1)
    UsdSkel.BakeSkinning(UsdSkel.Root(stage.GetDefaultPrim()))
    for key in (0, 7, 20):
        tracks = avatar.settle(codes).at(np.array([key / FPS]), ("face", "head"))
        posed = avatar.pose(tracks["face"], tracks["head"]).vertices[0]
        for name, first, last in (("face", 0, 2), ("eye_left", 2, 3), ("teeth_lower", 5, 6)):
            points = np.array(UsdGeom.Mesh.Get(stage, f"/Take/{name}").GetPointsAttr().Get(key))
            block = posed[avatar.mesh.starts[first] : avatar.mesh.starts[last]]
            nearest = [np.abs(block - point).max(1).min() for point in points]
            assert max(nearest) < 1e-3


def test_a_figure_s_body_and_head_are_where_the_avatar_puts_them(tmp_path: Path) -> None:
    pytest.importorskip("pxr")
    from pxr import Usd, UsdGeom, UsdSkel

    whole = figure()
    codes, path = figure_codes(whole), tmp_path / "hello.usdz"
    write_export("usdz", material_of(lambda: whole, codes, "full"), path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["take.usdc", "surface.png", "hair.png", "body.png"]
    stage = Usd.Stage.Open(str(path))
    joints = UsdSkel.Skeleton.Get(stage, "/Take/Skeleton").GetJointsAttr().Get()
    names = [joint.rsplit("/", 1)[-1] for joint in joints]
    assert names[: len(GLTF_JOINTS)] == [name.replace(".", "_") for name in GLTF_JOINTS.values()]
    UsdSkel.BakeSkinning(UsdSkel.Root(stage.GetDefaultPrim()))
    for key in (7, 20):
        posed = whole.pose_tracks(
            whole.settle(codes).at(np.array([key / FPS]), ("face", "head", "body", "hands"))
        )
        assert posed.body is not None
        points = np.array(UsdGeom.Mesh.Get(stage, "/Take/body").GetPointsAttr().Get(key))
        assert np.linalg.norm(points - posed.body.vertices[0], axis=1).max() < 1e-4
        eye = np.array(UsdGeom.Mesh.Get(stage, "/Take/eye_left").GetPointsAttr().Get(key))
        block = posed.vertices[0][slice(*whole.mesh.starts[2:4])]
        assert max(np.abs(block - point).max(1).min() for point in eye) < 1e-4


def test_same_take_gives_the_same_bytes(package: Path, avatar: TexturedMesh, tmp_path: Path) -> None:
    material = material_of(lambda: avatar, moving_codes(avatar.codec.size))
    write_export("usdz", material, tmp_path / "again.usdz")
    assert (tmp_path / "again.usdz").read_bytes() == package.read_bytes()
