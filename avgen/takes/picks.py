"""Picks: a manifest of chosen takes, which `avgen render` makes again exactly, in any size."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from typing import Final

from avgen.background import Background
from avgen.speech.recognition import RECOGNISE
from avgen.takes.folder import Finished

TAKE_SETTINGS: Final = (
    *("emotion", "voice", "gestures", "style", "speaking_rate", "sentence_silence", "turn_gap"),
    *("steps", "temperature", "guidance_scale"),
    *("camera", "background", "sound"),
)
PICK_COLUMNS: Final = (
    "id",
    "text",
    "text_file",
    "audio",
    "transcript",
    "partner",
    "speaker_channel",
    "listen",
    "actor",
    "seed",
    *TAKE_SETTINGS,
)
"""All that makes a take; size and quality are the next run's to choose."""
_DIALOGUES: Final = ("dialogue", "scene")
"""Roads whose takes are made again from the file of their dialogue, all together."""
FORMULA_SIGNS: Final = "=+-@\t\r"
"""A spreadsheet runs a cell that begins with one of these; white space before it, which manifests leave out,
keeps it from that."""


def pick_row(take: Finished) -> dict[str, str]:
    """Return the row of a manifest that lies beside the take's folder."""
    receipt = take.receipt
    settings = {name: str(value) for name, value in receipt.settings.items()}
    values = {
        **{name: settings.get(name, "") for name in TAKE_SETTINGS},
        "id": receipt.clip,
        "text": receipt.text if receipt.road == "text" else "",
        "text_file": _beside(take, receipt.source) if receipt.road in ("subtitles", *_DIALOGUES) else "",
        "audio": _beside(take, receipt.source) if receipt.road == "recording" else "",
        "transcript": RECOGNISE if receipt.transcript == RECOGNISE else _beside(take, receipt.transcript),
        "partner": _beside(take, receipt.partner),
        "speaker_channel": receipt.speaker_channel,
        "listen": _beside(take, receipt.source) if receipt.road == "listening" else "",
        "actor": receipt.actor,
        "seed": str(receipt.seed),
    }
    if receipt.road in _DIALOGUES:  # its script says who speaks, and where each of them sits
        values |= dict.fromkeys(("actor", "voice", "camera"), "")
    if Background(values["background"]).image is not None:
        values["background"] = _beside(take, values["background"])
    return {name: guarded(values[name]) for name in PICK_COLUMNS}


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return f" {cell}" if cell.startswith(tuple(FORMULA_SIGNS)) else cell


def picks_csv(takes: Iterable[Finished]) -> str:
    """Return the manifest of some takes."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, PICK_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(pick_row(take) for take in takes)
    return file.getvalue()


def _beside(take: Finished, path: str) -> str:
    """A path from an output's folder, as seen from beside that folder, where picks are saved."""
    folder = take.output.parent
    return os.path.relpath(folder / path, folder.parent) if path else ""
