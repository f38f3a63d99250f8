"""Landmarks of one or several photographs -> shape, and of each photograph its camera and expression.

Maximum a posteriori: landmarks are the projected points of a linear face plus Gaussian noise, shapes are
Gaussian, expressions are one-sided and small; Gauss-Newton steps within bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.portrait.landmarks import Face
from avgen.casting.portrait.space import EXPECTED, NUM_POSE, UNITS, Faces, LinearFace, pose_features, upright

Array = NDArray[np.float64]

MIDDLE: Final = np.array([0.0, 0.655, 0.06])
"""Metres: the point of the head about which cameras are described."""
DISTANCE, DISTANCE_SPREAD = 1.2, 0.35
"""Metres from which portraits are taken, and standard deviation of the logarithm; a picture hardly tells."""
DOUBT: Final = 1.6
"""How much more landmarks of photographs scatter than those of drawings."""
SIZE_SPREAD: Final = 0.01
"""Standard deviation of faces' sizes, which no photograph tells: all are nearly alike."""
LARGEST_SHAPE: Final = 3.5
"""Standard deviations."""
ROUNDS: Final = 12
NUM_CAMERA: Final = 7
_LEAST_TRUST: Final = 0.15
_TURN, _MOVE, _ZOOM = 0.4, 0.05, 0.2
"""Largest step of a camera in one round: radians, metres, logarithm."""


