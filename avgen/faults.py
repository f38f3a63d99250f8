"""Faults on purpose: tests kill, starve and fill a run at exact places.

`AVGEN_FAULT=stage:point:action[:clip[:file]]` makes `action` happen whenever a run comes to that point of
that stage, of that clip alone if one is named, and only once if a file is named that does not exist yet.
Several are separated by commas. Without the variable every call here costs one look into the environment.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path
from typing import Final

VARIABLE: Final = "AVGEN_FAULT"
STAGES: Final = ("tokenize", "sample", "vocode", "render", "mux", "run")
"""The stages of a clip; `run` stands for the driver."""
POINTS: Final = ("start", "made", "part", "content", "kept", "end")
"""Of a stage: before its work, after it, its content written, its content under its name, its record there,
told. `mux`: after it, hashed, receipt written, file under its name. `run`: before the locks, locked, journal
begun, first outcome known, written to the journal, before the report."""
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
