"""The pinhole camera that takes a picture, and where a view puts it for a picture's size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from avgen.avatars.views import Captured, Extent, Vector, View
from avgen.types import FloatArray


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


def orbit(yaw: float, pitch: float, distance: float, focal: float, target: Vector) -> Camera:
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


def camera_for(view: View, width: int, height: int) -> Camera:
    """Camera of a view for a picture of some size; the rim of what was captured never shows.

    A tall picture sees further down than a square one. A view that fits then comes closer, and any view rises
    as far as is still needed and the chin allows. One of a body shows all of its extent.

    Args:
        view: from where.
        width: of the picture, pixels.
        height: of the picture, pixels.
    """
    camera = orbit(view.yaw, view.pitch, view.distance, view.focal, view.target)
    if view.extent is not None:
        return _showing(camera, view.extent, view.distance, width, height)
    if view.captured is None:
        return camera
    if view.fits:
        zoom = height / (
            2 * camera.pixels_per_tangent(width, height) * _lowest_tangent(camera, view.captured)
        )
        closest = max(view.distance / view.captured.least_half_side, camera.focal)
        camera = replace(camera, focal=min(camera.focal * max(zoom, 1.0), closest))
    return _risen(camera, view.captured, height / (2 * camera.pixels_per_tangent(width, height)))


def _showing(camera: Camera, extent: Extent, distance: float, width: int, height: int) -> Camera:
    """Camera that shows all of an extent, whose upper edge a taller picture has, too."""
    shorter = min(width, height)
    half_side = max(extent.half_width * shorter / width, extent.half_height * shorter / height)
    drop = half_side * height / shorter - extent.half_height
    x, y, z = camera.position
    a, b, c = camera.target
    return Camera((x, y - drop, z), (a, b - drop, c), distance / half_side)


def _lowest_tangent(camera: Camera, captured: Captured) -> float:
    """How far below the middle of the picture its lower edge may lie, as a tangent."""
    _, up, forward = camera.axes
    offset = np.array(captured.rim) - np.array(camera.position)
    return float(np.min(-(offset @ up) / (offset @ forward)))


def _risen(camera: Camera, captured: Captured, edge: float) -> Camera:
    """Camera raised until a lower edge at this tangent lies above the rim, but below the chin."""
    _, up, forward = camera.axes
    offset = np.array([*captured.rim, captured.chin]) - np.array(camera.position)
    lift = (offset @ up + edge * (offset @ forward)) / (up[1] + edge * forward[1])
    rise = max(min(float(lift[:-1].max()), float(lift[-1])), 0.0)
    x, y, z = camera.position
    a, b, c = camera.target
    return replace(camera, position=(x, y + rise, z), target=(a, b + rise, c))
