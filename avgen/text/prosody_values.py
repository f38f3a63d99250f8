"""Values of SSML attributes: lengths of pauses, tempo, pitch and volume."""

from __future__ import annotations

import math
import re
from typing import Final

from avgen.text.script import Prosody

BREAKS: Final = {"none": 0.0, "x-weak": 0.1, "weak": 0.25, "medium": 0.5, "strong": 0.8, "x-strong": 1.5}
"""Seconds of a break by its strength."""
RATES: Final = {"x-slow": 0.6, "slow": 0.8, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
PITCHES: Final = {"x-low": -4.0, "low": -2.0, "medium": 0.0, "default": 0.0, "high": 2.0, "x-high": 4.0}
VOLUMES: Final = {"x-soft": -12.0, "soft": -6.0, "medium": 0.0, "default": 0.0, "loud": 4.0, "x-loud": 8.0}
EMPHASIS: Final = {
    "none": Prosody(),
    "reduced": Prosody(1.1, -0.5, -2.0),
    "moderate": Prosody(0.9, 1.0, 2.0),
    "strong": Prosody(0.8, 2.0, 4.0),
}
"""Stressed words are slower, higher and louder; the sizes are ours."""
_RATE_RANGE = (0.5, 2.0)
_PITCH_RANGE = (-12.0, 12.0)
_VOLUME_RANGE = (-24.0, 12.0)
_TIME = re.compile(r"\+?(\d+(?:\.\d*)?|\.\d+)\s*(ms|s)", re.IGNORECASE)
_NUMBER = re.compile(r"([-+]?)(\d+(?:\.\d*)?|\.\d+)\s*(%|st|dB)?", re.IGNORECASE)


def seconds(text: str) -> float | None:
    """Read `500ms` or `1.5s`; None for anything else."""
    match = _TIME.fullmatch(text.strip())
    return float(match[1]) / (1000 if match[2].lower() == "ms" else 1) if match else None


def rate(text: str) -> float:
    """Read a tempo: `slow`, `80%` or `0.8` of the usual one, `-20%` for a change of it.

    Raises:
        ValueError: says what is expected.
    """
    value, match = RATES.get(text.strip().lower()), _NUMBER.fullmatch(text.strip())
    if value is None and match and match[3] in ("%", None):
        number = float(match[2]) / (100 if match[3] else 1)
        value = 1 + number * (-1 if match[1] == "-" else 1) if match[1] else number
    if value is None:
        raise ValueError(_expected(RATES, "80%, -20% or 0.8"))
    return _inside(value, _RATE_RANGE, "times the usual rate")


def pitch(text: str) -> float:
    """Read a pitch in semitones: `high`, `+2st`, `-10%`.

    Raises:
        ValueError: says what is expected.
    """
    value, match = PITCHES.get(text.strip().lower()), _NUMBER.fullmatch(text.strip())
    if value is None and match and match[1] and match[3]:
        number = float(match[1] + match[2])
        if match[3].lower() == "st":
            value = number
        elif match[3] == "%" and number > -100:
            value = 12 * math.log2(1 + number / 100)
    if value is None:
        raise ValueError(_expected(PITCHES, "a change such as +2st or -10%"))
    return _inside(value, _PITCH_RANGE, "semitones")


def volume(text: str) -> float:
    """Read a volume in decibels: `loud`, `+6dB`.

    Raises:
        ValueError: says what is expected.
    """
    value, match = VOLUMES.get(text.strip().lower()), _NUMBER.fullmatch(text.strip())
    if value is None and match and match[1] and (match[3] or "").lower() == "db":
        value = float(match[1] + match[2])
    if value is None:
        raise ValueError(_expected(VOLUMES, "a change such as +6dB"))
    return _inside(value, _VOLUME_RANGE, "decibels")


def check(prosody: Prosody) -> None:
    """Refuse what nested marks add up to beyond the range of a single one.

    Raises:
        ValueError: says which range is left.
    """
    _inside(prosody.rate, _RATE_RANGE, "times the usual rate")
    _inside(prosody.pitch, _PITCH_RANGE, "semitones")
    _inside(prosody.volume, _VOLUME_RANGE, "decibels")


def _expected(names: dict[str, float], example: str) -> str:
    return f"expected {', '.join(names)}, or {example}"


def _inside(value: float, limits: tuple[float, float], unit: str) -> float:
    low, high = limits
    if not low - 1e-9 <= value <= high + 1e-9:
        raise ValueError(f"expected {low:g} to {high:g} {unit}, got {value:g}")
    return value
