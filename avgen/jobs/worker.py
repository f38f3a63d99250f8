"""Makes clips one after the other with models that stay loaded: the same code on every engine.

As a program (started by `avgen.jobs.local`) it reads jobs from standard input, one JSON object a line, and
answers on standard output: what it hears from the stages, its warnings, and how each job ended.
"""

from __future__ import annotations

import errno
import faulthandler
import json
import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from avgen.actors.components import Models
from avgen.errors import ActorError, AvgenError, InputError, OutputError, StageError
from avgen.jobs.engine import Done, Failure, Job
from avgen.pipeline import ClipResult, Observer, run_clip
from avgen.stages.spec import ClipSpec, environment
from avgen.takes.cache import Cache

KEPT_ACTORS: Final = 4
"""Actors whose models stay loaded."""
_DISK: Final = (errno.ENOSPC, errno.EDQUOT)


class Worker:
    """Runs jobs in this process."""

    def __init__(self, name: str) -> None:
        """Make a worker that has nothing loaded yet.

        Args:
            name: as in `Engine.workers`. With CUDA, only the worker's own device is visible to its process.
        """
        self.name = name
        self._models: dict[tuple[Path, str], Models] = {}

    def run(self, job: Job, observe: Observer) -> Done:
        """Make a clip; every error becomes a failure of the job."""
        try:
            result = self._make(job, observe)
        except Exception as error:
            return Done(self.name, job.number, failure=describe(error))
        return Done(self.name, job.number, result=result)

    def _make(self, job: Job, observe: Observer) -> ClipResult:
        if job.environment != environment():
            raise StageError(
                f"worker {self.name} has other versions of avgen or its packages than the driver."
            )
        spec = ClipSpec.from_json(job.spec)
        cache = Cache(Path(job.cache))
        return run_clip(
            spec, job.keys, cache, self._models_of(spec), observe, job.forced, chunk=job.chunk_frames
        )

    def _models_of(self, spec: ClipSpec) -> Models:
        """The actor's models, loaded for an earlier clip if there was one."""
        who = spec.actor.folder, spec.actor.sha256
        if who not in self._models:
            while len(self._models) >= KEPT_ACTORS:
                del self._models[next(iter(self._models))]
            self._models[who] = Models(spec.actor, spec.device)
        return self._models[who]


def describe(error: Exception) -> Failure:
    """Say what an error means for a run."""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, (InputError, ActorError)):
        return Failure("input", str(error))
    if isinstance(error, OutputError) or (isinstance(error, OSError) and error.errno in _DISK):
        return Failure("disk", str(error) if isinstance(error, AvgenError) else "the disk is full", trace)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return Failure("memory", f"out of memory: {error}" if str(error) else "out of memory", trace)
    if isinstance(error, StageError):
        return Failure("error", str(error), trace)
    if isinstance(error, OSError) and error.strerror:
        return Failure("error", f"{error.strerror}: {error.filename}", trace)
    return Failure("error", f"internal error: {type(error).__name__}: {error}", trace)


def main(name: str) -> None:
    """Serve jobs from standard input until it closes; end at once if that happens during a job."""
    faulthandler.enable()
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    _offer_to_be_killed()
    logger = logging.getLogger("avgen")
    logger.addHandler(LogSender(partial(_send, answers)))
    logger.propagate = False
    jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    busy = threading.Event()
    threading.Thread(target=_read_jobs, args=(jobs, busy), daemon=True).start()
    worker = Worker(name)
    while (job := jobs.get()) is not None:
        done = worker.run(job, lambda event: _send(answers, "event", event.to_json()))
        busy.clear()
        _send(answers, "done", done.to_json())


def _read_jobs(jobs: queue.SimpleQueue[Job | None], busy: threading.Event) -> None:
    """Pass jobs on; without a driver nobody waits for the job at hand."""
    for line in sys.stdin:
        busy.set()
        jobs.put(Job.from_json(json.loads(line)))
    if busy.is_set():
        os._exit(1)
    jobs.put(None)


def _send(answers: IO[str], kind: str, values: Any) -> None:
    answers.write(json.dumps({kind: values}) + "\n")


class LogSender(logging.Handler):
    """Passes warnings on to the driver."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        """Make a handler; `send` takes the kind of a message and what it says."""
        super().__init__(logging.WARNING)
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record."""
        self._send("log", [record.name, record.levelno, record.getMessage()])


def _offer_to_be_killed() -> None:
    """When memory runs out, the kernel should take a worker rather than the driver."""
    try:
        Path("/proc/self/oom_score_adj").write_text("500")
    except OSError:
        logging.getLogger(__name__).debug("oom_score_adj cannot be set")
