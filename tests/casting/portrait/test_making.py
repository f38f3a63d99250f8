"""Actors from photographs, from file to folder; the photographs are drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from avgen.actors.actor import check_files, find_actor
from avgen.actors.components import Models
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.casting.body_colours import PARTS, TOP
from avgen.casting.portrait.landmarks import find_face
from avgen.casting.portrait.making import checked_consent, make_from_photos
from avgen.casting.words import Words
from avgen.errors import InputError
from avgen.media.png import encode_png
from scripts.cast.photographs import Pose, take

Image = pytest.importorskip("PIL.Image")


@pytest.mark.parametrize("text", ["", "  ", "..", "a\nb of c", "x" * 501, "anna \x1b[2J agreed"])
def test_consent_says_who_agreed_to_what(text: str) -> None:
    with pytest.raises(InputError, match="--consent: "):
        checked_consent(text)


def test_consent_is_kept_as_it_is() -> None:
    assert checked_consent(" Anna Maier agreed to lectures. ") == "Anna Maier agreed to lectures."


@pytest.mark.slow
@pytest.mark.assets
def test_a_portrait_becomes_an_actor_who_looks_like_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mediapipe")
    monkeypatch.setenv("AVGEN_HOME", str(tmp_path))
    part = find_actor("mira").components["avatar"]
    mira = TexturedMesh.load(part.config, part.file)
    image, _ = take(mira, Pose(4, 2), np.zeros((1, len(mira.codec.units)), np.float32), 512)
    (tmp_path / "photo.png").write_bytes(encode_png(image))
    told: list[str] = []
    photos, figure = [tmp_path / "photo.png"], Words(like="man", build="heavy")
    made = make_from_photos("anna", photos, "Nobody: she was drawn", "", told.append, figure)
    assert told == ["faces", "shape", "skin", "hair", "body", "folder"]
    assert made.folder == tmp_path / "actors" / "anna"
    assert {file.name for file in made.folder.iterdir()} == {
        *("actor.yaml", "avatar.safetensors", "body.safetensors", "sheet.png", "thumbnail.png"),
    }
    actor = find_actor("anna")
    check_files(actor)
    assert actor.consent == "Nobody: she was drawn" and "LicenseRef-likeness" in actor.licence
    assert sum(file.stat().st_size for file in made.folder.iterdir()) < 13_000_000
    assert "full" in actor.cameras and "man" in actor.voices[actor.voice].description
    bodies = [Models(one)["body"] for one in (actor, find_actor("mira"))]
    widths = [body.skeleton.trunk[:, 1].max() for body in bodies]
    assert widths[0] > widths[1]
    cloth, navy = (body.gains[PARTS.index(TOP)].sum() for body in bodies)
    assert cloth == pytest.approx(navy, rel=0.5)  # the picture shows her navy sweater
    assert any("from the side" in sentence for sentence in made.weaknesses)
    rest = np.asarray(Image.open(made.folder / "thumbnail.png").convert("RGB"))
    before, after = find_face(image, "before"), find_face(np.repeat(np.repeat(rest, 2, 0), 2, 1), "after")
    shapes = [face.points[:468, :2] - face.points[:468, :2].mean(0) for face in (before, after)]
    shapes = [shape / np.sqrt((shape**2).sum(1).mean()) for shape in shapes]
    assert np.sqrt(((shapes[0] - shapes[1]) ** 2).sum(1).mean()) < 0.08


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--age", "50"), "add --like woman or --like man"),
        (("--like", "man", "--skin", "dark"), "--skin: photographs show that already"),
        (("--random", "3"), "--random is for synthetic people"),
        (("--like", "horse"), "like: unknown word 'horse'"),
    ],
)
def test_words_beside_a_picture_say_whose_body_it_is_and_nothing_else(
    avgen: Callable[..., Result], tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    (tmp_path / "a.png").write_bytes(encode_png(np.full((300, 300, 3), 90, np.uint8)))
    consent = "Anna Maier agreed to it"
    result = avgen("actors", "make", "anna", "--photo", str(tmp_path / "a.png"), "--consent", consent, *words)
    assert result.exit_code == 2 and message in result.stderr


def test_a_refused_picture_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mediapipe")
    monkeypatch.setenv("AVGEN_HOME", str(tmp_path / "home"))
    (tmp_path / "grey.png").write_bytes(encode_png(np.full((300, 300, 3), 90, np.uint8)))
    with pytest.raises(InputError, match=r"grey.png: no face was found"):
        make_from_photos("anna", [tmp_path / "grey.png"], "Anna agreed to it", "", lambda step: None)
    assert not (tmp_path / "home").exists()
