"""Where runs keep what they know of an output folder: `.avgen` inside it, and nothing but own files there.

A folder may come from anywhere, so that whatever is a symbolic link in there is refused: following one would
write to, or lock, a file that is none of ours.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import IO, Final

from avgen.errors import InputError
from avgen.files import open_regular

_STATE: Final = ".avgen"
_RUN: Final = "run"
_FAILED: Final = "failed"


def state_folder(folder: Path) -> Path:
    """Return the folder for receipts, journal and lock of an output folder; it need not be there.

    Raises:
        InputError: if it is a symbolic link, or a folder below it is one.
    """
    place = folder / _STATE
    for path in (place, f"{place}/{_RUN}", f"{place}/{_FAILED}"):
        if os.path.islink(path):
            raise InputError(f"{path}: this is a symbolic link, which avgen does not follow. Remove it.")
    return place


def has_state(folder: Path) -> bool:
    """Tell whether avgen ever wrote to an output folder."""
    return state_folder(folder).is_dir()


def receipt_path(output: Path) -> Path:
    """Return where the receipt of a file lies."""
    return state_folder(output.parent) / f"{output.name}.json"


def receipted(folder: Path) -> list[Path]:
    """Return the files of a folder that have, or had, a receipt; they need not be there, sorted by name."""
    return sorted(folder / path.stem for path in state_folder(folder).glob("*.json"))


def journal_path(folder: Path, share: str = "") -> Path:
    """Return where the journal of an output folder, or of a share of it, lies."""
    place = state_folder(folder)
    return place / _RUN / f"journal.{share}.jsonl" if share else place / "journal.jsonl"


def journal_paths(folder: Path) -> list[Path]:
    """Return where all journals of an output folder lie."""
    return [journal_path(folder), *(state_folder(folder) / _RUN).glob("journal.*-of-*.jsonl")]


def lock_path(folder: Path, share: str = "") -> Path:
    """Return where the lock file of an output folder, or of a share of it, lies."""
    place = state_folder(folder)
    return place / _RUN / f"lock.{share}" if share else place / "lock"


def report_path(folder: Path, share: str = "") -> Path:
    """Return where the report of the last run in an output folder, or of a share of it, lies."""
    return state_folder(folder) / _RUN / (f"report.{share}.json" if share else "report.json")


def report_paths(folder: Path) -> list[Path]:
    """Return where all reports of an output folder lie."""
    return sorted((state_folder(folder) / _RUN).glob("report*.json"))


def evaluation_path(folder: Path) -> Path:
    """Return where the measures of an output folder lie."""
    return state_folder(folder) / _RUN / "evaluation.json"


def trace_path(folder: Path, name: str) -> Path:
    """Return where the traceback of a failed clip is kept."""
    return state_folder(folder) / _FAILED / f"{name}.txt"


def open_own(path: Path, mode: str) -> IO[bytes]:
    """Open a file of the state folder, as `avgen.files.open_regular` does, without following a link.

    Args:
        path: from this module.
        mode: of bytes, as `open` takes it.

    Raises:
        OSError: if it is a symbolic link or no regular file, or cannot be opened.
    """
    try:
        return open_regular(path, mode, os.O_NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "this is a symbolic link, which is not followed", str(path)) from None
        raise
