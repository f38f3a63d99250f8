"""There is room: a foreign actor, a stage and an export come in by an entry each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from click.testing import Result

from avgen import exports
from avgen.actors import components
from avgen.actors.actor import find_actor
from avgen.actors.components import Models
from avgen.avatars.views import View
from avgen.background import STUDIO
from avgen.config import RenderConfig
from avgen.inputs.clips import Clip, Text
from avgen.pipeline import run_clip
from avgen.stages.spec import ClipSpec, stage_keys
from avgen.stages.stage import Stage
from avgen.stages.table import ROADS
from avgen.takes.archive import FORMS, Form
from avgen.takes.cache import Cache
from avgen.takes.folder import read_finished, recall
from tests.fakes import CAMERA, component, write_description
from tests.toys import HANDS, ToyAvatar

Avgen = Callable[..., Result]
CAMERAS = {"bench": {**CAMERA, "yaw": 90, "distance": 3}, "ceiling": {**CAMERA, "pitch": 60}}


@pytest.fixture
def toy(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an actor whose flow and avatar are of kinds of their own."""
    folder = tiny / "home" / "actors" / "toy"
    shutil.copytree(folder.with_name("tiny"), folder)
    monkeypatch.setitem(components.KINDS["flow"], "toy", "tests.toys:ToyFlow")
    monkeypatch.setitem(components.KINDS["avatar"], "toy", "tests.toys:ToyAvatar")
    monkeypatch.setattr(ToyAvatar, "asked", [])
    parts = yaml.safe_load((folder / "actor.yaml").read_text())["components"]
    for slot in ("flow", "avatar"):
        parts[slot] = component(folder / f"{slot}.safetensors", "toy", {})
    write_description(folder, name="toy", cameras=CAMERAS, components=parts)
    return folder


def test_an_actor_of_other_kinds_renders_from_its_own_cameras(
    toy: Path, avgen: Avgen, tiny: Path, probe: Callable[[Path], SimpleNamespace]
) -> None:
    result = avgen("render", "script.txt", "--actor", "toy")
    assert result.exit_code == 0, result.stderr
    assert avgen("render", "script.txt", "--actor", "toy", "--camera", "ceiling", "-o", "top").exit_code == 0
    assert [asked[1].pitch for asked in ToyAvatar.asked] == [0, 60]  # the first camera is the default
    unknown = avgen("render", "script.txt", "--actor", "toy", "--camera", "portrait")
    assert unknown.exit_code == 2 and "unknown camera 'portrait'. Known: bench, ceiling." in unknown.stderr
    (finished,) = read_finished(tiny / "out")
    assert probe(finished.output).frames == finished.receipt.frames
    codes = recall(finished.receipt.results, Cache(tiny / "cache"))["codes"]
    assert codes["hands"].shape == (len(codes), HANDS) and set(codes.tracks) == {
        "mel",
        "face",
        "head",
        "hands",
    }
    assert avgen("render", "script.txt", "--actor", "toy", "--json").exit_code == 0
    assert avgen("gallery", "out").exit_code == 0


def test_an_avatar_that_needs_a_track_its_flow_does_not_make_is_told_so(toy: Path, avgen: Avgen) -> None:
    parts = yaml.safe_load((toy / "actor.yaml").read_text())["components"]
    parts["flow"] = yaml.safe_load((toy.with_name("tiny") / "actor.yaml").read_text())["components"]["flow"]
    write_description(toy, components=parts)
    result = avgen("render", "script.txt", "--actor", "toy")
    assert result.exit_code == 3
    assert "render failed: the actor's flow makes no hands, which it is drawn by." in result.stderr


