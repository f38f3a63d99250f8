"""The engine of a single clip: this process itself, so that nothing has to be started."""

from __future__ import annotations

from avgen.jobs.engine import Done, Job
from avgen.jobs.worker import Worker
from avgen.pipeline import Observer


class InlineEngine:
    """One worker in the driver's process; a job runs inside `next_done`, and signals interrupt it there."""

    def __init__(self, device: str, observe: Observer) -> None:
        """Make the engine; `device` names the worker."""
        self._worker = Worker(device)
        self._observe = observe
        self._job: Job | None = None

    @property
    def workers(self) -> tuple[str, ...]:
        """The one worker's name."""
        return (self._worker.name,)

    def submit(self, worker: str, job: Job) -> None:
        """Keep the job until somebody waits for it."""
        self._job = job

    def next_done(self, timeout: float) -> Done | None:
        """Do the job now, however long that takes."""
        job, self._job = self._job, None
        return None if job is None else self._worker.run(job, self._observe)

    def restart(self, worker: str) -> None:
        """Forget the loaded models."""
        self._worker = Worker(self._worker.name)

    def close(self) -> None:
        """Nothing runs outside of `next_done`."""
