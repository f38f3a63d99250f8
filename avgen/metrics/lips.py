"""Lips: closures and smiles that match a reference's, and closures that a text asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from avgen.types import CODE_RATE, FloatArray, Interval

if TYPE_CHECKING:
    from avgen.avatars.mesh.avatar import TexturedMesh

CLOSED: Final = 0.5e-3
"""Lips count as closed when their inner edges are nearer than this, in metres."""
SMILE_WIDENING: Final = 0.12
"""A mouth counts as smiling when its corners are farther apart than at rest by this share."""
BILABIALS: Final = frozenset("pbm")
"""Sounds that cannot be made with open lips."""
MAX_CLOSURE_DELAY: Final = 0.15
"""Seconds from a sound's border within which its closure is looked for."""


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


def mouth_widening(avatar: TexturedMesh, face: FloatArray) -> FloatArray:
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


def closure_delays(lip_gap: FloatArray, phonemes: Iterable[Interval]) -> FloatArray:
    """Frames by which the middle of every closure comes after the middle of the p, b or m that asks for it.

    Needs no reference. Lips that go on being closed, as they do beside a pause, say nothing about when: only
    closures that begin and end within `MAX_CLOSURE_DELAY` of their sound's borders count.

    Args:
        lip_gap: [N] opening of the mouth in metres.
        phonemes: what is said when.

    Returns:
        [K] for the K closures found.
    """
    closed = np.concatenate([[False], lip_gap < CLOSED, [False]])
    edges = np.flatnonzero(closed[1:] != closed[:-1])
    reach = MAX_CLOSURE_DELAY * CODE_RATE
    found = []
    for phoneme in phonemes:
        if phoneme.label in BILABIALS:
            start, end = phoneme.start * CODE_RATE, phoneme.end * CODE_RATE
            for first, last in edges.reshape(-1, 2):
                if abs(first - start) <= reach and abs(last - end) <= reach:
                    found.append((first + last - start - end) / 2)
    return np.array(found, np.float32)


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
