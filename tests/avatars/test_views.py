from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.views import BUST_RIM, CAMERAS, PORTRAIT_TARGET, camera_for, camera_named, orbit
from avgen.errors import InputError


@pytest.mark.parametrize("name", CAMERAS)
def test_target_is_in_the_middle(name: str) -> None:
    camera = CAMERAS[name]
    x, y, depth = camera.project(np.array(camera.target, np.float32), 640, 480)
    assert (x, y) == pytest.approx((320, 240), abs=1e-2)
    assert depth == pytest.approx(1.25, abs=1e-4)


def test_left_camera_sees_the_head_from_the_viewers_left() -> None:
    assert CAMERAS["three-quarter-left"].position[0] < -0.3


def test_picture_axes_point_right_and_down() -> None:
    camera = orbit(0, 0, 1.0, 6.0)
    right = np.add(PORTRAIT_TARGET, (0.01, 0, 0)).astype(np.float32)
    above = np.add(PORTRAIT_TARGET, (0, 0.01, 0)).astype(np.float32)
    assert camera.project(right, 512, 512)[0] > 256
    assert camera.project(above, 512, 512)[1] < 256


def test_shorter_side_decides_the_scale() -> None:
    camera = CAMERAS["portrait"]
    assert camera.pixels_per_tangent(512, 512) == camera.pixels_per_tangent(1024, 512)


def test_unknown_camera_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="unknown camera 'drone': choose one of portrait"):
        camera_named("drone")


def test_numbers_are_yaw_pitch_distance_and_field_of_view() -> None:
    camera = camera_for("30,10,1.5,14", 512, 512)
    offset = np.subtract(camera.position, PORTRAIT_TARGET)
    assert np.linalg.norm(offset) == pytest.approx(1.5)
    assert np.degrees(np.arctan2(offset[0], offset[2])) == pytest.approx(30)
    assert np.degrees(np.arcsin(offset[1] / 1.5)) == pytest.approx(10)
    assert np.degrees(2 * np.arctan(1 / camera.focal)) == pytest.approx(14)


def test_a_named_camera_in_a_square_is_as_it_is_defined() -> None:
    for name, camera in CAMERAS.items():
        assert camera_for(name, 512, 512) == camera == camera_for(name, 1280, 720)


@pytest.mark.parametrize("name", [*CAMERAS, "20,5,1.2,18", "0,-20,1,25", "-35,20,2,14"])
@pytest.mark.parametrize("size", [(512, 512), (1024, 512), (540, 960), (400, 1600), (512, 640)])
def test_the_head_stays_in_the_picture_and_the_end_of_the_bust_outside(
    name: str, size: tuple[int, int]
) -> None:
    width, height = size
    camera = camera_for(name, width, height)
    rim = camera.project(BUST_RIM.astype(np.float32), width, height)
    assert np.all(rim[:, 1] >= height - 0.01) or height == 4 * width
    head = np.array([(0, 0.79, 0.0), (-0.09, 0.66, 0.0), (0.09, 0.66, 0.0), (0, 0.56, 0.1)], np.float32)
    x, y, _ = camera.project(head, width, height).T
    assert np.all((x > 0) & (x < width))
    assert np.all((y > 0) & (y < height))


def test_a_wide_view_rises_without_turning() -> None:
    low, high = camera_for("30,10,1.5,14", 512, 512), camera_for("30,10,1.5,30", 512, 512)
    assert high.axes == pytest.approx(low.axes, abs=1e-6)
    assert high.position[1] > low.position[1] + 0.1
