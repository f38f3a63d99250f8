"""One run at a time for each output folder, or one for each share of it."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from avgen.errors import InputError, LockedError, OutputError
from avgen.takes.layout import lock_path, open_own

GLANCES: Final = 3
GLANCE_SECONDS: Final = 0.05
"""Whoever looks whether a run is on holds its lock for less than this."""


@contextmanager
def folder_lock(folder: Path, wait: bool = False, share: str = "") -> Iterator[None]:
    """Hold an output folder; lock files stay, the locks go with their process.

    Args:
        folder: made when missing.
        wait: for another run to end, rather than give up.
        share: name of the share to hold, beside the runs that hold other shares; empty for the whole folder.

    Raises:
        LockedError: if another run holds the folder, or the share.
        InputError: if the folder cannot be written.
        OutputError: if its disk is full.
    """
    with ExitStack() as stack:
        stack.enter_context(_lock(folder, lock_path(folder), wait, shared=bool(share)))
        if share:
            stack.enter_context(_lock(folder, lock_path(folder, share), wait, shared=False))
        yield


@contextmanager
def _lock(folder: Path, path: Path, wait: bool, shared: bool) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open_own(path, "a+b")
    except OSError as error:
        kind = OutputError if error.errno in (errno.ENOSPC, errno.EDQUOT) else InputError
        raise kind(f"{folder}: cannot write here: {error.strerror} ({path}).") from None
    with file:
        try:
            _take(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, wait)
        except BlockingIOError:
            file.seek(0)
            holder = file.read(20).decode(errors="replace").strip() or "unknown"
            raise LockedError(
                f"{folder}: another run (process {holder}) is writing here. Wait for it with --wait, "
                "or choose another folder with -o."
            ) from None
        with suppress(OSError):  # on a full disk nobody learns who it is
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), f"{os.getpid()}\n".encode())
        yield


def is_held(folder: Path) -> bool:
    """Tell whether a run holds an output folder, or a share of it."""
    try:
        with open_own(lock_path(folder), "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _take(file: IO[bytes], kind: int, wait: bool) -> None:
    """Take a lock; `is_held` may have it for a moment."""
    for _ in range(GLANCES):
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(GLANCE_SECONDS)
    fcntl.flock(file, kind | (0 if wait else fcntl.LOCK_NB))
