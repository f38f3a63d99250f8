"""Faces in pictures, drawn by our own renderer; and what is no picture of one person."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.casting.portrait import models
from avgen.casting.portrait.landmarks import find_face
from avgen.casting.portrait.matte import person_matte
from avgen.casting.portrait.models import MODELS, read_model
from avgen.errors import ActorError, InputError
from scripts.cast.photographs import Pose, take

Picture = np.ndarray


@pytest.fixture(scope="module")
def mira() -> TexturedMesh:
    part = find_actor("mira").components["avatar"]
    return TexturedMesh.load(part.config, part.file)


def draw(mira: TexturedMesh, pose: Pose, size: int = 448) -> Picture:
    return take(mira, pose, np.zeros((1, len(mira.codec.units)), np.float32), size)[0]


def test_the_models_are_those_that_are_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MODELS:
        assert read_model(name)
    monkeypatch.setitem(models.MODELS, models.MATTE, "0" * 64)
    with pytest.raises(ActorError, match=r"selfie_segmentation.tflite: the model is damaged or was changed"):
        read_model(models.MATTE)


@pytest.fixture(scope="module")
def mediapipe() -> None:
    pytest.importorskip("mediapipe")


@pytest.mark.usefixtures("mediapipe")
@pytest.mark.parametrize("yaw", [-25.0, 0.0, 25.0])
def test_a_face_is_found_with_its_turn(
    mira: TexturedMesh, yaw: float, capfd: pytest.CaptureFixture[str]
) -> None:
    face = find_face(draw(mira, Pose(yaw)), "mira.png")
    assert face.points.shape == (478, 3) and abs(face.yaw - yaw) < 8
    assert len(face.scores) >= 51 and face.scores["jawOpen"] < 0.1
    assert 70 < face.eye_distance < 90
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("mediapipe")
def test_an_upright_person_is_in_front_of_the_background(mira: TexturedMesh) -> None:
    matte = person_matte(draw(mira, Pose()))
    assert matte[224, 224] > 0.9 and matte[:40, :40].max() < 0.1


@pytest.mark.usefixtures("mediapipe")
def test_what_is_no_portrait_is_refused_with_the_reason(mira: TexturedMesh) -> None:
    one, small = draw(mira, Pose()), draw(mira, Pose(face=0.14))
    empty = np.full((300, 300, 3), 128, np.uint8)
    noise = np.random.default_rng(1).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    flat = (one // 64 * 64).astype(np.uint8)
    for picture, reason in (
        (empty, "no face was found"),
        (noise, "no face was found"),
        (np.concatenate([one, one[:, ::-1]], 1), "several faces"),
        (small, "the face is too small"),
        (flat, "drawn"),
    ):
        with pytest.raises(InputError, match=rf"x.png: .*{reason}"):
            find_face(picture, "x.png")
