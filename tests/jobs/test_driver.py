"""What the driver makes of outcomes: attempts, retries, giving up, signals, disks; its engine is a fake."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from avgen.inputs.clips import Clip, Text
from avgen.inputs.manifest import Row
from avgen.jobs import driver
from avgen.jobs.driver import Options, run
from avgen.jobs.engine import Done, Failure, FailureKind, Job
from avgen.jobs.planning import Outlook, Request, plan, survey
from avgen.jobs.report import Run
from avgen.jobs.status import folder_status
from avgen.pipeline import ClipResult, Observer, StageEvent
from avgen.stages.table import FINAL_STAGE
from avgen.takes.cache import Cache
from avgen.takes.journal import read_journal
from avgen.takes.layout import report_path, trace_path

Behaviour = Callable[["Engine", str, Job, int], Done | None]


@dataclass
class Engine:
    """Workers that do what a function says, one after the other; None is to say nothing."""

    behave: Behaviour
    workers: tuple[str, ...] = ("w1", "w2")
    observe: Observer = lambda event: None
    jobs: dict[str, Job] = field(default_factory=dict)
    handed: list[tuple[str, str]] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)
    together: list[set[str]] = field(default_factory=list)
    closed: bool = False

    def submit(self, worker: str, job: Job) -> None:
        assert worker not in self.jobs
        self.jobs[worker] = job
        self.handed.append((worker, name_of(job)))
        self.together.append({name_of(job) for job in self.jobs.values()})

    def next_done(self, timeout: float) -> Done | None:
        for worker, job in list(self.jobs.items()):
            attempt = sum(name == name_of(job) for _, name in self.handed)
            if (done := self.behave(self, worker, job, attempt)) is not None:
                del self.jobs[worker]
                return done
        time.sleep(0.001)
        return None

    def restart(self, worker: str) -> None:
        self.jobs.pop(worker, None)
        self.restarted.append(worker)

    def close(self) -> None:
        self.closed = True


def name_of(job: Job) -> str:
    return Path(job.spec["output"]).stem


def good(engine: Engine, worker: str, job: Job, attempt: int) -> Done:
    name, output = name_of(job), job.spec["output"]
    for stage in ("tokenize", "sample", "vocode", "render", "mux"):
        engine.observe(StageEvent(name, stage, "started"))
    return Done(
        worker,
        job.number,
        ClipResult(name, output, "rendered", job.spec["seed"], job.keys[FINAL_STAGE], 30, 1.0),
    )


def bad(kind: FailureKind, of: str, attempts: Sequence[int] = (1, 2), of_worker: str = "") -> Behaviour:
    """Fail with one clip at some attempts, or on one worker; all else is good."""

    def behave(engine: Engine, worker: str, job: Job, attempt: int) -> Done:
        if name_of(job) == of and attempt in attempts and of_worker in ("", worker):
            return Done(worker, job.number, failure=Failure(kind, f"{kind} on purpose", "a trace"))
        return good(engine, worker, job, attempt)

    return behave


@pytest.fixture
def start(tiny: Path) -> Callable[..., tuple[Run, Engine]]:
    """Run clips a, b, c, d with an engine that behaves as told."""

    def run_with(
        behave: Behaviour, workers: tuple[str, ...] = ("w1", "w2"), **changes: object
    ) -> tuple[Run, Engine]:
        engine = Engine(behave, workers)

        def begin(observe: Observer) -> Engine:
            engine.observe = observe
            return engine

        ended = run(
            outlooks(tiny, **changes), Cache(tiny / "cache"), lambda event: None, Options(engine=begin)
        )
        assert engine.closed and len(ended.results) == len({result.id for result in ended.results})
        return ended, engine

    return run_with


def outlooks(folder: Path, cameras: tuple[str, ...] = ()) -> list[Outlook]:
    rows = [Row(Clip(name, Text("Hello.", "x"))) for name in "abcd"]
    request = Request(rows, "tiny", settings={"size": 64}, cameras=cameras, output=folder / "out")
    return survey(plan(request), Cache(folder / "cache"), None)


def states(ended: Run) -> dict[str, tuple[str, int]]:
    return {result.id: (result.status, result.attempts) for result in ended.results}


def test_every_worker_is_given_work_and_every_clip_has_one_outcome(
    start: Callable[..., tuple[Run, Engine]],
) -> None:
    ended, engine = start(good)
    assert states(ended) == {name: ("rendered", 1) for name in "abcd"}
    assert {worker for worker, _ in engine.handed} == {"w1", "w2"}
    assert [result.id for result in ended.results] == list("abcd")


@pytest.mark.parametrize("kind", ["error", "died", "memory"])
def test_failed_attempt_is_repeated_by_another_worker(
    start: Callable[..., tuple[Run, Engine]], kind: FailureKind
) -> None:
    ended, engine = start(bad(kind, "b", (1,)))
    assert states(ended) == {name: ("rendered", 1 + (name == "b")) for name in "abcd"}
    first, second = (worker for worker, name in engine.handed if name == "b")
    assert first != second
    assert engine.restarted == ([] if kind == "error" else [first])


@pytest.mark.parametrize("kind", ["error", "died", "memory"])
def test_clip_that_fails_twice_is_given_up_and_the_others_are_made(
    tiny: Path, start: Callable[..., tuple[Run, Engine]], kind: FailureKind
) -> None:
    ended, _ = start(bad(kind, "b"))
    assert states(ended) == {name: ("failed", 2) if name == "b" else ("rendered", 1) for name in "abcd"}
    assert ended.results[1].error == f"{kind} on purpose"
    assert trace_path(tiny / "out", "b").read_text() == "a trace"
    report = json.loads(report_path(tiny / "out").read_text())
    assert report["counts"] == {"rendered": 3, "failed": 1} and len(report["clips"]) == 4
    status = {clip.clip: clip for clip in folder_status(tiny / "out").clips}
    assert (status["b"].state, status["b"].why, status["b"].attempts) == ("failed", f"{kind} on purpose", 2)
    ended, _ = start(good)
    assert states(ended)["b"] == ("rendered", 1) and not trace_path(tiny / "out", "b").exists()


def test_wrong_input_is_not_tried_again(start: Callable[..., tuple[Run, Engine]]) -> None:
    assert states(start(bad("input", "a"))[0])["a"] == ("failed", 1)


def test_a_single_worker_tries_again_itself(start: Callable[..., tuple[Run, Engine]]) -> None:
    assert states(start(bad("died", "a", (1,)), workers=("w1",))[0])["a"] == ("rendered", 2)


def test_little_is_drawn_at_once_after_memory_was_used_up(start: Callable[..., tuple[Run, Engine]]) -> None:
    seen: list[int | None] = []

    def behave(engine: Engine, worker: str, job: Job, attempt: int) -> Done:
        if name_of(job) == "a":
            seen.append(job.chunk_frames)
        return bad("memory", "a", (1,))(engine, worker, job, attempt)  # type: ignore[return-value]

    start(behave)
    assert seen == [None, driver.SMALL_CHUNK]


def test_worker_that_always_dies_is_given_up(start: Callable[..., tuple[Run, Engine]]) -> None:
    def behave(engine: Engine, worker: str, job: Job, attempt: int) -> Done:
        if worker == "w1":
            return Done(worker, job.number, failure=Failure("died", "w1 is broken"))
        return good(engine, worker, job, attempt)

    ended, engine = start(behave)
    assert {status for status, _ in states(ended).values()} == {"rendered"}
    assert engine.restarted.count("w1") <= driver.MAX_DEATHS - 1


def test_without_workers_the_rest_fails_with_the_reason(start: Callable[..., tuple[Run, Engine]]) -> None:
    ended, _ = start(
        lambda engine, worker, job, attempt: Done(worker, job.number, failure=Failure("died", "no luck"))
    )
    assert {result.status for result in ended.results} == {"failed"}
    assert ended.results[-1].error in ("no luck", "no worker is left to make it: no luck")


def test_full_disk_ends_the_run_after_what_is_being_made(start: Callable[..., tuple[Run, Engine]]) -> None:
    ended, _ = start(bad("disk", "a"))
    assert states(ended) == {
        "a": ("stopped", 1),
        "b": ("rendered", 1),
        "c": ("stopped", 0),
        "d": ("stopped", 0),
    }
    assert ended.disk_full.endswith("a.mp4: the disk is full.")


def test_silent_worker_is_replaced(
    start: Callable[..., tuple[Run, Engine]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "PATIENCE_SECONDS", 0.02)
    monkeypatch.setattr(driver, "PATIENCE_FACTOR", 0.0)

    def behave(engine: Engine, worker: str, job: Job, attempt: int) -> Done | None:
        return None if name_of(job) == "c" and attempt == 1 else good(engine, worker, job, attempt)

    ended, engine = start(behave)
    assert states(ended) == {name: ("rendered", 1 + (name == "c")) for name in "abcd"}
    assert len(engine.restarted) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_lets_running_clips_end(start: Callable[..., tuple[Run, Engine]], number: int) -> None:
    def behave(engine: Engine, worker: str, job: Job, attempt: int) -> Done:
        if name_of(job) == "a":
            os.kill(os.getpid(), number)
        return good(engine, worker, job, attempt)

    ended, _ = start(behave)
    assert states(ended) == {
        "a": ("rendered", 1),
        "b": ("rendered", 1),
        "c": ("stopped", 0),
        "d": ("stopped", 0),
    }
    assert ended.signal == number


def test_second_signal_ends_the_run_at_once(start: Callable[..., tuple[Run, Engine]]) -> None:
    def behave(engine: Engine, worker: str, job: Job, attempt: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    ended, _ = start(behave)
    assert {status for status, _ in states(ended).values()} == {"stopped"}


def test_grace_ends(start: Callable[..., tuple[Run, Engine]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "GRACE_SECONDS", 0.02)
    told: list[int] = []

    def behave(engine: Engine, worker: str, job: Job, attempt: int) -> None:
        if not told:
            told.append(1)
            os.kill(os.getpid(), signal.SIGINT)

    assert {status for status, _ in states(start(behave)[0]).values()} == {"stopped"}


def test_pictures_of_one_take_wait_for_what_they_share(start: Callable[..., tuple[Run, Engine]]) -> None:
    def behave(engine: Engine, worker: str, job: Job, attempt: int) -> Done | None:
        if len(engine.jobs) < 2 and len(engine.handed) < 7:  # the other worker still has a choice
            return None
        return good(engine, worker, job, attempt)

    ended, engine = start(behave, cameras=("portrait", "close-up"))
    assert len(ended.results) == 8 and {result.status for result in ended.results} == {"rendered"}
    assert all(len({name[0] for name in names}) == len(names) for names in engine.together[:4])


def test_journal_tells_the_whole_story(tiny: Path, start: Callable[..., tuple[Run, Engine]]) -> None:
    start(bad("error", "b", (1,)))
    events = list(read_journal(tiny / "out"))
    assert [event["event"] for event in events if event.get("clip") == "b"] == [
        *("started", "failed", "started", "made")
    ]
    assert events[0]["event"] == "run" and events[0]["clips"] == [f"{name}.mp4" for name in "abcd"]
    assert events[-1]["event"] == "ended" and events[-1]["counts"] == {"rendered": 4}


def test_status_tells_what_a_run_is_at(tiny: Path, start: Callable[..., tuple[Run, Engine]]) -> None:
    seen = []

    def behave(engine: Engine, worker: str, job: Job, attempt: int) -> Done | None:
        if name_of(job) == "b":
            seen.append(folder_status(tiny / "out"))
        return good(engine, worker, job, attempt)

    start(behave)
    assert seen[0].running and seen[0].pid == os.getpid()
    assert [clip.state for clip in seen[0].clips][1:] == ["running", "running", "waiting"]
    assert seen[0].seconds_left is not None
    # nothing was really written: what is said to be made is missing
    assert [clip.state for clip in folder_status(tiny / "out").clips] == ["missing"] * 4


def test_cache_is_brought_to_its_limit_but_keeps_what_is_not_made_yet(
    tiny: Path, start: Callable[..., tuple[Run, Engine]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "DEFAULT_LIMIT", 0)
    cache, planned = Cache(tiny / "cache"), outlooks(tiny)
    for n, key in enumerate(("0" * 64, planned[0].keys["sample"], planned[1].keys["sample"])):
        cache.put(key, "sample", ".bin", [bytes([n])])

    def behave(engine: Engine, worker: str, job: Job, attempt: int) -> Done:
        done = bad("input", "b")(engine, worker, job, attempt)
        assert isinstance(done, Done)
        if done.result is None:
            return done
        return replace(done, result=replace(done.result, seconds={"render": 1.0}))

    start(behave)
    assert [cache.contains(outlook.keys["sample"]) for outlook in planned[:2]] == [False, True]
    assert not cache.contains("0" * 64)
