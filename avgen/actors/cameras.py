"""An actor's cameras, read from its description and checked, so that a broken one stops no clip half-way."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from avgen.avatars.views import CAMERA_NAME, Captured, Extent, Vector, View
from avgen.documents import check_keys
from avgen.errors import ActorError, AvgenError

CAMERAS: Final = "cameras"
CAPTURED: Final = "captured"
EXTENT: Final = "extent"
"""Key of the cameras that show the body."""
_FARTHEST: Final = 100.0
"""Metres of any coordinate."""
_SIDE: Final = (0.05, _FARTHEST)
"""Metres of an extent's sides."""
_RANGES: Final = {
    "yaw": (-180.0, 180.0),
    "pitch": (-80.0, 80.0),
    "distance": (0.05, _FARTHEST),
    "field_of_view": (1.0, 120.0),
}
"""Least and greatest value of a camera's numbers; straight above, right and left lose their meaning."""


def read_cameras(path: Path, values: Mapping[str, Any]) -> dict[str, View]:
    """Views of an actor's description, by name.

    Args:
        path: of the description, for messages.
        values: of it, of which `cameras` and `captured` are read; without the latter all may be shown.

    Raises:
        ActorError: naming the file, the key, and what was expected.
    """
    cameras = values[CAMERAS]
    if not isinstance(cameras, dict) or not cameras:
        raise ActorError(f"{path}: {CAMERAS}: expected a mapping of names to cameras, got {cameras!r}.")
    captured = _captured(f"{path}: {CAPTURED}", values[CAPTURED]) if CAPTURED in values else None
    return {name: _view(f"{path}: {CAMERAS}", name, cameras[name], captured) for name in cameras}


def _view(where: str, name: Any, values: Any, captured: Captured | None) -> View:
    if not isinstance(name, str) or not CAMERA_NAME.fullmatch(name):
        raise ActorError(f"{where}: expected names of letters, digits and hyphens, got {name!r}.")
    where = f"{where}: {name}"
    if isinstance(values, dict) and EXTENT in values:
        return _body_view(where, values)
    _check_keys(where, values, {"target", *_RANGES})
    yaw, pitch, distance, angle = (_number(f"{where}: {key}", values[key], *_RANGES[key]) for key in _RANGES)
    view = View(
        _point(f"{where}: target", values["target"]), yaw, pitch, distance, angle, captured, fits=True
    )
    if captured is not None and not all(_low_and_in_front(view, point) for point in captured.rim):
        raise ActorError(f"{where}: expected a camera in front of {CAPTURED}: rim, and a target above it.")
    return view


def _body_view(where: str, values: Mapping[str, Any]) -> View:
    """A camera that shows the body: an extent in place of a field of view."""
    ranges = {key: limits for key, limits in _RANGES.items() if key != "field_of_view"}
    _check_keys(where, values, {"target", EXTENT, *ranges})
    yaw, pitch, distance = (_number(f"{where}: {key}", values[key], *ranges[key]) for key in ranges)
    sides = values[EXTENT]
    _check_keys(f"{where}: {EXTENT}", sides, Extent.__slots__)
    extent = Extent(*(_number(f"{where}: {EXTENT}: {key}", sides[key], *_SIDE) for key in Extent.__slots__))
    angle = 2 * math.degrees(math.atan(max(extent.half_width, extent.half_height) / distance))
    return View(_point(f"{where}: target", values["target"]), yaw, pitch, distance, angle, extent=extent)


def _captured(where: str, values: Any) -> Captured:
    _check_keys(where, values, {"rim", "chin", "least_half_side"})
    if not isinstance(values["rim"], list) or not values["rim"]:
        raise ActorError(f"{where}: rim: expected a list of points, got {values['rim']!r}.")
    return Captured(
        tuple(_point(f"{where}: rim", point) for point in values["rim"]),
        _point(f"{where}: chin", values["chin"]),
        _number(f"{where}: least_half_side", values["least_half_side"], 0.001, _FARTHEST),
    )


def _low_and_in_front(view: View, point: Vector) -> bool:
    """Whether a point lies before the camera and in the lower half of its pictures."""
    a, b = math.radians(view.yaw), math.radians(view.pitch)
    x, y, z = (p - t for p, t in zip(point, view.target, strict=True))
    nearer = x * math.sin(a) + z * math.cos(a)
    depth = view.distance - nearer * math.cos(b) - y * math.sin(b)
    return depth > 0 and y * math.cos(b) < nearer * math.sin(b)


def _check_keys(where: str, values: Any, keys: Collection[str]) -> None:
    """Refuse what is not a mapping of exactly these keys."""
    if not isinstance(values, dict):
        raise ActorError(f"{where}: expected a mapping of {', '.join(sorted(keys))}, got {values!r}.")
    try:
        check_keys(values, keys, where)
    except AvgenError as error:
        raise ActorError(str(error)) from None
    if missing := sorted(set(keys) - set(values)):
        raise ActorError(f"{where}: missing: {', '.join(missing)}.")


def _point(where: str, values: Any) -> Vector:
    if not isinstance(values, list) or len(values) != 3:
        raise ActorError(f"{where}: expected x, y and z in metres, got {values!r}.")
    x, y, z = (_number(where, value, -_FARTHEST, _FARTHEST) for value in values)
    return x, y, z


def _number(where: str, value: Any, least: float, most: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise ActorError(f"{where}: expected a number from {least:g} to {most:g}, got {value!r}.")
    return float(value) + 0.0  # minus zero is zero
