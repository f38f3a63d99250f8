"""Lexicons that a run reads scripts with: an actor's own, and the user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from avgen.errors import InputError

if TYPE_CHECKING:
    from avgen.text.lexicon import Lexicon

LEXICON_FILE: Final = "lexicon.csv"
"""Of an actor's folder."""


@dataclass(frozen=True, slots=True)
class Lexicons:
    """Files of one or more lexicons; where they differ, the last one counts.

    Attributes:
        paths: of the files.
        digest: of what they say together.
    """

    paths: tuple[Path, ...]
    digest: str

    def to_json(self) -> dict[str, Any]:
        """Return the lexicons as what JSON can hold; paths are absolute."""
        return {"paths": [str(path.absolute()) for path in self.paths], "digest": self.digest}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Lexicons:
        """Restore what `to_json` made."""
        return cls(tuple(map(Path, values["paths"])), values["digest"])

    def read(self) -> Lexicon:
        """Return what they say together.

        Raises:
            InputError: if they cannot be read, or say something else than when they were found.
        """
        lexicon = _read(self.paths, _states(self.paths))
        if lexicon.digest != self.digest:
            raise InputError(f"{self.paths[-1]}: the lexicon was changed during the run. Run it again.")
        return lexicon


def find_lexicons(paths: Sequence[Path]) -> Lexicons | None:
    """Read and check lexicons; None for no paths.

    Raises:
        InputError: naming the file and line that is wrong.
    """
    return Lexicons(tuple(paths), _read(tuple(paths), _states(paths)).digest) if paths else None


def _states(paths: Sequence[Path]) -> tuple[tuple[int, int], ...]:
    """What tells that a file is another now."""
    try:
        return tuple((path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
    except OSError as error:
        raise InputError(f"{error.filename}: the lexicon cannot be read: {error.strerror}.") from None


@lru_cache(maxsize=16)
def _read(paths: tuple[Path, ...], states: tuple[tuple[int, int], ...]) -> Lexicon:
    """Several files as one, read once as long as they stay the same."""
    from avgen.text.lexicon import Lexicon, read_lexicon

    del states
    entries = {
        (entry.key, entry.part_of_speech): entry for path in paths for entry in read_lexicon(path).entries
    }
    return Lexicon(tuple(entries.values()))
