"""Files that appear whole or not at all, and the hashes that name them."""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

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


def blocks(path: Path) -> Iterator[bytes]:
    """Yield a file's content in blocks of at most BLOCK_SIZE bytes."""
    with path.open("rb") as file:
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
