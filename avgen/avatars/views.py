"""Where the picture is taken from."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from avgen.config import camera_numbers
from avgen.errors import InputError
from avgen.types import FloatArray

Vector = tuple[float, float, float]
PORTRAIT_TARGET: Final[Vector] = (0.0, 0.640, 0.040)
PORTRAIT_DISTANCE: Final = 1.25


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera in world space: metres, Y up, Z towards the viewer.

    Attributes:
        position: of the pinhole.
        target: the point in the middle of the picture.
        focal: focal length in units of half the picture's shorter side.
    """

    position: Vector
    target: Vector
    focal: float

    @property
    def axes(self) -> FloatArray:
        """Rows [3, 3]: right, up and forward of the picture."""
        forward = np.subtract(self.target, self.position)
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, (0.0, 1.0, 0.0))
        right = right / np.linalg.norm(right)
        return np.stack([right, np.cross(right, forward), forward]).astype(np.float32)

    def pixels_per_tangent(self, width: int, height: int) -> float:
        """Pixels that one unit of x / depth spans in a picture of this size."""
        return self.focal * min(width, height) / 2

    def project(self, points: FloatArray, width: int, height: int) -> FloatArray:
        """Pixel x, pixel y (from the top left corner) and depth in metres [..., 3] of points [..., 3]."""
        seen = (points - np.array(self.position, np.float32)) @ self.axes.T
        scale = np.float32(self.pixels_per_tangent(width, height)) / seen[..., 2]
        x = np.float32(width / 2) + seen[..., 0] * scale
        y = np.float32(height / 2) - seen[..., 1] * scale
        return np.stack([x, y, seen[..., 2]], -1).astype(np.float32)


def orbit(
    yaw: float, pitch: float, distance: float, focal: float, target: Vector = PORTRAIT_TARGET
) -> Camera:
    """Camera on a sphere about a target.

    Args:
        yaw: degrees to the viewer's right.
        pitch: degrees upwards.
        distance: metres from the target.
        focal: as in `Camera`.
        target: what to look at.
    """
    a, b = np.radians(yaw), np.radians(pitch)
    offset = distance * np.array([np.sin(a) * np.cos(b), np.sin(b), np.cos(a) * np.cos(b)])
    x, y, z = np.add(target, offset)
    return Camera((float(x), float(y), float(z)), target, focal)


PITCH: Final = float(np.degrees(np.arcsin(0.01 / PORTRAIT_DISTANCE)))
FACE_TARGET: Final[Vector] = (0.0, 0.655, 0.060)
CAMERAS: Final = {
    "portrait": orbit(0, PITCH, PORTRAIT_DISTANCE, 6.0),
    "close-up": orbit(0, PITCH, PORTRAIT_DISTANCE, 8.6, FACE_TARGET),
    "medium": orbit(0, PITCH, PORTRAIT_DISTANCE, 5.2, (0.0, 0.670, 0.040)),
    "three-quarter-left": orbit(-25, PITCH, PORTRAIT_DISTANCE, 6.2),
    "three-quarter-right": orbit(25, PITCH, PORTRAIT_DISTANCE, 6.2),
}


BUST_RIM: Final = np.array([(-0.20, 0.40, 0.0), (0.20, 0.40, 0.0), (0.0, 0.40, 0.12)])
"""Points [3, 3] of the arms and the chest below which the actor was never captured."""
CHIN: Final = np.array([(0.0, 0.54, 0.10)])
"""A point [1, 3] below the open mouth."""
LEAST_HALF_SIDE: Final = 0.155
"""Metres that a named camera shows to each side of its target at least: the head, turning and swaying."""


def camera_for(text: str, width: int, height: int) -> Camera:
    """Camera for a picture of some size; the lower end of the bust never shows.

    A tall picture sees further down than a square one. A named camera then comes closer, and any camera rises
    as far as is still needed and the chin allows.

    Args:
        text: a key of CAMERAS, or `yaw,pitch,distance,fov`: degrees to the viewer's right, degrees upwards,
            metres from the middle of the head, and degrees across the picture's shorter side.
        width: of the picture, pixels.
        height: of the picture, pixels.

    Raises:
        InputError: the name is unknown, or a number out of range.
    """
    numbers = camera_numbers(text)
    if numbers is not None:
        yaw, pitch, distance, fov = numbers
        camera = orbit(yaw, pitch, distance, 1 / math.tan(math.radians(fov) / 2))
    else:
        camera = camera_named(text)
        lowest = _lowest_tangent(camera)
        zoom = height / (2 * camera.pixels_per_tangent(width, height) * lowest)
        closest = max(PORTRAIT_DISTANCE / LEAST_HALF_SIDE, camera.focal)
        camera = replace(camera, focal=min(camera.focal * max(zoom, 1.0), closest))
    return _risen(camera, height / (2 * camera.pixels_per_tangent(width, height)))


def camera_named(name: str) -> Camera:
    """One of CAMERAS.

    Raises:
        InputError: the name is unknown.
    """
    if name not in CAMERAS:
        raise InputError(f"unknown camera {name!r}: choose one of {', '.join(CAMERAS)}")
    return CAMERAS[name]


def _lowest_tangent(camera: Camera) -> float:
    """How far below the middle of the picture its lower edge may lie, as a tangent."""
    _, up, forward = camera.axes
    offset = BUST_RIM - np.array(camera.position)
    return float(np.min(-(offset @ up) / (offset @ forward)))


def _risen(camera: Camera, edge: float) -> Camera:
    """Camera raised until a lower edge at this tangent lies above the bust's rim, but below the chin."""
    _, up, forward = camera.axes
    offset = np.concatenate([BUST_RIM, CHIN]) - np.array(camera.position)
    lift = (offset @ up + edge * (offset @ forward)) / (up[1] + edge * forward[1])
    rise = max(min(float(lift[:-1].max()), float(lift[-1])), 0.0)
    x, y, z = camera.position
    a, b, c = camera.target
    return replace(camera, position=(x, y + rise, z), target=(a, b + rise, c))
