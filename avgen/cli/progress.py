"""Progress of a run: live on a terminal, plain lines when piped."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from rich.progress import Progress

    from avgen.pipeline import Listener, StageEvent

LINE_SECONDS: Final = 10.0
"""A long stage says where it is this often when there is no terminal."""


@contextmanager
def progress(clips: int) -> Iterator[Listener]:
    """Show the progress of a run on standard error.

    Args:
        clips: how many clips there are.

    Yields:
        What the run calls with its events.
    """
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[clip]}"),
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[frames]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as live:
        yield _Live(live)


class _Lines:
    def __init__(self) -> None:
        self._started = self._said = 0.0

    def __call__(self, event: StageEvent) -> None:
        now = time.monotonic()
        if event.state == "started":
            self._started = self._said = now
        elif event.state == "advanced" and now - self._said >= LINE_SECONDS:
            self._said = now
            left = (event.total - event.done) * (now - self._started) / event.done
            click.echo(
                f"{event.clip}: {event.stage} {event.done}/{event.total} frames, "
                f"{event.done / (now - self._started):.0f} fps, {left:.0f} s left",
                err=True,
            )
        elif event.state == "finished":
            click.echo(f"{event.clip}: {event.stage} {event.seconds:.1f} s", err=True)
        elif event.state == "cached":
            click.echo(f"{event.clip}: {event.stage} from the cache", err=True)


class _Live:
    def __init__(self, live: Progress) -> None:
        self._live = live
        self._task = live.add_task("", clip="", frames="", total=None)
        self._started = 0.0

    def __call__(self, event: StageEvent) -> None:
        if event.state == "started":
            self._started = time.monotonic()
            self._live.reset(self._task, total=None)
            self._live.update(self._task, description=event.stage, clip=event.clip, frames="")
        elif event.state == "advanced":
            fps = event.done / max(time.monotonic() - self._started, 1e-6)
            frames = f"{event.done}/{event.total} frames, {fps:.0f} fps"
            self._live.update(self._task, completed=event.done, total=event.total, frames=frames)
