"""Files that appear whole or not at all, and the hashes that name them."""

from __future__ import annotations

import errno
import hashlib
import math
import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

BLOCK_SIZE: Final = 1 << 20
STALE_SECONDS: Final = 24 * 3600.0
"""A `.part` file older than this belongs to a run that died."""


def user_cache() -> Path:
    """Return the folder of avgen in the user's cache folder, for what can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "avgen"


def sha256_file(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file's content."""
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
    return digest.hexdigest()


def sha256_text(text: str) -> str:
    """Return the hexadecimal SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def open_regular(path: Path, mode: str = "rb", flags: int = 0) -> IO[bytes]:
    """Open a file that is neither a folder nor a pipe nor a device, which might never end or never answer.

    Args:
        path: the file.
        mode: of bytes, as `open` takes it.
        flags: for `os.open`, besides those of the mode.

    Raises:
        OSError: if it is none, or cannot be opened.
    """

    def opener(name: str, of_mode: int) -> int:
        return os.open(name, of_mode | flags | os.O_NONBLOCK, 0o666)

    file: IO[bytes] = open(path, mode, buffering=0, opener=opener)  # noqa: SIM115 the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "this is not a regular file", str(path))
    return file


def read_regular(path: Path, limit: int) -> bytes:
    """Read a file that is neither a folder nor a pipe nor a device.

    Args:
        path: the file.
        limit: most bytes that it may have.

    Raises:
        OSError: if it is none, or cannot be read.
        ValueError: if it is larger.
    """
    data = read_start(path, limit + 1)
    if len(data) > limit:
        raise ValueError(f"it is larger than {limit:,} bytes")
    return data


def read_start(path: Path, size: int) -> bytes:
    """Read at most so many bytes of a file that is neither a folder nor a pipe nor a device.

    Raises:
        OSError: if it is none, or cannot be read.
    """
    with open_regular(path) as file:
        return b"".join(iter(lambda: file.read(min(size - file.tell(), BLOCK_SIZE)), b""))


def blocks(path: Path) -> Iterator[bytes]:
    """Yield a file's content in blocks of at most BLOCK_SIZE bytes.

    Raises:
        OSError: if it is not a regular file, or cannot be read.
    """
    with open_regular(path) as file:
        while block := file.read(BLOCK_SIZE):
            yield block


@contextmanager
def part_file(folder: Path, name: str) -> Iterator[Path]:
    """Name a temporary file or folder beside its destination; what is left of it afterwards is removed.

    Args:
        folder: the destination's folder, made when missing, so that `publish` is a rename.
        name: the destination's file name, for whoever looks into the folder meanwhile.

    Yields:
        A path nobody else uses, ending in `.part`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".{name}.{uuid.uuid4().hex}.part"
    try:
        yield path
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def publish(part: Path, destination: Path) -> None:
    """Give a finished temporary file its final name, so that a crash leaves the old file or the new one.

    A folder takes the place of another in two steps: a crash between them leaves neither.
    """
    if part.is_dir():
        if destination.is_dir():
            with part_file(part.parent, destination.name) as old:
                destination.replace(old)
    else:
        with part.open("rb") as file:
            os.fsync(file.fileno())
    part.replace(destination)
    folder = os.open(destination.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_whole(destination: Path, text: str) -> None:
    """Write a small text file atomically."""
    with part_file(destination.parent, destination.name) as part:
        part.write_text(text, encoding="utf-8")
        publish(part, destination)


def remove_stale_parts(folder: Path, older_than: float = STALE_SECONDS) -> int:
    """Remove temporary files that a killed run left in a folder and its subfolders.

    Args:
        folder: where to look.
        older_than: age in seconds; 0 for all of them, whatever the clock says.

    Returns:
        How many files were removed.
    """
    removed = 0
    limit = time.time() - older_than if older_than else math.inf
    for path in folder.rglob(".*.part"):
        try:
            if path.stat().st_mtime < limit:
                _remove(path)
                removed += 1
        except FileNotFoundError:
            continue
    return removed