@dataclass(frozen=True, slots=True)
class PortraitCamera:
    """The camera of a photograph: a pinhole, its axis anywhere in the picture.

    Attributes:
        turn: [3, 3] rotation from the world to the camera's axes, X to the right, Y up, Z towards it.
        shift: [2] pixel at which MIDDLE is seen.
        scale: pixels of a metre at MIDDLE's depth.
        distance: metres from MIDDLE.
    """

    turn: Array
    shift: Array
    scale: float
    distance: float

    def project(self, points: Array) -> Array:
        """Pixel x, pixel y and depth in metres [n, 3] of world points [n, 3]."""
        seen = (points - MIDDLE) @ self.turn.T
        depth = self.distance - seen[:, 2]
        scale = self.scale * self.distance / depth
        return np.stack([self.shift[0] + seen[:, 0] * scale, self.shift[1] - seen[:, 1] * scale, depth], 1)

    def towards(self, points: Array) -> Array:
        """Unit directions [n, 3] from world points to the camera."""
        away = MIDDLE + self.turn.T @ np.array([0, 0, self.distance]) - points
        unit: Array = away / np.linalg.norm(away, axis=1, keepdims=True)
        return unit

    def rates(self, points: Array, moves: Array) -> Array:
        """Change [..., n, 2] in metres across the picture (right, down) of moving points [..., n, 3]."""
        seen = (points - MIDDLE) @ self.turn.T
        depth = (self.distance - seen[:, 2]) / self.distance
        d = moves @ self.turn.T
        across = (d[..., :2] + seen[:, :2] * (d[..., 2] / depth / self.distance)[..., None]) / depth[:, None]
        out: Array = across * [1, -1]
        return out

    def moved(self, step: Array) -> PortraitCamera:
        """The camera after a step [7]: turn, shift in metres, logarithms of scale and distance."""
        return PortraitCamera(
            _rotation(np.clip(step[:3], -_TURN, _TURN)) @ self.turn,
            self.shift + self.scale * np.clip(step[3:5], -_MOVE, _MOVE),
            self.scale * float(np.exp(np.clip(step[5], -_ZOOM, _ZOOM))),
            self.distance * float(np.exp(np.clip(step[6], -_ZOOM, _ZOOM))),
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """What photographs say of a person.

    Attributes:
        shape: [K] standard deviations of the components of `Faces`.
        cameras: of the photographs.
        units: [P, len(UNITS)] weights of the face units in each.
    """

    shape: Array
    cameras: tuple[PortraitCamera, ...]
    units: Array


def fit_faces(faces: Faces, model: LinearFace, seen: Sequence[Face]) -> Fit:
    """Fit one shape, and a camera and an expression each, to photographs of one person.

    Args:
        faces: prior and noise.
        model: of the landmarks, about the mean face.
        seen: the photographs' landmarks.
    """
    targets = [face.points[: len(model.rest), :2] for face in seen]
    expected = np.array([[face.scores[unit] * EXPECTED[unit][0] for unit in UNITS] for face in seen])
    state = Fit(
        np.zeros(len(model.shapes)),
        tuple(_first_camera(model.rest, target, face) for target, face in zip(targets, seen, strict=True)),
        expected,
    )
    for _ in range(ROUNDS):
        state = _step(faces, model, targets, state, expected)
    return state


def expected_landmarks(faces: Faces, model: LinearFace, fit: Fit, k: int) -> Array:
    """Pixels [L, 2] at which the landmarker would see photograph k, were the fit true.

    Args:
        faces: habits of the landmarker.
        model: of the landmarks, its units those in UNITS.
        fit: of all photographs.
        k: which.
    """
    camera = fit.cameras[k]
    points = (
        model.rest + np.tensordot(fit.shape, model.shapes, 1) + np.tensordot(fit.units[k], model.units, 1)
    )
    missed = np.tensordot(habits_seen(fit, k), habits_of(faces, camera), 1)
    pixels: Array = camera.project(points)[:, :2] + camera.scale * missed
    return pixels


def habits_of(faces: Faces, camera: PortraitCamera) -> Array:
    """Habits [features, L, 2] of the landmarker in a picture, metres to the right and down."""
    upright_habits = faces.habits.reshape(2, len(faces.weights), -1).T
    turned: Array = upright_habits @ upright(camera.turn)
    return turned


def habits_seen(fit: Fit, k: int) -> Array:
    """Features of photograph k on which the landmarker's habits depend."""
    features: Array = np.r_[pose_features(fit.cameras[k].turn), fit.shape, fit.units[k]]
    return features


def _first_camera(rest: Array, target: Array, face: Face) -> PortraitCamera:
    """Camera in front, as far as the head is turned, as large as the face."""
    yaw, pitch = np.radians([face.yaw, -face.pitch])
    turn = _rotation(np.array([pitch, 0, 0])) @ _rotation(np.array([0, yaw, 0]))
    eyes = target[263] - target[33]
    turn = _rotation(np.array([0, 0, -np.arctan2(eyes[1], eyes[0])])) @ turn
    scale = np.linalg.norm(target.std(0)) / np.linalg.norm(rest.std(0)[:2])
    seen = (rest - MIDDLE) @ turn.T * scale
    shift = target.mean(0) - seen[:, :2].mean(0) * [1, -1]
    return PortraitCamera(turn, shift, float(scale), DISTANCE)


def _step(faces: Faces, model: LinearFace, targets: Sequence[Array], state: Fit, expected: Array) -> Fit:
    """One Gauss-Newton step of everything."""
    from scipy.optimize import lsq_linear

    num_shapes, num_units = len(model.shapes), len(UNITS)
    per_picture, whitening = NUM_CAMERA + num_units, faces.whitening / DOUBT
    size = num_shapes + per_picture * len(targets)
    hessian, gradient = np.zeros((size, size)), np.zeros(size)
    size_rate = model.growth() / SIZE_SPREAD
    hessian[:num_shapes, :num_shapes] = np.eye(num_shapes) + np.outer(size_rate, size_rate)
    gradient[:num_shapes] = -state.shape - size_rate * (size_rate @ state.shape)
    low, high = np.full(size, -np.inf), np.full(size, np.inf)
    low[:num_shapes], high[:num_shapes] = -LARGEST_SHAPE - state.shape, LARGEST_SHAPE - state.shape
    for k, (camera, target) in enumerate(zip(state.cameras, targets, strict=True)):
        start = num_shapes + k * per_picture
        own = np.r_[np.arange(num_shapes), np.arange(start, start + per_picture)]
        jacobian, missing = _linearised(faces, model, state, k, target)
        rows = whitening @ jacobian
        hessian[np.ix_(own, own)] += rows.T @ rows
        gradient[own] += rows.T @ (whitening @ missing)
        far = start + NUM_CAMERA - 1
        hessian[far, far] += 1 / DISTANCE_SPREAD**2
        gradient[far] += np.log(DISTANCE / camera.distance) / DISTANCE_SPREAD**2
        units = slice(start + NUM_CAMERA, start + per_picture)
        belief = 1 / np.array([EXPECTED[unit][1] for unit in UNITS]) ** 2
        hessian[units, units] += np.diag(belief)
        gradient[units] += belief * (expected[k] - state.units[k])
        low[units], high[units] = -state.units[k] - 1e-9, 1 - state.units[k] + 1e-9
    factor = np.linalg.cholesky(hessian + 1e-6 * np.eye(size)).T
    step = lsq_linear(factor, np.linalg.solve(factor.T, gradient), (low, high), tol=1e-5, max_iter=60).x
    parts = step[num_shapes:].reshape(len(targets), per_picture)
    cameras = [camera.moved(part[:NUM_CAMERA]) for camera, part in zip(state.cameras, parts, strict=True)]
    return Fit(state.shape + step[:num_shapes], tuple(cameras), state.units + parts[:, NUM_CAMERA:])


def _linearised(faces: Faces, model: LinearFace, state: Fit, k: int, target: Array) -> tuple[Array, Array]:
    """Jacobian [2 L, parameters] of a picture and what is missing [2 L], metres, as far as believed."""
    camera = state.cameras[k]
    points = (
        model.rest + np.tensordot(state.shape, model.shapes, 1) + np.tensordot(state.units[k], model.units, 1)
    )
    seen = camera.project(points)
    habits = habits_of(faces, camera)
    missing = (target - seen[:, :2]) / camera.scale - np.tensordot(habits_seen(state, k), habits, 1)
    at = (points - MIDDLE) @ camera.turn.T
    axes = [np.cross(axis, at) @ camera.turn for axis in np.eye(3)]
    turns = camera.rates(points, np.stack(axes))
    here = (seen[:, :2] - camera.shift) / camera.scale
    moves = np.zeros((4, *here.shape))
    moves[0, :, 0] = moves[1, :, 1] = 1
    moves[2] = here
    moves[3] = -here * (at[:, 2] / (camera.distance - at[:, 2]))[:, None]
    shapes = camera.rates(points, model.shapes) + habits[NUM_POSE : NUM_POSE + len(state.shape)]
    units = camera.rates(points, model.units) + habits[NUM_POSE + len(state.shape) :]
    rates = np.concatenate([shapes, turns, moves, units])
    trust = np.tile(believed(points, camera), 2)
    return rates.T.reshape(-1, len(rates)) * trust[:, None], missing.T.ravel() * trust


def believed(points: Array, camera: PortraitCamera) -> Array:
    """How much every landmark [L] is believed: what lies on the far side of a turned head is guessed."""
    side = (points - MIDDLE) * [1, 0, 1] + [0, 0, 0.04]
    facing = (side * camera.towards(points)).sum(1) / np.linalg.norm(side, axis=1)
    trust: Array = np.clip((facing + 0.05) / 0.35, _LEAST_TRUST, 1)
    return trust


def _rotation(vector: Array) -> Array:
    """Rotation matrix [3, 3] of a rotation vector in radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    x, y, z = vector / max(angle, 1e-12)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turn: Array = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    return turn
