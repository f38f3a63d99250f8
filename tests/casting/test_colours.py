"""Light to display and back; skin, brows, eyes and hair in other colours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.atlas import TexelMap, to_layer
from avgen.casting.making import domain
from avgen.casting.person import Person, read_person
from avgen.casting.recolour import Paint, recolour, recolour_hair
from avgen.casting.settling import settled
from avgen.casting.tone_curve import contrast, develop, dye, dyed, undevelop


def lights(count: int = 4000) -> np.ndarray:
    """Light of all tones that skin, hair and cloth have."""
    rng = np.random.default_rng(0)
    level = np.exp(rng.uniform(np.log(0.01), np.log(1.5), (count, 1)))
    return level * np.exp(rng.normal(0, 0.3, (count, 3))) * [1.4, 1.0, 0.7]


def test_the_curve_rises_and_greys_stay_grey() -> None:
    grey = np.repeat(np.geomspace(0.002, 8, 60)[:, None], 3, 1)
    levels = develop(grey)
    assert (np.diff(levels[:, 1]) > 0).all() and levels[0].max() < 12 and levels[-1].min() > 230
    assert np.ptp(levels, axis=1).max() < 1.5
    assert 100 < develop(np.full((1, 3), 0.18))[0, 1] < 140


def test_light_is_found_again() -> None:
    light = lights()
    levels = develop(light)
    clear = (levels > 4).all(1) & (levels < 245).all(1)
    assert clear.mean() > 0.8
    assert np.allclose(undevelop(levels)[clear], light[clear], rtol=0.02)


def test_contrast_is_the_slope_of_the_curve() -> None:
    light, step = lights(500), 1e-3
    change = contrast(light)
    for c in range(3):
        moved = light.copy()
        moved[:, c] *= 1 + step
        assert np.median(np.abs((develop(moved) - develop(light)) / step - change[:, :, c])) < 1.0


def test_a_dye_is_a_ratio_of_light() -> None:
    ratio = np.array([0.5, 0.6, 0.4])
    levels = develop(lights())
    clear = (levels > 10).all(1) & (levels < 240).all(1)
    wanted = develop(undevelop(levels) * ratio)
    assert np.percentile(np.abs(dyed(levels, dye(ratio)) - wanted)[clear], 95) < 2


def test_a_layer_bleeds_two_texels_beyond_its_parts() -> None:
    rows, columns = np.array([5, 5]), np.array([5, 6])
    texels = TexelMap(rows, columns, np.zeros(2, np.int32), np.zeros((2, 3), np.float32))
    layer = to_layer(texels, np.array([[2.0], [4.0]], np.float32), (12, 12))[..., 0]
    assert layer[5, 5] == layer[5, 3] == layer[4, 5] == 2 and layer[5, 8] == 4
    assert layer[5, 2] == layer[5, 9] == 0


@pytest.fixture(scope="module")
def paint() -> Paint:
    actor = find_actor("mira")
    part = actor.components["avatar"]
    avatar = TexturedMesh.load(part.config, part.file)
    return Paint(avatar, read_person(actor.folder), actor.view().camera(512, 512))


def atlas(tensors: dict[str, Any]) -> np.ndarray:
    return tensors["texture.base"] * tensors["texture.scale"][0]


def test_the_same_colours_change_nothing_but_what_is_settled(paint: Paint) -> None:
    ratio = paint.ratio(paint.person, domain())
    assert np.allclose(ratio, 1)
    shown = atlas(recolour(paint, ratio))[paint.texels.rows, paint.texels.columns]
    assert np.abs(shown - paint.solution[:, 0]).max() <= 0.13  # display levels: one step
    others = ~paint.members("head", "neck", "shirt")
    assert (paint.solution[others] == paint.stored[others]).all()
    front = (np.abs(paint.terms[:, 4:6]).sum(1) < 0.1) & (paint.skin.hairline < -0.5) & paint.members("head")
    change = np.abs(paint.solution - paint.stored)[front].max((1, 2))
    assert front.sum() > 10_000 and np.median(change) < 1


def test_rims_do_not_stand_for_skin() -> None:
    solution, terms = np.zeros((40, 7, 3)), np.tile([1.0, 1.0, 0, 0, 0, 0], (40, 1))
    solution[:, 0] = 120, 90, 70
    solution[0, 0], terms[0, 4], solution[0, 5] = -20, 1, (140, 110, 90)
    whole, none = np.ones(40, bool), np.zeros(40)
    out = settled(solution, terms, np.full((40, 3), 0.3), whole, none)
    assert (out[1:] == solution[1:]).all()
    assert out[0, 0].min() > 50 and np.abs(out[0, 5]).max() < 35
    total = out[0, 0] + terms[0] @ out[0, 1:]
    assert np.abs(total - (120, 90, 70)).max() < 1  # as before in typical light


def test_pale_hair_is_pale_to_its_roots(paint: Paint) -> None:
    white = replace(paint.person, hair=replace(paint.person.hair, colour=(0.6, 0.6, 0.6)))
    scalp = paint.skin.scalp > 0.9
    light = paint.light * paint.ratio(white, domain())
    assert light[scalp].mean() > 5 * paint.light[scalp].mean()


def test_only_what_has_another_colour_changes(paint: Paint) -> None:
    old = recolour(paint, paint.ratio(paint.person, domain()))

    def change(person: Person) -> np.ndarray:
        tensors = recolour(paint, paint.ratio(person, domain()))
        moved = (atlas(tensors) - atlas(old)).mean(2)
        return moved[paint.texels.rows, paint.texels.columns]

    eyes, clothes = paint.members("eye_l", "eye_r"), paint.members("shirt")
    blue = change(replace(paint.person, iris=(0.05, 0.10, 0.2)))
    assert np.abs(blue[~eyes]).max() < 1 and np.abs(blue[eyes]).max() > 5
    white = change(replace(paint.person, wear=replace(paint.person.wear, colour=(0.6, 0.6, 0.6))))
    assert np.median(white[clothes]) > 60 and np.abs(white[eyes]).max() < 1


def test_brows_are_found_where_hair_is(paint: Paint) -> None:
    cover = paint.brows(domain())
    found = cover > 0.3
    assert 300 < found.sum() < 6000
    rows, columns = paint.texels.rows, paint.texels.columns
    beside = (cover == 0) & paint.members("head")
    for axis in (rows, columns):
        beside &= (axis > axis[found].min() - 8) & (axis < axis[found].max() + 8)
    assert paint.light[found].mean() < 0.6 * paint.light[beside].mean()
    corners = paint.avatar.mesh.rest[paint.avatar.mesh.faces[paint.texels.face[found]], 0]
    across = (paint.texels.weights[found] * corners).sum(1)
    assert abs((across > 0).mean() - 0.5) < 0.1  # about as many on both sides


def test_hair_keeps_its_coverage(paint: Paint) -> None:
    tensors = {
        "hair.pictures": read_tensors(find_actor("mira").components["avatar"].file)[0]["hair.pictures"][:2]
    }
    blond = recolour_hair(tensors, (0.42, 0.31, 0.19), paint.person.hair.colour)["hair.pictures"]
    assert (blond[..., 3] == tensors["hair.pictures"][..., 3]).all()
    assert (blond[..., :3].astype(int) <= blond[..., 3:].astype(int) + 1).all()  # premultiplied
    assert blond[..., 0].mean() > 1.5 * tensors["hair.pictures"][..., 0].mean()
