from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from avgen.files import sha256_file
from avgen.takes.layout import receipt_path
from avgen.takes.receipts import (
    Receipt,
    is_done,
    objection,
    package_version,
    read_receipt,
    write_receipt,
)


def receipt_of(path: Path) -> Receipt:
    files = {path.name: sha256_file(path)}
    return Receipt("k", files, 3, 0.1, "clip", "Hello.", "text", "a.txt", "t", "mira", 0, {}, {}, {}, {})


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output with its receipt for the key "k"."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"film")
    write_receipt(path, receipt_of(path))
    return path


def test_done_means_key_and_hash_match(output: Path) -> None:
    assert is_done(output, "k")
    assert not is_done(output, "other")
    output.write_bytes(b"edited")
    assert not is_done(output, "k")
    output.unlink()
    assert not is_done(output, "k")


def test_done_means_that_every_file_that_is_asked_for_is_as_it_was_made(output: Path) -> None:
    beside = output.with_suffix(".srt")
    beside.write_bytes(b"Hello.")
    receipt = receipt_of(output)
    write_receipt(output, replace(receipt, files={**receipt.files, beside.name: sha256_file(beside)}))
    assert is_done(output, "k", [beside.name])
    assert not is_done(output, "k", [beside.name, "clip.wav"])
    beside.write_bytes(b"Hallo.")
    assert is_done(output, "k") and not is_done(output, "k", [beside.name])


def test_each_suffix_has_its_own_receipt(output: Path) -> None:
    other = output.with_suffix(".mov")
    other.write_bytes(b"of the user")
    assert read_receipt(other) is None
    assert objection(other, "a.txt") == "avgen did not write it"
    write_receipt(other, receipt_of(other))
    assert is_done(output, "k") and is_done(other, "k")
    assert receipt_path(output).name == "clip.mp4.json"


def test_torn_receipts_count_as_none(output: Path) -> None:
    path = receipt_path(output)
    whole = path.read_bytes()
    for part in range(50):
        path.write_bytes(whole[: part * (len(whole) - 2) // 49])
        assert read_receipt(output) is None and not is_done(output, "k")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("files", value) for value in ({}, [], "x", {"clip.mp4": 1}, {"clip.mp4": None}, None)],
        *[("frames", value) for value in ("3", 3.5, None, [], {})],
        *[("duration", value) for value in ("0.1", None, {})],
        *[("settings", value) for value in ([], {"fps": None}, {"fps": [30]}, {"fps": {"a": 1}})],
        *[("results", value) for value in ({"codes": 1}, None, ["k"])],
        *[("text", value) for value in (None, 7, ["Hello."])],
        *[("schema", value) for value in (2, "3", None)],
        ("weights", {"flow": []}),
        ("nobody", "knows"),
    ],
)
def test_receipts_with_values_of_other_types_count_as_none(output: Path, name: str, value: object) -> None:
    path = receipt_path(output)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), name: value}))
    assert read_receipt(output) is None and not is_done(output, "k")


def test_receipt_survives(output: Path) -> None:
    receipt = read_receipt(output)
    assert receipt is not None and receipt.frames == 3 and receipt.actor == "mira"
    assert receipt.sha256 == sha256_file(output)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("edit", "it was changed since avgen wrote it"),
        ("other script", "it was made from a.txt"),
        ("gone", None),
        ("as it was", None),
        ("torn receipt", None),
        ("crash before the rename", None),
    ],
)
def test_what_must_not_be_replaced(output: Path, change: str, why: str | None) -> None:
    if change == "edit":
        output.write_bytes(b"edited")
    if change == "gone":
        output.unlink()
    if change == "torn receipt":
        receipt_path(output).write_bytes(b"{")
    if change == "crash before the rename":
        receipt = receipt_of(output)
        write_receipt(output, replace(receipt, files={output.name: "0" * 64}, replaced=receipt.sha256))
    assert objection(output, "b.txt" if change == "other script" else "a.txt") == why


def test_package_version_needs_no_import() -> None:
    assert package_version("numpy")[0].isdigit()
    assert package_version("no-such-package") == "none"
