"""When a speaker invites a listener to show that they listen: a rule of pitch and pauses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.speech.measures import Heard, listen
from avgen.types import CODE_RATE, FloatArray, Interval

LOW_DEVIATIONS: Final = 1.0
"""Standard deviations of the logarithm of pitch, below the speaker's median, from which pitch is low."""
LOW_SECONDS: Final = 0.11
"""That the pitch stays low."""
SPOKEN_SECONDS: Final = 0.7
"""Of speech that come before a cue."""
PAUSE_SECONDS: Final = 0.2
"""Of a pause that is a cue, too."""
REST_SECONDS: Final = 0.8
"""Between two cues, at least."""
BRIDGED_SECONDS: Final = 0.12
"""Silences inside speech: sounds without a voice, and breath."""
CLAUSE_SECONDS: Final = 0.1
"""Of a pause that ends a clause."""
UNVOICED_SECONDS: Final = 0.05
"""Gaps inside a low stretch."""


def find_cues(samples: FloatArray) -> tuple[float, ...]:
    """Return the seconds at which cues are complete, in order.

    The rule of Ward and Tsukahara (2000, J. Pragmatics 32:1177) for English: a region of low pitch that lasts
    110 ms, after at least 0.7 s of speech, and not within 0.8 s of the last one. A pause after so much speech
    is a cue as well. Pitch is low further down than at their 26th percentile: there, answers would follow the
    cues of `scripts.mira.conversations` (ten of them, 8 minutes of listening) hardly better than chance, 42%
    of them within a second against 36%, and here 94%.

    Args:
        samples: [S] of the speaker alone, at 22,050 Hz.
    """
    return cues_of(listen(samples))


def cues_of(heard: Heard) -> tuple[float, ...]:
    """The same of frames that were measured before."""
    voiced = heard.pitch > 0
    if not voiced.any():
        return ()
    height = np.log2(heard.pitch[voiced])
    deep = np.zeros_like(voiced)
    deep[voiced] = height < np.median(height) - LOW_DEVIATIONS * height.std()
    low = bridged(deep, round(UNVOICED_SECONDS * CODE_RATE))
    return _complete(bridged(heard.active, round(BRIDGED_SECONDS * CODE_RATE)), low)


def clause_ends(phonemes: Sequence[Interval], silent: Collection[str]) -> tuple[float, ...]:
    """Return the seconds at which cues are complete in speech of which nothing but its phonemes is known.

    Pitch sinks through a clause and is low at its end (declination), and listeners answer there (Dittmann and
    Llewellyn 1968, J. Personality and Social Psychology 9:79): the last 110 ms of every clause count as low.

    Args:
        phonemes: of the speaker alone, in order, pauses included.
        silent: labels of pauses.
    """
    most, least = (round(seconds * CODE_RATE) for seconds in (CLAUSE_SECONDS, LOW_SECONDS))
    end = phonemes[-1].end if phonemes else 0.0
    spoken: NDArray[np.bool_] = np.zeros(round(end * CODE_RATE) + most, bool)
    for one in phonemes:
        if one.label not in silent:
            spoken[round(one.start * CODE_RATE) : round(one.end * CODE_RATE)] = True
    speech = bridged(spoken, most - 1)
    low = np.zeros_like(speech)
    for last in np.flatnonzero(speech[:-1] & ~speech[1:]):
        low[max(last + 1 - least, 0) : last + 1] = True
    return _complete(speech, low)


def _complete(speech: NDArray[np.bool_], low: NDArray[np.bool_]) -> tuple[float, ...]:
    """Seconds at which cues are complete, by the frames [N] that are spoken and those of low pitch."""
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
