"""What happened in an output folder, one JSON object a line in `.avgen/journal.jsonl`.

A run that makes a share of the clips writes to a file of its own, below `.avgen/run`. All this is history,
for people and for `avgen status`: receipts say what is done, and a journal may be deleted.
"""

from __future__ import annotations

import heapq
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from avgen.takes.receipts import RECEIPT_FOLDER

JOURNAL_LIMIT: Final = 50_000_000
"""A journal larger than this many bytes becomes `journal.old.jsonl` when the next run begins."""

_log = logging.getLogger(__name__)


def journal_path(folder: Path, share: str = "") -> Path:
    """Return where the journal of an output folder, or of a share, lies."""
    place = folder / RECEIPT_FOLDER
    return place / "run" / f"journal.{share}.jsonl" if share else place / "journal.jsonl"


class Journal:
    """Appends events to a folder's journal; a journal that cannot be written costs only a warning."""

    def __init__(self, folder: Path, share: str = "") -> None:
        self._path = journal_path(folder, share)
        self._broken = False
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists() and self._path.stat().st_size > JOURNAL_LIMIT:
                self._path.replace(self._path.with_suffix(".old.jsonl"))
            self._file = self._path.open("ab", buffering=0)
            if self._file.tell() and not self._ends_with_a_line():
                self._file.write(b"\n")
        except OSError as error:
            self._give_up(error)

    def write(self, event: str, **values: Any) -> None:
        """Append one event with the time, in seconds since the epoch."""
        line = json.dumps({"event": event, "time": round(time.time(), 3), **values}) + "\n"
        try:
            if not self._broken:
                self._file.write(line.encode())
        except OSError as error:
            self._give_up(error)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._broken:
            self._file.close()

    def _ends_with_a_line(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, 2)
            return file.read(1) == b"\n"

    def _give_up(self, error: OSError) -> None:
        self._broken = True
        _log.warning("%s cannot be written: %s; going on without", self._path, error.strerror)


def read_journal(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the events of a folder, its shares included, in order; lines that a crash tore are left out."""
    shares = (folder / RECEIPT_FOLDER / "run").glob("journal.*-of-*.jsonl")
    yield from heapq.merge(*map(_events, (journal_path(folder), *shares)), key=lambda event: event["time"])


def _events(path: Path) -> Iterator[dict[str, Any]]:
    try:
        file = path.open("rb")
    except OSError:
        return
    with file:
        for line in file:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and isinstance(event.get("event"), str) and "time" in event:
                yield event
