"""Cutting a long clip into windows that see enough context to give the samples of one pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """Frames `start:stop` of a clip, computed from frames `first:last`."""

    start: int
    stop: int
    first: int
    last: int


def windows(frames: int, size: int, context: int) -> Iterator[Window]:
    """Covers `frames` by windows of `size` frames, with `context` more on both sides where they exist."""
    for start in range(0, frames, size):
        stop = min(start + size, frames)
        yield Window(start, stop, max(0, start - context), min(frames, stop + context))
