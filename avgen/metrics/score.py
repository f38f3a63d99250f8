"""One number for a take, to rank takes of a text by: how well it is said, shown and heard."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple


class Part(NamedTuple):
    """A measure's share in the score."""

    weight: float
    """Of the whole; where a measure is missing, the others share its weight."""
    worst: float
    """Value that counts 0, as does any beyond."""
    best: float
    """Value that counts 1, as does any beyond."""


PARTS: Final[Mapping[str, Part]] = {
    "word_error_rate": Part(0.35, 0.25, 0.0),
    "lips_closed": Part(0.25, 0.7, 1.0),
    "dnsmos_p808": Part(0.2, 2.5, 4.2),
    "av_offset_ms": Part(0.1, 80.0, 0.0),
    "beat_face": Part(0.05, 0.0, 0.5),
    "beat_head": Part(0.05, 0.0, 0.5),
}
"""Of the measures of one file, those that say how good it is. A wrong word in four, lips open on every third
p, b or m, sound 80 ms away from the lips: each costs all of its part."""


def score(values: Mapping[str, float]) -> float | None:
    """Return 0 to 100; None without words or lips, the parts that matter most.

    Args:
        values: measures of one file, by name.
    """
    known = {name: part for name, part in PARTS.items() if name in values}
    if not known.keys() & {"word_error_rate", "lips_closed"}:
        return None
    total = math.fsum(part.weight for part in known.values())
    gained = math.fsum(part.weight * _share(part, values[name]) for name, part in known.items())
    return 100 * gained / total


def _share(part: Part, value: float) -> float:
    """How far a value lies from the worst towards the best, 0 to 1; an offset counts whatever its sign."""
    value = abs(value) if part.best == 0 else value
    return min(max((value - part.worst) / (part.best - part.worst), 0.0), 1.0)
