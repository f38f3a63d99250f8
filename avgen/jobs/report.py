"""How a run ended: one row per clip that was asked for, in `.avgen/run/report.json`."""

from __future__ import annotations

import json
import logging
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from avgen.files import write_whole
from avgen.pipeline import ClipResult
from avgen.takes.layout import report_path, trace_path

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """The outcome of a run.

    Attributes:
        results: one per clip, in the order they were asked for.
        seconds: the run took.
        command: that started it, without the program; the same command goes on where it ended.
        signal: that stopped it, or None.
        disk_full: what could not be written, or "".
    """

    results: Sequence[ClipResult]
    seconds: float
    command: Sequence[str] = ()
    signal: int | None = None
    disk_full: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Number of clips by status."""
        return dict(Counter(result.status for result in self.results))

    @property
    def again(self) -> str:
        """The command line that makes what is missing, or "" if nothing is or it is not known."""
        left = any(result.status in ("failed", "stopped") for result in self.results)
        return f"avgen {shlex.join(self.command)}" if left and self.command else ""

    def to_json(self) -> dict[str, Any]:
        """Return the report as what JSON can hold."""
        names = [field.name for field in fields(ClipResult)]  # `asdict` copies all that it finds
        return {
            "counts": self.counts,
            "seconds": round(self.seconds, 3),
            "again": self.again,
            "clips": [{name: getattr(result, name) for name in names} for result in self.results],
        }


def write_report(folder: Path, run: Run, share: str = "") -> None:
    """Write the report of a run, or of its share; one that cannot be written costs only a warning."""
    path = report_path(folder, share)
    try:
        text = json.dumps(run.to_json(), indent=1, ensure_ascii=False) + "\n"
        write_whole(path, text.encode(errors="replace").decode())  # names of files may be no Unicode
    except OSError as error:
        _log.warning("%s cannot be written: %s", path, error.strerror)


def keep_trace(folder: Path, name: str, trace: str) -> None:
    """Keep, or with an empty text remove, the traceback of a clip's last failure."""
    path = trace_path(folder, name)
    try:
        if trace:
            write_whole(path, trace.encode(errors="replace").decode())
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("%s cannot be written: %s", path, error.strerror)
