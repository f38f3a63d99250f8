"""The body's teacher: the gesture synthesiser of run time on a recorded passage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avgen.body.gestures.hearing import Hearing, hear
from avgen.body.gestures.synthesis import Performance, perform
from avgen.body.skeleton import Skeleton
from avgen.gestures import Gestures
from avgen.types import FloatArray, Interval
from scripts.mira.phones import Phone

GESTURES = Gestures()


def hear_passage(
    phones: Sequence[Phone],
    mel: NDArray[np.floating],
    f0: NDArray[np.floating],
    words: Sequence[Interval] = (),
) -> Hearing:
    """What the body hears in a passage.

    Args:
        phones: cover the passage.
        mel: [N, 80] natural-log mel.
        f0: [N] Hz, 0 where unvoiced.
        words: as written, with their times, if they are known.
    """
    labels = (Interval(f"{p.name}{p.stress or ''}", p.start, p.end) for p in phones if p.duration > 0)
    return hear(mel.astype(np.float32), f0.astype(np.float32), tuple(labels), words)


def perform_body(
    skeleton: Skeleton,
    hearing: Hearing,
    seed: int,
    emotion: FloatArray | None = None,
    gestures: Gestures = GESTURES,
) -> Performance:
    """Perform a passage: `body` [N, 30] and `hands` [N, 32], and the plan behind them.

    Args:
        skeleton: of the person.
        hearing: of the passage.
        seed: non-negative.
        emotion: [N, 5] as in ``avgen.emotion.EMOTIONS``, neutral when missing.
        gestures: how much and in what manner.
    """
    felt = np.zeros((hearing.frames, 5), np.float32) if emotion is None else emotion
    return perform(skeleton, hearing, gestures, felt, seed)
