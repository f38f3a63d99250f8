"""How many, how big, how fast and of which kinds gestures are, by manner and by emotion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from avgen.emotion import EMOTIONS
from avgen.gestures import Gestures
from avgen.types import FloatArray


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody gestures.

    Attributes:
        amount: 0 to 1: how many accents get a stroke.
        size: of strokes, as a factor.
        tempo: of moves, as a factor; greater is faster.
        kinds: weights of the kinds that no word asks for; they add up to 1.
        rests: weights of the places where hands rest; they add up to 1.
        both: what is added to the share of two-handed strokes.
    """

    amount: float
    size: float
    tempo: float
    kinds: Mapping[str, float]
    rests: Mapping[str, float]
    both: float = 0.0

    def felt(self, emotion: FloatArray) -> Manner:
        """The manner while an emotion [E] is felt."""
        more, larger, faster = emotion @ _FELT
        return replace(
            self,
            amount=float(np.clip(self.amount + more, 0.05, 1)),
            size=self.size * float(np.exp(larger)),
            tempo=self.tempo * float(np.exp(faster)),
        )


_AT_FULL_WEIGHT: Final = {
    "happy": (0.10, 0.10, 0.08),
    "sad": (-0.35, -0.35, -0.25),
    "angry": (0.20, 0.15, 0.22),
    "surprised": (0.05, 0.18, 0.08),
    "energy": (0.30, 0.22, 0.12),
}
"""What is added to the amount, and to the logarithms of size and tempo. Joy and anger are seen in large, fast
and frequent movements, sadness in small, slow and few (Wallbott 1998); the sizes are ours."""
_FELT: Final = np.array([_AT_FULL_WEIGHT[name] for name in EMOTIONS], np.float32)
_KINDS: Final = {"beat": 0.42, "present": 0.18, "roll": 0.14, "precise": 0.14, "frame": 0.12}
_FORMAL: Final = {"beat": 0.36, "present": 0.16, "roll": 0.04, "precise": 0.24, "frame": 0.20}
_RESTS: Final = {"front": 0.48, "low": 0.22, "hang": 0.12, "ready": 0.18}
_CALM: Final = {"front": 0.55, "low": 0.35, "hang": 0.10, "ready": 0.0}
_COMPOSED: Final = {"front": 0.70, "low": 0.05, "hang": 0.0, "ready": 0.25}


def manner_of(gestures: Gestures) -> Manner:
    """The manner that was asked for."""
    amount = gestures.amount
    if gestures.manner == "calm":
        return Manner(amount, 0.80, 0.85, _KINDS, _CALM)
    if gestures.manner == "lively":
        return Manner(amount, 1.15, 1.12, _KINDS, _RESTS)
    if gestures.manner == "formal":
        return Manner(amount, 0.82, 0.92, _FORMAL, _COMPOSED, both=0.15)
    return Manner(amount, 0.70 + 0.5 * amount, 0.88 + 0.2 * amount, _KINDS, _RESTS)
