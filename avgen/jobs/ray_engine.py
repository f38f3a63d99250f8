"""Workers on the nodes of a Ray cluster (the extra `avgen[ray]`): an actor each, with one call in flight.

Every node needs avgen, and the actor's folder, the cache and the output folder under the same paths: jobs
carry paths, never data. Ray moves an idle actor of a lost node to another; one that died at work is replaced
here, when the driver asks for it.
"""

from __future__ import annotations

import importlib
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, redirect_stdout
from typing import Any, Final

from avgen.errors import InputError
from avgen.jobs.engine import Done, Failure, Job, take_message
from avgen.jobs.worker import LogSender
from avgen.pipeline import Observer

WORKER_CLASS = "avgen.jobs.worker:Worker"
"""What an actor makes clips with."""
OBJECT_STORE_BYTES: Final = 80 * 2**20
"""Ray's smallest: only small messages pass through it."""
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def connect(address: str | None) -> None:
    """Connect this process to Ray, unless it is connected.

    Args:
        address: of a running cluster, `auto` for the one on this machine; None for `$RAY_ADDRESS`, and
            without that for a new one on this machine alone, which ends with this process.

    Raises:
        InputError: if Ray is not installed or there is no cluster at the address.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise InputError("--engine ray needs Ray. Install it with: pip install 'avgen[ray]'") from None
    if ray.is_initialized():
        return
    address = address or os.environ.get("RAY_ADDRESS")
    own = {} if address else {"object_store_memory": OBJECT_STORE_BYTES, "include_dashboard": False}
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError(f"--address {address}: there is no Ray cluster: {error}") from None
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():  # Ray takes SIGTERM for itself
                signal.signal(number, handler)


def has_gpus() -> bool:
    """Tell whether the cluster that this process is connected to has GPUs."""
    import ray

    return bool(ray.cluster_resources().get("GPU"))


class RayEngine:
    """Runs each worker as a Ray actor; the connection comes from `connect`."""

    def __init__(
        self,
        observe: Observer,
        *,
        device: str = "cpu",
        workers: int | None = None,
        jobs: int | None = None,
        cores: int = 1,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the actors; they get ready while the driver goes on.

        Args:
            observe: called with the progress of all of them.
            device: class of device that computes: `cuda` takes a GPU for each worker.
            workers: how many; None for as many as the cluster has room for.
            jobs: clips to be made: more workers than that would idle.
            cores: of a CPU that each takes.
            environment: variables that workers get besides their node's and this process's `AVGEN_...`.

        Raises:
            InputError: if the cluster has too little room.
        """
        self._observe = observe
        self._needs = {"num_cpus": cores, "num_gpus": 1 if device == "cuda" else 0}
        own = {name: value for name, value in os.environ.items() if name.startswith("AVGEN_")}
        self._environment = {**own, "OMP_NUM_THREADS": "1", **(environment or {})}
        count = self._room(workers, jobs)
        self._redirection = ExitStack()
        self._redirection.enter_context(redirect_stdout(sys.stderr))  # Ray prints; stdout is for results
        self._actors = {name: self._start(name) for name in (f"{device}@{i}" for i in range(1, count + 1))}
        self._calls: dict[str, tuple[Job, Any]] = {}
        self._ended: list[Done] = []

    @property
    def workers(self) -> tuple[str, ...]:
        """Names of the workers."""
        return tuple(self._actors)

    def submit(self, worker: str, job: Job) -> None:
        """Call an actor; that it is dead shows in `next_done`."""
        call = self._actors[worker].run.options(num_returns="streaming").remote(job.to_json())
        self._calls[worker] = job, call

    def next_done(self, timeout: float) -> Done | None:
        """Hear what the actors say."""
        import ray

        if not self._ended:
            calls = {id(call): worker for worker, (_, call) in self._calls.items()}
            if not calls:
                time.sleep(timeout)
                return None
            ready, _ = ray.wait([call for _, call in self._calls.values()], timeout=timeout)
            for call in ready:
                self._take(calls[id(call)])
        return self._ended.pop(0) if self._ended else None

    def restart(self, worker: str) -> None:
        """Replace an actor, whatever Ray is doing about it."""
        import ray

        self._calls.pop(worker, None)
        ray.kill(self._actors[worker], no_restart=True)
        self._actors[worker] = self._start(worker)

    def close(self) -> None:
        """Kill all actors."""
        import ray

        for actor in self._actors.values():
            ray.kill(actor, no_restart=True)
        self._calls.clear()
        self._redirection.close()

    def _start(self, name: str) -> Any:
        import ray

        actor = ray.remote(_Actor).options(
            max_restarts=-1, max_task_retries=0, scheduling_strategy="SPREAD", **self._needs
        )
        return actor.remote(name, self._environment, WORKER_CLASS)

    def _room(self, wanted: int | None, jobs: int | None) -> int:
        """Return how many actors to start: an actor that finds no room would wait for ever."""
        import ray

        needs = {"CPU": self._needs["num_cpus"], "GPU": self._needs["num_gpus"]}

        def room(resources: Mapping[str, float]) -> int:
            return min(int(resources.get(name, 0) // need) for name, need in needs.items() if need)

        nodes = sum(room(node["Resources"]) for node in ray.nodes() if node["Alive"])
        count = min(nodes, room(ray.available_resources()))
        if count < (wanted or 1):
            parts = " and ".join(f"{need} {name}" for name, need in needs.items() if need)
            raise InputError(
                f"the Ray cluster has room for {count} workers that take {parts} each, "
                f"{wanted or 1} are needed. Add nodes, or ask for fewer with --workers."
            )
        return min(wanted or count, jobs or count)

    def _take(self, worker: str) -> None:
        """Take the next message of a call that has one."""
        import ray
        from ray.exceptions import RayError

        job, call = self._calls[worker]
        try:
            done = take_message(ray.get(next(call)), self._observe)
        except (RayError, StopIteration) as error:
            why = (str(error).strip() or "it ended without an outcome").splitlines()[-1]
            failure = Failure("died", f"worker {worker} died: {why}", str(error))
            done = Done(worker, job.number, failure=failure)
        if done is not None:
            del self._calls[worker]
            self._ended.append(done)


class _Actor:
    """What lives on a node: a worker whose messages the driver hears while the job runs."""

    def __init__(self, name: str, environment: Mapping[str, str], worker_class: str) -> None:
        os.environ.update(environment)
        module, cls = worker_class.split(":")
        self._worker = getattr(importlib.import_module(module), cls)(name)
        self._messages: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        logging.getLogger("avgen").addHandler(LogSender(self._say))

    def run(self, job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        threading.Thread(target=self._work, args=(Job.from_json(job),), daemon=True).start()
        while message := self._messages.get():
            yield message

    def _work(self, job: Job) -> None:
        try:
            done = self._worker.run(job, lambda event: self._say("event", event.to_json()))
            self._say("done", done.to_json())
        finally:
            self._messages.put({})

    def _say(self, kind: str, values: Any) -> None:
        self._messages.put({kind: values})
