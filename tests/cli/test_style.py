"""`--style`, from end to end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

import avgen as package
from avgen.avatars.base import Avatar
from avgen.stages.table import TAKE_STAGE
from avgen.takes.cache import Cache
from avgen.takes.folder import read_finished, recall
from tests.fakes import TinyAvatar

Avgen = Callable[..., Result]


def made(result: Result) -> set[str]:
    """Stages that ran."""
    assert result.exit_code == 0, result.stderr
    (clip,) = json.loads(result.stdout)["clips"]
    return set(clip["seconds"])


def faces(folder: Path) -> list[np.ndarray]:
    """Face codes that the films of a folder are recorded to be made of."""
    cache = Cache(folder / "cache")
    return [recall(film.receipt.results, cache)["codes"]["face"] for film in read_finished(folder / "out")]


def test_another_style_redoes_the_picture_and_samples_nothing(tiny: Path, avgen: Avgen) -> None:
    plain = ("render", "script.txt", "--json")
    assert "style" not in made(avgen(*plain, "-o", "out/a.mp4"))
    assert made(avgen(*plain, "-o", "out/b.mp4", "--style", "upper-face:0.5")) == {"style", "render", "mux"}
    assert made(avgen(*plain, "-o", "out/c.mp4", "--style", "upper-face:1,eyelids:1.0")) == {"mux"}
    a, b, c = (tiny / "out" / f"{name}.mp4" for name in "abc")
    assert a.read_bytes() == c.read_bytes() != b.read_bytes()
    first, second, third = faces(tiny)
    assert np.array_equal(first * np.array([0.5, 1, 1], np.float32), second)
    assert np.array_equal(first, third)


def test_a_manifest_and_a_preset_have_styles(tiny: Path, avgen: Avgen) -> None:
    (tiny / "calm.yaml").write_text("size: 64\nstyle: lower-face:0.5\n")
    (tiny / "clips.csv").write_text(
        'id,text,style,preset\na,Hello.,,calm.yaml\nb,Hello.,"upper-face:0.5,eyelids:2",calm.yaml\n'
        "c,Hello.,none,calm.yaml\n"
    )
    assert avgen("render", "clips.csv").exit_code == 0
    styles = [film.receipt.settings["style"] for film in read_finished(tiny / "out")]
    assert styles == ["lower-face:0.5", "upper-face:0.5,eyelids:2", "none"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("script.txt", "--style", "brows:2"), "style: unknown part 'brows' in 'brows:2'. Known: upper-face"),
        (("script.txt", "--style", "eyelids:3"), "style: eyelids: expected a strength from 0 to 2, got '3'"),
        (("clips.jsonl",), "clips.jsonl: line 1: style: eyelids: expected a strength from 0 to 2, got 'x'"),
    ],
)
def test_a_wrong_style_is_refused_before_any_work(
    tiny: Path, avgen: Avgen, arguments: tuple[str, ...], message: str
) -> None:
    (tiny / "clips.jsonl").write_text('{"id": "a", "text": "Hello.", "style": "eyelids:x"}\n')
    result = avgen("render", *arguments)
    assert result.exit_code == 2 and message in result.stderr
    assert not (tiny / "out").exists()


def test_an_actor_without_named_parts_says_so(
    tiny: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TinyAvatar, "restyle", Avatar.restyle)
    result = avgen("render", "script.txt", "--style", "eyelids:0.8")
    assert result.exit_code == 3 and "style: the parts of this actor's face have no names." in result.stderr


def test_a_take_is_saved_in_another_style(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = package.load_actor("tiny")
    take = actor.speak("Hello.", size=64, style="upper-face:0.5")
    plain = take.run.result(TAKE_STAGE)["face"]
    assert np.array_equal(take.codes["face"], plain * np.array([0.5, 1, 1], np.float32))
    monkeypatch.setattr(type(actor.models["flow"]), "sample", None)  # nothing is sampled again
    take.save("half.mp4")
    take.save("none.mp4", style="none")
    assert Path("half.mp4").read_bytes() != Path("none.mp4").read_bytes()
