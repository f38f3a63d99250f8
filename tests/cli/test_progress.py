from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.progress import Progress

from avgen.cli import progress
from avgen.pipeline import StageEvent


def test_terminal_shows_stage_frames_and_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 2.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    live = Progress(console=Console(file=io.StringIO(), force_terminal=True))
    observe = progress._Live(live, 1)
    observe(StageEvent("clip", "render", "started"))
    observe(StageEvent("clip", "render", "advanced", 80, 300))
    (task,) = live.tasks
    assert (task.description, task.completed, task.total) == ("render", 80, 300)
    assert task.fields == {"clip": "clip", "frames": "80/300 frames, 40 fps"}


def test_pipe_gets_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 1.0, 10.0, 11.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    lines = progress._Lines()
    lines(StageEvent("clip", "render", "started"))
    lines(StageEvent("clip", "render", "advanced", 10, 300))
    lines(StageEvent("clip", "render", "advanced", 100, 300))
    lines(StageEvent("clip", "render", "finished", seconds=11.0))
    assert capsys.readouterr().err.splitlines() == [
        "clip: render 100/300 frames, 10 fps, 20 s left",
        "clip: render 11.0 s",
    ]


def test_terminal_shows_every_clip_at_work_and_all_of_them() -> None:
    live = Progress(console=Console(file=io.StringIO(), force_terminal=True))
    observe = progress._Live(live, 3)
    for clip in ("a", "b"):
        observe(StageEvent(clip, "mux", "started"))
    observe(StageEvent("a", "mux", "finished", seconds=1.0))
    assert [task.fields["clip"] for task in live.tasks] == ["", "b"]
    assert live.tasks[0].fields["frames"] == "1/3"
