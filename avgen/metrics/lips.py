"""Lip synchrony: closures that match, and the delay between two lip movements."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.types import FloatArray

CLOSED: Final = 0.5e-3
"""Lips count as closed when their inner edges are nearer than this, in metres."""


def closure_f1(reference: NDArray[np.bool_], generated: NDArray[np.bool_]) -> float:
    """F1 of closed-lip frames (paper section 4, lip synchronisation).

    Args:
        reference: [N] True where the reference's lips are closed.
        generated: [N] the same of the generated clip.

    Returns:
        2 hits / (2 hits + misses + false alarms), in [0, 1]; 1 if neither ever closes.
    """
    hits = int((reference & generated).sum())
    wrong = int((reference ^ generated).sum())
    return 2 * hits / (2 * hits + wrong) if hits + wrong else 1.0


def lag(reference: FloatArray, generated: FloatArray, max_lag: int) -> tuple[int, float]:
    """Delay of one movement behind another, by their correlation.

    Args:
        reference: [N] movement, for instance lip opening.
        generated: [N] the same of the generated clip.
        max_lag: longest delay tried, in frames.

    Returns:
        Frames by which `generated` comes later (negative: earlier), and the correlation there.
    """
    scores = {}
    for shift in range(-max_lag, max_lag + 1):
        a = reference[max(0, -shift) : len(reference) - max(0, shift)]
        b = generated[max(0, shift) : len(generated) - max(0, -shift)]
        scores[shift] = float(np.corrcoef(a, b)[0, 1])
    best = max(scores, key=lambda shift: scores[shift])
    return best, scores[best]
