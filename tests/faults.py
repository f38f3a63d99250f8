"""Faults on purpose: tests kill, starve and fill a run at exact places.

`AVGEN_FAULT=stage:point:action[:clip[:file]]` makes `action` happen whenever a run comes to that point of
that stage, of that clip alone if one is named, and only once if a file is named that does not exist yet.
Several are separated by commas. The program itself knows nothing of this: `install` wraps its functions.
"""

from __future__ import annotations

import errno
import functools
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

VARIABLE: Final = "AVGEN_FAULT"
STAGES: Final = ("tokenize", "sample", "vocode", "render", "mux", "run")
"""The stages of a clip; `run` stands for the driver."""
POINTS: Final = ("start", "made", "part", "content", "kept", "end")
"""Of a stage: before its work, after it, its content written, its content under its name, its record there,
told. `mux`: after it, receipt begun, receipt written, file under its name. `run`: before the locks, locked,
journal begun, first outcome known, written to the journal, before the report."""
MIDDLE: Final = "middle"
"""Of `render`: some pictures are drawn, ffmpeg runs."""
ACTIONS: Final = ("kill", "kill-driver", "kill-ffmpeg", "fail", "full", "memory", "hang")
"""SIGKILL to this process, to its parent, to the ffmpeg it started; errors; and to sleep for ever."""


def fault(stage: str, point: str, clip: str = "") -> None:
    """Do what `AVGEN_FAULT` asks for at this point of a run; nothing if it does not."""
    for wanted in filter(None, os.environ.get(VARIABLE, "").split(",")):
        at_stage, at_point, action, of_clip, once = (*wanted.split(":", 4), "", "")[:5]
        if (at_stage, at_point) == (stage, point) and of_clip in ("", clip) and _is_first(once):
            _act(action)


def install(put: Callable[[Any, str, Any], None] = setattr) -> None:
    """Let faults happen in this process: wrap what marks the points.

    Args:
        put: sets an attribute; `monkeypatch.setattr` to take it all back.
    """
    from avgen import pipeline
    from avgen.jobs import driver
    from avgen.takes import cache

    clip_run, of_put = pipeline.ClipRun, threading.local()

    def at(stage: str, point: str, function: Callable[..., Any], after: bool = False) -> Callable[..., Any]:
        """A function that comes to a point of a stage before, or after, its own work."""

        @functools.wraps(function)
        def wrapped(*arguments: Any, **named: Any) -> Any:
            where = (stage, point, _clip(arguments)) if stage else (of_put.stage, point, of_put.clip)
            if not after:
                fault(*where)
            result = function(*arguments, **named)
            if after:
                fault(*where)
            return result

        return wrapped

    def tell(self: Any, stage: str, state: str, *numbers: int) -> None:
        told(self, stage, state, *numbers)
        if (point := {"started": "start", "advanced": MIDDLE, "finished": "end"}.get(state)) is not None:
            fault(stage, point, self.spec.name)

    def keep(self: Any, stage: Any, made: Any) -> None:
        fault(stage.name, "made", self.spec.name)
        of_put.stage, of_put.clip = stage.name, self.spec.name
        kept(self, stage, made)

    told, kept, of_driver = clip_run.tell, clip_run.keep, driver._Driver
    put(clip_run, "tell", tell)
    put(clip_run, "keep", keep)
    put(clip_run, "finish", at("mux", "made", clip_run.finish))
    receipt = at("mux", "content", pipeline.write_receipt, after=True)
    put(pipeline, "write_receipt", at("mux", "part", receipt))
    put(pipeline, "publish", at("mux", "kept", pipeline.publish, after=True))
    put(cache, "publish", at("", "part", at("", "content", cache.publish, after=True)))
    put(cache, "write_whole", at("", "kept", cache.write_whole, after=True))
    put(driver, "folder_lock", at("run", "start", driver.folder_lock))
    put(driver, "remove_stale_parts", at("run", "made", driver.remove_stale_parts))
    put(of_driver, "_announce", at("run", "part", of_driver._announce, after=True))
    put(of_driver, "_judge", at("run", "content", at("run", "kept", of_driver._judge, after=True)))
    put(driver, "write_report", at("run", "end", driver.write_report))


def _clip(arguments: Sequence[Any]) -> str:
    """The clip that a wrapped function is about: of its object, or of the output it is given."""
    first = arguments[0] if arguments else None
    if isinstance(first, Path):
        named = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], Path) else first
        return named.stem
    return str(getattr(getattr(first, "spec", None), "name", ""))


def _is_first(once: str) -> bool:
    """Make the file that says that a fault has happened; whether it was not there."""
    try:
        if once:
            Path(once).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _act(action: str) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "kill-driver":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    elif action == "kill-ffmpeg":
        for process in _children("ffmpeg"):
            os.kill(process, signal.SIGKILL)
    elif action == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    elif action == "memory":
        raise MemoryError
    elif action == "hang":
        time.sleep(3600)
    elif action == "fail":
        raise RuntimeError("a fault on purpose")
    else:
        raise ValueError(f"{VARIABLE}: unknown action {action!r}; known: {', '.join(ACTIONS)}")


def _children(name: str) -> list[int]:
    """Process ids of this process's children whose program's name begins with `name`."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            program, fields = file.read_text().split("(", 1)[1].rsplit(")", 1)
        except (OSError, IndexError, ValueError):
            continue
        if program.startswith(name) and int(fields.split()[1]) == os.getpid():
            found.append(int(file.parent.name))
    return found
