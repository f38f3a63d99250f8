"""What an output folder holds: finished files with their receipts and measures, and what failed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from avgen.documents import load_json
from avgen.errors import InputError
from avgen.files import read_regular
from avgen.takes.archive import FORMS
from avgen.takes.cache import Cache
from avgen.takes.layout import evaluation_path, receipt_path, receipted, report_paths
from avgen.takes.receipts import Receipt, read_receipt

MAX_BYTES: Final = 1_000_000_000
"""Of a report, which has an entry for every clip of a run."""


@dataclass(frozen=True, slots=True)
class Finished:
    """One finished file.

    Attributes:
        output: the video.
        receipt: what it is.
        metrics: measures of it by name, empty unless the folder was evaluated.
    """

    output: Path
    receipt: Receipt
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A clip of the last run that could not be made.

    Attributes:
        id: name of its output without the suffix.
        error: why.
    """

    id: str
    error: str


def read_finished(folder: Path) -> tuple[Finished, ...]:
    """Return every file of a folder that has a receipt, by clip, seed and name.

    Raises:
        InputError: if the folder holds none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder.")
    measured = _read_evaluation(folder)
    found = [
        Finished(path, receipt, measured.get(path.name, {}))
        for path in receipted(folder)
        if path.is_file() and (receipt := read_receipt(path)) is not None
    ]
    if not found:
        raise InputError(
            f"{folder}: there is no video here with a receipt. Give a folder that avgen render wrote to."
        )
    return tuple(sorted(found, key=lambda one: (one.receipt.clip, one.receipt.seed, one.output.name)))


def best_takes(takes: Iterable[Finished], count: int) -> list[Finished]:
    """Return the takes of each clip with the greatest `score`, best first, clip by clip.

    Pictures of one take from several cameras count once.
    """
    chosen: dict[tuple[str, str], Finished] = {}
    places: Counter[str] = Counter()
    for take in sorted(takes, key=lambda take: -take.metrics.get("score", -1.0)):
        clip, motion = take.receipt.clip, take.receipt.results.get("codes", take.receipt.key)
        if (clip, motion) not in chosen and places[clip] < count:
            chosen[clip, motion] = take
            places[clip] += 1
    return sorted(chosen.values(), key=lambda take: take.receipt.clip)


def read_failures(folder: Path) -> tuple[Failure, ...]:
    """Return the clips that failed in the folder's last run, or in its shares, and were not made since."""
    found: dict[str, Failure] = {}
    for report in report_paths(folder):
        try:
            written = report.stat().st_mtime
            clips = load_json(read_regular(report, MAX_BYTES))["clips"]
            failed = [clip for clip in clips if clip["status"] == "failed"]
            for clip in failed:
                receipt = receipt_path(folder / Path(str(clip["output"])).name)
                if not receipt.exists() or receipt.stat().st_mtime < written:
                    found[str(clip["id"])] = Failure(str(clip["id"]), str(clip["error"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a run is replacing it, or it is another version's
    return tuple(found.values())


def _read_evaluation(folder: Path) -> dict[str, dict[str, float]]:
    """Read measures by file name; what is not a finite number is left out."""
    path = evaluation_path(folder)
    try:
        clips = load_json(read_regular(path, MAX_BYTES))["clips"]
        return {name: dict(_numbers(values)) for name, values in clips.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: not an evaluation ({error}). Make it again: avgen evaluate {folder}"
        ) from None


def _numbers(values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, (int, float)) and math.isfinite(value):
            yield name, float(value)


def recall(results: Mapping[str, str], cache: Cache) -> dict[str, Any]:
    """Return what a file was made of (`tokens`, `codes`, `waveform`), as far as the cache still has it.

    Args:
        results: content keys by name, as in a receipt; of a scene those of one of its people.
        cache: that may have them.
    """
    found = {}
    for name, form in FORMS.items():
        if (path := cache.get(results.get(name, ""))) is not None:
            with suppress(OSError, ValueError):
                found[name] = form.load(path.read_bytes())
    return found
