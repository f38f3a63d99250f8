"""Workers of this machine: a process each, so that a crash costs one attempt at one clip."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, Final

from avgen.jobs.engine import Done, Failure, Job, take_message
from avgen.pipeline import Observer

WORKER_MODULE = "avgen.jobs.worker"
"""Whose `main(name)` a worker process runs."""
LAST_WORDS: Final = 4000
"""Characters of a dead worker's standard error that are kept."""
END_SECONDS: Final = 5.0
"""How long a process that has closed its pipe may take to end."""


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """A worker process to be.

    Attributes:
        name: as in `Engine.workers`.
        environment: variables it gets besides the driver's: its threads, its GPU.
    """

    name: str
    environment: Mapping[str, str]


class LocalEngine:
    """Runs each worker as a process that speaks JSON lines over pipes."""

    def __init__(self, specs: Sequence[WorkerSpec], observe: Observer) -> None:
        """Start the workers; they get ready while the driver goes on.

        Args:
            specs: one per worker.
            observe: called with the progress of all of them.
        """
        self._observe = observe
        self._selector = selectors.DefaultSelector()
        self._processes: dict[str, _Process] = {}
        self._ended: list[Done] = []
        self._specs = {spec.name: spec for spec in specs}
        for name in self._specs:
            self._start(name)

    @property
    def workers(self) -> tuple[str, ...]:
        """Names of the workers."""
        return tuple(self._specs)

    def submit(self, worker: str, job: Job) -> None:
        """Send a job; that its worker is dead shows in `next_done`."""
        process = self._processes[worker]
        process.job = job.number
        if process.silent:
            self._bury(process)
        else:
            process.send(job.to_json())

    def next_done(self, timeout: float) -> Done | None:
        """Hear what the workers say."""
        if not self._ended:
            for key, _ in self._selector.select(timeout):
                self._take(key.data)
        return self._ended.pop(0) if self._ended else None

    def restart(self, worker: str) -> None:
        """Kill a worker, with whatever it started, and start another in its place."""
        self._stop(worker)
        self._start(worker)

    def close(self) -> None:
        """Kill all workers: an idle one has nothing to lose, a busy one nothing under its final name."""
        for name in list(self._processes):
            self._stop(name)
        self._selector.close()

    def _start(self, name: str) -> None:
        process = _Process(self._specs[name])
        self._processes[name] = process
        self._selector.register(process.answers, selectors.EVENT_READ, process)

    def _stop(self, name: str) -> None:
        process = self._processes.pop(name)
        with suppress(KeyError):
            self._selector.unregister(process.answers)
        process.end()

    def _take(self, process: _Process) -> None:
        messages = process.read()
        if messages is None:
            self._selector.unregister(process.answers)
            process.silent = True
            if process.job is not None:
                self._bury(process)
            return
        for message in messages:
            if (done := take_message(message, self._observe)) is not None:
                process.job = None
                self._ended.append(done)

    def _bury(self, process: _Process) -> None:
        """Report the job of a process that has died; one that dies idle is noticed with its next job."""
        if process.job is not None:
            self._ended.append(Done(process.name, process.job, failure=process.obituary()))
            process.job = None


class _Process:
    """A worker's process and the two ends of its pipes that the driver holds."""

    def __init__(self, spec: WorkerSpec) -> None:
        self.name = spec.name
        self.job: int | None = None
        self.silent = False
        self._buffer = b""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 closed in `end`
        # The same places to import from, and nothing from the folder the user happens to be in.
        code = (
            f"import sys; sys.path[:] = {sys.path!r}; from {WORKER_MODULE} import main; main({spec.name!r})"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **spec.environment},
            start_new_session=True,  # Ctrl-C is for the driver to judge
        )
        assert self._process.stdout is not None
        self.answers: IO[bytes] = self._process.stdout
        os.set_blocking(self.answers.fileno(), False)

    def send(self, job: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()

    def read(self) -> list[dict[str, Any]] | None:
        """Return the complete messages that have come; None when the process has closed its end."""
        data = self.answers.read()
        if data == b"":
            return None
        *lines, self._buffer = (self._buffer + (data or b"")).split(b"\n")
        return [json.loads(line) for line in lines]

    def obituary(self) -> Failure:
        """Say how the process died and what it said last."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        code = self._process.returncode
        if code is None:
            how = "fell silent"
        elif code < 0:
            named = {number.value: number.name for number in signal.Signals}
            how = f"was killed by {named.get(-code, f'signal {-code}')}"
        else:
            how = f"ended with code {code}"
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace")[-LAST_WORDS:]
        hint = "; was there enough memory?" if code == -signal.SIGKILL else ""
        return Failure("died", f"worker {self.name} {how}{hint}", words)

    def end(self) -> None:
        """Kill the process, if it still runs, and whatever it started."""
        assert self._process.stdin is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with suppress(OSError):
            self._process.stdin.close()
        self.answers.close()
        self._errors.close()
