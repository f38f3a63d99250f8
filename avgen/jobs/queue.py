"""Which clip is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from avgen.stages.table import TAKE_STAGE

LOOK_AHEAD: Final = 500
"""Waiting clips that are looked at to find one that can start."""


class Queue:
    """Clips that wait, in order; those that share tokens and codes wait until the first has made them."""

    def __init__(self, keys: Sequence[Mapping[str, str]]) -> None:
        """Make an empty queue.

        Args:
            keys: content keys of every clip's stages, by number.
        """
        self._shared = [each[TAKE_STAGE] for each in keys]
        self._waiting: dict[int, str | None] = {}
        self._making: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, number: int, avoid: str | None = None) -> None:
        """Let a clip wait; `avoid` is the worker that failed with it."""
        self._waiting[number] = avoid

    def take(self, worker: str, alone: bool) -> int | None:
        """Take the first clip that a worker can start now, or None.

        Args:
            worker: who asks.
            alone: there is no other worker: it may try again what it failed with.
        """
        for number, avoid in islice(self._waiting.items(), LOOK_AHEAD):
            if self._shared[number] not in self._making and (alone or avoid != worker):
                del self._waiting[number]
                self._making[self._shared[number]] = number
                return number
        return None

    def release(self, number: int) -> None:
        """Let others start that share with a clip: what they share is made, or the clip has ended."""
        if self._making.get(self._shared[number]) == number:
            del self._making[self._shared[number]]
