"""Lips: closures and smiles that match a reference's, and closures that a text asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from avgen.text.labels import PAUSES
from avgen.types import CODE_RATE, FloatArray, Interval

if TYPE_CHECKING:
    from avgen.avatars.avatar import Avatar

CLOSED: Final = 0.5e-3
"""Lips count as closed when their inner edges are nearer than this, in metres."""
SMILE_WIDENING: Final = 0.12
"""A mouth counts as smiling when its corners are farther apart than at rest by this share."""
BILABIALS: Final = frozenset("pbm")
"""Sounds that cannot be made with open lips."""
CLOSING_PAUSE: Final = 0.15
"""Pauses from this length on close the lips, in seconds."""


def frame_f1(reference: NDArray[np.bool_], generated: NDArray[np.bool_]) -> float:
    """F1 of frames in which something holds: lips closed, or smiling (paper section 4 and table 3).

    Args:
        reference: [N] True where it holds in the reference.
        generated: [N] the same of the generated clip.

    Returns:
        2 hits / (2 hits + misses + false alarms), in [0, 1]; 1 if it never holds in either.
    """
    hits = int((reference & generated).sum())
    wrong = int((reference ^ generated).sum())
    return 2 * hits / (2 * hits + wrong) if hits + wrong else 1.0


def mouth_widening(avatar: Avatar, face: FloatArray) -> FloatArray:
    """Distance of the mouth's corners, by which the paper detects smiles (supplement A).

    A corner is the vertex that a smile of its side moves farthest.

    Args:
        avatar: whose face it is.
        face: [N, C] face codes.

    Returns:
        [N] share by which the corners are farther apart than at rest.
    """
    left, right = (
        int(np.square(avatar.deltas[avatar.codec.unit(f"mouthSmile{side}")]).sum(-1).argmax())
        for side in ("Left", "Right")
    )
    rest = avatar.mesh.rest[left] - avatar.mesh.rest[right]
    moved = avatar.codec.unit_weights(face) @ (avatar.deltas[:, left] - avatar.deltas[:, right])
    widening: FloatArray = np.linalg.norm(rest + moved, axis=-1) / np.linalg.norm(rest) - 1
    return widening


def must_close(phonemes: Iterable[Interval], num_frames: int) -> NDArray[np.bool_]:
    """Frames [num_frames] in which what is said asks for closed lips: p, b, m, and pauses that are not short.

    Against this the delay of the lips can be told without a reference: -3 ms in the performances that Mira
    learnt from.
    """
    centre = (np.arange(num_frames) + 0.5) / CODE_RATE
    wanted = np.zeros(num_frames, bool)
    for phoneme in phonemes:
        silent = phoneme.label in PAUSES and phoneme.end - phoneme.start >= CLOSING_PAUSE
        if silent or phoneme.label in BILABIALS:
            wanted |= (centre >= phoneme.start) & (centre < phoneme.end)
    return wanted


def closures_made(lip_gap: FloatArray, phonemes: Iterable[Interval]) -> float | None:
    """Share of p, b and m in which the lips close, which needs no reference.

    Args:
        lip_gap: [N] opening of the mouth in metres.
        phonemes: what is said when.

    Returns:
        In [0, 1]; None if nothing said needs closed lips.
    """
    closed = lip_gap < CLOSED
    made = []
    for phoneme in phonemes:
        if phoneme.label in BILABIALS:
            first = min(int(phoneme.start * CODE_RATE), len(closed) - 1)
            made.append(closed[first : max(round(phoneme.end * CODE_RATE), first + 1)].any())
    return float(np.mean(made)) if made else None
