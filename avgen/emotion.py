"""Emotions as people write them (`happy:0.7,surprised:0.2`) and as the flow reads them (a row of weights)."""

from __future__ import annotations

import math
import re
from typing import Final

from avgen.errors import InputError

EMOTIONS: Final = ("happy", "sad", "angry", "surprised", "energy")
"""Columns of the emotion stream: four weights >= 0 that sum to at most 1 (the rest is neutral), and energy in
[-1, 1], 0 for the liveliness that the text itself suggests."""
NEUTRAL: Final = "neutral"
_EXAMPLE: Final = "Write for example happy:0.7,surprised:0.2 or neutral."


def parse_emotion(text: str) -> tuple[float, ...]:
    """Read `neutral`, or names of EMOTIONS with weights; a name alone has weight 1.

    Returns:
        One number per column of EMOTIONS.

    Raises:
        InputError: for an unknown or repeated name, or a weight out of range.
    """
    weights = dict.fromkeys(EMOTIONS, 0.0)
    if text.strip().lower() == NEUTRAL:
        return tuple(weights.values())
    seen: set[str] = set()
    for part in text.split(","):
        name, _, number = (piece.strip() for piece in part.lower().partition(":"))
        if name not in EMOTIONS:
            raise InputError(
                f"unknown emotion {name!r} in {text!r}. Known: {', '.join((NEUTRAL, *EMOTIONS))}. {_EXAMPLE}"
            )
        if name in seen:
            raise InputError(f"emotion {name!r} stands twice in {text!r}. {_EXAMPLE}")
        if number and not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)", number):
            raise InputError(f"{number!r} in {text!r} is not a number. {_EXAMPLE}")
        seen.add(name)
        weights[name] = float(number) if number else 1.0
        least = -1.0 if name == "energy" else 0.0
        if not least <= weights[name] <= 1.0:
            raise InputError(f"{name}: expected a weight from {least:g} to 1 in {text!r}. {_EXAMPLE}")
    if math.fsum(weights[name] for name in EMOTIONS[:-1]) > 1.0 + 1e-9:
        raise InputError(f"the weights of emotions in {text!r} add up to more than 1. {_EXAMPLE}")
    return tuple(weights.values())


def format_emotion(weights: tuple[float, ...]) -> str:
    """Write weights so that `parse_emotion` reads them again; equal emotions give equal text."""
    parts = [f"{name}:{weight:g}" for name, weight in zip(EMOTIONS, weights, strict=True) if weight]
    return ",".join(parts) or NEUTRAL
