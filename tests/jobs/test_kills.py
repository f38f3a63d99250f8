"""kill -9 of the driver at six points of six stages: nothing wrong is visible, and the next run goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from avgen.stages.table import ALWAYS
from tests import faults

ROOT = Path(__file__).parents[2]
Start = Callable[..., int]


@pytest.fixture(scope="module")
def zygote(tiny_actor: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Run `avgen render script.txt` in a fork; returns its exit code, negative for a signal."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(tiny_actor, home / "actors" / "tiny")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "AVGEN_HOME": str(home)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.zygote"],
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def start(folder: Path, *options: str, fault: str = "") -> int:
        assert process.stdin is not None and process.stdout is not None
        command = {
            "arguments": ["render", "script.txt", "--actor", "tiny", "--size", "64", "--json", *options],
            "folder": str(folder),
            "environment": {faults.VARIABLE: fault, "AVGEN_CACHE_DIR": str(folder / "cache")},
        }
        process.stdin.write(json.dumps(command) + "\n")
        process.stdin.flush()
        return int(json.loads(process.stdout.readline())["code"])

    yield start
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def whole(zygote: Start, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What an undisturbed run makes."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "script.txt").write_text("Hello there.")
    assert zygote(folder) == 0, (folder / "stderr").read_text()
    return (folder / "out" / "script.mp4").read_bytes()


@pytest.mark.parametrize("point", faults.POINTS)
@pytest.mark.parametrize("stage", faults.STAGES)
def test_killed_driver_leaves_nothing_wrong_and_loses_no_finished_stage(
    zygote: Start, whole: bytes, tmp_path: Path, stage: str, point: str
) -> None:
    (tmp_path / "script.txt").write_text("Hello there.")
    assert zygote(tmp_path, fault=f"{stage}:{point}:kill") == -9
    film = tmp_path / "out" / "script.mp4"
    assert not film.exists() or film.read_bytes() == whole
    assert zygote(tmp_path) == 0, (tmp_path / "stderr").read_text()
    assert film.read_bytes() == whole
    (clip,) = json.loads((tmp_path / "stdout").read_text())["clips"]
    assert not kept(stage, point) & set(clip["seconds"])
    assert not list(tmp_path.rglob("*.mp4.*.part")) and not list((tmp_path / "out").rglob("*.part"))


def kept(stage: str, point: str) -> set[str]:
    """Stages whose results were in the cache, or in the film, when the run was killed."""
    before = faults.POINTS.index("kept")
    if stage == "run":
        made = faults.POINTS.index(point) >= faults.POINTS.index("content")
        return set(ALWAYS) if made else set()
    done = set(ALWAYS[: ALWAYS.index(stage)])
    return done | ({stage} if faults.POINTS.index(point) >= before else set())
