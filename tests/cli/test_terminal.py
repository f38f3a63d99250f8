"""What reaches the terminal, and what happens when nobody listens."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from rich.console import Console
from rich.table import Table

from avgen import cli
from avgen.cli.status import _table
from avgen.cli.terminal import cell, printable
from avgen.jobs.status import ClipStatus, FolderStatus
from tests.fakes import write_description

Avgen = Callable[..., Result]
ROOT = Path(__file__).parents[2]
EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\r\x7f"
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def test_control_characters_are_spelt_out_and_all_else_stays() -> None:
    assert printable("a\x1b[2J\x9b\x7f\r\udce9") == r"a\u001b[2J\u009b\u007f\u000d\udce9"
    for text in ("Größe 5 µm\tand “more”\nlines\r\n", "日本語 🙂"):
        assert printable(text) == text
    assert json.loads(printable(json.dumps({"a": "\x9b"}, ensure_ascii=False))) == {"a": "\x9b"}


def test_cells_of_tables_hold_no_markup() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    table = Table("a")
    table.add_row(cell(f"[red]x[/red]{EVIL}"))
    console.print(table)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "[red]x[/red]" in shown and "\x1b[2J" not in shown and "\x07" not in shown


def test_everything_is_said_through_one_door() -> None:
    for path in Path(cli.__file__).parent.glob("*.py"):
        if path.name != "terminal.py":
            assert not re.search(
                r"\bprint\(|click\.(echo|secho)\(|\.isatty\(", path.read_text().replace(").print(", "")
            ), path


@pytest.mark.parametrize("values", [{"title": EVIL}, {"name": EVIL}, {EVIL: 1}, {"cameras": {EVIL: {}}}])
def test_actors_cannot_steer_the_terminal(tiny: Path, avgen: Avgen, values: dict[str, Any]) -> None:
    write_description(tiny / "home" / "actors" / "tiny", **values)
    for command in (["actors", "list"], ["actors", "info", "tiny"], ["render", "script.txt"]):
        result = avgen(*command)
        assert not STEERING.search((result.stdout + result.stderr).replace("\n", ""))


def test_manifests_and_file_names_cannot_steer_the_terminal(tiny: Path, avgen: Avgen) -> None:
    (tiny / f"a{EVIL}.txt").write_text("!!!")
    (tiny / "m.jsonl").write_text(json.dumps({"id": EVIL, "text": "Hi."}))
    (tiny / "n.csv").write_text("id,text,output\na,Hi.,\x9b2J\n")
    (tiny / f"pre{EVIL}.yaml").write_text("steps: x")
    commands = [[f"a{EVIL}.txt"], ["m.jsonl"], ["n.csv"], ["script.txt", "--preset", f"pre{EVIL}.yaml"]]
    for command in commands:
        result = avgen("render", *command)
        assert result.exit_code == 2
        assert not STEERING.search((result.stdout + result.stderr).replace("\n", ""))


def test_receipts_and_journals_cannot_steer_the_terminal(tiny: Path, avgen: Avgen) -> None:
    assert avgen("render", "script.txt").exit_code == 0
    events = [
        {"event": "run", "time": 9e9, "pid": 1, "command": ["render", EVIL], "share": "", "done": []},
        {"event": "failed", "time": 9e9 + 1, "clip": "x", "file": f"x{EVIL}.mp4", "error": EVIL},
    ]
    events[0]["clips"] = [f"x{EVIL}.mp4"]
    with (tiny / "out" / ".avgen" / "journal.jsonl").open("a") as journal:
        journal.writelines(json.dumps(event) + "\n" for event in events)
    result = avgen("status", "out")
    assert "x\\u001b" in result.stdout and "failed" in result.stdout
    assert not STEERING.search((result.stdout + result.stderr).replace("\n", ""))


def test_table_of_status_takes_any_text(capsys: pytest.CaptureFixture[str]) -> None:
    clips = (ClipStatus(f"[b]{EVIL}", "failed", why=f"[/nothing]{EVIL}", worker=EVIL),)
    _table(FolderStatus("out", False, None, (), clips))
    shown = capsys.readouterr().out
    assert "[b]" in shown and not STEERING.search(shown.replace("\n", ""))


def shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which $avgen is the command."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        **{"PYTHONPATH": str(ROOT), "avgen": f"{sys.executable} -m tests.run_tiny"},
    }
    command = ["bash", "-c", f"set -o pipefail; {line}"]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("$avgen actors list | true", None, ""),
        (
            "$avgen actors info tiny > /dev/full",
            74,
            "standard output cannot be written: No space left on device.",
        ),
        ("$avgen actors list >&-", 0, ""),
        ("$avgen actors info nobody 2>&-", 2, ""),
        ("$avgen actors info nobody 2> /dev/full", 2, ""),
        ("$avgen render script.txt --actor tiny --size 64 2> /dev/full", 0, "out/script.mp4"),
        ("$avgen render script.txt --actor tiny --size 64 >&- 2>&-", 0, ""),
        ("$avgen render script.txt --actor tiny --size 64 2>&1 | true", None, ""),
    ],
)
def test_streams_that_nobody_reads_end_quietly(tiny: Path, line: str, code: int | None, said: str) -> None:
    done = shell(tiny, line)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    assert said in done.stdout + done.stderr
    assert done.returncode == code if code is not None else done.returncode in (0, 1)
    if "2>&1" in line:
        assert (tiny / "out" / "script.mp4").is_file()
