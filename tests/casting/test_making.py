"""Synthetic actors, from a command to a clip's picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from avgen.actors.actor import find_actor, read_actor
from avgen.actors.components import Models, check_kinds
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.mesh.storage import read_tensors
from avgen.background import Background
from avgen.body.skeleton import PLACE
from avgen.casting.bodies import shaped
from avgen.casting.body_colours import PARTS, SKIN
from avgen.casting.making import make_synthetic
from avgen.casting.person import read_person
from avgen.casting.recolour import hair_colour
from avgen.casting.transfer import thinned_hair
from avgen.casting.words import Words
from avgen.pose import head_turned

HEAVY = "macrodetails/universal-female-young-averagemuscle-maxweight"
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
    sizes = {file.name: file.stat().st_size for file in sam.iterdir()}
    assert sum(sizes.values()) - sizes["body.safetensors"] < 12e6 and sum(sizes.values()) < 13e6
    assert "man" in actor.voices[actor.voice].description
    assert read_person(sam).hair.style == "bun"
    assert {file.name for file in sam.iterdir()} == {
        "actor.yaml",
        "avatar.safetensors",
        "body.safetensors",
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


@pytest.mark.slow
@pytest.mark.assets
def test_a_made_actor_has_a_body_of_its_own_shape_and_colours(sam: Path) -> None:
    his, hers = (Models(read_actor(folder)) for folder in (sam, find_actor("mira").folder))
    assert {"medium", "american", "full"} <= set(his.actor.cameras)
    man, woman = his["body"], hers["body"]
    shoulders = [
        np.ptp(one.skeleton.heads[[PLACE[f"upperarm01.{s}"] for s in "LR"], 0]) for one in (man, woman)
    ]
    assert shoulders[0] > 1.08 * shoulders[1]
    shown = {}
    for name, one in (("his", his), ("hers", hers)):
        view = one.actor.cameras["medium"]
        figure = one.figure(view)
        head = head_turned()
        posed = figure.pose_figure(
            figure.body,
            np.zeros((1, len(figure.deltas)), np.float32),
            head,
            *(part[None] for part in figure.body.resting),
        )
        renderer = NumbaRenderer(figure, view.camera(256, 256), (256, 256), Background())
        shown[name] = renderer.render_posed(posed)[0].astype(float)
    chest = slice(120, 150), slice(105, 150)
    assert shown["his"][chest].mean() > 2.5 * shown["hers"][chest].mean()  # white clothes, not navy ones
    light = his["body"].gains[PARTS.index(SKIN)].sum(), hers["body"].gains[PARTS.index(SKIN)].sum()
    assert light[0] < light[1]  # darker hands


def test_no_change_of_shape_is_no_change_of_a_body() -> None:
    tensors, _ = read_tensors(find_actor("mira").components["body"].file)
    shape = read_person(find_actor("mira").folder).shape
    same = shaped(tensors, shape, shape)
    assert all(np.array_equal(same[name], value) for name, value in tensors.items())
    heavy = shaped(tensors, {**shape, HEAVY: 1.0}, shape)
    trunk = tensors["skeleton.trunk"], heavy["skeleton.trunk"]
    assert (trunk[1][:, 1] - trunk[0][:, 1]).max() > 0.01  # a centimetre wider on each side
    assert np.abs(heavy["body.points"] - tensors["body.points"]).max() < 0.1


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
