from __future__ import annotations

import numpy as np
import pytest

from avgen.actors.actor import find_actor
from avgen.avatars.camera import Camera
from avgen.avatars.mesh import cuda
from avgen.avatars.mesh.avatar import Texture, TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.mesh.cuda import TorchRenderer
from avgen.avatars.mesh.layout import NUM_TERMS
from avgen.avatars.mesh.shading import fetch, layered, vertex_gains
from avgen.avatars.raster.background import make_background
from avgen.avatars.raster.bleeding import colour_unseen
from avgen.avatars.raster.triangles import plane, seen_vertices
from avgen.background import TRANSPARENT, Background

pytestmark = pytest.mark.assets
STRAIGHT = np.array([1, 0, 0, 0, 0, 0, 0], np.float32)
BLUE = Background("#204060")


def seen_by(camera: str, width: int, height: int) -> Camera:
    return find_actor("mira").view(camera).camera(width, height)


def drawn(
    avatar: TexturedMesh, face: np.ndarray, head: np.ndarray, camera: str, size: tuple[int, int], name: str
) -> np.ndarray:
    """Pictures as the render stage has them drawn on a CPU."""
    renderer = avatar.renderer("cpu", find_actor("mira").view(camera), size, Background(name))
    return renderer.render({"face": face, "head": head})


def draw(
    avatar: TexturedMesh,
    camera: str = "portrait",
    size: int = 128,
    head: np.ndarray = STRAIGHT,
    **units: float,
) -> np.ndarray:
    """One CPU picture of named unit weights, as signed integers."""
    weights = np.zeros((1, len(avatar.codec.units)), np.float32)
    for name, value in units.items():
        weights[0, avatar.codec.unit(name)] = value
    renderer = NumbaRenderer(avatar, seen_by(camera, size, size), (size, size), BLUE)
    return renderer.render_posed(avatar.pose_weights(weights, head[None]))[0].astype(int)


@pytest.mark.parametrize("background", ["gradient", "transparent"])
def test_torch_and_cpu_renderers_agree(mira: TexturedMesh, background: str) -> None:
    weights = np.zeros((1, len(mira.codec.units)), np.float32)
    weights[0, mira.codec.unit("jawOpen")] = 0.3
    posed = mira.pose_weights(weights, np.array([[1, 0.05, 0.1, 0, 0, 0, 0]], np.float32))
    look = mira, seen_by("portrait", 64, 64), (64, 64), Background(background)
    ours, reference = (
        renderer.render_posed(posed)[0].astype(int)
        for renderer in (NumbaRenderer(*look), TorchRenderer(*look, "cpu"))
    )
    assert ours.shape == reference.shape == (64, 64, 3 if background == "gradient" else 4)
    difference = np.abs(ours - reference)
    assert difference.mean() < 1
    assert np.mean(difference.max(2) > 12) < 0.015


