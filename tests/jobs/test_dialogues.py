"""What is planned for a dialogue."""

from __future__ import annotations

import shutil
from pathlib import Path

from avgen.inputs.manifest import read_inputs
from avgen.jobs.dialogues import PASSING_STEPS
from avgen.jobs.planning import Request, plan
from avgen.partner import FACE_CHANNELS
from tests.fakes import write_actor, write_description


def test_who_is_only_heard_and_seen_by_the_others_is_drawn_roughly(tiny: Path) -> None:
    actors = tiny / "home" / "actors"
    for name in ("kit", "zoe"):
        write_actor(actors / name, face_channels=FACE_CHANNELS)
    shutil.copytree(actors / "tiny", actors / "mia")
    write_description(actors / "mia", name="mia")
    (tiny / "talk.txt").write_text("MIA: Hello.\nKIT: No.\nZOE: Yes.\n", encoding="utf-8")
    specs = plan(Request(read_inputs(["talk.txt"]), settings={"steps": 9}))
    mia, kit, zoe, _ = specs
    assert [one.config.steps for one in specs] == [9, 9, 9, 9]
    assert mia.others == () and kit.others[0] == mia  # who does not listen is told of nobody, and drawn once
    assert [one.config.steps for one in kit.others] == [9, PASSING_STEPS]
    assert [one.config.steps for one in zoe.others] == [9, PASSING_STEPS]
