"""The pipes between the driver and a worker process, with a worker that is a few lines long."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from avgen.jobs import local
from avgen.jobs.engine import Done, Job
from avgen.jobs.local import LocalEngine, WorkerSpec
from avgen.pipeline import StageEvent

WORKER = """
import json, os, signal, sys

def main(name):
    print("this must not look like an answer", file=sys.stderr)
    for line in sys.stdin:
        job = json.loads(line)
        what = job["spec"]["do"]
        if what == "die":
            print("my last words", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "exit":
            sys.exit(7)
        event = dict(clip="a", stage="render", state="advanced", done=1, total=2, seconds=0.0)
        log = ["avgen.x", 30, "look out"]
        failure = dict(kind="error", message="no", trace="")
        done = dict(worker=name, number=job["number"], result=None, failure=failure)
        # in pieces, as pipes may cut them
        parts = dict(event=event), dict(log=log), dict(done=done)
        text = "".join(json.dumps(part) + "\\n" for part in parts)
        for piece in (text[:30], text[30:]):
            sys.stdout.write(piece)
            sys.stdout.flush()
        if what == "say-and-end":
            sys.exit(0)
"""


@pytest.fixture
def heard() -> list[StageEvent]:
    return []


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: list[StageEvent]) -> Iterator[LocalEngine]:
    (tmp_path / "small_worker.py").write_text(WORKER)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(local, "WORKER_MODULE", "small_worker")
    engine = LocalEngine([WorkerSpec("w1", {}), WorkerSpec("w2", {})], heard.append)
    yield engine
    engine.close()


def job(number: int, do: str) -> Job:
    return Job(number, {"do": do}, {}, "environment", "cache")


def next_done(engine: LocalEngine) -> Done:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (done := engine.next_done(0.1)) is not None:
            return done
    raise AssertionError("nothing came")


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_answers_events_and_warnings_arrive(
    engine: LocalEngine, heard: list[StageEvent], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "avgen"):
        engine.submit("w2", job(5, "say"))
        done = next_done(engine)
    assert (done.worker, done.number, done.failure.message if done.failure else "") == ("w2", 5, "no")
    assert heard == [StageEvent("a", "render", "advanced", 1, 2)]
    assert "look out" in caplog.text
    assert engine.next_done(0.0) is None


def test_death_is_told_with_last_words_and_restart_heals(engine: LocalEngine) -> None:
    engine.submit("w1", job(0, "die"))
    failure = next_done(engine).failure
    assert failure is not None and failure.kind == "died"
    assert failure.message == "worker w1 was killed by SIGKILL; was there enough memory?"
    assert failure.trace.endswith("my last words\n")
    engine.restart("w1")
    engine.submit("w1", job(1, "exit"))
    failure = next_done(engine).failure
    assert failure is not None and failure.message == "worker w1 ended with code 7"


def test_worker_that_died_idle_is_noticed_with_its_next_job(engine: LocalEngine) -> None:
    engine.submit("w1", job(0, "say-and-end"))
    assert next_done(engine).number == 0
    until(lambda: engine._processes["w1"].silent or engine.next_done(0.05) is not None)
    engine.submit("w1", job(1, "say"))
    done = next_done(engine)
    assert done.number == 1 and done.failure is not None and done.failure.kind == "died"


def test_restart_of_a_busy_worker_forgets_its_job(engine: LocalEngine) -> None:
    engine.submit("w1", job(0, "say"))
    engine.restart("w1")
    engine.submit("w1", job(1, "say"))
    assert next_done(engine).number == 1
    assert engine.next_done(0.1) is None
