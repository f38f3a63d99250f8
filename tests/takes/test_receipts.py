from __future__ import annotations

from pathlib import Path

import pytest

from avgen.files import sha256_file
from avgen.takes.receipts import (
    Receipt,
    is_done,
    package_version,
    read_receipt,
    receipt_path,
    tags,
    write_receipt,
)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output with its receipt for the key "k"."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"film")
    write_receipt(
        path, Receipt("k", sha256_file(path), 3, 0.1, "clip", "Hello.", "t", "mira", 0, {}, {}, {}, {})
    )
    return path


def test_done_means_key_and_hash_match(output: Path) -> None:
    assert is_done(output, "k")
    assert not is_done(output, "other")
    output.write_bytes(b"edited")
    assert not is_done(output, "k")
    output.unlink()
    assert not is_done(output, "k")


def test_torn_receipts_count_as_none(output: Path) -> None:
    path = receipt_path(output)
    whole = path.read_bytes()
    for part in range(50):
        path.write_bytes(whole[: part * (len(whole) - 2) // 49])
        assert read_receipt(output) is None and not is_done(output, "k")


def test_receipt_survives(output: Path) -> None:
    receipt = read_receipt(output)
    assert receipt is not None and receipt.frames == 3 and receipt.actor == "mira"


def test_tags_say_synthetic() -> None:
    found = tags("Mira", "1.2", "abc")
    assert "Synthetic" in found["title"] and "avgen 1.2" in found["comment"] and "abc" in found["comment"]


def test_package_version_needs_no_import() -> None:
    assert package_version("numpy")[0].isdigit()
    assert package_version("no-such-package") == "none"
