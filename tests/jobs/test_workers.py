"""Worker processes: killed, starved, interrupted; and the same bytes however many there are."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from avgen.takes.journal import read_journal
from tests import faults
from tests.fakes import write_actor

ROOT = Path(__file__).parents[2]
TEXT = {"a": "One.", "b": "Two and three.", "c": "Four, five.", "d": "Six."}
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tiny: Path) -> Start:
    """Start `avgen render m.csv` with two workers in a process of its own."""
    write_manifest(tiny, list(TEXT))

    def begin(*options: str, fault: str = "", workers: int = 2) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", faults.VARIABLE: fault}
        command = [
            sys.executable,
            "-m",
            "tests.run_tiny",
            "render",
            "m.csv",
            "--actor",
            "tiny",
            "--size",
            "64",
        ]
        return subprocess.Popen(
            [*command, "--workers", str(workers), "--json", *options],
            cwd=tiny,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return begin


def write_manifest(folder: Path, ids: Sequence[str]) -> None:
    rows = "".join(f'{name},"{TEXT[name]}"\n' for name in ids)
    (folder / "m.csv").write_text(f"id,text\n{rows}")


def finish(run: subprocess.Popen[str]) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code and results by clip."""
    output, errors = run.communicate(timeout=300)
    assert output, errors
    return run.returncode, {clip["id"]: clip for clip in json.loads(output)["clips"]}


def films(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.mp4"))}


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_killed_worker_and_a_killed_ffmpeg_cost_one_attempt_each(
    tiny: Path, start: Start, avgen: Any
) -> None:
    kill, kill_ffmpeg = (f"{tiny / name}" for name in ("kill", "kill-ffmpeg"))
    faulty = f"render:start:kill:b:{kill},render:middle:kill-ffmpeg:c:{kill_ffmpeg}"
    code, clips = finish(start(fault=faulty))
    assert code == 0
    assert {name: clip["attempts"] for name, clip in clips.items()} == {"a": 1, "b": 2, "c": 2, "d": 1}
    for again in (clips["b"], clips["c"]):
        assert set(again["cached"]) == {"sample", "vocode"} and set(again["seconds"]) == {"render", "mux"}
    assert avgen("render", "m.csv", "-o", "one", "--force").exit_code == 0  # in one process, without faults
    assert films(tiny / "out") == films(tiny / "one")


@pytest.mark.slow
def test_bytes_do_not_depend_on_workers_order_or_interruption(tiny: Path, start: Start, avgen: Any) -> None:
    assert avgen("render", "m.csv", "-o", "one").exit_code == 0
    write_manifest(tiny, ["c", "a", "d", "b"])
    assert finish(start("-o", "four", "--force", workers=4))[0] == 0
    assert films(tiny / "four") == films(tiny / "one")
    run = start("-o", "broken", "--force", fault="mux:start:kill-driver:d")
    assert run.wait(120) == -signal.SIGKILL
    assert any(event["event"] == "started" for event in read_journal(tiny / "broken"))
    wait_until(lambda: not workers_in(tiny))
    assert avgen("render", "m.csv", "-o", "broken").exit_code == 0
    assert films(tiny / "broken") == films(tiny / "one")


@pytest.mark.slow
def test_a_batch_of_dialogues_goes_on_after_its_driver_was_killed_twice(
    tiny: Path, start: Start, avgen: Any
) -> None:
    write_actor(tiny / "home" / "actors" / "ear", face_channels=55)
    turns = [("MIA", "Hello there."), ("KIT", "Yes. I did, and it was good."), ("MIA", "Oh.")]
    rows = [f'{name},{who},"{said}",ear\n' for name in ("a", "b", "c") for who, said in turns]
    (tiny / "m.csv").write_text("dialogue,speaker,text,actor\n" + "".join(rows))
    assert avgen("render", "m.csv", "-o", "whole").exit_code == 0
    whole, broken = films(tiny / "whole"), tiny / "broken"
    assert set(whole) == {f"{name}{of}.mp4" for name in ("a", "b", "c") for of in ("", ".kit", ".mia")}
    for fault, options in (("sample:start:kill-driver:b.kit", ["--force"]), ("mux:start:kill-driver:b", [])):
        run = start("-o", "broken", *options, fault=fault)
        assert run.wait(120) == -signal.SIGKILL
        wait_until(lambda: not workers_in(tiny))
        there = films(broken)
        assert "b.mp4" not in there and there.items() <= whole.items()
    assert there.keys() >= {"b.kit.mp4", "b.mia.mp4"}
    result = avgen("render", "m.csv", "-o", "broken", "--json")
    assert result.exit_code == 0 and films(broken) == whole
    kept = {clip["id"] for clip in json.loads(result.stdout)["clips"] if clip["status"] == "unchanged"}
    assert {Path(name).stem for name in there} <= kept
    assert not list(broken.rglob("*.part"))
    assert {receipt.stem for receipt in (broken / ".avgen").glob("*.json")} == set(whole)


@pytest.mark.slow
def test_one_clip_that_kills_its_workers_fails_alone(tiny: Path, start: Start, avgen: Any) -> None:
    code, clips = finish(start(fault="sample:start:kill:b"))
    assert code == 3
    assert {name: clip["status"] for name, clip in clips.items()} == {
        **dict.fromkeys("acd", "rendered"),
        "b": "failed",
    }
    assert "was killed by SIGKILL; was there enough memory?" in clips["b"]["error"]
    assert (tiny / "out" / ".avgen" / "failed" / "b.txt").exists()
    result = avgen("render", "m.csv", "--json")
    assert [clip["status"] for clip in json.loads(result.stdout)["clips"]] == [
        *("unchanged", "rendered", "unchanged", "unchanged")
    ]


@pytest.mark.slow
def test_interrupts_end_a_batch_and_no_worker_stays(tiny: Path, start: Start) -> None:
    run = start(fault="render:start:hang")
    wait_until(lambda: sum(e["event"] == "started" for e in read_journal(tiny / "out")) == 2)
    run.send_signal(signal.SIGINT)
    time.sleep(0.3)
    run.send_signal(signal.SIGINT)
    code, clips = finish(run)
    assert code == 130 and {clip["status"] for clip in clips.values()} == {"stopped"}
    assert not list((tiny / "out").rglob("*.part")) and not films(tiny / "out")
    assert not workers_in(tiny)


@pytest.mark.slow
def test_full_disk_ends_the_batch_with_74(tiny: Path, start: Start, avgen: Any) -> None:
    run = start(fault="mux:made:full:a")
    output, errors = run.communicate(timeout=300)
    assert run.returncode == 74
    assert "Free some space and run the same command again." in errors
    clips = {clip["id"]: clip["status"] for clip in json.loads(output)["clips"]}
    assert clips["a"] == "stopped" and len(clips) == 4
    assert not (tiny / "out" / "a.mp4").exists()
    assert avgen("render", "m.csv").exit_code == 0


def workers_in(folder: Path) -> list[str]:
    """Commands of the worker processes whose working folder this is."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode()
            if "tests.tiny_worker" in command and Path(os.readlink(process / "cwd")) == folder:
                found.append(command)
        except OSError:
            continue
    return found
