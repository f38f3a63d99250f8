"""The Ray engine on this machine: logical GPUs, dead actors, and a cluster of two nodes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from avgen.actors.actor import find_actor
from avgen.actors.components import Models
from avgen.config import RenderConfig
from avgen.errors import InputError
from avgen.files import sha256_file
from avgen.inputs.clips import split_script
from avgen.jobs.engine import Done, Job
from avgen.pipeline import Observer, StageEvent, run_clip
from avgen.stages.spec import ClipSpec, environment, stage_keys
from avgen.stages.table import ALWAYS
from avgen.takes.cache import Cache

ray = pytest.importorskip("ray", reason="avgen[ray] is not installed")
pytestmark = pytest.mark.slow

from avgen.jobs import ray_engine  # noqa: E402
from avgen.jobs.ray_engine import RayEngine, connect  # noqa: E402

TEXT = "One.\n---\nTwo and three.\n---\nFour, five.\n---\nSix.\n"
SMALL = {"object_store_memory": ray_engine.OBJECT_STORE_BYTES, "include_dashboard": False}


@pytest.fixture
def notes(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where tiny workers say what they did; Ray ends with the test."""
    folder = tiny / "notes"
    folder.mkdir()
    monkeypatch.setattr(ray_engine, "WORKER_CLASS", "tests.tiny_ray:TinyWorker")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # of the nodes
    yield folder
    ray.shutdown()


def specs(folder: Path) -> tuple[ClipSpec, ...]:
    config = RenderConfig(width=64, height=64)
    return tuple(
        ClipSpec(clip, find_actor("tiny"), config, 0, folder / f"{clip.id}.mp4")
        for clip in split_script(TEXT, "clip", "text")
    )


def jobs(planned: Sequence[ClipSpec], cache: Path) -> list[Job]:
    return [
        Job(number, spec.to_json(), stage_keys(spec), environment(), str(cache))
        for number, spec in enumerate(planned)
    ]


def run_all(engine: RayEngine, todo: Sequence[Job]) -> list[Done]:
    """Give every worker a job at a time, as a driver does; what failed is tried again."""
    waiting, free, ended = list(todo), list(engine.workers), []
    limit = time.monotonic() + 120
    while len([done for done in ended if done.result]) < len(todo):
        assert time.monotonic() < limit
        while free and waiting:
            engine.submit(free.pop(0), waiting.pop(0))
        done = engine.next_done(1.0)
        if done is not None:
            ended.append(done)
            if done.failure:
                assert done.failure.kind == "died", done.failure
                waiting.append(todo[done.number])
                engine.restart(done.worker)
            free.append(done.worker)
    return ended


def noted(notes: Path) -> dict[str, list[list[str]]]:
    return {
        path.name: [line.split() for line in path.read_text().splitlines()]
        for path in sorted(notes.iterdir())
    }


def wait_for_notes(notes: Path, lines: int) -> list[list[str]]:
    limit = time.monotonic() + 60
    while len(found := [line for of_one in noted(notes).values() for line in of_one]) < lines:
        assert time.monotonic() < limit
        time.sleep(0.05)
    return found


def local_hashes(tiny: Path) -> list[str]:
    planned = specs(tiny / "alone")
    models = Models(planned[0].actor)
    for spec in planned:
        run_clip(spec, stage_keys(spec), Cache(tiny / "other-cache"), models, lambda event: None)
    return [sha256_file(spec.output) for spec in planned]


def start(
    notes: Path, observe: Observer = lambda event: None, seconds: float = 0.0, **options: Any
) -> RayEngine:
    environment = {"AVGEN_NOTES": str(notes), "AVGEN_SECONDS": str(seconds)}
    return RayEngine(observe, environment=environment, **options)


