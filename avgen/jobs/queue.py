"""Which clip is next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Final

from avgen.stages.table import FINAL_STAGE, TAKE_STAGE

LOOK_AHEAD: Final = 500
"""Waiting clips that are looked at to find one that can start."""


class Queue:
    """Clips that wait, in order; those that share tokens and codes wait until the first has made them.

    A scene waits for the clips that it is made of.
    """

    def __init__(
        self, keys: Sequence[Mapping[str, str]], parts: Mapping[int, Collection[int]] | None = None
    ) -> None:
        """Make an empty queue.

        Args:
            keys: content keys of every clip's stages, by number.
            parts: numbers of the clips that a scene is made of, by its own.
        """
        self._shared = [each.get(TAKE_STAGE, each[FINAL_STAGE]) for each in keys]
        self._parts = parts or {}
        self._waiting: dict[int, str | None] = {}
        self._making: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, number: int, avoid: str | None = None) -> None:
        """Let a clip wait; `avoid` is the worker that failed with it."""
        self._waiting[number] = avoid

    def take(self, worker: str, alone: bool, running: Collection[int] = ()) -> int | None:
        """Take the first clip that a worker can start now, or None.

        Args:
            worker: who asks.
            alone: there is no other worker: it may try again what it failed with.
            running: clips that are being made.
        """
        for number, avoid in islice(self._waiting.items(), LOOK_AHEAD):
            if any(part in self._waiting or part in running for part in self._parts.get(number, ())):
                continue
            if self._shared[number] not in self._making and (alone or avoid != worker):
                del self._waiting[number]
                self._making[self._shared[number]] = number
                return number
        return None

    def release(self, number: int) -> None:
        """Let others start that share with a clip: what they share is made, or the clip has ended."""
        if self._making.get(self._shared[number]) == number:
            del self._making[self._shared[number]]
