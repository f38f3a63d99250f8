"""Files that appear whole or not at all, and what is read at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from avgen.files import blocks, open_regular, part_file, publish, read_regular, read_start, sha256_file


@pytest.fixture(params=["pipe", "device", "folder"])
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "odd"
    if request.param == "device":
        return Path("/dev/zero")
    if request.param == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    return path


@pytest.mark.usefixtures("no_hang")
def test_pipes_devices_and_folders_are_never_read(odd: Path) -> None:
    for read in (open_regular, sha256_file, lambda path: read_regular(path, 10), lambda p: list(blocks(p))):
        with pytest.raises(OSError, match=r"this is not a regular file|Is a directory"):
            read(odd)


def test_no_more_is_read_than_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    assert read_start(tmp_path / "a", 4) == b"0123" and read_start(tmp_path / "a", 99) == b"0123456789"
    assert read_regular(tmp_path / "a", 10) == b"0123456789"
    with pytest.raises(ValueError, match="it is larger than 9 bytes"):
        read_regular(tmp_path / "a", 9)


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("x")
    with part_file(tmp_path, "out") as part:
        part.mkdir()
        (part / "new").write_text("y")
        publish(part, tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "new"]
