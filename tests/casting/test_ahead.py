"""Kernels are compiled meanwhile where they have to be, and only there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from avgen.avatars.raster.compile import KEPT, is_kept, kernel
from avgen.casting import ahead


@pytest.mark.skipif(not KEPT, reason="kernels cannot be kept here")
def test_a_kernel_is_kept_once_it_was_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))

    @kernel
    def doubled(value: int) -> int:
        return 2 * value

    assert not is_kept(doubled)
    assert doubled(21) == 42
    assert is_kept(doubled)


@pytest.mark.parametrize("kept", [True, False])
def test_a_process_compiles_what_is_not_kept(monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    done: list[str] = []

    class Process:
        def __init__(self, command: list[str], **streams: int) -> None:
            compile(command[2], "command", "exec")
            assert command[2].endswith("from avgen.casting.ahead import compile_kernels; compile_kernels()")
            done.append("started")

        def wait(self) -> None:
            done.append("ended")

        def kill(self) -> None:
            done.append("killed")

    monkeypatch.setattr(subprocess, "Popen", Process)
    monkeypatch.setattr(ahead, "is_kept", lambda compiled: kept)
    with ahead.compiled_ahead():
        done.append("looked")
    expected = ["looked"] if kept else ["started", "looked", "ended", "killed", "ended"]
    assert done == expected


def test_a_process_that_is_not_needed_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    real, started = subprocess.Popen, []

    def sleeper(command: list[str]) -> subprocess.Popen[bytes]:
        started.append(real([command[0], "-c", "import time; time.sleep(600)"]))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", lambda command, **streams: sleeper(command))
    monkeypatch.setattr(ahead, "is_kept", lambda compiled: False)
    with pytest.raises(ValueError), ahead.compiled_ahead():
        raise ValueError
    assert started[0].poll() is not None
