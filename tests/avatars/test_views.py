from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from avgen.actors.actor import Actor, find_actor
from avgen.avatars.camera import orbit
from avgen.avatars.views import CameraChoice, View
from avgen.errors import InputError

TARGET = (0.0, 0.640, 0.040)
NAMES = ("portrait", "close-up", "three-quarter-left", "three-quarter-right")
WHOLE = ("medium", "american", "full")


@pytest.fixture(scope="module")
def mira() -> Actor:
    return find_actor("mira")


def test_the_first_of_her_cameras_is_the_default(mira: Actor) -> None:
    assert set(mira.cameras) == {*NAMES, *WHOLE}
    assert mira.view() is mira.view("portrait")


@pytest.mark.parametrize("name", NAMES)
def test_target_is_in_the_middle(mira: Actor, name: str) -> None:
    camera = mira.view(name).camera(640, 480)
    x, y, depth = camera.project(np.array(camera.target, np.float32), 640, 480)
    assert (x, y) == pytest.approx((320, 240), abs=1e-2)
    assert depth == pytest.approx(1.25, abs=1e-4)


def test_left_camera_sees_the_head_from_the_viewers_left(mira: Actor) -> None:
    assert mira.view("three-quarter-left").camera(512, 512).position[0] < -0.3


def test_picture_axes_point_right_and_down() -> None:
    camera = orbit(0, 0, 1.0, 6.0, TARGET)
    right = np.add(TARGET, (0.01, 0, 0)).astype(np.float32)
    above = np.add(TARGET, (0, 0.01, 0)).astype(np.float32)
    assert camera.project(right, 512, 512)[0] > 256
    assert camera.project(above, 512, 512)[1] < 256


def test_shorter_side_decides_the_scale(mira: Actor) -> None:
    camera = mira.view().camera(512, 512)
    assert camera.pixels_per_tangent(512, 512) == camera.pixels_per_tangent(1024, 512)


def test_unknown_camera_names_the_nearest(mira: Actor) -> None:
    with pytest.raises(InputError, match=r"camera: unknown camera 'portait'\. Did you mean 'portrait'\?"):
        mira.view("portait")


def test_numbers_are_yaw_pitch_distance_and_field_of_view(mira: Actor) -> None:
    camera = mira.view("30,10,1.5,14").camera(512, 512)
    offset = np.subtract(camera.position, TARGET)
    assert np.linalg.norm(offset) == pytest.approx(1.5)
    assert np.degrees(np.arctan2(offset[0], offset[2])) == pytest.approx(30)
    assert np.degrees(np.arcsin(offset[1] / 1.5)) == pytest.approx(10)
    assert np.degrees(2 * np.arctan(1 / camera.focal)) == pytest.approx(14)


@pytest.mark.parametrize(
    ("name", "position", "target", "focal"),
    [
        ("portrait", (0.0, 0.65, 1.2899599993599795), TARGET, 6.0),
        ("close-up", (0.0, 0.665, 1.3099599993599795), (0.0, 0.655, 0.06), 8.6),
        ("three-quarter-left", (-0.5282559221749203, 0.65, 1.1728484809042756), TARGET, 6.2),
        ("three-quarter-right", (0.5282559221749203, 0.65, 1.1728484809042756), TARGET, 6.2),
    ],
)
def test_named_cameras_stand_where_they_always_stood(
    mira: Actor, name: str, position: tuple[float, ...], target: tuple[float, ...], focal: float
) -> None:
    """Pictures of a take are only comparable with older ones if they do."""
    camera = mira.view(name).camera(512, 512)
    assert camera.position == pytest.approx(position, abs=1e-12)
    assert camera.target == target
    assert camera.focal == pytest.approx(focal, abs=1e-14)
    assert mira.view(name).camera(1280, 720) == camera


@pytest.mark.parametrize("name", [*NAMES, "20,5,1.2,18", "0,-20,1,25", "-35,20,2,14"])
@pytest.mark.parametrize("size", [(512, 512), (1024, 512), (540, 960), (400, 1600), (512, 640)])
def test_the_head_stays_in_the_picture_and_the_end_of_the_bust_outside(
    mira: Actor, name: str, size: tuple[int, int]
) -> None:
    width, height = size
    view = mira.view(name)
    assert view.captured is not None
    camera = view.camera(width, height)
    rim = camera.project(np.array(view.captured.rim, np.float32), width, height)
    assert np.all(rim[:, 1] >= height - 0.01) or height == 4 * width
    head = np.array([(0, 0.79, 0.0), (-0.09, 0.66, 0.0), (0.09, 0.66, 0.0), (0, 0.56, 0.1)], np.float32)
    x, y, _ = camera.project(head, width, height).T
    assert np.all((x > 0) & (x < width))
    assert np.all((y > 0) & (y < height))


def test_a_wide_view_rises_without_turning(mira: Actor) -> None:
    low, high = (mira.view(f"30,10,1.5,{fov}").camera(512, 512) for fov in (14, 30))
    assert high.axes == pytest.approx(low.axes, abs=1e-6)
    assert high.position[1] > low.position[1] + 0.1


def test_without_limits_a_camera_stays_in_its_place(mira: Actor) -> None:
    boundless = replace(mira.view(), captured=None)
    assert boundless.camera(400, 1600) == boundless.camera(512, 512)
    assert mira.view().camera(400, 1600) != boundless.camera(400, 1600)


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("size", [(512, 512), (1280, 720), (720, 1280), (400, 1600)])
def test_a_view_of_the_body_shows_all_of_its_extent_below_one_upper_edge(
    mira: Actor, name: str, size: tuple[int, int]
) -> None:
    view = mira.view(name)
    assert view.shows_body and view.extent is not None and not mira.view().shows_body
    x, y, z = view.target
    across, up = view.extent.half_width, view.extent.half_height
    corners = np.array([(x + a * across, y + b * up, z) for a in (-1, 1) for b in (-1, 1)], np.float32)
    width, height = size
    seen = view.camera(width, height).project(corners, width, height)
    slack = 0.012 * height  # the camera looks down a little
    assert np.all((seen[:, 0] > -slack) & (seen[:, 0] < width + slack))
    assert np.all((seen[:, 1] > -slack) & (seen[:, 1] < height + slack))
    assert seen[[1, 3], 1] == pytest.approx(0, abs=slack)


def test_only_a_view_of_the_body_is_told_with_an_extent(mira: Actor) -> None:
    assert "extent" not in mira.view().to_json()
    view = mira.view("medium")
    assert View.from_json(json.loads(json.dumps(view.to_json()))) == view


@pytest.mark.parametrize("name", ["close-up", "20,5,1.2,18"])
def test_a_view_survives_json(mira: Actor, name: str) -> None:
    view = mira.view(name)
    assert View.from_json(json.loads(json.dumps(view.to_json()))) == view
    plain = replace(view, captured=None)
    assert View.from_json(json.loads(json.dumps(plain.to_json()))) == plain


@pytest.mark.parametrize(
    "text", ["20,5,1.2,18", "20.0,5,1.20,18", " 20 , 5.0000001,1.2,18", "20,5,1.2,1.8e1"]
)
def test_one_camera_has_one_spelling(mira: Actor, text: str) -> None:
    assert CameraChoice.parse(text) == CameraChoice("20,5,1.2,18", (20.0, 5.0, 1.2, 18.0))
    assert CameraChoice.parse(text).label == "y20p5d1.2f18"
    assert mira.view(text).to_json() == mira.view("20,5,1.2,18").to_json()


def test_minus_zero_is_zero() -> None:
    assert CameraChoice.parse("-0.0,-0,1,20").text == "0,0,1,20"
