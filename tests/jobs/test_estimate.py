from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from avgen.config import RenderConfig
from avgen.inputs.clips import Clip, Recording
from avgen.jobs.estimate import estimate, guess_duration, measured_pace
from avgen.stages.table import ROADS, STAGE_NAMES
from avgen.takes.journal import Journal
from tests.stages.test_table import spec


def test_cost_follows_text_steps_and_pixels() -> None:
    text = "a" * 1600
    plain = estimate(spec(text=text), STAGE_NAMES)
    assert plain.duration == pytest.approx(100.75)
    vocode = next(stage for stage in ROADS["text"] if stage.name == "vocode")
    assert plain.work["vocode"] == pytest.approx(100.75 * vocode.cost(RenderConfig()))
    assert plain.seconds == pytest.approx(sum(plain.work.values())) and plain.disk > 10_000_000
    fine = estimate(spec(text=text, config=RenderConfig(steps=14, width=1024, height=1024)), STAGE_NAMES)
    assert fine.work["sample"] == pytest.approx(2 * plain.work["sample"])
    assert 3 < fine.work["render"] / plain.work["render"] < 4 and fine.disk > plain.disk
    assert estimate(spec(text=text), ("mux",)).disk < plain.disk / 4
    assert guess_duration(spec(text=text, config=RenderConfig(speaking_rate=2.0))) < 52


def test_recordings_are_as_long_as_their_files(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"\0" * 882_000)
    plain = spec()
    clip = Clip("clip", Recording(tmp_path / "a.wav", "0", "a.wav"))
    assert guess_duration(replace(plain, clip=clip)) == pytest.approx(10)


def test_a_folder_knows_its_own_pace(tmp_path: Path) -> None:
    (tmp_path / ".avgen").mkdir()
    with Journal(tmp_path) as journal:
        for seconds in (2.0, 4.0):
            journal.write(
                "made", clip="a", file="a.mp4", seconds={"render": seconds}, expected={"render": 1.0}
            )
    assert measured_pace(tmp_path) == {"render": 3.0}
    slow = estimate(spec(), ("render", "mux"), measured_pace(tmp_path))
    plain = estimate(spec(), ("render", "mux"))
    assert slow.work["render"] == pytest.approx(3 * plain.work["render"])
    assert slow.work["mux"] == plain.work["mux"]
