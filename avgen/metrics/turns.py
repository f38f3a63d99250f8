"""How people of a dialogue take turns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from avgen.stages.shots import Speech, speeches_of
from avgen.types import Interval


def turn_taking(words: Sequence[Sequence[Interval]]) -> dict[str, float]:
    """Return `turn_gap`, the median gap in seconds, and `turns_overlapping`, the share of gaps below 0.

    What somebody says while another speaks on to a later end is no turn. Without a change of speaker there is
    nothing to measure.

    Args:
        words: of each person, when they are heard.
    """
    speeches = (speech for person, said in enumerate(words) for speech in speeches_of(person, said))
    turns: list[Speech] = []
    for speech in sorted(speeches, key=lambda speech: speech.start):
        if not turns or speech.end > turns[-1].end:
            turns.append(speech)
    gaps = np.array([b.start - a.end for a, b in pairwise(turns) if a.person != b.person])
    if not len(gaps):
        return {}
    return {"turn_gap": float(np.median(gaps)), "turns_overlapping": float(np.mean(gaps < 0))}
