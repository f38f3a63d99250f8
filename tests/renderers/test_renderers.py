from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.avatar import Avatar
from avgen.avatars.cameras import CAMERAS
from avgen.errors import InputError
from avgen.renderers import create_renderer
from avgen.renderers.background import make_background
from avgen.renderers.numba_renderer import NumbaRenderer
from avgen.renderers.shading import fetch
from avgen.renderers.torch_renderer import TorchRenderer

pytestmark = pytest.mark.assets
STRAIGHT = np.array([1, 0, 0, 0, 0, 0, 0], np.float32)


def draw(
    avatar: Avatar, camera: str = "portrait", size: int = 128, head: np.ndarray = STRAIGHT, **units: float
) -> np.ndarray:
    """One CPU picture of named unit weights, as signed integers."""
    weights = np.zeros((1, len(avatar.codec.units)), np.float32)
    for name, value in units.items():
        weights[0, avatar.codec.unit(name)] = value
    renderer = NumbaRenderer(avatar, CAMERAS[camera], size, size, "#204060")
    return renderer.render_posed(avatar.pose_weights(weights, head[None]))[0].astype(int)


def test_torch_and_cpu_renderers_agree(mira: Avatar) -> None:
    weights = np.zeros((1, len(mira.codec.units)), np.float32)
    weights[0, mira.codec.unit("jawOpen")] = 0.3
    posed = mira.pose_weights(weights, np.array([[1, 0.05, 0.1, 0, 0, 0, 0]], np.float32))
    ours, reference = (
        kind(mira, CAMERAS["portrait"], 64, 64, "gradient").render_posed(posed)[0].astype(int)
        for kind in (NumbaRenderer, TorchRenderer)
    )
    difference = np.abs(ours - reference)
    assert difference.mean() < 1
    assert np.mean(difference.max(2) > 12) < 0.015


def test_chunks_do_not_change_pictures(mira: Avatar) -> None:
    rng = np.random.default_rng(0)
    face = rng.normal(0, 0.5, (3, mira.codec.size)).astype(np.float32)
    head = np.tile(STRAIGHT, (3, 1))
    renderer = create_renderer("numba", mira, "portrait", 64, 48, "gradient")
    together = renderer.render(face, head)
    apart = np.concatenate([renderer.render(face[k : k + 1], head[k : k + 1]) for k in range(3)])
    assert together.shape == (3, 48, 64, 3)
    assert np.abs(together.astype(int) - apart.astype(int)).max() <= 1


def test_corners_show_the_background(mira: Avatar) -> None:
    picture = draw(mira)
    assert picture[:8, :8].reshape(-1, 3) == pytest.approx(np.tile([32, 64, 96], (64, 1)), abs=1)


def test_open_mouth_is_dark_inside(mira: Avatar) -> None:
    shut, opened = draw(mira, "close-up"), draw(mira, "close-up", jawOpen=0.6)
    mouth = np.s_[76:104, 50:78]
    assert np.sum(opened[mouth].sum(2) < 120) > np.sum(shut[mouth].sum(2) < 120) + 20


def test_turned_head_moves_the_nose(mira: Avatar) -> None:
    yaw = np.array([np.cos(0.15), 0, np.sin(0.15), 0, 0, 0, 0], np.float32)
    straight, turned = draw(mira), draw(mira, head=yaw)
    assert np.abs(straight - turned).mean() > 2


def test_unknown_renderer_and_background_are_named(mira: Avatar) -> None:
    with pytest.raises(InputError, match="unknown renderer 'opengl': choose one of numba, pytorch3d"):
        create_renderer("opengl", mira, "portrait", 64, 64, "gradient")
    with pytest.raises(InputError, match="unknown background 'beach'"):
        make_background("beach", 64, 64)


def test_background_colour_fills_the_picture() -> None:
    assert np.all(make_background("#ff8000", 5, 4) == np.array([255, 128, 0], np.float32))


def test_a_sample_outside_a_small_triangle_is_not_extrapolated() -> None:
    """Terms 0, 0 and 1 at the corners: far beyond them the shade stays between those of the corners."""
    points = np.float32([[10, 10, 1], [10.2, 10, 1], [10, 10.2, 1]])
    faces = np.int32([[0, 1, 2]])
    uv = np.full((1, 3, 2), 2, np.float32)
    terms = np.zeros((3, 5), np.float32)
    terms[2] = 1
    texels = np.zeros((4, 4, 18), np.int16)
    texels[..., :3], texels[..., 3:6] = 100, 50
    scale = np.ones(6, np.float32)
    for x, y in ((10.05, 10.05), (11.0, 10.0), (10.0, 11.0), (9.0, 9.0), (11.0, 11.0)):
        shade = fetch(points, faces, uv, terms, texels, scale, 0, np.float32(x), np.float32(y))
        assert all(100 <= channel <= 150 for channel in shade)
