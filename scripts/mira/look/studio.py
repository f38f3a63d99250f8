"""The studio: lights, backdrop and portrait camera, as plain numbers.

Shared by the path tracer and by the run-time fit. Metres on Blender's axes (X to the actor's left, Y away
from the viewer, Z up).
"""

from __future__ import annotations

from dataclasses import dataclass

Vector3 = tuple[float, float, float]

LIGHT_AIM: Vector3 = (0.0, -0.08, 0.65)
"""Point that every area light faces."""


@dataclass(frozen=True, slots=True)
class AreaLight:
    """A rectangular light.

    Attributes:
        name: label.
        position: its centre.
        size: width and height, metres.
        power: watts.
        colour: linear RGB.
        glossy: whether mirror-like surfaces show it.
    """

    name: str
    position: Vector3
    size: tuple[float, float]
    power: float
    colour: Vector3
    glossy: bool = True


LIGHTS = (
    AreaLight("key", (-0.80, -1.05, 1.10), (0.60, 0.60), 21, (1, 0.955, 0.90)),
    AreaLight("fill", (1.15, -1.0, 0.70), (1.3, 1.3), 3.6, (0.90, 0.95, 1)),
    AreaLight("rim_left", (-0.75, 1.0, 1.10), (0.25, 0.8), 5, (1, 0.98, 0.95)),
    AreaLight("rim_right", (0.85, 0.85, 1.05), (0.25, 0.8), 9, (0.93, 0.97, 1)),
    AreaLight("low", (0.0, -1.0, 0.15), (0.9, 0.4), 1.3, (1, 0.94, 0.9), glossy=False),
)
AMBIENT_COLOUR: Vector3 = (0.55, 0.60, 0.66)
AMBIENT_STRENGTH = 0.13

FOCAL_LENGTH = 108.0
"""Millimetres on a sensor 36 mm wide."""
SENSOR_WIDTH = 36.0
