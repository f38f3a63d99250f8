"""Hands clips to workers, and judges what comes back: attempts, failures, signals, journal and report."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from avgen.errors import InputError
from avgen.files import STALE_SECONDS, remove_stale_parts
from avgen.jobs.devices import MAX_WORKERS, worker_specs
from avgen.jobs.engine import Done, Engine, Failure, Job
from avgen.jobs.estimate import estimate, guess_duration
from avgen.jobs.inline import InlineEngine
from avgen.jobs.local import LocalEngine
from avgen.jobs.lock import folder_lock
from avgen.jobs.planning import Outlook
from avgen.jobs.queue import Queue
from avgen.jobs.report import Run, keep_trace, write_report
from avgen.jobs.signals import Interruption, StopSignals
from avgen.pipeline import ClipResult, Observer, StageEvent
from avgen.stages.spec import environment
from avgen.stages.table import FINAL_STAGE, PICTURE_STAGE, downstream
from avgen.takes.cache import DEFAULT_LIMIT, Cache
from avgen.takes.journal import Journal
from avgen.takes.layout import state_folder
from avgen.takes.receipts import foreign, is_done, objection, read_receipt

MAX_ATTEMPTS: Final = 2
SMALL_CHUNK: Final = 4
"""Pictures drawn at once after memory was used up."""
GRACE_SECONDS: Final = 10.0
"""How long clips that are being made may go on after the first Ctrl-C or SIGTERM."""
TICK_SECONDS: Final = 0.25
MAX_DEATHS: Final = 3
"""A worker that dies this often without making a clip is not started again."""
PATIENCE_SECONDS: Final = 600.0
PATIENCE_FACTOR: Final = 30.0
"""A worker that says nothing for PATIENCE_SECONDS and this many times the clip's length is stuck."""
COLLECT_BYTES: Final = 10**9
"""After about this many bytes of new results the cache is brought back to its limit."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """How a run treats its clips and its machine.

    Attributes:
        force: stage from which everything is made anew.
        overwrite: replace files that avgen did not write.
        wait: for another run in the same folder to end.
        devices: from `find_devices`.
        workers: how many in all; None for what suits the devices.
        engine: makes the engine; None for this machine.
        command: arguments that started the run, for its report.
        share: name of the share of the clips that the run makes, empty for all of them.
    """

    force: str | None = None
    overwrite: bool = False
    wait: bool = False
    devices: tuple[str, ...] = ("cpu",)
    workers: int | None = None
    engine: Callable[[Observer], Engine] | None = None
    command: tuple[str, ...] = ()
    share: str = ""

    def __post_init__(self) -> None:
        if self.workers is not None and not 1 <= self.workers <= MAX_WORKERS:
            raise InputError(f"workers: expected a whole number from 1 to {MAX_WORKERS}, got {self.workers}.")


def run(plan: Sequence[Outlook], cache: Cache, observe: Observer, options: Options) -> Run:
    """Make every clip that is not there yet.

    Args:
        plan: from `survey`; all outputs lie in one folder.
        cache: where results are kept.
        observe: called with the progress.
        options: of the run.

    Returns:
        One result per clip, in order, and how the run ended.

    Raises:
        LockedError: if another run writes to the same folder.
    """
    folder = plan[0].spec.output.parent
    with ExitStack() as stack:
        stack.enter_context(folder_lock(folder, options.wait, options.share))
        remove_stale_parts(state_folder(folder), older_than=STALE_SECONDS if options.share else 0.0)
        journal = stack.enter_context(Journal(folder, options.share))
        ended = _Driver(plan, cache, observe, options, journal).drive()
        write_report(folder, ended, options.share)
    return ended


class _Driver:
    def __init__(
        self, plan: Sequence[Outlook], cache: Cache, observe: Observer, options: Options, journal: Journal
    ) -> None:
        self.plan = plan
        self.cache = cache
        self.observe = observe
        self.options = options
        self.journal = journal
        self.folder = plan[0].spec.output.parent
        self.numbers = {outlook.spec.name: number for number, outlook in enumerate(plan)}
        self.queue = Queue([outlook.keys for outlook in plan], self._parts())
        self.results: dict[int, ClipResult] = {}
        self.attempts: dict[int, int] = {}
        self.small: set[int] = set()
        self.fresh: set[str] = set()
        self.alive: list[str] = []
        self.running: dict[str, int] = {}
        self.last_word: dict[str, float] = {}
        self.deaths: dict[str, int] = {}
        self.disk_full = ""
        self.last_words = ""
        self.made_bytes = 0

    def _parts(self) -> dict[int, list[int]]:
        """Numbers of the clips that each scene is made of."""
        scenes = ((number, outlook.spec.parts) for number, outlook in enumerate(self.plan))
        return {number: [self.numbers[part.name] for part in parts] for number, parts in scenes if parts}

    def drive(self) -> Run:
        """Answer what is known, make the rest, and account for every clip."""
        started = time.monotonic()
        for number in range(len(self.plan)):
            if (known := self._known(number)) is None:
                self.queue.add(number)
            else:
                self.results[number] = known
        self._announce()
        received = self._make() if self.queue else []
        self._account(bool(received))
        if self.made_bytes:
            self._collect()
        run = Run(
            [self.results[number] for number in range(len(self.plan))],
            time.monotonic() - started,
            self.options.command,
            received[0] if received else None,
            self.disk_full,
        )
        self.journal.write("ended", counts=run.counts, signal=run.signal, disk_full=run.disk_full)
        return run

    def _known(self, number: int) -> ClipResult | None:
        """Return the result of a clip that needs no work, or cannot be made."""
        outlook = self.plan[number]
        output = outlook.spec.output
        wanted = output, outlook.keys[FINAL_STAGE], [path.name for path in outlook.spec.export_paths]
        if outlook.done and (not self.options.wait or is_done(*wanted)):
            return self._result(number, "unchanged", frames=outlook.frames, duration=outlook.duration)
        receipt = read_receipt(output)
        if receipt is not None and self.options.force is None and is_done(*wanted):
            # made by the run that this one had to wait for
            return self._result(number, "unchanged", frames=receipt.frames, duration=receipt.duration)
        if output.is_dir():
            return self._result(
                number, "failed", error=f"{output} is a folder. Move it, or choose another name."
            )
        advice = "Move it, or replace it with --overwrite."
        if not self.options.overwrite and (why := objection(output, outlook.spec.source)) is not None:
            return self._result(number, "failed", error=f"{output} exists and {why}. {advice}")
        for path in outlook.spec.export_paths:
            if not self.options.overwrite and foreign(path, receipt):
                return self._result(
                    number, "failed", error=f"{path} exists and avgen did not write it. {advice}"
                )
        return None

    def _announce(self) -> None:
        self.journal.write(
            "run",
            pid=os.getpid(),
            command=self.options.command,
            share=self.options.share,
            clips=[outlook.spec.output.name for outlook in self.plan],
            done=[self.plan[n].spec.output.name for n, r in self.results.items() if r.status == "unchanged"],
        )
        for number, result in self.results.items():
            if result.error:
                spec = self.plan[number].spec
                self.journal.write("failed", clip=spec.name, file=spec.output.name, error=result.error)

    def _make(self) -> list[int]:
        """Make what waits; return the signals that came meanwhile."""
        engine = self._engine()
        self.alive = list(engine.workers)
        with StopSignals(at_once=isinstance(engine, InlineEngine)) as signals:
            try:
                self._loop(engine, signals.received)
            except Interruption:
                _log.debug("interrupted")
            finally:
                engine.close()
        return signals.received

    def _engine(self) -> Engine:
        options = self.options
        if options.engine is not None:
            return options.engine(self._take)
        specs = worker_specs(options.devices, options.workers, len(self.queue))
        if len(self.queue) == 1 and options.devices == ("cpu",):
            return InlineEngine(specs[0].name, self._take)
        return LocalEngine(specs, self._take)

    def _loop(self, engine: Engine, received: Sequence[int]) -> None:
        deadline = 0.0
        while len(received) < 2:
            if not received and not self.disk_full:
                self._hand_out(engine)
            if received and not deadline:
                deadline = time.monotonic() + GRACE_SECONDS
            if not self.running or (deadline and time.monotonic() > deadline):
                return
            if (done := engine.next_done(TICK_SECONDS)) is not None:
                self._judge(engine, done)
            self._watch(engine)

    def _hand_out(self, engine: Engine) -> None:
        for worker in self.alive:
            if worker in self.running:
                continue
            number = self.queue.take(worker, len(self.alive) == 1, self.running.values())
            if number is None:
                continue
            outlook = self.plan[number]
            self.running[worker] = number
            self.attempts[number] = self.attempts.get(number, 0) + 1
            self.last_word[worker] = time.monotonic()
            self.journal.write(
                "started",
                clip=outlook.spec.name,
                file=outlook.spec.output.name,
                worker=worker,
                attempt=self.attempts[number],
            )
            engine.submit(
                worker,
                Job(
                    number,
                    outlook.spec.to_json(),
                    outlook.keys,
                    environment(),
                    str(self.cache.root.absolute()),
                    self._forced(outlook),
                    SMALL_CHUNK if number in self.small else None,
                ),
            )

    def _forced(self, outlook: Outlook) -> tuple[str, ...]:
        """Stages to make anew: what this run has made is new, for other pictures and further attempts."""
        forced = downstream(self.options.force, outlook.spec.idle)
        return tuple(
            stage for stage, key in outlook.keys.items() if stage in forced and key not in self.fresh
        )

    def _take(self, event: StageEvent) -> None:
        number = self.numbers.get(event.clip)
        if number is not None and event.state == "finished":
            self.fresh.add(self.plan[number].keys[event.stage])
        for worker, running in self.running.items():
            if running == number:
                self.last_word[worker] = time.monotonic()
                if event.stage in downstream(PICTURE_STAGE):
                    self.queue.release(running)
        self.observe(event)

    def _judge(self, engine: Engine, done: Done) -> None:
        number = self.running.pop(done.worker)
        self.queue.release(number)
        if done.result is not None:
            self.deaths.pop(done.worker, None)
            self._keep(number, done.worker, done.result)
        elif done.failure is not None:
            if done.failure.kind == "died":
                self._revive(engine, done.worker, done.failure)
            self._fail(engine, number, done.worker, done.failure)

    def _keep(self, number: int, worker: str, result: ClipResult) -> None:
        spec, attempts = self.plan[number].spec, self.attempts[number]
        result = replace(result, output=str(spec.output), worker=worker, attempts=attempts)
        self.results[number] = result
        keep_trace(self.folder, spec.name, "")
        cost = estimate(spec, result.seconds.keys())
        self.journal.write(
            "made",
            clip=spec.name,
            file=spec.output.name,
            worker=worker,
            attempt=attempts,
            duration=result.duration,
            seconds={stage: round(seconds, 4) for stage, seconds in result.seconds.items()},
            expected=cost.work,
            cached=result.cached,
        )
        self.made_bytes += cost.disk
        if self.made_bytes > COLLECT_BYTES:
            self._collect()

    def _collect(self) -> None:
        """Keep the cache within its limit; what is not made yet keeps what it has there."""
        made = {number for number, result in self.results.items() if result.status == "rendered"}
        left = (
            outlook for number, outlook in enumerate(self.plan) if number not in made and not outlook.done
        )
        self.cache.gc(DEFAULT_LIMIT, pinned={key for outlook in left for key in outlook.keys.values()})
        self.made_bytes = 0

    def _fail(self, engine: Engine, number: int, worker: str, failure: Failure) -> None:
        name, file = self.plan[number].spec.name, self.plan[number].spec.output.name
        again = failure.kind not in ("input", "disk") and self.attempts[number] < MAX_ATTEMPTS
        self.journal.write(
            "stopped" if failure.kind == "disk" else "failed",
            clip=name,
            file=file,
            worker=worker,
            attempt=self.attempts[number],
            error=failure.message,
            again=again,
        )
        if failure.kind == "disk":
            self.disk_full = f"{self.plan[number].spec.output}: the disk is full."
        elif again:
            _log.warning("%s: %s; trying once more", name, failure.message)
            if failure.kind == "memory":
                self.small.add(number)
                engine.restart(worker)
            self.queue.add(number, avoid=worker)
        else:
            keep_trace(self.folder, name, failure.trace or failure.message + "\n")
            self.results[number] = self._result(number, "failed", error=failure.message, worker=worker)

    def _revive(self, engine: Engine, worker: str, failure: Failure) -> None:
        """Start a dead worker again, unless it dies whatever it is given."""
        self.deaths[worker] = self.deaths.get(worker, 0) + 1
        if self.deaths[worker] < MAX_DEATHS:
            engine.restart(worker)
            return
        self.alive.remove(worker)
        self.last_words = failure.message
        _log.warning("worker %s died %d times in a row and is given up", worker, MAX_DEATHS)

    def _watch(self, engine: Engine) -> None:
        """Replace workers that have said nothing for too long."""
        now = time.monotonic()
        for worker, number in list(self.running.items()):
            patience = PATIENCE_SECONDS + PATIENCE_FACTOR * guess_duration(self.plan[number].spec)
            if now - self.last_word[worker] > patience:
                engine.restart(worker)
                del self.running[worker]
                self.queue.release(number)
                silence = f"worker {worker} was stuck: it said nothing for {patience:.0f} s"
                self._fail(engine, number, worker, Failure("died", silence))

    def _account(self, interrupted: bool) -> None:
        """Give every clip without a result one."""
        for number in range(len(self.plan)):
            if number not in self.results and (interrupted or self.disk_full):
                self.results[number] = self._result(number, "stopped", error=self.disk_full or None)
            elif number not in self.results:
                reason = f"no worker is left to make it: {self.last_words}"
                self.results[number] = self._result(number, "failed", error=reason)

    def _result(
        self, number: int, status: Literal["unchanged", "failed", "stopped"], **values: Any
    ) -> ClipResult:
        spec, keys = self.plan[number].spec, self.plan[number].keys
        attempts = self.attempts.get(number, 0)
        return ClipResult(
            spec.name, str(spec.output), status, spec.seed, keys[FINAL_STAGE], attempts=attempts, **values
        )
