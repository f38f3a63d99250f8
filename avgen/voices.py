"""Voices of an actor, and choices among them as people write them: `ada`, or a mix `ada:0.6,ben:0.4`."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple

from avgen.documents import unknown
from avgen.errors import InputError

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""What a voice can be called."""
Shares = tuple[float, ...]
"""[V] How much each of an actor's voices counts, in their order: at least 0, 1 in all."""
_NUMBER: Final = re.compile(r"\d{0,6}(\.\d{0,6})?")
_DECIMALS: Final = 6
_EXAMPLE: Final = "Write a name, or a mix such as ada:0.6,ben:0.4."


class Voice(NamedTuple):
    """One of an actor's voices."""

    mean_pitch: float
    """Hz about which its speech moves."""
    characters_per_second: float
    """Of text that it speaks, pauses between sentences included."""
    description: str
    """Who one hears, in a few words."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Who is to speak: a voice, or several at once.

    Attributes:
        weights: greater than 0, by name; only their ratios count.
    """

    weights: tuple[tuple[str, float], ...]

    @classmethod
    def parse(cls, text: str) -> Mix:
        """Read a name, or names with weights; a name alone has weight 1.

        Raises:
            InputError: for what is no name, one that stands twice, or a weight that is not greater than 0.
        """
        weights: dict[str, float] = {}
        for part in text.split(","):
            name, colon, number = (piece.strip() for piece in part.lower().partition(":"))
            if not NAME.fullmatch(name):
                raise InputError(f"{text[:80]!r} names no voice. {_EXAMPLE}")
            if name in weights:
                raise InputError(f"voice {name!r} stands twice in {text[:80]!r}. {_EXAMPLE}")
            weights[name] = _weight(number, text) if colon else 1.0
        return cls(tuple(weights.items()))

    def __str__(self) -> str:
        """Text that `parse` reads again."""
        if len(self.weights) == 1:
            return self.weights[0][0]
        numbers = ((name, f"{weight:.{_DECIMALS}f}") for name, weight in self.weights)
        return ",".join(f"{name}:{number.rstrip('0').rstrip('.')}" for name, number in numbers)

    def shares(self, voices: Collection[str]) -> Shares:
        """Shares of an actor's voices; the same for all ways to write the same mix.

        Args:
            voices: their names, in the actor's order.

        Raises:
            InputError: for a name that is not among them.
        """
        for name, _ in self.weights:
            if name not in voices:
                raise InputError(unknown("voice", name, voices))
        weights = dict(self.weights)
        total = math.fsum(weights.values())
        return tuple(round(weights.get(name, 0.0) / total, _DECIMALS) for name in voices)


def _weight(number: str, text: str) -> float:
    if not _NUMBER.fullmatch(number) or number in ("", ".") or not float(number):
        raise InputError(f"expected a share greater than 0, got {number[:80]!r} in {text[:80]!r}. {_EXAMPLE}")
    return float(number)
