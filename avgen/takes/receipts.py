"""What a finished file says about itself: tags inside it and a receipt beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from avgen.files import sha256_file, write_whole

RECEIPT_FOLDER: Final = ".avgen"
RECEIPT_SCHEMA: Final = 2


@dataclass(frozen=True, slots=True)
class Receipt:
    """The record of one output; the output is done when `key` and `sha256` both still match.

    Attributes:
        key: content key of the whole clip.
        sha256: of the MP4.
        frames: number of pictures.
        duration: in seconds.
        clip: id of the clip, which its seeds and cameras share.
        text: what is said, so that a take can be listed, picked and made again without its manifest.
        text_sha256: of the clip's text in UTF-8, or of the recording.
        actor: name.
        seed: of the run.
        settings: every value of the RenderConfig.
        weights: SHA-256 of each component's file, by slot.
        versions: of avgen and the packages that shape the result.
        stages: content key of each stage.
        audio: path of the recording from the output's folder; empty for a text.
        schema: of the receipt.
    """

    key: str
    sha256: str
    frames: int
    duration: float
    clip: str
    text: str
    text_sha256: str
    actor: str
    seed: int
    settings: Mapping[str, object]
    weights: Mapping[str, str]
    versions: Mapping[str, str]
    stages: Mapping[str, str]
    audio: str = ""
    schema: int = RECEIPT_SCHEMA


def tags(actor_title: str, avgen_version: str, key: str) -> dict[str, str]:
    """Return the metadata that marks a file as synthetic.

    Args:
        actor_title: the synthetic actor's name as people read it.
        avgen_version: of this program.
        key: content key of the clip, which its receipt holds too.
    """
    return {
        "title": f"Synthetic video of {actor_title}, made with avgen",
        "artist": f"{actor_title} (synthetic actor)",
        "comment": f"Synthetic voice and face, generated with avgen {avgen_version}, clip {key}.",
    }


def receipt_path(output: Path) -> Path:
    """Return where the receipt of an output lies."""
    return output.parent / RECEIPT_FOLDER / f"{output.stem}.json"


def write_receipt(output: Path, receipt: Receipt) -> None:
    """Write the receipt of an output, whole.

    It is written before the output gets its final name: a crash in between then leaves an output that does
    not match its receipt, which is made again, rather than one that seems to belong to somebody else.
    """
    write_whole(receipt_path(output), json.dumps(asdict(receipt), indent=1, sort_keys=True) + "\n")


def read_receipt(output: Path) -> Receipt | None:
    """Return the receipt of an output, or None if there is none that can be read."""
    try:
        receipt = Receipt(**json.loads(receipt_path(output).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return receipt if receipt.schema == RECEIPT_SCHEMA else None


def is_done(output: Path, key: str) -> bool:
    """Tell whether an output is what `key` asks for: its receipt and its hash both say so."""
    receipt = read_receipt(output)
    if receipt is None or receipt.key != key:
        return False
    try:
        return sha256_file(output) == receipt.sha256
    except OSError:
        return False


@cache
def package_version(name: str) -> str:
    """Return the version of an installed package without importing it, or "none"."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
