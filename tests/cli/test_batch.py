"""Batches from end to end: manifests, takes, views, status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests import faults

Avgen = Callable[..., Result]


def clips(result: Result) -> dict[str, Any]:
    return {clip["id"]: clip for clip in json.loads(result.stdout)["clips"]}


def test_rows_name_and_shape_their_films(tiny: Path, avgen: Avgen, probe: Callable[[Path], Any]) -> None:
    (tiny / "m.csv").write_text(
        "id,text,seed,seeds,camera,size,fps,output\n"
        "plain,One.,,,,,,\n"
        "views,Two.,,,portrait;close-up,,,\n"
        'takes,Three.,,1;5,,,,"{id}-take{seed}"\n'
        "small,Four.,7,,,96x64,25,{id}.{camera}.{seed}.mp4\n"
    )
    result = avgen("render", "m.csv", "--json")
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in (tiny / "out").glob("*.mp4")) == [
        *("plain.mp4", "small.portrait.7.mp4", "takes-take1.mp4", "takes-take5.mp4"),
        *("views.close-up.mp4", "views.portrait.mp4"),
    ]
    made = clips(result)
    assert made["views.close-up"]["cached"] == ["vocode", "sample"]
    assert set(made["views.close-up"]["seconds"]) == {"render", "mux"}
    assert [made[name]["seed"] for name in ("takes-take1", "takes-take5", "small.portrait.7")] == [1, 5, 7]
    about = probe(tiny / "out" / "small.portrait.7.mp4").about
    assert "96x64" in about and "25 fps" in about


def test_forced_views_share_what_was_made_anew(avgen: Avgen) -> None:
    views = ("--camera", "portrait", "--camera", "close-up", "--json")
    avgen("render", "script.txt", *views)
    first, second = clips(avgen("render", "script.txt", *views, "--force")).values()
    assert not first["cached"] and second["cached"] == ["vocode", "sample"]


def test_rows_overrule_options(tiny: Path, avgen: Avgen) -> None:
    manifest = b'{"id": "a", "text": "One.", "seed": 3, "camera": "portrait"}\n{"id": "b", "text": "Two."}\n'
    result = avgen(
        *("render", "-", "--seeds", "8,9", "--camera", "close-up", "--camera", "portrait", "--dry-run"),
        stdin=manifest,
    )
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == [
        *("out/a.mp4", "out/b.s8.close-up.mp4", "out/b.s8.portrait.mp4"),
        *("out/b.s9.close-up.mp4", "out/b.s9.portrait.mp4"),
    ]
    assert not (tiny / "out").exists()


def test_a_take_does_not_depend_on_the_company_it_is_made_in(tiny: Path, avgen: Avgen) -> None:
    (tiny / "m.csv").write_text("id,text\nx,One.\nscript,Hello there. This is a short script.\n")
    assert avgen("render", "m.csv", "-o", "batch", "--seeds", "5,2").exit_code == 0
    assert avgen("render", "script.txt", "-o", "alone.mp4", "--seed", "2", "--force").exit_code == 0
    assert (tiny / "batch" / "script.s2.mp4").read_bytes() == (tiny / "alone.mp4").read_bytes()


def test_plan_adds_up(tiny: Path, avgen: Avgen) -> None:
    (tiny / "m.csv").write_text("id,text\na,One.\nb,Two.\n")
    avgen("render", "m.csv")
    (tiny / "m.csv").write_text("id,text,camera\na,One.,\nb,Two.,close-up\nc,Three.,\n")
    plan = json.loads(avgen("render", "m.csv", "--dry-run", "--json").stdout)
    assert [(row["id"], row["done"], row["missing"]) for row in plan["plan"]] == [
        ("a", True, []),
        ("b", False, ["render", "mux"]),
        ("c", False, ["tokenize", "sample", "vocode", "render", "mux"]),
    ]
    total = plan["total"]
    assert (total["clips"], total["done"]) == (3, 1)
    for name in ("video_seconds", "work_seconds", "disk_bytes"):
        assert total[name] == pytest.approx(
            sum(row[name] for row in plan["plan"] if not row["done"]), abs=0.2
        )
    assert total["free_bytes"] > 10**6


def test_status_says_what_failed_and_how_to_go_on(
    tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny / "m.csv").write_text("id,text\na,One.\nb,Two.\n")
    with monkeypatch.context() as patch:
        patch.setenv(faults.VARIABLE, "sample:made:fail:b")
        faults.install(patch.setattr)
        result = avgen("render", "m.csv")
    assert result.exit_code == 3
    assert "2 clips: 1 rendered, 1 failed" in result.stderr
    assert "Run the same command again for those not made: avgen render m.csv" in result.stderr
    told = avgen("status", "out")
    assert told.stdout.splitlines()[0].startswith("a: done, ")
    line = told.stdout.splitlines()[1]
    assert line.startswith("b: failed, cpu")
    assert line.endswith(", attempt 2, internal error: RuntimeError: a fault on purpose")
    assert told.stderr.splitlines()[0] == "out: 1 done, 1 failed; no run is on"
    assert told.stderr.splitlines()[1].startswith("Go on with: avgen render m.csv")
    assert "in _act" in avgen("status", "out", "b").stdout
    again = clips(avgen("render", "m.csv", "--json"))
    assert again["a"]["status"] == "unchanged" and again["b"]["cached"] == ["tokenize"]
    (tiny / "out" / "a.mp4").write_bytes(b"edited")
    (tiny / "out" / "b.mp4").unlink()
    states = {
        clip["clip"]: clip["state"] for clip in json.loads(avgen("status", "out", "--json").stdout)["clips"]
    }
    assert states == {"a": "changed", "b": "missing"}
    (tiny / "out" / ".avgen" / "journal.jsonl").unlink()
    assert avgen("render", "m.csv").exit_code == 3  # what was edited stays
    assert avgen("render", "m.csv", "--overwrite").exit_code == 0
    (tiny / "out" / ".avgen" / "journal.jsonl").unlink()
    assert avgen("status", "out").stderr == "out: 2 done; no run is on\n"


def test_status_of_other_folders_is_an_error(tiny: Path, avgen: Avgen) -> None:
    result = avgen("status", "home")
    assert result.exit_code == 2 and "home: avgen has not made anything here." in result.stderr
    avgen("render", "script.txt")
    assert "there is no clip 'scrip'" in avgen("status", "out", "scrip").stderr
