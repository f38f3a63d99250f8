"""What has become of the clips of an output folder, during a run, after it, and after a crash."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from avgen.errors import InputError
from avgen.jobs.lock import is_held
from avgen.takes.journal import read_journal
from avgen.takes.layout import has_state, receipted, trace_path
from avgen.takes.receipts import is_as_made, read_receipt

State = Literal["done", "running", "waiting", "failed", "stopped", "changed", "missing"]
STATES: Final = ("done", "running", "waiting", "failed", "stopped", "changed", "missing")
"""`stopped`: asked for, but its run ended first. `changed`, `missing`: made once, but the file is another
now, or gone."""


@dataclass(frozen=True, slots=True)
class ClipStatus:
    """The state of one clip.

    Attributes:
        clip: its name.
        state: one of STATES.
        output: the file, if there is one.
        duration: in seconds, if it is done.
        why: it failed, or what its worker does.
        trace: file with the traceback of a failure.
        worker: that makes it, made it, or failed last.
        attempts: of the last run.
        since: when that came to be, in seconds since the epoch, as far as it is known.
    """

    clip: str
    state: State
    output: str = ""
    duration: float = 0.0
    why: str = ""
    trace: str = ""
    worker: str = ""
    attempts: int = 0
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """The state of an output folder.

    Attributes:
        folder: its path.
        running: whether a run holds it now.
        pid: process of the last run.
        command: arguments of the last run.
        clips: what was asked for last, in that order, then what earlier runs left.
        seconds_left: what a run that is on will still take, from its pace so far; None if that is unknown.
    """

    folder: str
    running: bool
    pid: int | None
    command: tuple[str, ...]
    clips: tuple[ClipStatus, ...]
    seconds_left: float | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Number of clips by state, without those that are zero."""
        found = [clip.state for clip in self.clips]
        return {state: found.count(state) for state in STATES if state in found}

    def to_json(self) -> dict[str, Any]:
        """Return the status as what JSON can hold."""
        return {**asdict(self), "counts": self.counts}


@dataclass(slots=True)
class _History:
    """What the journal tells of the last run, or of the last run of every share.

    Attributes:
        runs: their first words, by share.
        asked: clips that they were to make.
        done: of these, what was there already.
        last: the last word on each clip.
    """

    runs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: dict[str, None] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    last: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def run(self) -> Mapping[str, Any]:
        """The youngest run."""
        return max(self.runs.values(), key=lambda run: float(run["time"]), default={})

    def begin(self, run: Mapping[str, Any]) -> None:
        share = run.get("share", "")
        if not share or "" in self.runs:
            self.runs, self.asked, self.done, self.last = {}, {}, set(), {}
        self.runs[share] = run
        for clip in run["clips"]:
            self.asked[clip] = None
            self.last.pop(clip, None)
        self.done.update(run["done"])


def folder_status(folder: Path) -> FolderStatus:
    """Look at an output folder; every file is hashed, nothing is written.

    Raises:
        InputError: if avgen never wrote there.
    """
    if not has_state(folder):
        raise InputError(f"{folder}: avgen has not made anything here.")
    running = is_held(folder)
    history = _read(folder)
    asked = list(history.run.get("clips", ()))
    known = {path.name for path in receipted(folder) if read_receipt(path) is not None} - set(asked)
    names = [*asked, *sorted(known)]
    stems = Counter(Path(name).stem for name in names)
    clips = tuple(
        _clip(folder / name, Path(name).stem if stems[Path(name).stem] == 1 else name, history, running)
        for name in names
    )
    return FolderStatus(
        folder=str(folder),
        running=running,
        pid=history.run.get("pid"),
        command=tuple(history.run.get("command", ())),
        clips=clips,
        seconds_left=_left(clips, history) if running else None,
    )


def _clip(output: Path, name: str, history: _History, running: bool) -> ClipStatus:
    event = history.last.get(output.name, {})
    kind = event.get("event")
    about: dict[str, Any] = {
        "worker": event.get("worker", ""),
        "attempts": event.get("attempt", 0),
        "since": event.get("time", 0.0),
    }
    if kind == "failed" and not event.get("again"):
        trace = trace_path(output.parent, output.stem)
        return ClipStatus(
            name, "failed", why=event["error"], trace=str(trace) if trace.exists() else "", **about
        )
    if running and kind in ("started", "failed"):
        return ClipStatus(name, "running", **about)
    made = kind == "made" or output.name in history.done or output.name not in history.asked
    if not made:
        return ClipStatus(name, "waiting" if running else "stopped", **about)
    receipt, there = read_receipt(output), output.is_file()
    if receipt is not None and is_as_made(output, receipt):
        return ClipStatus(name, "done", str(output), receipt.duration, **about)
    return ClipStatus(name, "changed" if there else "missing", str(output) if there else "", **about)


def _read(folder: Path) -> _History:
    history = _History()
    for event in read_journal(folder):
        if event["event"] == "run":
            history.begin(event)
        elif "file" in event:
            history.last[event["file"]] = event
    return history


def _left(clips: tuple[ClipStatus, ...], history: _History) -> float | None:
    todo = sum(clip.state in ("running", "waiting") for clip in clips)
    made = sum(event["event"] == "made" for event in history.last.values())
    spent = time.time() - min(float(run["time"]) for run in history.runs.values()) if made else 0.0
    return round(spent / made * todo, 1) if made else None
