"""Measures of how somebody listens, taken from face channels and head poses, of any listener."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from avgen.types import CODE_RATE
from scripts.mira.performance.gaze import AWAY_DEGREES
from scripts.mira.performance.listening import cues, talking
from scripts.mira.performance.measures import band_pass, gaze_degrees
from scripts.mira.performance.speech import Speech

Array = NDArray[np.float64]
NOD_DEGREES: Final = 2.5
"""Least depth of a dip of the head that counts as a nod."""
NOD_BAND: Final = (0.8, 5.0)
"""Hz."""
DIPS_APART: Final = 0.7
"""Dips that follow each other faster are one nod, seconds."""
HALF_DIP: Final = 0.19
"""From the start of a dip to its lowest point, seconds."""
IN_TIME: Final = 1.0
"""Seconds after a cue in which it is answered."""


class Roles(NamedTuple):
    """Frames [N] in which one of two people listens, and in which that one speaks."""

    listening: NDArray[np.bool_]
    speaking: NDArray[np.bool_]


def roles(own: Speech, partner: Speech) -> Roles:
    """Who has the floor; frames in which both or neither have it belong to no role."""
    mine, theirs = talking(own) > 0.5, talking(partner) > 0.5
    return Roles(theirs & ~mine, mine & ~theirs)


def nods(angles: Array, where: NDArray[np.bool_]) -> Array:
    """Start of every nod in seconds, of head angles [N, 3] in degrees, in the frames [N] of some role."""
    dips = find_peaks(-band_pass(angles[:, 0], *NOD_BAND), prominence=NOD_DEGREES)[0]
    first = [dip for k, dip in enumerate(dips) if k == 0 or dip - dips[k - 1] > DIPS_APART * CODE_RATE]
    return np.array([dip / CODE_RATE - HALF_DIP for dip in first if where[dip]])


def looks(channels: Array, angles: Array) -> NDArray[np.bool_]:
    """Whether the eyes [N] are on the partner, of channels [N, 53] and head angles [N, 3] in degrees."""
    return gaze_degrees(channels, angles) <= AWAY_DEGREES


@dataclass(frozen=True, slots=True)
class Answers:
    """How events follow cues.

    Attributes:
        precision: share of events within IN_TIME after a cue.
        recall: share of cues with an event within IN_TIME.
        chance_precision: the same of events anywhere in the frames that count.
        chance_recall: likewise.
        events: how many there are.
        cues: likewise.
    """

    precision: float
    recall: float
    chance_precision: float
    chance_recall: float
    events: int
    cues: int


def answers(
    events: Sequence[Array], asked: Sequence[Array], where: Sequence[NDArray[np.bool_]], draws: int = 50
) -> Answers:
    """Relate events to the cues before them, over several conversations.

    Args:
        events: seconds, of each conversation.
        asked: seconds of its cues; those outside `where` do not count.
        where: frames [N] in which somebody listens.
        draws: of as many events at random times, for chance.
    """
    asked = [
        np.array([c for c in cue if w[min(int(c * CODE_RATE), len(w) - 1)]])
        for cue, w in zip(asked, where, strict=True)
    ]
    rng = np.random.default_rng(0)
    found = [_hits(e, c) for e, c in zip(events, asked, strict=True)]
    own = np.sum(found, axis=0)
    random = np.zeros(2)
    for _ in range(draws):
        for times, cue, inside in zip(events, asked, where, strict=True):
            if inside.any():
                drawn = np.sort(rng.choice(np.flatnonzero(inside), len(times))) / CODE_RATE
                random += _hits(drawn, cue) / draws
    num_events, num_cues = sum(map(len, events)), sum(map(len, asked))
    sizes = np.array([max(num_events, 1), max(num_cues, 1)])
    (precision, recall), (by_chance, answered) = (own / sizes).tolist(), (random / sizes).tolist()
    return Answers(precision, recall, by_chance, answered, num_events, num_cues)


def _hits(times: Array, asked: Array) -> Array:
    """Events after a cue, and cues before an event."""
    after = times[:, None] - asked[None]
    near = (after > 0) & (after <= IN_TIME)
    return np.array([near.any(1).sum(), near.any(0).sum()], float)


def cue_times(partner: Speech) -> Array:
    """Seconds of the partner's cues."""
    return np.array(cues(partner))