@pytest.fixture
def counted(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage between sampling and the film, put into the table."""
    stage = Stage(
        name="count",
        result="count",
        version=1,
        run="tests.toys:count",
        upstream=("sample",),
        settings=("temperature",),
        given=("seed",),
    )
    *road, last = ROADS["text"]
    last = replace(last, run="tests.toys:mux_counted", upstream=(*last.upstream, "count"))
    monkeypatch.setitem(ROADS, "text", (*road, stage, last))  # type: ignore[arg-type]
    form = Form(lambda value: json.dumps(value).encode(), json.loads)
    monkeypatch.setitem(FORMS, "count", form)  # type: ignore[arg-type]
    return stage


def test_a_stage_runs_and_is_keyed_by_an_entry_in_the_table(
    counted: Stage, avgen: Avgen, tiny: Path, probe: Callable[[Path], SimpleNamespace]
) -> None:
    def made(*options: str) -> dict[str, Any]:
        result = avgen("render", "script.txt", "--json", *options)
        assert result.exit_code == 0, result.stderr
        return dict(json.loads(result.stdout)["clips"][0])

    assert "count" in made()["seconds"]
    (finished,) = read_finished(tiny / "out")
    known = recall(finished.receipt.results, Cache(tiny / "cache"))["count"]
    assert known["temperature"] == 1.0 and known["seed"] > 0
    assert f"frames {known['frames']}" in probe(tiny / "out" / "script.mp4").about
    again = made("--force=mux")
    assert set(again["seconds"]) == {"mux"} and "count" in again["cached"]
    assert {"count", "mux"} <= set(made("--force=sample")["seconds"])
    assert "count" in made("--temperature", "0.5")["seconds"]
    plan = avgen("render", "script.txt", "--seed", "9", "--dry-run")
    assert "would run tokenize, sample, vocode, render, count, mux" in plan.stdout


def test_a_stage_changes_the_keys_of_what_is_made_from_it_alone(
    counted: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = ClipSpec(Clip("a", Text("Hi.", "x")), find_actor("tiny"), RenderConfig(), 0, Path("a.mp4"))
    before = stage_keys(spec)
    newer = tuple(replace(stage, version=2) if stage == counted else stage for stage in ROADS["text"])
    monkeypatch.setitem(ROADS, "text", newer)  # type: ignore[arg-type]
    after = stage_keys(spec)
    assert {name for name in before if before[name] != after[name]} == {"count", "mux"}


def test_an_export_is_an_entry_in_a_table(tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = exports.Export("tests.toys:export", ".toy.json", "for tests")
    monkeypatch.setitem(exports.KINDS, "toy", kind)  # type: ignore[arg-type]
    result = avgen("render", "script.txt", "--export", "toy")
    assert result.exit_code == 0, result.stderr
    told = json.loads((tiny / "out" / "script.toy.json").read_text())
    assert told["name"] == "script" and told["frames"] > 10
    (finished,) = read_finished(tiny / "out")
    assert set(finished.receipt.files) == {"script.mp4", "script.toy.json"}
    (tiny / "out" / "script.toy.json").unlink()
    assert avgen("render", "script.txt").exit_code == 0  # nobody asks for it
    assert avgen("render", "script.txt", "--export", "toy").exit_code == 0
    assert json.loads((tiny / "out" / "script.toy.json").read_text()) == told
    (tiny / "out" / "script.toy.json").write_text("mine")
    kept = avgen("render", "script.txt", "--export", "toy")
    assert kept.exit_code == 3 and (tiny / "out" / "script.toy.json").read_text() == "mine"


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_device_of_the_key_is_the_device_that_draws(
    toy: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    monkeypatch.setattr(components, "ON_DEVICE", ())  # this machine may have no GPU to move networks to
    config = RenderConfig(width=64, height=64)
    spec = ClipSpec(Clip("a", Text("Hi.", "x")), find_actor("toy"), config, 0, tiny / "a.mp4", device)
    cache = Cache(tiny / "cache")
    result = run_clip(spec, stage_keys(spec), cache, Models(spec.actor, device), lambda event: None)
    ((drawn_on, view, size, background),) = ToyAvatar.asked
    assert (drawn_on, size, background) == (device, (64, 64), STUDIO)
    assert view == spec.view == View((0, 0, 0), 90, 0, 3, 20, fits=True)
    other = replace(spec, device={"cpu": "cuda", "cuda": "cpu"}[device])
    assert result.key == stage_keys(spec)["mux"] != stage_keys(other)["mux"]
    assert not cache.contains(stage_keys(other)["render"])
    assert cache.contains(stage_keys(other)["tokenize"])
