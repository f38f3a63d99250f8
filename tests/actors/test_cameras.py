"""Cameras in an actor's description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from avgen.actors.actor import read_actor
from avgen.errors import ActorError
from tests.fakes import CAMERA, write_description

CAPTURED = {"rim": [[-0.2, -0.3, 0.0], [0.2, -0.3, 0.0]], "chin": [0.0, -0.1, 0.1], "least_half_side": 0.15}


WHOLE = {k: v for k, v in CAMERA.items() if k != "field_of_view"} | {
    "extent": {"half_width": 0.5, "half_height": 0.9}
}


@pytest.fixture
def folder(tiny: Path) -> Path:
    return tiny / "home" / "actors" / "tiny"


def test_cameras_keep_their_order_and_share_the_limits(folder: Path) -> None:
    write_description(folder, cameras={"wide": {**CAMERA, "yaw": -0.0}, "near": CAMERA}, captured=CAPTURED)
    actor = read_actor(folder)
    assert list(actor.cameras) == ["wide", "near"]
    assert actor.view() == actor.cameras["wide"]
    assert actor.view().captured == actor.view("10,0,1,20").captured is not None
    assert (actor.view().fits, actor.view("10,0,1,20").fits) == (True, False)
    assert str(actor.view().yaw) == "0.0"


def test_numbers_look_at_what_the_first_camera_looks_at(folder: Path) -> None:
    write_description(folder, cameras={"low": {**CAMERA, "target": [0.1, -0.2, 0.3]}, "other": CAMERA})
    assert read_actor(folder).view("10,0,1,20").target == (0.1, -0.2, 0.3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cameras": ["a"]}, "cameras: expected a mapping of names to cameras, got ['a']."),
        ({"cameras": {}}, "cameras: expected a mapping of names to cameras, got {}."),
        (
            {"cameras": {"../a": CAMERA}},
            "cameras: expected names of letters, digits and hyphens, got '../a'.",
        ),
        ({"cameras": {1: CAMERA}}, "cameras: expected names of letters, digits and hyphens, got 1."),
        ({"cameras": {"a": {}}}, "a: missing: distance, field_of_view, pitch, target, yaw."),
        (
            {"cameras": {"a": 3}},
            "a: expected a mapping of distance, field_of_view, pitch, target, yaw, got 3.",
        ),
        ({"cameras": {"a": {**CAMERA, "roll": 1}}}, "cameras: a: unknown key 'roll'. Known:"),
        ({"cameras": {"a": {**CAMERA, "yaw": "x"}}}, "a: yaw: expected a number from -180 to 180, got 'x'."),
        (
            {"cameras": {"a": {**CAMERA, "yaw": True}}},
            "a: yaw: expected a number from -180 to 180, got True.",
        ),
        ({"cameras": {"a": {**CAMERA, "pitch": 90}}}, "a: pitch: expected a number from -80 to 80, got 90."),
        (
            {"cameras": {"a": {**CAMERA, "distance": 0}}},
            "a: distance: expected a number from 0.05 to 100, got 0.",
        ),
        (
            {"cameras": {"a": {**CAMERA, "field_of_view": float("nan")}}},
            "a: field_of_view: expected a number from 1 to 120, got nan.",
        ),
        (
            {"cameras": {"a": {**CAMERA, "target": [0, 1]}}},
            "a: target: expected x, y and z in metres, got [0, 1].",
        ),
        (
            {"cameras": {"a": {**CAMERA, "target": [0, float("inf"), 0]}}},
            "a: target: expected a number from -100 to 100, got inf.",
        ),
        ({"captured": 1}, "captured: expected a mapping of chin, least_half_side, rim, got 1."),
        ({"captured": {**CAPTURED, "rim": []}}, "captured: rim: expected a list of points, got []."),
        ({"captured": {**CAPTURED, "rim": [1]}}, "captured: rim: expected x, y and z in metres, got 1."),
        (
            {"captured": {**CAPTURED, "least_half_side": 0}},
            "captured: least_half_side: expected a number from 0.001 to 100, got 0.",
        ),
        (
            {"captured": {**CAPTURED, "rim": [[0, 0.1, 0]]}},
            "cameras: portrait: expected a camera in front of captured: rim, and a target above it.",
        ),
        (
            {"captured": {**CAPTURED, "rim": [[0, -0.1, 2]]}},
            "cameras: portrait: expected a camera in front of captured: rim, and a target above it.",
        ),
        ({"cameras": {"a": WHOLE}}, "cameras: a: shows a body, and this actor has no body component."),
        (
            {"cameras": {"a": {**WHOLE, "extent": {"half_width": 1}}}},
            "cameras: a: extent: missing: half_height.",
        ),
        (
            {"cameras": {"a": {**WHOLE, "extent": {"half_width": 1, "half_height": 0}}}},
            "a: extent: half_height: expected a number from 0.05 to 100, got 0.",
        ),
        ({"cameras": {"a": {**WHOLE, "field_of_view": 20}}}, "unknown key 'field_of_view'."),
    ],
)
def test_a_broken_camera_is_refused_when_the_actor_is_read(
    folder: Path, changes: dict[str, Any], message: str
) -> None:
    write_description(folder, **changes)
    with pytest.raises(ActorError) as error:
        read_actor(folder)
    assert str(error.value).startswith(f"{folder / 'actor.yaml'}: ")
    assert message in str(error.value)


def test_the_tiny_actor_has_no_limits(folder: Path) -> None:
    assert "captured" not in yaml.safe_load((folder / "actor.yaml").read_text())
    assert read_actor(folder).view().captured is None
