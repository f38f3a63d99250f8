"""Codes -> pictures, in chunks, so that memory does not grow with the clip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.base import Renderer
from avgen.types import HOP_SIZE, SAMPLE_RATE, Codes, FloatArray

CHUNK_FRAMES: Final = 16
"""Pictures drawn and handed on together, at most."""
CHUNK_BYTES: Final = 1 << 26
"""Memory that a chunk may take; a few chunks wait for the encoder at a time."""


def count_frames(codes: Codes, fps: int) -> int:
    """Return T, the number of pictures that last as long as the codes (within half a picture)."""
    return max(1, round(len(codes.mel) * HOP_SIZE * fps / SAMPLE_RATE))


def chunk_frames(width: int, height: int) -> int:
    """Return how many pictures of a size are drawn together; large ones in fewer."""
    return min(max(CHUNK_BYTES // (4 * width * height), 1), CHUNK_FRAMES)


def render(
    codes: Codes, renderer: Renderer, *, fps: int, chunk: int = CHUNK_FRAMES
) -> Iterator[NDArray[np.uint8]]:
    """Yield the clip's pictures in chunks [<= chunk, H, W, 3].

    Args:
        codes: of the clip; `face` and `head` are used.
        renderer: for the wanted camera, size and background.
        fps: pictures per second.
        chunk: pictures drawn together.
    """
    total = count_frames(codes, fps)
    for start in range(0, total, chunk):
        centres = (np.arange(start, min(start + chunk, total)) + 0.5) / fps
        face, head = codes_at(codes, centres)
        yield renderer.render({"face": face, "head": head})


def codes_at(codes: Codes, times: NDArray[np.float64]) -> tuple[FloatArray, FloatArray]:
    """Interpolate codes at any times; frame n of the codes is centred at (n + 0.5) hops.

    Args:
        codes: of the clip.
        times: [T] in seconds.

    Returns:
        Face codes [T, C], linear between frames, and head poses [T, 7], rotations by slerp.
    """
    last = len(codes.face) - 1
    position = np.clip(times * SAMPLE_RATE / HOP_SIZE - 0.5, 0.0, last)
    before = np.floor(position).astype(np.int64)
    after = np.minimum(before + 1, last)
    weight = (position - before)[:, None].astype(np.float32)
    face = (1 - weight) * codes.face[before] + weight * codes.face[after]
    rotation = slerp(codes.head[before, :4], codes.head[after, :4], weight)
    translation = (1 - weight) * codes.head[before, 4:] + weight * codes.head[after, 4:]
    return face, np.concatenate([rotation, translation], axis=-1)


def slerp(p: FloatArray, q: FloatArray, weight: FloatArray) -> FloatArray:
    """Turn from unit quaternions p [T, 4] to q [T, 4] along the shorter arc, by weight [T, 1] in [0, 1]."""
    dot = np.sum(p * q, axis=-1, keepdims=True)
    q = np.where(dot < 0, -q, q)
    angle = np.arccos(np.clip(np.abs(dot), 0.0, 1.0))
    sine = np.sin(angle)
    near = sine < 1e-4  # the arc is as good as straight
    safe = np.where(near, 1.0, sine)
    a = np.where(near, 1 - weight, np.sin((1 - weight) * angle) / safe)
    b = np.where(near, weight, np.sin(weight * angle) / safe)
    turned = a * p + b * q
    unit: FloatArray = (turned / np.linalg.norm(turned, axis=-1, keepdims=True)).astype(np.float32)
    return unit
