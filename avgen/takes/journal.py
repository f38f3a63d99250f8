"""What happened in an output folder, one JSON object a line in `.avgen/journal.jsonl`.

A run that makes a share of the clips writes to a file of its own, below `.avgen/run`. All this is history,
for people and for `avgen status`: receipts say what is done, and a journal may be deleted.
"""

from __future__ import annotations

import heapq
import io
import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, cast

from avgen.documents import load_json
from avgen.takes.layout import journal_path, journal_paths, open_own

JOURNAL_LIMIT: Final = 50_000_000
"""A journal larger than this many bytes becomes `journal.old.jsonl` when the next run begins."""

_log = logging.getLogger(__name__)


class Journal:
    """Appends events to a folder's journal; a journal that cannot be written costs only a warning."""

    def __init__(self, folder: Path, share: str = "") -> None:
        self._path = journal_path(folder, share)
        self._broken = False
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.is_file() and self._path.stat().st_size > JOURNAL_LIMIT:
                self._path.replace(self._path.with_suffix(".old.jsonl"))
            self._file = open_own(self._path, "ab")
            if self._file.tell() and not self._ends_with_a_line():
                self._file.write(b"\n")
        except OSError as error:
            self._give_up(error)

    def write(self, event: str, **values: Any) -> None:
        """Append one event with the time, in seconds since the epoch."""
        values = {"event": event, "time": round(time.time(), 3), **values}
        line = json.dumps(values, ensure_ascii=False) + "\n"
        try:
            if not self._broken:
                self._file.write(line.encode(errors="replace"))  # names of files may be no Unicode
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
        with open_own(self._path, "rb") as file:
            file.seek(-1, 2)
            return file.read(1) == b"\n"

    def _give_up(self, error: OSError) -> None:
        self._broken = True
        _log.warning("%s cannot be written: %s; going on without", self._path, error.strerror)


def read_journal(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the events of a folder, its shares included, in order; lines that are none are left out."""
    yield from heapq.merge(*map(_events, journal_paths(folder)), key=lambda event: event["time"])


def _events(path: Path) -> Iterator[dict[str, Any]]:
    try:
        file = open_own(path, "rb")
    except OSError:
        return
    with io.BufferedReader(cast(io.RawIOBase, file)) as lines:
        for line in lines:
            with suppress(ValueError):
                event = load_json(line)
                if _is_sound(event):
                    yield event


_TYPES: Final[Mapping[str, Mapping[str, type | tuple[type, ...]]]] = {
    "run": {"pid": int, "command": list, "share": str, "clips": list, "done": list},
    "started": {"clip": str, "file": str, "worker": str, "attempt": int},
    "failed": {"clip": str, "file": str, "error": str},
    "made": {"clip": str, "file": str, "seconds": dict, "expected": dict},
}
"""What events hold at least, by their kind; others may hold anything."""


_WHEREVER: Final[Mapping[str, type]] = {"file": str, "clip": str, "worker": str, "attempt": int, "error": str}
"""What any event may hold."""


def _is_sound(event: Mapping[str, Any]) -> bool:
    """Whether an event is what `Journal` writes: a journal may have been written by anybody."""
    kind, when = event.get("event"), event.get("time")
    if not isinstance(kind, str) or not isinstance(when, int | float):
        return False
    needed = _TYPES.get(kind, {})
    if not all(isinstance(event.get(name), what) for name, what in needed.items()):
        return False
    if not all(isinstance(event[name], what) for name, what in _WHEREVER.items() if name in event):
        return False
    texts = [text for name, what in needed.items() if what is list for text in event[name]]
    numbers = [number for name, what in needed.items() if what is dict for number in event[name].values()]
    return all(isinstance(text, str) for text in texts) and all(
        isinstance(number, int | float) for number in numbers
    )
