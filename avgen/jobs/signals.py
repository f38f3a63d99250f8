"""Ctrl-C and SIGTERM during a run: the first asks to stop, the second insists."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final

STOPPING: Final = (signal.SIGINT, signal.SIGTERM)


class Interruption(KeyboardInterrupt):
    """A signal that must stop the work in this very process."""


class StopSignals:
    """Counts the signals that ask a run to stop; use as a context manager in the main thread.

    Attributes:
        received: signals so far, in order.
    """

    def __init__(self, at_once: bool) -> None:
        """Prepare.

        Args:
            at_once: raise Interruption at the first signal: the work is done in this process.
        """
        self.received: list[int] = []
        self._at_once = at_once
        self._before: dict[int, Callable[[int, FrameType | None], Any] | int | None] = {}

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._receive) for number in STOPPING}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.received.append(number)
        if self._at_once and len(self.received) == 1:
            raise Interruption
