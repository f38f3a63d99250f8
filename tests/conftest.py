from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nothing-skipped", action="store_true", help="Fail if a test was skipped.")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if (
        session.config.getoption("--nothing-skipped")
        and reporter is not None
        and reporter.stats.get("skipped")
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def tiny_actor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny actor's folder, to be copied."""
    import torch

    from tests.fakes import write_actor

    torch.set_num_threads(1)  # tiny networks only lose by more
    return write_actor(tmp_path_factory.mktemp("actors") / "tiny")


@pytest.fixture
def tiny(tiny_actor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the tiny actor under its $AVGEN_HOME and an empty cache."""
    from avgen.actors import components
    from avgen.jobs import driver, local
    from avgen.jobs.inline import InlineEngine

    monkeypatch.setitem(components.KINDS["avatar"], "tiny", "tests.fakes:TinyAvatar")
    monkeypatch.setattr(local, "WORKER_MODULE", "tests.tiny_worker")
    # Processes take seconds to start: whatever is not about them happens in this one.
    monkeypatch.setattr(driver, "LocalEngine", lambda specs, observe: InlineEngine(specs[0].name, observe))
    monkeypatch.setenv("AVGEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AVGEN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_actor, tmp_path / "home" / "actors" / "tiny")
    (tmp_path / "script.txt").write_text("Hello there. This is a short script.\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def avgen(tiny: Path) -> Callable[..., Result]:
    """Run the command line in this process; `render` uses the tiny actor and a small picture."""
    from avgen.cli import main

    def run(*arguments: str, stdin: bytes | None = None) -> Result:
        command = list(arguments)
        if command[0] == "render":
            for option, value in (("--actor", "tiny"), ("--size", "64")):
                if not any(argument.split("=")[0] == option for argument in command):
                    command += [option, value]
        result = CliRunner().invoke(main, command, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def no_hang() -> Iterator[None]:
    """Fail a test that waits for ever."""

    def hung(number: int, frame: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def probe() -> Callable[[Path], SimpleNamespace]:
    """Decode a file and return its frames, samples (at 48 kHz) and ffmpeg's description."""
    from avgen.media.ffmpeg import count_frames, ffmpeg_exe

    def run(path: Path) -> SimpleNamespace:
        command = [
            ffmpeg_exe(),
            "-v",
            "error",
            "-i",
            str(path),
            "-map",
            "0:a",
            "-f",
            "s16le",
            "-ac",
            "1",
            "-",
        ]
        decoded = subprocess.run(command, capture_output=True, check=True)
        assert not decoded.stderr
        about = subprocess.run(
            [ffmpeg_exe(), "-i", str(path)], capture_output=True, text=True, check=False
        ).stderr
        return SimpleNamespace(frames=count_frames(path), samples=len(decoded.stdout) // 2, about=about)

    return run
