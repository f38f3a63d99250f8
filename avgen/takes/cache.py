"""A content-addressed store of stage results.

`cas/ab/<sha256><suffix>` holds contents, `ac/ab/<key>.json` says which content answers a key. A content is
published before the record that names it; both appear whole. Every read checks the hash: a bad entry moves
to `quarantine/` and counts as absent, so that the worst a damaged cache can do is to cost time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from avgen.documents import load_json
from avgen.files import (
    part_file,
    publish,
    read_regular,
    remove_stale_parts,
    sha256_file,
    user_cache,
    write_whole,
)

DEFAULT_LIMIT: Final = 20 * 10**9
"""Bytes the cache may hold before the least recently used entries go."""
ORPHAN_SECONDS: Final = 3600.0
"""A content without a record may belong to a running `put` until it is this old."""

MAX_RECORD_BYTES: Final = 10_000
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,16}")

_log = logging.getLogger(__name__)


def content_key(fields: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON of what determines a result."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def default_root() -> Path:
    """Return `$AVGEN_CACHE_DIR`, or `avgen` in the user's cache folder."""
    if own := os.environ.get("AVGEN_CACHE_DIR"):
        return Path(own)
    return user_cache()


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of the cache.

    Attributes:
        key: what was asked for.
        stage: the stage that answered.
        sha256: hash of the content.
        suffix: of the content's file.
        size: of the content in bytes.
    """

    key: str
    stage: str
    sha256: str
    suffix: str
    size: int

    @property
    def is_sound(self) -> bool:
        """Whether it can name a content: a record may have been written by anybody."""
        hashes = (self.key, self.sha256)
        return (
            all(isinstance(value, str) and _SHA256.fullmatch(value) for value in hashes)
            and isinstance(self.stage, str)
            and isinstance(self.suffix, str)
            and bool(_SUFFIX.fullmatch(self.suffix))
            and isinstance(self.size, int)
            and self.size >= 0
        )


@dataclass(frozen=True, slots=True)
class Sweep:
    """What `gc` removed and what `verify` found.

    Attributes:
        kept: entries that stay.
        kept_bytes: size of their contents.
        removed: entries removed or quarantined.
        removed_bytes: size freed or quarantined.
    """

    kept: int
    kept_bytes: int
    removed: int
    removed_bytes: int


class Cache:
    """The store under one root folder; any number of processes may share it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, key: str) -> Path | None:
        """Return the content that answers a key, its hash just checked, or None."""
        record = self._record_path(key)
        entry = self._read(record)
        if entry is None or not self._is_whole(entry):
            return None
        with suppress(OSError):  # of a cache that cannot be written nothing is ever collected
            os.utime(record)
        return self._content_path(entry)

    def discard(self, key: str) -> None:
        """Take away the answer to a key that turned out to be none: its content is not what it should be."""
        entry = self._read(self._record_path(key))
        if entry is not None:
            self._quarantine(self._content_path(entry))
            self._forget(key)

    def put(self, key: str, stage: str, suffix: str, content: Iterable[bytes]) -> None:
        """Store a content as the answer to a key; a full or unwritable cache costs only a warning.

        Args:
            key: from `content_key`.
            stage: the stage that made it, for people and reports.
            suffix: file name suffix of the content, with its dot.
            content: its bytes, in blocks.
        """
        try:
            with part_file(self.root / "cas", key[:16]) as part:
                digest = hashlib.sha256()
                with part.open("wb") as file:
                    for block in content:
                        digest.update(block)
                        file.write(block)
                entry = Entry(key, stage, digest.hexdigest(), suffix, part.stat().st_size)
                destination = self._content_path(entry)
                destination.parent.mkdir(parents=True, exist_ok=True)
                publish(part, destination)
            write_whole(self._record_path(key), json.dumps(asdict(entry), sort_keys=True) + "\n")
        except OSError as error:
            _log.warning("the %s result was not cached in %s: %s; going on without", stage, self.root, error)

    def contains(self, key: str) -> bool:
        """Tell whether a key has an entry, without reading its content."""
        record = self._record_path(key)
        entry = self._read(record) if os.path.lexists(record) else None  # most keys of a plan have none
        return entry is not None and os.path.exists(self._content_path(entry))

    def entries(self) -> Iterator[tuple[Entry, float]]:
        """Yield every readable entry with the time it was last used (seconds since the epoch)."""
        for path in sorted(self._records()):
            entry = self._read(path)
            if entry is not None:
                with suppress(OSError):
                    yield entry, path.stat().st_mtime

    def verify(self) -> Sweep:
        """Check every content against its hash and quarantine what does not match."""
        records = list(self._records())
        whole = [entry for entry, _ in self.entries() if self._is_whole(entry)]
        return Sweep(len(whole), sum(e.size for e in whole), len(records) - len(whole), 0)

    def gc(self, limit: int = DEFAULT_LIMIT, pinned: Collection[str] = ()) -> Sweep:
        """Remove the least recently used entries until the contents fit, and what dead runs left.

        Args:
            limit: bytes of content that may stay.
            pinned: keys that stay whatever the limit.
        """
        if os.path.isdir(self.root):
            remove_stale_parts(self.root)
        newest_first = sorted(self.entries(), key=lambda pair: (pair[0].key in pinned, pair[1]), reverse=True)
        kept: set[Path] = set()
        dropped: set[Path] = set()
        total = removed = 0
        for entry, _ in newest_first:
            content = self._content_path(entry)
            grown = total + (0 if content in kept else entry.size)
            if entry.key in pinned or grown <= limit:
                kept.add(content)
                total = grown
            else:
                self._forget(entry.key)
                dropped.add(content)
                removed += 1
        freed = self._remove_contents(kept, dropped)
        return Sweep(len(newest_first) - removed, total, removed, freed)

    def _remove_contents(self, kept: Collection[Path], dropped: Collection[Path]) -> int:
        """Remove contents that lost their record, now or when some run died; return the bytes freed."""
        freed = 0
        oldest_running = time.time() - ORPHAN_SECONDS
        for path in (self.root / "cas").glob("*/*") if os.path.isdir(self.root) else ():
            with suppress(OSError):  # gone, or not ours to remove
                state = path.stat()
                if path not in kept and (path in dropped or state.st_mtime < oldest_running):
                    path.unlink()
                    freed += state.st_size
        return freed

    def _records(self) -> Iterator[Path]:
        """Where all records lie; a root that cannot be looked into, as its name is too long, has none."""
        return (self.root / "ac").glob("*/*.json") if os.path.isdir(self.root) else iter(())

    def _record_path(self, key: str) -> Path:
        return self.root.joinpath("ac", key[:2], f"{key}.json")

    def _content_path(self, entry: Entry) -> Path:
        return self.root.joinpath("cas", entry.sha256[:2], entry.sha256 + entry.suffix)

    def _read(self, record: Path) -> Entry | None:
        try:
            entry = Entry(**load_json(read_regular(record, MAX_RECORD_BYTES)))
            if entry.is_sound and entry.key == record.stem:
                return entry
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            _log.debug("%s: %s", record, error)
        if os.path.lexists(record):  # a cache whose path is too long, or leads nowhere, has none
            self._quarantine(record)
        return None

    def _is_whole(self, entry: Entry) -> bool:
        content = self._content_path(entry)
        found = ""
        try:
            found = sha256_file(content)
        except FileNotFoundError:
            pass
        except OSError as error:
            _log.debug("%s: %s", content, error)
        if found == entry.sha256:
            return True
        if os.path.lexists(content):
            self._quarantine(content)
        self._forget(entry.key)
        return False

    def _forget(self, key: str) -> None:
        with suppress(OSError):  # a cache that cannot be written keeps it, and it is found wrong again
            self._record_path(key).unlink(missing_ok=True)

    def _quarantine(self, path: Path) -> None:
        target = self.root / "quarantine" / f"{path.name}.{uuid.uuid4().hex[:8]}"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
            _log.warning("cache entry %s is damaged; it was moved to quarantine and is made again", path.name)
        except OSError as error:
            _log.warning(
                "cache entry %s is damaged and cannot be moved away (%s); going on without it",
                *(path.name, error.strerror),
            )
