"""Progress of a run: live on a terminal, plain lines when piped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from avgen.cli.terminal import is_terminal, printable, say
from avgen.stages.table import FINAL_STAGE, PICTURE_STAGE

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from avgen.pipeline import Observer, StageEvent

LINE_SECONDS: Final = 10.0
"""A long stage says where it is this often when there is no terminal."""


@contextmanager
def progress(clips: int) -> Iterator[Observer]:
    """Show the progress of a run on standard error.

    Args:
        clips: how many clips there are.

    Yields:
        What the run calls with its events.
    """
    if not is_terminal(err=True):
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[clip]}", markup=False),
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[frames]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as live:
        yield _Live(live, clips)


def _how_far(event: StageEvent, seconds: float) -> str:
    """How far a stage is after some seconds; of pictures also how fast."""
    done = f"{event.done}/{event.total}"
    if event.stage != PICTURE_STAGE:
        return done
    return f"{done} frames, {event.done / max(seconds, 1e-6):.0f} fps"


class _Lines:
    def __init__(self) -> None:
        self._started: dict[str, float] = {}
        self._said: dict[str, float] = {}

    def __call__(self, event: StageEvent) -> None:
        now, clip = time.monotonic(), event.clip
        if event.state == "started":
            self._started[clip] = self._said[clip] = now
        elif event.state == "advanced" and now - self._said.get(clip, now) >= LINE_SECONDS:
            self._said[clip] = now
            spent = now - self._started[clip]
            left = (event.total - event.done) * spent / event.done
            say(f"{clip}: {event.stage} {_how_far(event, spent)}, {left:.0f} s left", err=True)
        elif event.state == "finished":
            say(f"{clip}: {event.stage} {event.seconds:.1f} s", err=True)
        elif event.state == "cached":
            say(f"{clip}: {event.stage} from the cache", err=True)


class _Live:
    """A bar for each clip that is being made, and one for all of them."""

    def __init__(self, live: Progress, clips: int) -> None:
        self._live = live
        self._tasks: dict[str, TaskID] = {}
        self._started: dict[str, float] = {}
        self._all = live.add_task("clips", clip="", frames=f"0/{clips}", total=clips) if clips > 1 else None

    def __call__(self, event: StageEvent) -> None:
        task = self._tasks.get(event.clip)
        if task is None:
            task = self._live.add_task("", clip=printable(event.clip), frames="", total=None)
            self._tasks[event.clip] = task
        if event.state == "started":
            self._started[event.clip] = time.monotonic()
            self._live.reset(task, total=None)
            self._live.update(task, description=event.stage, frames="")
        elif event.state == "advanced":
            frames = _how_far(event, time.monotonic() - self._started[event.clip])
            self._live.update(task, completed=event.done, total=event.total, frames=frames)
        elif event.state == "finished" and event.stage == FINAL_STAGE and self._all is not None:
            self._live.remove_task(self._tasks.pop(event.clip))
            self._live.advance(self._all)
            whole = self._live.tasks[self._live.task_ids.index(self._all)]
            self._live.update(self._all, frames=f"{whole.completed:.0f}/{whole.total:.0f}")
