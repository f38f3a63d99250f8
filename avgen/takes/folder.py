"""What an output folder holds: finished files with their receipts and measures, and what failed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from avgen.errors import InputError
from avgen.takes.receipts import RECEIPT_FOLDER, Receipt, read_receipt

SUFFIXES: Final = (".mp4", ".webm", ".mov")
EVALUATION: Final = "run/evaluation.json"
"""What `avgen evaluate` writes below `.avgen`: {"clips": {file name: {metric: value}}}."""
REPORTS: Final = "run/report*.json"
"""What `avgen render` leaves there: how its last run ended, or each share of it."""


@dataclass(frozen=True, slots=True)
class Take:
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


def read_takes(folder: Path) -> tuple[Take, ...]:
    """Return every file of a folder that has a receipt, by clip, seed and name.

    Raises:
        InputError: if the folder holds none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder.")
    measured = _read_evaluation(folder / RECEIPT_FOLDER / EVALUATION)
    takes = [Take(path, receipt, measured.get(path.name, {})) for path, receipt in _receipts(folder)]
    if not takes:
        raise InputError(
            f"{folder}: there is no video here with a receipt. Give a folder that avgen render wrote to."
        )
    return tuple(sorted(takes, key=lambda take: (take.receipt.clip, take.receipt.seed, take.output.name)))


def read_failures(folder: Path) -> tuple[Failure, ...]:
    """Return the clips that failed in the folder's last run, or in its shares, and were not made since."""
    found: dict[str, Failure] = {}
    for report in sorted((folder / RECEIPT_FOLDER).glob(REPORTS)):
        try:
            written = report.stat().st_mtime
            clips = json.loads(report.read_bytes())["clips"]
            failed = [Failure(clip["id"], clip["error"]) for clip in clips if clip["status"] == "failed"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a run is replacing it, or it is another version's
        for failure in failed:
            receipt = folder / RECEIPT_FOLDER / f"{failure.id}.json"
            if not receipt.exists() or receipt.stat().st_mtime < written:
                found[failure.id] = failure
    return tuple(found.values())


def _receipts(folder: Path) -> Iterator[tuple[Path, Receipt]]:
    for path in folder.iterdir():
        if path.suffix.lower() in SUFFIXES and (receipt := read_receipt(path)) is not None:
            yield path, receipt


def _read_evaluation(path: Path) -> dict[str, dict[str, float]]:
    """Read measures by file name; what is not a finite number is left out."""
    try:
        clips = json.loads(path.read_bytes())["clips"]
        return {name: dict(_numbers(values)) for name, values in clips.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: not an evaluation ({error}). Make it again: avgen evaluate {path.parents[2]}"
        ) from None


def _numbers(values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, (int, float)) and math.isfinite(value):
            yield name, float(value)
