"""The record of a finished file beside it: what it is, what it was made of, and whether it still is that."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from avgen.documents import load_json
from avgen.files import read_regular, sha256_file, sha256_text, write_whole
from avgen.takes.layout import receipt_path

RECEIPT_SCHEMA: Final = 3
MAX_BYTES: Final = 10_000_000
"""Of a receipt, which holds the text of its clip."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The record of one output; it is done when the key and the files still match.

    Attributes:
        key: content key of the whole clip.
        files: SHA-256 by name of the video, which comes first, and of what was made beside it.
        frames: number of pictures.
        duration: in seconds.
        clip: id of the clip, which its seeds and cameras share.
        text: what is said, so that a take can be listed, picked and made again without its manifest.
        road: what it was made from: `text`, `recording`, `subtitles`, `listening` to somebody, one person's
            part of a `dialogue`; or `scene`, of its people's clips.
        source: file that the clip came from, as seen from the output's folder.
        source_sha256: of the clip's text in UTF-8, or of the recording.
        actor: name; of a scene the names of all.
        seed: of the run.
        settings: every value of the RenderConfig, as text or number; of a scene also its layout.
        weights: SHA-256 of each component's file, by slot; of a scene by actor and slot.
        versions: of avgen and the packages that shape the result.
        results: content key of each stage's result, by its name; of a scene also its people's
            (`of_person`).
        transcript: file of what is said in the recording, as seen from the output's folder; empty if none.
        partner: file of the one whom the actor talks with, as seen from the output's folder; empty if none.
        speaker_channel: of the recording, on which the actor speaks; empty if it has no partner's.
        consent: whose likeness the actor is and why it may be used.
        replaced: SHA-256 of the video of ours that this one took the place of; empty if there was none.
        schema: of the receipt.
    """

    key: str
    files: Mapping[str, str]
    frames: int
    duration: float
    clip: str
    text: str
    road: str
    source: str
    source_sha256: str
    actor: str
    seed: int
    settings: Mapping[str, str | float]
    weights: Mapping[str, str]
    versions: Mapping[str, str]
    results: Mapping[str, str]
    transcript: str = ""
    partner: str = ""
    speaker_channel: str = ""
    consent: str = ""
    replaced: str = ""
    schema: int = RECEIPT_SCHEMA

    @property
    def people(self) -> dict[str, dict[str, str]]:
        """Of a scene: content keys of each person's results, by the name of the role, from left to right."""
        found: dict[str, dict[str, str]] = {}
        for name, key in self.results.items():
            person, separator, result = name.rpartition("/")
            if separator:
                found.setdefault(person, {})[result] = key
        return found

    @property
    def sha256(self) -> str:
        """Hash of the video."""
        return next(iter(self.files.values()))


def of_person(name: str, result: str) -> str:
    """Return under what name a scene's receipt has a result of one of its people."""
    return f"{name}/{result}"


def write_receipt(output: Path, receipt: Receipt) -> None:
    """Write the receipt of an output, whole.

    It is written before the output gets its final name: a crash in between then leaves an output that does
    not match its receipt, which is made again, rather than one that seems to belong to somebody else.
    """
    write_whole(receipt_path(output), json.dumps(asdict(receipt), indent=1, ensure_ascii=False) + "\n")


def read_receipt(output: Path) -> Receipt | None:
    """Return the receipt of an output, or None if there is none that can be read."""
    try:
        values = load_json(read_regular(receipt_path(output), MAX_BYTES))
        receipt = Receipt(**values)
        return receipt if receipt.schema == RECEIPT_SCHEMA and _is_sound(receipt) else None
    except (OSError, ValueError, TypeError):
        return None


_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(("key", "clip", "text", "source", "source_sha256", "actor", "road"), str),
    **dict.fromkeys(("transcript", "partner", "speaker_channel", "consent", "replaced"), str),
    **dict.fromkeys(("files", "settings", "weights", "versions", "results"), dict),
    **dict.fromkeys(("frames", "seed", "schema"), int),
    "duration": (int, float),
}


def _is_sound(receipt: Receipt) -> bool:
    """Whether every value is of its type: a receipt may have been written by anybody."""
    if not all(isinstance(getattr(receipt, name), kind) for name, kind in _TYPES.items()):
        return False
    maps = (receipt.files, receipt.weights, receipt.versions, receipt.results)
    texts = all(isinstance(value, str) for mapping in maps for value in mapping.values())
    return texts and bool(receipt.files) and all(_is_plain(value) for value in receipt.settings.values())


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def is_done(output: Path, key: str, others: Collection[str] = ()) -> bool:
    """Tell whether an output is what `key` asks for; arguments as in `read_done`."""
    return read_done(output, key, others) is not None


def read_done(output: Path, key: str, others: Collection[str] = ()) -> Receipt | None:
    """Return the receipt of an output that is what `key` asks for: so it and the hashes of the files say.

    Args:
        output: the video.
        key: content key that it should have.
        others: names of files that should have been made beside it.
    """
    receipt = read_receipt(output)
    if receipt is None or receipt.key != key:
        return None
    whole = all(is_as_made(output.with_name(name), receipt) for name in (output.name, *others))
    return receipt if whole else None


def is_as_made(path: Path, receipt: Receipt) -> bool:
    """Tell whether the video of a receipt, or a file beside it, is there as it was made."""
    return path.name in receipt.files and hash_of(path) == receipt.files[path.name]


def objection(output: Path, source: str) -> str | None:
    """Say why a file must not be replaced: somebody else made or changed it, or it shows another script.

    Args:
        output: that would be replaced.
        source: of the clip, as in `Receipt`.
    """
    if not os.path.lexists(output):
        return None
    if not receipt_path(output).exists():
        return None if _older(output) == hash_of(output) else "avgen did not write it"
    receipt = read_receipt(output)
    if receipt is None:
        return None  # of another version, or torn by a crash: it was ours
    if hash_of(output) not in {receipt.sha256, receipt.replaced} - {""}:
        return "it was changed since avgen wrote it"
    if receipt.source != source:
        return f"it was made from {receipt.source}"
    return None


def _older(output: Path) -> str | None:
    """The hash in the receipt of an older version, which named receipts without the suffix."""
    try:
        path = receipt_path(output).with_name(f"{output.stem}.json")
        return str(load_json(read_regular(path, MAX_BYTES)).get("sha256"))
    except (OSError, ValueError):
        return None


def foreign(path: Path, receipt: Receipt | None) -> bool:
    """Tell whether a file beside a video is somebody else's: not there as its receipt says."""
    return os.path.lexists(path) and (receipt is None or not is_as_made(path, receipt))


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and hashes in a folder; empty if it cannot be read."""
    try:
        if path.is_dir():
            return sha256_text("\n".join(f"{sha256_file(one)} {one.name}" for one in sorted(path.iterdir())))
        return sha256_file(path)
    except OSError:
        return ""


@cache
def package_version(name: str) -> str:
    """Return the version of an installed package without importing it, or "none"."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
