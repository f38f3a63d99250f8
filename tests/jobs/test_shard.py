"""Shares of a run: every take in exactly one, side by side in one folder."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from avgen.actors.actor import find_actor
from avgen.config import RenderConfig
from avgen.errors import InputError, LockedError
from avgen.inputs.clips import Clip, Text
from avgen.jobs.lock import folder_lock
from avgen.jobs.shard import Shard, parse_shard
from avgen.stages.spec import ClipSpec
from avgen.takes.journal import read_journal

Avgen = Callable[..., Result]


def specs(actor: str = "tiny") -> list[ClipSpec]:
    """Seven clips of two seeds from two sides."""
    tiny = find_actor(actor)
    return [
        ClipSpec(
            Clip(f"clip-{i}", Text("Hello.", "text")),
            tiny,
            RenderConfig(camera=camera),
            seed,
            Path(f"clip-{i}.s{seed}.{camera}.mp4"),
        )
        for i in range(7)
        for seed in (0, 5)
        for camera in ("portrait", "close-up")
    ]


def test_every_take_is_in_one_share_and_shares_are_even(tiny: Path) -> None:
    planned = specs()
    shares = [Shard(number, 3).select(planned) for number in (1, 2, 3)]
    assert sorted(spec.name for share in shares for spec in share) == sorted(spec.name for spec in planned)
    takes = [{(spec.clip.id, spec.seed) for spec in share} for share in shares]
    assert sorted(map(len, takes)) == [4, 5, 5]
    assert [len(share) for share in shares] == [2 * len(of_share) for of_share in takes]  # both cameras


def test_share_depends_on_ids_alone(tiny: Path) -> None:
    planned = specs()
    shuffled = random.Random(1).sample(planned, len(planned))
    names = [sorted(spec.name for spec in Shard(2, 4).select(order)) for order in (planned, shuffled)]
    assert names[0] == names[1]


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "-1/2", "1/2/3", "1 / 2", "1/99999"])
def test_bad_shares_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="shard: expected K/N with K from 1 to N, such as 2/8, got"):
        parse_shard(text)


def test_shares_of_a_folder_run_side_by_side(tmp_path: Path) -> None:
    with folder_lock(tmp_path, share="1-of-2"):
        with folder_lock(tmp_path, share="2-of-2"):
            pass
        with pytest.raises(LockedError), folder_lock(tmp_path, share="1-of-2"):
            pass
        with pytest.raises(LockedError), folder_lock(tmp_path):
            pass
    with folder_lock(tmp_path), pytest.raises(LockedError), folder_lock(tmp_path, share="1-of-2"):
        pass


def test_shares_together_are_the_whole_run(tiny: Path, avgen: Avgen) -> None:
    (tiny / "batch.csv").write_text("id,text\na,One.\nb,Two.\nc,Three.\n")
    first = avgen("render", "batch.csv", "--shard", "1/2", "--devices", "cpu", "--workers", "1")
    assert first.stdout.split() == ["out/a.mp4", "out/c.mp4"]
    stale = tiny / "out" / ".avgen" / ".b.mp4.x.part"
    stale.write_bytes(b"of a share that runs elsewhere")
    assert avgen("render", "batch.csv", "--shard", "2/2", "--devices", "cpu").stdout == "out/b.mp4\n"
    assert stale.exists()
    reports = tiny / "out" / ".avgen" / "run"
    for share, ids in (("1-of-2", ["a", "c"]), ("2-of-2", ["b"])):
        report = json.loads((reports / f"report.{share}.json").read_text())
        assert [clip["id"] for clip in report["clips"]] == ids
    made = [event["clip"] for event in read_journal(tiny / "out") if event["event"] == "made"]
    assert made == ["a", "c", "b"]
    everything = json.loads(avgen("render", "batch.csv", "--devices", "cpu", "--json").stdout)
    assert everything["counts"] == {"unchanged": 3}
    assert not stale.exists()


def test_share_without_clips_is_no_error(avgen: Avgen) -> None:
    result = avgen("render", "script.txt", "--shard", "2/2", "--json")
    assert result.exit_code == 0 and json.loads(result.stdout)["clips"] == []
    assert "Share 2/2 has no clips: there are fewer takes than shares." in result.stderr


def test_engine_options_that_contradict_each_other(avgen: Avgen) -> None:
    alone = avgen("render", "script.txt", "--address", "auto")
    assert alone.exit_code == 2 and "give --engine ray too" in alone.stderr
    listed = avgen("render", "script.txt", "--engine", "ray", "--devices", "cuda:0,1")
    assert listed.exit_code == 2 and "with Ray, which shares GPUs out: cpu, cuda or auto" in listed.stderr
