from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Avgen = Callable[..., Result]


def test_actors_list_finds_own_actors(avgen: Avgen) -> None:
    assert "tiny: A test actor." in avgen("actors", "list").stdout.splitlines()
    names = [row["name"] for row in json.loads(avgen("actors", "list", "--json").stdout)["actors"]]
    assert "tiny" in names


def test_actors_list_goes_on_after_a_broken_actor(tiny: Path, avgen: Avgen) -> None:
    broken = tiny / "home" / "actors" / "broken"
    broken.mkdir()
    (broken / "actor.yaml").write_text("name: broken\n")
    result = avgen("actors", "list")
    assert result.exit_code == 0
    assert "tiny: A test actor." in result.stdout
    assert "Warning: " in result.stderr and "actor.yaml: missing: " in result.stderr


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"[]", b"a: *a", b"a: " + b"[" * 5000, b"a: &x [" + b"*x, " * 9 + b"]", b"\xff\xfe", b"\x00"),
        *(b"name: 2026-13-45", b"name: " + b"9" * 5000, b"? {a: b}\n: c", b"a: !!python/name:os.system x"),
        *(b"name: bad\ncameras: {1: 2}", b"- " * 3000, b'title: "\\ud800"'),
    ],
)
def test_no_actor_folder_keeps_the_others_from_the_list(tiny: Path, avgen: Avgen, content: bytes) -> None:
    bad = tiny / "home" / "actors" / "bad"
    bad.mkdir()
    (bad / "actor.yaml").write_bytes(content)
    (tiny / "home" / "actors" / os.fsdecode(b"\xff")).mkdir()
    result = avgen("actors", "list")
    assert result.exit_code == 0 and "tiny: A test actor." in result.stdout
    assert result.stderr.startswith("Warning: ") and result.stderr.count("\n") == 1
    assert avgen("render", "script.txt", "--dry-run").exit_code == 0
    assert avgen("actors", "info", "bad").exit_code == 2


def test_actors_info_shows_licence_credits_and_components(tiny: Path, avgen: Avgen) -> None:
    text = avgen("actors", "info", "tiny").stdout
    for part in ("CC0-1.0", "Nobody's likeness.", "Made of random numbers", "portrait, close-up", "sha256"):
        assert part in text
    about = json.loads(avgen("actors", "info", "tiny", "--json").stdout)
    assert [part["slot"] for part in about["components"]][-1] == "avatar"
    assert all(part["bytes"] > 0 for part in about["components"])
    by_path = avgen("actors", "info", str(tiny / "home" / "actors" / "tiny"))
    assert by_path.stdout == text


def test_actors_check_names_every_bad_file(tiny: Path, avgen: Avgen) -> None:
    assert avgen("actors", "check", "tiny").stdout == "tiny: 6 components, all files are whole\n"
    folder = tiny / "home" / "actors" / "tiny"
    (folder / "flow.safetensors").write_bytes(b"")
    (folder / "avatar.safetensors").unlink()
    result = avgen("actors", "check", "tiny")
    assert result.exit_code == 2
    assert "the flow file is damaged" in result.stderr and "the avatar file is missing" in result.stderr


def test_cache_commands(tiny: Path, avgen: Avgen) -> None:
    avgen("render", "script.txt")
    rows = json.loads(avgen("cache", "ls", "--json").stdout)["entries"]
    assert {row["stage"] for row in rows} == {"tokenize", "sample", "vocode", "render"}
    assert len(avgen("cache", "ls").stdout.splitlines()) == 4
    assert avgen("cache", "verify").stdout == "4 entries are whole, 0 were damaged\n"
    content = next((tiny / "cache" / "cas").glob("*/*.mp4"))
    content.write_bytes(b"")
    assert avgen("cache", "verify").exit_code == 1
    assert avgen("cache", "gc", "--max-size", "0").stdout.startswith("3 entries removed")
    assert avgen("cache", "ls").stdout == ""


def test_cache_gc_refuses_what_is_no_size(avgen: Avgen) -> None:
    result = avgen("cache", "gc", "--max-size", "many")
    assert result.exit_code == 2
    assert "expected a size like 500MB or 20GB, got 'many'" in result.stderr


def test_doctor_renders_and_reports(tiny: Path, avgen: Avgen) -> None:
    result = avgen("doctor", "--actor", "tiny")
    assert result.exit_code == 0, result.stdout
    lines = result.stdout.splitlines()
    assert [line.split()[1] for line in lines] == [
        *("versions:", "devices:", "ffmpeg:", "actor:", "photographs:", "cache:", "self-test:")
    ]
    assert all(line.startswith("OK") for line in lines)
    assert not (tiny / "out").exists()


def test_doctor_says_what_fails(tiny: Path, avgen: Avgen) -> None:
    (tiny / "home" / "actors" / "tiny" / "flow.safetensors").unlink()
    result = avgen("doctor", "--actor", "tiny")
    assert result.exit_code == 1
    failed = [line for line in result.stdout.splitlines() if line.startswith("FAIL")]
    assert [line.split()[1] for line in failed] == ["actor:", "self-test:"]
    assert "the flow file is missing" in failed[0]


@pytest.mark.parametrize("command", [["actors", "info", "mirra"], ["actors", "check", "no/where"]])
def test_unknown_actor(avgen: Avgen, command: list[str]) -> None:
    assert avgen(*command).exit_code == 2
