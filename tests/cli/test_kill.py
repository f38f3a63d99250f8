"""A run that is killed leaves nothing wrong behind, and the next one goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "tests.run_tiny", "render", "script.txt", "--actor", "tiny", "--size", "64")


def start(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*COMMAND, "--json"],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell's background jobs ignore SIGINT, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for(run: subprocess.Popen[str], words: str) -> None:
    assert run.stderr is not None
    while words not in (line := run.stderr.readline()):
        assert line, "the run ended before it came to that"


@pytest.mark.slow
def test_killed_runs_resume_and_end_in_the_same_bytes(
    tiny: Path, avgen: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("tokenize", "sample", "render"):
        run = start(tiny)
        wait_for(run, place)
        run.kill()
        run.wait()
        assert not list((tiny / "out").glob("*.mp4"))
    run = start(tiny)
    (clip,) = json.loads(run.communicate()[0])["clips"]
    assert clip["status"] == "rendered"
    assert set(clip["cached"]) == {"sample", "vocode"} and set(clip["seconds"]) == {"render", "mux"}
    assert not list(tiny.rglob("*.part"))
    resumed = (tiny / "out" / "script.mp4").read_bytes()
    monkeypatch.setenv("AVGEN_CACHE_DIR", str(tiny / "empty"))
    assert avgen("render", "script.txt", "-o", "undisturbed").exit_code == 0
    assert (tiny / "undisturbed" / "script.mp4").read_bytes() == resumed


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_stop_cleanly(tiny: Path, number: int, code: int) -> None:
    run = start(tiny)
    wait_for(run, "sample")
    run.send_signal(number)
    _, errors = run.communicate(timeout=30)
    assert run.returncode == code
    assert "Stopped. Run the same command again to go on from here." in errors
    assert not list(tiny.rglob("*.part")) and not list(tiny.rglob("*.mp4"))
