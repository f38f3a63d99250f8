"""Signals to a run of one clip."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

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
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_stop_cleanly(tiny: Path, number: int, code: int) -> None:
    run = start(tiny)
    wait_for(run, "sample")
    run.send_signal(number)
    _, errors = run.communicate(timeout=30)
    assert run.returncode == code
    assert "Stopped. Run the same command again to go on from here." in errors
    assert not list(tiny.rglob("*.part")) and not list(tiny.rglob("*.mp4"))
