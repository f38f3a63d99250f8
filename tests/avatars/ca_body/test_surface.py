"""What lies on the body's map, and on its vertices."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avgen.avatars.ca_body.seams import Seams
from avgen.avatars.ca_body.surface import Surface, Unwrapped
from tests.avatars.ca_body.reference import sampled
from tests.codec_bodies import GRID, sheet

SIDE = 64


@pytest.fixture
def surface() -> Surface:
    tensors = sheet()
    made = Surface(GRID**2, len(tensors["geo_fn.vi"]), len(tensors["geo_fn.vt"]), 2)
    made.load_state_dict(
        {name.removeprefix("geo_fn."): value for name, value in tensors.items() if name.startswith("geo_fn.")}
    )
    return made


def test_vertices_get_the_mean_of_their_places(surface: Surface) -> None:
    maps = np.random.default_rng(0).normal(size=(4, SIDE, SIDE)).astype(np.float32)
    at = sampled(maps, surface.vt.numpy())
    expected = [at[:, [p for p in places if p >= 0]].mean(1) for places in surface.v2uv.tolist()]
    found = surface.to_vertices(torch.from_numpy(maps)[None])[0]
    np.testing.assert_allclose(found.numpy(), np.stack(expected), atol=1e-4)


def test_what_is_linear_on_the_map_comes_back_from_it(surface: Surface) -> None:
    places = surface.vt[: GRID**2]
    values = (2 * places[:, 0] - 3 * places[:, 1] + 1)[None]
    unwrapped = Unwrapped(surface, SIDE)
    maps = unwrapped.to_map(values)
    line = torch.linspace(0, 1, SIDE)
    expected = 2 * line[None] - 3 * line[:, None] + 1
    inside = unwrapped.weights.sum(-1) > 0.5
    assert 0.5 < float(inside.float().mean()) < 0.75  # the sheet covers .64 of the map
    torch.testing.assert_close(maps[0, 0][inside], expected[inside], atol=1e-4, rtol=0)
    assert float(maps[0, 0][~inside].abs().max()) == 0
    deep = (surface.vt[: GRID**2, 0] - 0.5).abs() < 0.3
    deep &= (surface.vt[: GRID**2, 1] - 0.5).abs() < 0.3
    back = surface.to_vertices(maps)[0, :, 0]
    torch.testing.assert_close(back[deep], values[0][deep], atol=1e-3, rtol=0)


def test_normals_stand_on_a_plane_and_facing_is_their_cosine(surface: Surface) -> None:
    flat = sheet()["lbs_fn.lbs_template_verts"].clone()
    flat[:, 2] = 0
    normals = surface.normals(flat[None])
    torch.testing.assert_close(normals.abs(), torch.tensor([0.0, 0.0, 1.0]).expand(1, GRID**2, 3))
    position = torch.tensor([0.0, 1.0, 2.0])
    away = flat - position
    expected = (normals[0] * away / away.norm(dim=-1, keepdim=True)).sum(-1)
    torch.testing.assert_close(surface.facing(flat[None], position)[0], expected)
    torch.testing.assert_close(surface.facing(flat[None], -position)[0].sign(), -expected.sign())


def test_only_texels_near_seams_are_looked_up() -> None:
    seams = Seams(16, 1)
    line = torch.linspace(-1, 1, 16)
    seams.load_state_dict(
        {
            "dst_ij": torch.tensor([[3, 5]]),
            "src_ij": torch.tensor([[7, 1]]),
            "uvs": torch.stack(torch.meshgrid(line, line, indexing="xy"), -1).flip(1),
            "weights": torch.zeros(16, 16).index_fill(1, torch.tensor([8]), 1.0),
        }
    )
    seams.prepare()
    maps = torch.randn(2, 3, 16, 16)
    mended = seams.mend(maps.clone())
    assert torch.equal(mended[..., 3, 5], maps[..., 7, 1])
    changed = (mended != maps).nonzero()
    assert {tuple(place[2:].tolist()) for place in changed} == {(3, 5)}
    looked = seams.resample(maps.clone())
    torch.testing.assert_close(looked[..., 8], maps[..., 7])  # mirrored; again, what lies there stays
    assert torch.equal(looked[..., :8], maps[..., :8]) and torch.equal(looked[..., 9:], maps[..., 9:])
