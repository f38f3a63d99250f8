from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.cameras import CAMERAS, PORTRAIT_TARGET, camera_named, orbit
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