def test_torch_draws_batches_as_single_frames(mira: TexturedMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three frames with differently many pictures of the hair, two at a time."""
    monkeypatch.setattr(cuda, "BATCH_SAMPLES", 2 * 4 * 48 * 64)
    weights = np.zeros((3, len(mira.codec.units)), np.float32)
    weights[:, mira.codec.unit("jawOpen")] = 0.0, 0.2, 0.4
    head = np.array([[1, 0, 0, 0, 0, 0, 0], [1, 0.03, 0.1, 0, 0, 0, 0], [1, 0, -0.2, 0, 0, 0, 0]], np.float32)
    renderer = TorchRenderer(mira, seen_by("portrait", 48, 64), (48, 64), Background(), "cpu")
    assert renderer.batch == 2
    together = renderer.render_posed(mira.pose_weights(weights, head)).astype(int)
    for k in range(3):
        alone = renderer.render_posed(mira.pose_weights(weights[k : k + 1], head[k : k + 1]))[0].astype(int)
        assert np.abs(together[k] - alone).max() <= 2


def test_chunks_do_not_change_pictures(mira: TexturedMesh) -> None:
    rng = np.random.default_rng(0)
    face = rng.normal(0, 0.5, (3, mira.codec.size)).astype(np.float32)
    head = np.tile(STRAIGHT, (3, 1))
    look = "portrait", (64, 48), "gradient"
    together = drawn(mira, face, head, *look)
    apart = np.concatenate([drawn(mira, face[k : k + 1], head[k : k + 1], *look) for k in range(3)])
    assert together.shape == (3, 48, 64, 3)
    assert np.abs(together.astype(int) - apart.astype(int)).max() <= 1


def test_what_cannot_be_seen_is_not_lit_and_nobody_notices(
    mira: TexturedMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    posed = mira.pose_weights(np.zeros((1, len(mira.codec.units)), np.float32), STRAIGHT[None])
    renderer = NumbaRenderer(mira, seen_by("portrait", 96, 96), (96, 96), Background())
    seen = renderer.render_posed(posed)
    lit = []

    def everything(points: np.ndarray, faces: np.ndarray, *size: int) -> np.ndarray:
        lit.append(seen_vertices(points, faces, *size))
        return np.ones_like(lit[-1])

    monkeypatch.setattr("avgen.avatars.mesh.scene.seen_vertices", everything)
    np.testing.assert_array_equal(renderer.render_posed(posed), seen)
    assert lit[0].mean() < 0.8


def test_corners_show_the_background(mira: TexturedMesh) -> None:
    picture = draw(mira)
    assert picture[:8, :8].reshape(-1, 3) == pytest.approx(np.tile([32, 64, 96], (64, 1)), abs=1)


def test_open_mouth_is_dark_inside(mira: TexturedMesh) -> None:
    shut, opened = draw(mira, "close-up"), draw(mira, "close-up", jawOpen=0.6)
    mouth = np.s_[76:104, 50:78]
    assert np.sum(opened[mouth].sum(2) < 120) > np.sum(shut[mouth].sum(2) < 120) + 20


def test_turned_head_moves_the_nose(mira: TexturedMesh) -> None:
    yaw = np.array([np.cos(0.15), 0, np.sin(0.15), 0, 0, 0, 0], np.float32)
    straight, turned = draw(mira), draw(mira, head=yaw)
    assert np.abs(straight - turned).mean() > 2


@pytest.mark.parametrize("colour", ["#ffffff", "#00ff00", "#000000"])
def test_transparent_over_a_colour_is_the_picture_with_that_background(
    mira: TexturedMesh, colour: str
) -> None:
    head = np.array([[1, 0.02, 0.05, 0, 0, 0, 0]], np.float32)
    face = np.zeros((1, mira.codec.size), np.float32)
    rgba, direct = (
        drawn(mira, face, head, "portrait", (192, 192), background)[0].astype(float)
        for background in (TRANSPARENT, colour)
    )
    alpha = rgba[..., 3:] / 255
    behind = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    assert np.abs(rgba[..., :3] * alpha + behind * (1 - alpha) - direct).max() < 2
    assert np.all(rgba[:20, :20, 3] == 0)
    assert np.all(rgba[90:110, 90:110, 3] == 255)
    assert len(np.unique(alpha)) > 50


def test_unseen_pixels_take_the_colours_nearby() -> None:
    picture = np.zeros((33, 50, 4), np.uint8)
    picture[:, 30:] = 200, 100, 50, 255
    picture[:, :8] = 10, 20, 30, 255
    picture[:, 29, 3] = 1  # nearly unseen, and black: it must not matter
    colour_unseen(picture)
    colours = picture[..., :3].astype(int)
    assert np.abs(colours[:, 27:29] - [200, 100, 50]).max() < 80
    assert np.abs(colours[:, 8:10] - [10, 20, 30]).max() < 80
    assert np.all(picture[:, 8:29, 3] == 0)
    assert np.all(picture[:, 30:, :3] == [200, 100, 50])


def test_cameras_of_numbers_are_drawn(mira: TexturedMesh) -> None:
    face = np.zeros((1, mira.codec.size), np.float32)
    named, numbers, other = (
        drawn(mira, face, STRAIGHT[None], camera, (96, 96), BLUE.name)[0].astype(int)
        for camera in ("portrait", "0,0.458367,1.25,18.9246", "25,10,1.2,18")
    )
    assert np.abs(named - numbers).mean() < 0.2
    assert np.abs(named - other).mean() > 5


def test_the_device_decides_who_draws(mira: TexturedMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda, "TorchRenderer", lambda *arguments: arguments[-1])
    look = find_actor("mira").view(), (64, 64), Background()
    assert isinstance(mira.make_renderer("cpu", *look), NumbaRenderer)
    assert [mira.make_renderer(device, *look) for device in ("cuda", "cuda:1")] == ["cuda", "cuda:1"]


def test_background_colour_fills_the_picture() -> None:
    assert np.all(make_background(Background("#ff8000"), 5, 4) == np.array([255, 128, 0], np.float32))


def test_a_sample_outside_a_small_triangle_is_not_extrapolated() -> None:
    """Terms 0, 0 and 1 at the corners: far beyond them the shade stays between those of the corners."""
    points = np.float32([[10, 10, 1], [10.2, 10, 1], [10, 10.2, 1]])
    faces = np.int32([[0, 1, 2]])
    uv = np.full((1, 3, 2), 2, np.float32)
    terms = np.zeros((3, NUM_TERMS + 3), np.float32)
    terms[2, :NUM_TERMS] = 1
    texels = np.zeros((4, 4, 3 * (1 + NUM_TERMS)), np.int16)
    texels[..., :3], texels[..., 3:6] = 100, 50
    texture = Texture(texels, np.ones(1 + NUM_TERMS, np.float32))
    gains, layers = vertex_gains(terms, texture), layered(texture)
    planes = np.float32([plane(points, faces, 0)])
    for x, y in ((10.05, 10.05), (11.0, 10.0), (10.0, 11.0), (9.0, 9.0), (11.0, 11.0)):
        shade = fetch(planes, faces, uv, 0, len(faces), gains, layers, np.float32(x), np.float32(y))
        assert all(100 <= channel <= 150 for channel in shade)
