"""A folder from elsewhere: links and pipes in it are refused, and what they lead to stays as it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Avgen = Callable[..., Result]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def mine(tiny: Path) -> Path:
    """Files of the user that a link in a folder leads to."""
    folder = tiny / "mine"
    (folder / "run").mkdir(parents=True)
    for name in ("diary.txt", "script.txt", ".old.part", "run/report.json", "lock", "journal.jsonl"):
        (folder / name).write_text("mine, without an end of line")
    return folder


@pytest.mark.parametrize("link", [".avgen", ".avgen/run", ".avgen/failed"])
def test_folders_that_are_links_are_refused(tiny: Path, avgen: Avgen, mine: Path, link: str) -> None:
    assert avgen("render", "script.txt").exit_code == 0
    before, place = tree(mine), tiny / "out" / link
    shutil.rmtree(place, ignore_errors=True)
    place.symlink_to(mine)
    for command in (("render", "script.txt", "--force"), ("status", "out"), ("gallery", "out")):
        result = avgen(*command)
        assert result.exit_code == 2, command
        assert f"{link}: this is a symbolic link, which avgen does not follow. Remove it." in result.stderr
    assert tree(mine) == before


@pytest.mark.parametrize("name", ["lock", "run/lock.1-of-2"])
def test_a_lock_that_is_a_link_is_refused(tiny: Path, avgen: Avgen, mine: Path, name: str) -> None:
    (tiny / "out" / ".avgen" / "run").mkdir(parents=True)
    (tiny / "out" / ".avgen" / name).symlink_to(mine / "diary.txt")
    before = tree(mine)
    result = avgen("render", "script.txt", "--shard", "1/2")
    assert (
        result.exit_code == 2 and f"symbolic link, which is not followed (out/.avgen/{name})" in result.stderr
    )
    assert tree(mine) == before


@pytest.mark.parametrize(
    "name",
    ["journal.jsonl", "run/report.json", "script.mp4.json", "failed/script.txt", "run/evaluation.json"],
)
def test_no_file_of_the_state_folder_leads_out_of_it(tiny: Path, avgen: Avgen, mine: Path, name: str) -> None:
    link = tiny / "out" / ".avgen" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(mine / "diary.txt")
    before = tree(mine)
    assert avgen("render", "script.txt").exit_code == 0
    assert avgen("render", "script.txt", "--force").exit_code == 0
    assert avgen("status", "out").exit_code == 0
    assert tree(mine) == before


@pytest.mark.usefixtures("no_hang")
@pytest.mark.parametrize(
    "name", ["journal.jsonl", "lock", "run/report.json", "script.mp4.json", "failed/script.txt"]
)
def test_pipes_in_the_state_folder_do_not_hang(tiny: Path, avgen: Avgen, name: str) -> None:
    pipe = tiny / "out" / ".avgen" / name
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    result = avgen("render", "script.txt")
    if name == "lock":
        assert result.exit_code == 2 and "this is not a regular file" in result.stderr
        return
    assert result.exit_code == 0, result.stderr
    for command in ("status", "gallery"):
        assert avgen(command, "out").exit_code == 0
