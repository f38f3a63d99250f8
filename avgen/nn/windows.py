"""Cutting a long clip into windows that see enough around them to give the numbers of one pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Frames `start:stop` of a clip, computed from its frames `first:last`."""

    start: int
    stop: int
    first: int
    last: int

    @property
    def seen(self) -> slice:
        """Frames of the clip that it is computed from."""
        return slice(self.first, self.last)

    @property
    def own(self) -> slice:
        """Its own frames within those that are seen."""
        return slice(self.start - self.first, self.stop - self.first)


def windows(frames: int, size: int, before: int, after: int) -> Iterator[Span]:
    """Cover a clip by windows; all memory is bounded by theirs.

    Args:
        frames: of the clip.
        size: frames of a window.
        before: frames ahead of its own that a frame depends on.
        after: frames behind its own that a frame depends on.
    """
    for start in range(0, frames, size):
        stop = min(start + size, frames)
        yield Span(start, stop, max(0, start - before), min(frames, stop + after))
