"""The likeliest labels of a recording: any that seldom change, or those of a sequence that is known."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.types import FloatArray

NEVER: Final = np.float32(-1e30)
"""Score of what cannot be."""
_BLOCK_FRAMES: Final = 512
"""Frames whose ways are held at once while a path is followed back."""


def steady_path(logits: FloatArray, change_cost: float) -> NDArray[np.int64]:
    """Likeliest label of every frame if each change of label costs something.

    Args:
        logits: [N, D] log-probabilities, but for a constant in every frame.
        change_cost: nats.

    Returns:
        [N] label indices.
    """
    frames = len(logits)
    changed = np.zeros(logits.shape, np.bool_)
    best_before = np.zeros(frames, np.int64)
    score = logits[0].astype(np.float64)
    for frame in range(1, frames):
        best = int(score.argmax())
        jump = score[best] - change_cost
        best_before[frame] = best
        changed[frame] = score < jump
        score = np.maximum(score, jump) + logits[frame]
    path = np.empty(frames, np.int64)
    path[-1] = score.argmax()
    for frame in range(frames - 1, 0, -1):
        label = path[frame]
        path[frame - 1] = best_before[frame] if changed[frame, label] else label
    return path


def known_path(
    log_likelihood: FloatArray, labels: NDArray[np.integer], skippable: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Likeliest place of every frame in a sequence of labels that is known.

    Memory is bounded: scores are kept at every 512th frame, and the ways between are found anew from there.

    Args:
        log_likelihood: [N, D] in nats.
        labels: [L] indices in order.
        skippable: [L] labels that may take no time at all; two neighbours cannot both be.

    Returns:
        [N] indices into `labels`, from the first to the last.

    Raises:
        ValueError: if there are fewer frames than labels that need one.
    """
    frames = len(log_likelihood)
    starts = range(0, frames, _BLOCK_FRAMES)
    score = np.full(len(labels), NEVER, np.float32)
    score[0] = log_likelihood[0, labels[0]]
    kept = []
    for start in starts:
        kept.append(score)
        for frame in range(start + 1, min(start + _BLOCK_FRAMES + 1, frames)):
            score, _ = _step(score, log_likelihood[frame, labels], skippable)
    if score[-1] <= NEVER / 2:
        raise ValueError("there are fewer frames than labels")
    path = np.empty(frames, np.int64)
    path[-1] = len(labels) - 1
    for start, score in zip(reversed(starts), reversed(kept), strict=True):
        stop = min(start + _BLOCK_FRAMES, frames - 1)
        moves = []
        for frame in range(start + 1, stop + 1):
            score, move = _step(score, log_likelihood[frame, labels], skippable)
            moves.append(move)
        for frame in range(stop, start, -1):
            path[frame - 1] = path[frame] - moves[frame - start - 1][path[frame]]
    return path


def _step(
    score: FloatArray, gain: FloatArray, skippable: NDArray[np.bool_]
) -> tuple[FloatArray, NDArray[np.int8]]:
    """Scores [L] a frame later, the best of them 0, and by how many labels (0 to 2) each way got there."""
    one, two = np.full_like(score, NEVER), np.full_like(score, NEVER)
    one[1:] = score[:-1]
    two[2:] = np.where(skippable[1:-1], score[:-2], NEVER)
    move = (one > score).astype(np.int8)
    best = np.maximum(score, one)
    move[two > best] = 2
    after = np.maximum(best, two) + gain
    return after - after.max(), move
