"""Emotions as people write them (`happy:0.7,surprised:0.2`) and as models read them (a row of weights)."""

from __future__ import annotations

import math
import re
from typing import Final, Literal, NamedTuple

from avgen.errors import InputError

_NEUTRAL: Final = "neutral"
_EXAMPLE: Final = "Write for example happy:0.7,surprised:0.2 or neutral."


class Emotion(NamedTuple):
    """How something is said: four weights >= 0 that sum to at most 1 (the rest is neutral), and energy.

    Attributes:
        happy: weight.
        sad: weight.
        angry: weight.
        surprised: weight.
        energy: in [-1, 1], 0 for the liveliness that the text itself suggests.
    """

    happy: float = 0.0
    sad: float = 0.0
    angry: float = 0.0
    surprised: float = 0.0
    energy: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Emotion:
        """Read `neutral`, or names with weights; a name alone has weight 1.

        Raises:
            InputError: for an unknown or repeated name, or a weight out of range.
        """
        if text.strip().lower() == _NEUTRAL:
            return cls()
        weights: dict[str, float] = {}
        for part in text.split(","):
            name, _, number = (piece.strip() for piece in part.lower().partition(":"))
            _check(name, number, weights, text)
            weights[name] = float(number) if number else 1.0
            least = -1.0 if name == "energy" else 0.0
            if not least <= weights[name] <= 1.0:
                raise InputError(f"{name}: expected a weight from {least:g} to 1 in {text!r}. {_EXAMPLE}")
        if math.fsum(weight for name, weight in weights.items() if name != "energy") > 1.0 + 1e-9:
            raise InputError(f"the weights of emotions in {text!r} add up to more than 1. {_EXAMPLE}")
        return cls(**weights)

    def __str__(self) -> str:
        """Text that `parse` reads again; equal emotions give equal text."""
        parts = [f"{name}:{weight:g}" for name, weight in zip(EMOTIONS, self, strict=True) if weight]
        return ",".join(parts) or _NEUTRAL


EMOTIONS: Final = Emotion._fields
"""Columns of the emotion stream."""
NEUTRAL: Final = Emotion()
AUTO: Final = "auto"
"""An emotion that is to be heard in a recording."""
EmotionChoice = Emotion | Literal["auto"]


def parse_choice(text: str) -> EmotionChoice:
    """Read `auto`, or what `Emotion.parse` reads.

    Raises:
        InputError: as there.
    """
    return AUTO if text.strip().lower() == AUTO else Emotion.parse(text)


def _check(name: str, number: str, seen: dict[str, float], text: str) -> None:
    if name not in EMOTIONS:
        raise InputError(
            f"unknown emotion {name!r} in {text!r}. Known: {', '.join((_NEUTRAL, *EMOTIONS))}. {_EXAMPLE}"
        )
    if name in seen:
        raise InputError(f"emotion {name!r} stands twice in {text!r}. {_EXAMPLE}")
    if number and not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)", number):
        raise InputError(f"{number!r} in {text!r} is not a number. {_EXAMPLE}")
