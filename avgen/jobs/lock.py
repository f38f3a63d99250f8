"""One run at a time for each output folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avgen.errors import InputError, LockedError
from avgen.media.provenance import RECEIPT_FOLDER


@contextmanager
def folder_lock(folder: Path, wait: bool = False) -> Iterator[None]:
    """Hold an output folder; the lock file stays, the lock goes with its process.

    Args:
        folder: made when missing.
        wait: for another run to end, rather than give up.

    Raises:
        LockedError: if another run holds the folder.
        InputError: if the folder cannot be written.
    """
    path = folder / RECEIPT_FOLDER / "lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: cannot write here: {error.strerror}.") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise LockedError(
                f"{folder}: another run (process {holder}) is writing here. Wait for it with --wait, "
                "or choose another folder with -o."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
