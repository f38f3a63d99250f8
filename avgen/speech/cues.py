"""When a speaker invites a listener to show that they listen: a rule of pitch and pauses."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.speech.measures import Heard, listen
from avgen.types import CODE_RATE, FloatArray

LOW_SHARE: Final = 0.26
"""Share of a speaker's voiced frames whose pitch counts as low."""
LOW_SECONDS: Final = 0.11
"""That the pitch stays low."""
SPOKEN_SECONDS: Final = 0.7
"""Of speech that come before a cue."""
PAUSE_SECONDS: Final = 0.3
"""Of a pause that is a cue, too."""
REST_SECONDS: Final = 0.8
"""Between two cues, at least."""
BRIDGED_SECONDS: Final = 0.25
"""Silences inside speech: sounds without a voice, and breath."""
UNVOICED_SECONDS: Final = 0.05
"""Gaps inside a low stretch."""


def find_cues(samples: FloatArray) -> tuple[float, ...]:
    """Return the seconds at which cues are complete, in order.

    The rule of Ward and Tsukahara (2000, J. Pragmatics 32:1177) for English: a region of pitch below the
    speaker's 26th percentile that lasts 110 ms, after at least 0.7 s of speech, and not within 0.8 s of the
    last one. A pause after so much speech is a cue as well.

    Args:
        samples: [S] of the speaker alone, at 22,050 Hz.
    """
    return cues_of(listen(samples))


def cues_of(heard: Heard) -> tuple[float, ...]:
    """The same of frames that were measured before."""
    voiced = heard.pitch > 0
    if not voiced.any():
        return ()
    deep: NDArray[np.bool_] = voiced & (heard.pitch < np.quantile(heard.pitch[voiced], LOW_SHARE))
    low = bridged(deep, round(UNVOICED_SECONDS * CODE_RATE))
    speech = bridged(heard.active, round(BRIDGED_SECONDS * CODE_RATE))
    least, needed, pause, rest = (
        round(seconds * CODE_RATE) for seconds in (LOW_SECONDS, SPOKEN_SECONDS, PAUSE_SECONDS, REST_SECONDS)
    )
    spoken, quiet, lasting, last = 0, 0, 0, -rest
    found = []
    for frame in range(len(low)):
        spoken = spoken + 1 if speech[frame] else spoken if quiet < pause else 0
        quiet = 0 if speech[frame] else quiet + 1
        lasting = lasting + 1 if low[frame] else 0
        invites = lasting >= least or quiet == pause
        if invites and spoken >= needed and frame - last >= rest:
            found.append((frame + 1) / CODE_RATE)
            last = frame
    return tuple(found)


def bridged(flags: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
    """Flags [N] whose gaps of at most so many frames between two true ones are true."""
    joined: NDArray[np.bool_] = flags.copy()
    frame = 0
    for value, run in groupby(flags.tolist()):
        stop = frame + len(list(run))
        if not value and frame > 0 and stop < len(flags) and stop - frame <= most:
            joined[frame:stop] = True
        frame = stop
    return joined
