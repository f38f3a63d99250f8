"""Shapes, cameras and expressions from landmarks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from avgen.casting.portrait.fit import MIDDLE, Fit, PortraitCamera, _rotation, expected_landmarks, fit_faces
from avgen.casting.portrait.landmarks import Face
from avgen.casting.portrait.space import (
    EXPECTED,
    UNITS,
    Faces,
    LinearFace,
    facing,
    linear_face,
    load_faces,
    upright,
)
from avgen.casting.portrait.warp import warped_head
from avgen.casting.shapes import load_shapes

pytest.importorskip("scipy")


@pytest.fixture(scope="module")
def faces() -> Faces:
    return load_faces()


@pytest.fixture(scope="module")
def model(faces: Faces) -> LinearFace:
    return linear_face(faces, load_shapes())


def camera(yaw: float, pitch: float = 0.05, roll: float = 0.1, distance: float = 1.2) -> PortraitCamera:
    turn = _rotation(np.array([pitch, 0, 0])) @ _rotation(np.array([0, yaw, 0]))
    turn = _rotation(np.array([0, 0, roll])) @ turn
    return PortraitCamera(turn, np.array([320.0, 300.0]), 1500.0, distance)


def portraits(faces: Faces, model: LinearFace, shape: np.ndarray, yaws: tuple[float, ...]) -> list[Face]:
    """Landmarks that a person would have, smiling a little."""
    units = np.zeros((len(yaws), len(UNITS)))
    units[:, UNITS.index("mouthSmileLeft")] = units[:, UNITS.index("mouthSmileRight")] = 0.4
    truth = Fit(shape, tuple(camera(yaw) for yaw in yaws), units)
    scores = dict.fromkeys(UNITS, 0.0) | dict.fromkeys(("mouthSmileLeft", "mouthSmileRight"), 0.4 / 0.9)
    out = []
    for k, yaw in enumerate(yaws):
        points = np.zeros((478, 3))
        points[: len(model.rest), :2] = expected_landmarks(faces, model, truth, k)
        out.append(Face(points, scores, float(np.degrees(yaw)), -3.0))
    return out


def test_pixels_move_as_the_rates_say() -> None:
    rng = np.random.default_rng(1)
    points, moves = MIDDLE + rng.normal(0, 0.05, (9, 3)), rng.normal(0, 1e-5, (2, 9, 3))
    view = camera(0.3)
    for move, rate in zip(moves, view.rates(points, moves), strict=True):
        moved = (view.project(points + move) - view.project(points))[:, :2] / view.scale
        assert np.allclose(moved, rate, atol=1e-8)


def test_the_way_a_head_faces() -> None:
    yaw, pitch = facing(camera(0.4, 0.2, 0.0).turn)
    assert yaw == pytest.approx(np.arctan2(np.sin(0.4), np.cos(0.4) * np.cos(0.2)), abs=1e-6) and pitch > 0.1
    turn = camera(0.0, 0.0, 0.5).turn
    up = turn[:2, 1] * [1, -1]
    assert np.allclose(upright(turn) @ up / np.linalg.norm(up), [0, -1])


def test_a_shape_is_found_again_and_better_from_three_sides(faces: Faces, model: LinearFace) -> None:
    rng = np.random.default_rng(3)
    shape = np.zeros(len(faces.components))
    shape[:30] = rng.normal(0, 1, 30)
    growth = model.growth()
    shape -= growth * (growth @ shape) / (growth @ growth)  # of the usual size
    errors = []
    for yaws in ((0.0,), (0.0, 0.5, -0.5)):
        seen = portraits(faces, model, shape, yaws)
        fit = fit_faces(faces, model, seen)
        found, truth = (np.tensordot(s, model.shapes, 1) for s in (fit.shape, shape))
        away = found - truth
        errors.append(1e3 * np.sqrt(((away - away.mean(0)) ** 2).sum(1).mean()))
        for k, face in enumerate(seen):
            missed = expected_landmarks(faces, model, fit, k) - face.points[: len(model.rest), :2]
            assert np.abs(missed).mean() < 1.0  # pixels
        assert np.abs(fit.units[:, UNITS.index("mouthSmileLeft")] - 0.4).max() < 0.1
        assert (fit.units >= -1e-6).all() and (fit.units <= 1 + 1e-6).all()
    assert errors[1] < errors[0] < 2.0  # millimetres; the mean face is farther
    assert errors[1] < 1.0


def test_a_warped_head_shows_the_landmarks_with_its_lips_sealed(faces: Faces, model: LinearFace) -> None:
    space = load_shapes()
    (seen,) = portraits(faces, model, np.zeros(len(faces.components)), (0.0,))
    points = seen.points.copy()
    points[:, :2] += np.random.default_rng(5).normal(0, 0.5, (len(points), 2))
    points[4, 0] += 6  # the nose, pushed to one side by 4 mm
    moved = replace(seen, points=points)
    fit = fit_faces(faces, model, [moved])
    straight = faces.head(space, fit.shape)
    head = warped_head(faces, straight, fit, [moved])
    gap = head.rims.gap(head.limit(head.rest)) * 100
    assert gap.min() > -0.4 and gap.max() < 0.05  # millimetres
    change = np.linalg.norm(head.rest - straight.rest, axis=1)
    teeth = head.groups["helper-upper-teeth"]
    assert change.max() > 0.01 and not change[teeth].any()
    for name in ("helper-l-eye", "helper-r-eye"):  # eyeballs stay round
        shift = (head.rest - straight.rest)[head.groups[name]]
        assert np.abs(shift - shift[0]).max() < 1e-9


def test_every_expected_unit_is_a_unit() -> None:
    assert set(EXPECTED) <= set(load_shapes().units)
