"""Where the picture is taken from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

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


def camera_named(name: str) -> Camera:
    """One of CAMERAS.

    Raises:
        InputError: the name is unknown.
    """
    if name not in CAMERAS:
        raise InputError(f"unknown camera {name!r}: choose one of {', '.join(CAMERAS)}")
    return CAMERAS[name]
