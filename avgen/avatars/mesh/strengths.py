"""Face codes whose parts move more or less, as a style asks.

Strengths multiply channels, which are 0 in a face at rest. Closures are shares of a full closure, solved
after that: a jaw that opens twice as wide still ends in closed lips.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from avgen.avatars.mesh.codec import BLINKS, FaceCodec
from avgen.style import Style
from avgen.types import FloatArray

_PARTS: Final = {
    "lip_closing": ("mouthClose", "mouthPress"),
    "upper_face": ("brow", "noseSneer", "cheekSquint"),
    "lower_face": ("jaw", "mouth", "cheekPuff", "tongue"),
    "eyelids": ("eyeBlink", "eyeWide", "eyeSquint"),
}
"""Beginnings of units' names by the part of the style; the first that fits counts, gaze is in none."""


def unit_strengths(units: tuple[str, ...], style: Style) -> FloatArray:
    """Strength [U] of every unit."""
    strengths = np.ones(len(units), np.float32)
    for place, unit in enumerate(units):
        for part, beginnings in _PARTS.items():
            if unit.startswith(beginnings):
                strengths[place] = getattr(style, part)
                break
    return strengths


def restyle(codec: FaceCodec, codes: FloatArray, style: Style) -> FloatArray:
    """Codes [N, C] in a style; what it leaves alone stays to the bit."""
    strengths = unit_strengths(codec.units, style)
    channels = codec.channels(codes)
    moved = channels * strengths
    for name in BLINKS:
        unit = codec.unit(name)
        moved[..., unit] = _blink(channels[..., unit], float(strengths[unit]))
    changed: FloatArray = np.where(strengths[codec.active] == 1, codes, codec.encode(moved))
    return changed


def _blink(closure: FloatArray, strength: float) -> FloatArray:
    """Closure [N] of a lid: small ones are multiplied, full ones stay full, and none overtakes another."""
    within = np.clip(closure, 0, 1)
    return closure * (strength + (1 - strength) * within)
