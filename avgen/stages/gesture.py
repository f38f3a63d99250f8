"""Gestures that a script asks for, added to motion that the flow drew: a rule, not learnt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from avgen.types import CODE_RATE, FloatArray

NOD_SECONDS: Final = 0.38
"""Of one dip; nods of people who agree take about 0.3 to 0.5 s each."""
NOD_DEGREES: Final = (8.0, 5.0)
"""By which the head goes down in each dip of a nod."""


def nod(head: FloatArray, starts: Iterable[float]) -> FloatArray:
    """Let a head nod on top of what it does.

    Args:
        head: poses [N, 7].
        starts: when each nod begins, in seconds.
    """
    times = (np.arange(len(head)) + 0.5) / CODE_RATE
    down = np.zeros(len(head))
    for start in starts:
        for number, degrees in enumerate(NOD_DEGREES):
            phase = np.clip((times - start) / NOD_SECONDS - number, 0.0, 1.0)
            down += degrees * np.sin(np.pi * phase) ** 2
    half = np.radians(down) / 2
    cos, sin = np.cos(half), np.sin(half)
    w, x, y, z = head[:, :4].T
    turned = np.stack([w * cos - x * sin, x * cos + w * sin, y * cos + z * sin, z * cos - y * sin], axis=1)
    return np.concatenate([turned, head[:, 4:]], axis=1).astype(np.float32)
