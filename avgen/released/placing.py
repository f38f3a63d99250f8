"""How large a released body is, and cameras that show it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor

_UNITS: Final = ((300.0, 0.001), (10.0, 0.01), (0.0, 1.0))
"""Least extent of a body in some unit, and metres of that unit: millimetres, centimetres, metres."""
_FIELDS: Final = {"body": (1.1, 30.0), "portrait": (0.45, 20.0)}
"""Share of the body's height that a camera shows, and its field of view in degrees."""


def rest_world(constants: Mapping[str, Tensor]) -> Tensor:
    """Own units to metres [3, 4], judged by the size of the template."""
    template = constants["lbs_fn.lbs_template_verts"].float() * constants["lbs_fn.global_scaling"].float()
    extent = float((template.amax(0) - template.amin(0)).max())
    metres = next(metres for least, metres in _UNITS if extent >= least)
    return torch.eye(3, 4) * metres


def frame_body(vertices: Tensor) -> dict[str, dict[str, Any]]:
    """Cameras in front of a body, as in actor.yaml.

    Args:
        vertices: [V, 3] posed, world metres.
    """
    low, high = vertices.amin(0), vertices.amax(0)
    x, y, z = ((low + high) / 2).tolist()
    height = float(high[1] - low[1])
    cameras = {}
    for name, (share, field_of_view) in _FIELDS.items():
        distance = share * height / 2 / math.tan(math.radians(field_of_view) / 2)
        middle = y if share > 1 else float(high[1]) - 0.4 * share * height
        cameras[name] = {
            "target": [round(value, 4) for value in (x, middle, z)],
            "yaw": 0.0,
            "pitch": 0.0,
            "distance": round(distance, 4),
            "field_of_view": field_of_view,
        }
    return cameras
