"""An actor made of released files, of the published layout and random weights, speaks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from click.testing import CliRunner

from avgen.cli import main
from avgen.jobs import driver
from avgen.jobs.inline import InlineEngine
from avgen.metrics.evaluation import _movement
from avgen.metrics.rendered import read_rendered
from avgen.released import audio2photoreal
from avgen.released.audio2photoreal import import_actor
from avgen.takes.archive import load_codes
from avgen.takes.cache import Cache, default_root
from avgen.tracks import Codes
from tests.codec_bodies import SIZES, WIDTHS, body_tensors, write_generators, write_release

WHO = "PXB184"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An $AVGEN_HOME with such an actor, who takes three steps to a motion."""
    folder = tmp_path_factory.mktemp("speaking")
    write_release(folder, WHO, body_tensors())
    write_generators(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AVGEN_HOME", str(folder / "home"))
        patch.setattr(audio2photoreal, "SIZES", SIZES)
        patch.setattr(audio2photoreal, "WIDTHS", WIDTHS)
        made = import_actor(folder, WHO, "pxb184", lambda _: None)
    about = yaml.safe_load((made / "actor.yaml").read_text())
    about["components"]["motion"]["config"]["steps"] = 3
    (made / "actor.yaml").write_text(yaml.safe_dump(about, sort_keys=False))
    return folder / "home"


@pytest.fixture(autouse=True)
def at_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVGEN_HOME", str(home))
    monkeypatch.setenv("AVGEN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(driver, "LocalEngine", lambda specs, observe: InlineEngine(specs[0].name, observe))
    monkeypatch.chdir(tmp_path)


def render(*arguments: str) -> list[Codes]:
    """Codes of the videos that a command made."""
    options = ["--actor", "pxb184", "--size", "64x64", "--fps", "24", "--steps", "1"]
    done = CliRunner().invoke(main, ["render", *arguments, *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    made = []
    for file in sorted(Path("out/.avgen").glob("*.mp4.json")):
        receipt = json.loads(file.read_text())
        assert "motion" in receipt["weights"]
        found = Cache(default_root()).get(receipt["results"]["codes"])
        assert found is not None
        made.append(load_codes(found.read_bytes()))
    return made


@pytest.mark.assets
def test_a_script_becomes_a_video() -> None:
    Path("script.txt").write_text("Hi.\n")
    (codes,) = render("script.txt")
    assert Path("out/script.mp4").stat().st_size > 1000
    assert codes["face"].shape[1] == 256 and codes["pose"].shape[1] == 104 and codes["head"].shape[1] == 7
    assert len(codes["mel"]) == len(codes["face"]) == len(codes["pose"])
    assert np.allclose(np.linalg.norm(codes["head"][:, :4], axis=1), 1, atol=1e-4)
    (file,) = read_rendered(Path("out"), Cache(default_root()), {})
    assert file.missing == ("the face of actor pxb184 has no named parts; lips and lids cannot be measured",)
    measured = _movement(file)
    assert measured["diversity_head"] > 0 and measured["diversity_face"] > 0
    assert "lips_closed" not in measured


@pytest.mark.assets
def test_a_conversation_has_several_samples_and_two_channels() -> None:
    rng, times = np.random.default_rng(0), np.arange(16_000)[:, None] / 16_000
    speech = 0.2 * np.sin(2 * np.pi * 150 * times) * rng.uniform(0.5, 1, (16_000, 1))
    soundfile.write("both.wav", np.hstack([speech, 0.1 * rng.standard_normal((16_000, 1))]), 16_000)
    one, other = render("both.wav", "--speaker-channel", "left", "--variations", "2")
    assert np.array_equal(one["mel"].shape, other["mel"].shape)
    assert not np.allclose(one["pose"], other["pose"], atol=1e-2)
