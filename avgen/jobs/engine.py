"""What a run asks of the machines it uses: the door between the driver and whatever makes its clips.

An engine has named workers. Each takes one job at a time and keeps its models; jobs and outcomes are plain
JSON, tensors never cross. An engine neither retries nor judges: that is the driver's, whatever the engine.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from avgen.pipeline import ClipResult, Observer, StageEvent

FailureKind = Literal["input", "disk", "memory", "error", "died"]


@dataclass(frozen=True, slots=True)
class Job:
    """One clip to be made.

    Attributes:
        number: of the clip in the run.
        spec: what to make, from `ClipSpec.to_json`.
        keys: content keys of its stages.
        environment: of the driver, as in `avgen.stages.spec.environment`.
        cache: root folder of the cache.
        forced: stages that run although their result is known.
        chunk_frames: pictures drawn at once; None leaves it to the stage.
    """

    number: int
    spec: Mapping[str, Any]
    keys: Mapping[str, str]
    environment: str
    cache: str
    forced: tuple[str, ...] = ()
    chunk_frames: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the job as what JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Job:
        """Restore what `to_json` made."""
        return cls(**{**values, "forced": tuple(values["forced"])})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job brought no clip.

    Attributes:
        kind: wrong input, full disk, memory used up, any other error, or a worker that died.
        message: for people.
        trace: traceback, or the last words of a dead worker.
    """

    kind: FailureKind
    message: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A job that ended, with either a result or a failure.

    Attributes:
        worker: who had it.
        number: of the job.
        result: of a clip that was made.
        failure: of one that was not; a worker that `died` takes no job before `restart`.
    """

    worker: str
    number: int
    result: ClipResult | None = None
    failure: Failure | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as what JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Done:
        """Restore what `to_json` made."""
        result, failure = values["result"], values["failure"]
        if result is not None:
            result = ClipResult(**{**result, "cached": tuple(result["cached"])})
        return cls(
            values["worker"], values["number"], result, None if failure is None else Failure(**failure)
        )


class Engine(Protocol):
    """Runs jobs on workers; made with an observer, whom it tells the progress."""

    @property
    def workers(self) -> tuple[str, ...]:
        """Names of the workers, such as `cpu`, `cpu#2` or `cuda:1`; each runs one job at a time."""

    def submit(self, worker: str, job: Job) -> None:
        """Give a job to a worker that has none; returns at once."""

    def next_done(self, timeout: float) -> Done | None:
        """Return the next job that ended; None after `timeout` seconds, or earlier when there is news."""

    def restart(self, worker: str) -> None:
        """Replace a worker by a fresh one; the job it may have is lost without an outcome."""

    def close(self) -> None:
        """End all workers at once, whatever they do; nothing they had half written gets its final name."""


def take_message(message: Mapping[str, Any], observe: Observer) -> Done | None:
    """Take what a worker says during a job: pass progress and warnings on, return its outcome."""
    if "event" in message:
        observe(StageEvent(**message["event"]))
    elif "log" in message:
        name, level, text = message["log"]
        logging.getLogger(name).log(level, "%s", text)
    else:
        return Done.from_json(message["done"])
    return None
