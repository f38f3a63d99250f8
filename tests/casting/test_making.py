"""Synthetic actors, from a command to a clip's picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from avgen.actors.actor import find_actor, read_actor
from avgen.actors.components import check_kinds
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.mesh.storage import read_tensors
from avgen.background import Background
from avgen.casting.making import make_synthetic
from avgen.casting.person import read_person
from avgen.casting.recolour import hair_colour
from avgen.casting.transfer import thinned_hair
from avgen.casting.words import Words
from avgen.pose import head_turned

Avgen = Callable[..., Result]
WORDS = Words(like="man", age=60, ancestry="african", skin="dark", hair="bun:white", wear="white")


@pytest.fixture(scope="module")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("casting")
        patch.setenv("AVGEN_HOME", str(home))
        yield make_synthetic("sam", WORDS, seed=5)


def picture(folder: Path, size: int = 256) -> np.ndarray:
    actor = read_actor(folder)
    part = actor.components["avatar"]
    avatar = TexturedMesh.load(part.config, part.file)
    renderer = NumbaRenderer(avatar, actor.view().camera(size, size), (size, size), Background())
    weights = np.zeros((1, len(avatar.deltas)), np.float32)
    return renderer.render_posed(avatar.pose_weights(weights, head_turned()))[0].astype(float)


@pytest.mark.slow
@pytest.mark.assets
def test_a_made_actor_is_whole_small_and_speaks_with_mira(sam: Path) -> None:
    actor, mira = read_actor(sam), find_actor("mira")
    check_kinds(actor)
    assert actor.components["flow"] == mira.components["flow"]
    assert sum(file.stat().st_size for file in sam.iterdir()) < 12e6
    assert "man" in actor.voices[actor.voice].description
    assert read_person(sam).hair.style == "bun"
    assert {file.name for file in sam.iterdir()} == {
        "actor.yaml",
        "avatar.safetensors",
        "person.yaml",
        "sheet.png",
        "thumbnail.png",
    }


@pytest.mark.slow
@pytest.mark.assets
def test_a_made_actor_looks_as_was_said(sam: Path) -> None:
    his, hers = picture(sam), picture(find_actor("mira").folder)
    cheek = slice(120, 136), slice(98, 110)
    assert his[cheek].mean() < 0.75 * hers[cheek].mean()  # darker skin
    chest = slice(230, 250), slice(60, 190)
    assert his[chest].mean() > 3 * hers[chest].mean()  # white clothes instead of navy ones
    tensors = [read_tensors(folder / "avatar.safetensors")[0] for folder in (sam, find_actor("mira").folder)]
    assert hair_colour(tensors[0])[1] > 4 * hair_colour(tensors[1])[1]


def test_fewer_pictures_of_the_hair_are_still_a_grid() -> None:
    tensors, _ = read_tensors(find_actor("mira").components["avatar"].file)
    thin = thinned_hair(tensors, 40)
    assert 20 < len(thin["hair.views"]) <= 40
    assert [len(value) for value in thin.values()] == [len(thin["hair.views"])] * 4
    for azimuth in np.unique(thin["hair.views"][:, 0]):
        bank = thin["hair.views"][thin["hair.views"][:, 0] == azimuth]
        whole = tensors["hair.views"][tensors["hair.views"][:, 0] == azimuth]
        for k in (1, 2):
            assert np.ptp(bank[:, k]) == np.ptp(whole[:, k])  # as far to the sides as before
        assert len(bank) == len(np.unique(bank[:, 1])) * len(np.unique(bank[:, 2]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Anna",), "'Anna': expected a name of small letters, digits and hyphens"),
        (("../anna",), "expected a name of small letters"),
        (("mira",), "mira: there is an actor of this name already."),
        (("anna", "--voice", "nobody"), "unknown voice 'nobody'"),
        (("anna", "--age", "7"), "age: expected 18 to 90 years"),
    ],
)
def test_what_cannot_be_made_is_refused_and_leaves_nothing(
    avgen: Avgen, tiny: Path, arguments: tuple[str, ...], message: str
) -> None:
    before = sorted(tiny.rglob("*"))
    result = avgen("actors", "make", *arguments)
    assert result.exit_code == 2 and message in result.stderr
    assert sorted(tiny.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.assets
def test_the_list_names_a_picture_of_everybody(
    avgen: Avgen, sam: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVGEN_HOME", str(sam.parent.parent))
    rows = json.loads(avgen("actors", "list", "--json").stdout)["actors"]
    (row,) = [row for row in rows if row["name"] == "sam"]
    assert Path(row["thumbnail"]).read_bytes()[:4] == b"\x89PNG"
    assert str(sam / "thumbnail.png") in avgen("actors", "list").stdout
