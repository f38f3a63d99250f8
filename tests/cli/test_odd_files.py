"""Inputs that are pipes or devices, or have names of other kinds: refused in one line, and nothing hangs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.test_bad_input import refused

Avgen = Callable[..., Result]


@pytest.mark.usefixtures("no_hang")
@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.txt", ["a.txt"]),
        ("a", ["a"]),
        ("a.csv", ["a.csv"]),
        ("a.jsonl", ["a.jsonl"]),
        ("a.wav", ["a.wav"]),
        ("a.png", ["script.txt", "--background", "a.png"]),
        ("a.yaml", ["script.txt", "--preset", "a.yaml"]),
        ("home/actors/odd/actor.yaml", ["script.txt", "--actor", "odd"]),
        ("home/actors/odd/actor.yaml", ["script.txt", "--actor", "home/actors/odd"]),
        ("home/actors/tiny/flow.safetensors", ["script.txt"]),
        ("text.txt", ["m.csv"]),
        ("sound.wav", ["sound.csv"]),
    ],
)
def test_pipes_and_devices_are_no_input(
    tiny: Path, avgen: Avgen, name: str, options: list[str], kind: str
) -> None:
    (tiny / "m.csv").write_text("id,text_file\na,text.txt\n")
    (tiny / "sound.csv").write_text("id,audio\na,sound.wav\n")
    path = tiny / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))  # as /dev/zero
    before = set(tiny.rglob("*"))
    message = refused(avgen("render", *options), tiny, before)
    assert Path(name).stem in message or "unknown actor" in message
    assert "\n" not in message


@pytest.mark.usefixtures("no_hang")
def test_an_output_that_is_a_pipe_is_somebody_elses(tiny: Path, avgen: Avgen) -> None:
    assert avgen("render", "script.txt").exit_code == 0
    (tiny / "out" / "script.mp4").unlink()
    os.mkfifo(tiny / "out" / "script.mp4")
    result = avgen("render", "script.txt")
    assert result.exit_code == 3 and "it was changed since avgen wrote it" in result.stderr
    (tiny / "out" / ".avgen" / "journal.jsonl").unlink()
    assert "script: missing" in avgen("status", "out").stdout