def test_two_logical_gpus_share_the_clips_and_make_the_same_bytes(tiny: Path, notes: Path) -> None:
    ray.init(num_cpus=2, num_gpus=2, log_to_driver=False, **SMALL)
    connect(None)
    assert ray_engine.has_gpus()
    events: list[StageEvent] = []
    engine = start(notes, events.append, 0.3, device="cuda")
    assert engine.workers == ("cuda@1", "cuda@2")
    planned = specs(tiny / "ray")
    ended = run_all(engine, jobs(planned, tiny / "cache"))
    engine.close()
    assert sorted(done.number for done in ended) == [0, 1, 2, 3] and all(done.result for done in ended)
    assert [sha256_file(spec.output) for spec in planned] == local_hashes(tiny)
    seen = noted(notes)
    assert set(seen) == {"cuda@1", "cuda@2"}
    assert {line[1] for lines in seen.values() for line in lines} == {"0", "1"}
    assert {(event.clip, event.stage, event.state) for event in events} >= {
        (spec.name, stage, "finished") for spec in planned for stage in ALWAYS
    }


def test_killed_actor_costs_one_attempt_at_one_clip(
    tiny: Path, notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ray.init(num_cpus=2, log_to_driver=False, **SMALL)
    engine = start(notes, seconds=1.0)
    planned = specs(tiny / "ray")
    todo = jobs(planned, tiny / "cache")
    engine.submit("cpu@1", todo[0])
    os.kill(int(wait_for_notes(notes, 1)[0][0]), signal.SIGKILL)
    limit = time.monotonic() + 60
    while (done := engine.next_done(1.0)) is None:
        assert time.monotonic() < limit
    assert done.worker == "cpu@1" and done.number == 0 and done.failure and done.failure.kind == "died"
    engine.restart("cpu@1")
    ended = run_all(engine, todo)
    assert all(done.result for done in ended)
    assert len({line[0] for line in noted(notes)["cpu@1"]}) == 2
    engine.submit("cpu@2", todo[1])
    engine.restart("cpu@2")  # as for a stuck one
    assert all(done.result for done in run_all(engine, todo))
    engine.close()
    assert not capsys.readouterr().out  # where results go


def test_cluster_of_two_nodes_goes_on_with_one(tiny: Path, notes: Path) -> None:
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, **SMALL})
    try:
        other = cluster.add_node(num_cpus=1, object_store_memory=ray_engine.OBJECT_STORE_BYTES)
        connect(cluster.address)
        with pytest.raises(InputError, match="has room for 2 workers that take 1 CPU each, 3 are needed"):
            start(notes, workers=3)
        engine = start(notes, seconds=1.0)
        assert len(engine.workers) == 2
        planned = specs(tiny / "ray")
        todo = jobs(planned, tiny / "cache")
        assert all(done.result for done in run_all(engine, todo))
        assert len(noted(notes)) == 2
        for worker, job in zip(engine.workers, todo, strict=False):
            engine.submit(worker, job)
        wait_for_notes(notes, 6)
        cluster.remove_node(other, allow_graceful=False)
        ended = []
        while len(ended) < 2:
            if (done := engine.next_done(1.0)) is not None:
                ended.append(done)
        assert [bool(done.result) for done in ended] == [True, False] or [
            bool(done.result) for done in ended
        ] == [False, True]
        engine.close()
        assert [sha256_file(spec.output) for spec in planned] == local_hashes(tiny)
    finally:
        ray.shutdown()
        cluster.shutdown()


def test_command_makes_the_same_bytes_on_ray(
    tiny: Path, notes: Path, avgen: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVGEN_NOTES", str(notes))
    (tiny / "batch.txt").write_text(TEXT)
    ray.init(num_cpus=2, log_to_driver=False, **SMALL)
    result = avgen("render", "batch.txt", "-o", "ray", "--engine", "ray")
    assert result.exit_code == 0, result.stderr
    assert "sample" in result.stderr  # progress comes from the nodes
    assert len(result.stdout.split()) == 4
    monkeypatch.setenv("AVGEN_CACHE_DIR", str(tiny / "other-cache"))
    assert avgen("render", "batch.txt", "-o", "local", "--workers", "2").exit_code == 0
    for film in (tiny / "ray").glob("*.mp4"):
        assert sha256_file(film) == sha256_file(tiny / "local" / film.name)
    assert {name for name in noted(notes)} == {"cpu@1", "cpu@2"}


def test_no_cluster_is_an_error_that_says_so(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(ray, "init", lambda **_: (_ for _ in ()).throw(ConnectionError("nobody is there")))
    with pytest.raises(InputError, match=r"--address 127.0.0.1:1: there is no Ray cluster: nobody is there"):
        connect("127.0.0.1:1")
    assert signal.getsignal(signal.SIGTERM) is before
