"""Where an actor is seen from: how people name it, and the value that it becomes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from avgen.errors import InputError

if TYPE_CHECKING:
    from avgen.avatars.camera import Camera

Vector = tuple[float, float, float]
CAMERA_LIMITS: Final = (("yaw", -40, 40), ("pitch", -25, 25), ("distance", 0.4, 5), ("field of view", 4, 60))
"""Least and greatest value of the numbers that describe a camera: degrees, degrees, metres, degrees."""
CAMERA_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_FORMS: Final = "a name, or yaw,pitch,distance,fov such as 20,5,1.2,18"


@dataclass(frozen=True, slots=True)
class CameraChoice:
    """What a person asked for: one of an actor's cameras by its name, or four numbers.

    Attributes:
        text: the one spelling that keys use: the name, or the numbers with six digits, commas between them.
        numbers: yaw and pitch in degrees, distance in metres, field of view in degrees; None for a name.
    """

    text: str
    numbers: tuple[float, float, float, float] | None = None

    @classmethod
    def parse(cls, text: object) -> CameraChoice:
        """Read a name or `yaw,pitch,distance,fov`; whether an actor has a camera of that name is not known.

        Raises:
            InputError: if it is neither, or a number lies outside CAMERA_LIMITS.
        """
        if isinstance(text, str) and "," in text:
            numbers = _read_numbers(text)
            yaw, pitch, distance, field_of_view = (float(value) for value in numbers)
            return cls(",".join(numbers), (yaw, pitch, distance, field_of_view))
        if not isinstance(text, str) or not CAMERA_NAME.fullmatch(text):
            raise InputError(f"camera: expected {_FORMS}, got {text!r}.")
        return cls(text)

    @property
    def label(self) -> str:
        """As file names spell it: the name itself, numbers as in `y20p5d1.2f18`."""
        if self.numbers is None:
            return self.text
        return "".join(letter + value for letter, value in zip("ypdf", self.text.split(","), strict=True))


@dataclass(frozen=True, slots=True)
class Captured:
    """How far an actor was captured: what lies beyond is nowhere, and no picture may show it.

    Attributes:
        rim: points in world metres, of the arms and the chest, below which there is nothing.
        chin: a point below the open mouth, which is never cut off to keep the rim out of the picture.
        least_half_side: metres that a view shows to each side of its target at least, however close it comes.
    """

    rim: tuple[Vector, ...]
    chin: Vector
    least_half_side: float


@dataclass(frozen=True, slots=True)
class Extent:
    """What of a person with a body a view shows at least, whatever the picture's shape.

    Attributes:
        half_width: metres to each side of the target, at its distance.
        half_height: metres above the target, and below.
    """

    half_width: float
    half_height: float


@dataclass(frozen=True, slots=True)
class View:
    """From where, towards what, and how much of it: a camera before the picture's size is known.

    World space: metres, Y up, Z towards the viewer.

    Attributes:
        target: the point in the middle of the picture.
        yaw: of the camera about the target, degrees to the viewer's right.
        pitch: likewise, degrees upwards.
        distance: metres from the target.
        field_of_view: degrees across the picture's shorter side.
        captured: what may be shown; None if there is no end to it.
        fits: whether it comes closer in a tall picture, instead of showing what was not captured.
        extent: what it shows of a person's body, and then in place of `captured` and `fits`; None for the
            bust alone.
    """

    target: Vector
    yaw: float
    pitch: float
    distance: float
    field_of_view: float
    captured: Captured | None = None
    fits: bool = False
    extent: Extent | None = None

    @property
    def shows_body(self) -> bool:
        """Whether more than the bust is drawn."""
        return self.extent is not None

    @property
    def focal(self) -> float:
        """Focal length in units of half the picture's shorter side."""
        return 1 / math.tan(math.radians(self.field_of_view) / 2)

    def camera(self, width: int, height: int) -> Camera:
        """Camera for a picture of some size in pixels; the end of what was captured does not show."""
        from avgen.avatars.camera import camera_for

        return camera_for(self, width, height)

    def to_json(self) -> dict[str, Any]:
        """Return the view as what JSON can hold; equal views give equal values."""
        values = asdict(self)
        if self.extent is None:
            del values["extent"]  # views of the bust are told as they always were: keys depend on it
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> View:
        """Return the view of what `to_json` made."""
        captured = values["captured"]
        if captured is not None:
            rim = tuple(_vector(point) for point in captured["rim"])
            captured = Captured(rim, _vector(captured["chin"]), captured["least_half_side"])
        extent = Extent(**values["extent"]) if "extent" in values else None
        return cls(**{**values, "target": _vector(values["target"]), "captured": captured, "extent": extent})


def _read_numbers(text: str) -> list[str]:
    """Split `yaw,pitch,distance,fov` into plain spellings of its numbers."""
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != len(CAMERA_LIMITS):
        raise InputError(f"camera: expected {_FORMS}, got {text!r}.")
    for (name, least, most), value in zip(CAMERA_LIMITS, values, strict=True):
        if not least <= value <= most:
            raise InputError(f"camera: {name}: expected a number from {least} to {most}, got {value!r}.")
    return [f"{value + 0.0:.6g}" for value in values]  # adding zero makes minus zero zero


def _vector(values: Any) -> Vector:
    x, y, z = values
    return x, y, z
