"""Light that is taken out of photographs, and hair that is put on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from avgen.casting.portrait.albedo import (
    Observed,
    blend,
    light_of,
    smooth_light,
    under_veil,
    without_gloss,
)
from avgen.casting.portrait.fit import PortraitCamera
from avgen.casting.portrait.shell import CENTRE, PICTURE, YAWS, HairPicture, Surface, _frayed, hair_tensors

pytest.importorskip("scipy")
cv2 = pytest.importorskip("cv2")


def directions(count: int) -> np.ndarray:
    n = np.random.default_rng(1).normal(size=(count, 3))
    n[:, 2] = np.abs(n[:, 2])
    return n / np.linalg.norm(n, axis=1, keepdims=True)


def test_smooth_light_is_found_in_spite_of_shine() -> None:
    normal = directions(4000)
    truth = 0.4 * normal[:, 0] - 0.2 * normal[:, 1]
    light = np.exp(truth)[:, None] * np.array([0.5, 0.3, 0.2])
    light[::17] *= 8  # highlights
    coefficients = light_of(normal, light, np.ones(len(normal)))
    found = smooth_light(coefficients, normal)
    assert np.abs((found - found.mean()) - (truth - truth.mean())).mean() < 0.06


def test_white_light_is_left_as_it_is() -> None:
    colour = np.tile([0.6, 0.33, 0.22], (3, 1))
    light = np.stack([0.5 * colour[0], 0.5 * colour[0] + 0.2, np.full(3, 0.3)])
    ratio = np.exp(under_veil(light, colour, np.full((3, 3), np.log(2.0))))
    assert np.allclose(ratio[0], 2, atol=0.05)  # nothing but skin
    assert (ratio[1] > 1).all() and (ratio[1] < 1.9).all()
    assert np.allclose(ratio[2], 1, atol=0.05)  # nothing but white


@pytest.mark.parametrize("colour", [(0.46, 0.28, 0.21), (0.09, 0.042, 0.024)], ids=["fair", "dark"])
def test_gloss_goes_and_the_colour_of_skin_stays(colour: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(0)
    skin = np.array(colour) * np.exp(rng.normal(0, 0.1, (4000, 1)))
    mirrored = np.zeros((4000, 1))
    mirrored[:400] = 0.8 * np.mean(colour)
    brow, trust = 0.1 * np.array([[0.3, 0.28, 0.26]]) * np.mean(colour), np.ones(4001)
    found = without_gloss(np.concatenate([skin + mirrored, brow]), trust)
    error = np.abs(np.log(found[:-1] / skin))
    assert error[:400].mean() < 0.25 * np.log((skin + mirrored) / skin)[:400].mean()
    assert error[400:].max() < 0.02
    np.testing.assert_allclose(found[-1], brow[0])


def test_pictures_are_not_mixed_where_the_first_shows_enough() -> None:
    trust = np.zeros((2, 2000))
    trust[0, :1200], trust[1, 400:] = 0.9, 0.9
    brow = np.zeros((2000, 3))
    brow[600] = -1.0
    front, side = Observed(brow, trust[0]), Observed(np.full((2000, 3), 0.5), trust[1])
    mixed = blend([front, side])
    assert np.allclose(mixed.log_ratio[:1200], brow[:1200])
    assert np.allclose(mixed.log_ratio[1200:], 0, atol=1e-6)  # as bright as the first
    assert (mixed.trust == 0.9).all()


@pytest.fixture(scope="module")
def bob() -> dict[str, np.ndarray]:
    """Hair tensors of a ball of a head, hair around it but for its face."""
    i, j = np.mgrid[:40, :60]
    polar, around = np.pi * (i + 0.5) / 40, 2 * np.pi * j / 60
    unit = np.stack([np.sin(polar) * np.sin(around), np.cos(polar), np.sin(polar) * np.cos(around)], -1)
    points = CENTRE + 0.1 * unit.reshape(-1, 3)
    a, k = (i[:-1] * 60 + j[:-1]).ravel(), (i[:-1] * 60 + (j[:-1] + 1) % 60).ravel()
    faces = np.concatenate([np.stack([a, a + 60, k + 60], 1), np.stack([a, k + 60, k], 1)])
    y, x = np.mgrid[:400, :400] - 200.0
    matte = ((np.hypot(x, y) < 130) & ~((np.abs(x) < 80) & (y > -40))).astype(float)
    camera = PortraitCamera(np.eye(3), np.array([200.0, 200.0]), 1000.0, 1.2)
    offset = camera.project(CENTRE[None])[0, :2] - camera.shift
    camera = replace(camera, shift=camera.shift - offset)  # sees the middle of the head in its own
    inside = (np.hypot(x, y) < 130) * 1.0
    strands, smooth = (np.full((400, 400, 3), level) for level in (90.0, 40.0))
    picture = HairPicture(strands, smooth, matte, inside, camera, lambda n: np.zeros(len(n)))
    hairline = 10 * (points[:, 1] - CENTRE[1]) + np.where(points[:, 2] < CENTRE[2], 0.5, -0.5)
    return hair_tensors(picture, Surface(points, faces, unit.reshape(-1, 3)), hairline, lambda c, gain: c)


def test_hair_reaches_its_outline_and_covers_the_back(bob: dict[str, np.ndarray]) -> None:
    pictures = bob["hair.pictures"]
    assert pictures.shape == (len(YAWS), PICTURE, PICTURE, 4)
    assert (pictures[..., :3] <= pictures[..., 3:].astype(int) + 1).all()  # premultiplied
    reach = np.abs(bob["hair.vertices"][:, 0]).max()
    assert 0.115 < reach < 0.14  # metres; 0.13 in the picture
    width = (pictures[len(YAWS) // 2, ..., 3] > 200).any(0).sum()
    assert width > 250
    side = pictures[0, ..., 3]
    assert (side > 200).mean() > 0.15


def test_hair_that_no_picture_shows_has_no_strands(bob: dict[str, np.ndarray]) -> None:
    solid = bob["hair.pictures"][..., 3] == 255
    front, side = (bob["hair.pictures"][k, ..., 0][solid[k]] for k in (len(YAWS) // 2, 0))
    assert (front > 85).mean() > 0.1
    assert (side < 45).mean() > 0.15
    assert (side < 45).mean() > (front < 45).mean() + 0.1


def test_the_outline_is_frayed_and_the_same_each_time(bob: dict[str, np.ndarray]) -> None:
    alpha = bob["hair.pictures"][len(YAWS) // 2, ..., 3].astype(float) / 255
    height, width = np.argwhere(alpha > 0.05)[:, 0].min(), PICTURE // 2
    rim, inner = alpha[height : height + 4, width - 20 : width + 20], alpha[height + 14 : height + 18]
    assert 0.05 < rim.mean() < 0.7 and rim.std() > 0.1  # some strands are longer than others
    assert inner[:, width - 20 : width + 20].mean() > 0.98
    whole = alpha > 0
    np.testing.assert_array_equal(_frayed(whole), _frayed(whole))


def test_the_face_is_open(bob: dict[str, np.ndarray]) -> None:
    front = bob["hair.pictures"][len(YAWS) // 2, ..., 3]
    assert front[PICTURE // 2, PICTURE // 2] < 20
    faces, vertices = bob["hair.faces"], bob["hair.vertices"]
    middle = vertices[faces].mean(1) - CENTRE
    before = (middle[:, 2] > 0.09) & (np.abs(middle[:, :2]) < 0.03).all(1)
    assert not before.any()
