"""Pictures of a textured mesh: the CPU's against pytorch3d's, and against colours that are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avgen.avatars.ca_body import painting
from avgen.avatars.ca_body.display import to_display
from avgen.avatars.ca_body.painting import OUTSIDE, Painter
from avgen.avatars.ca_body.surface import Surface
from avgen.avatars.views import View
from avgen.background import Background
from tests.codec_bodies import GRID, sheet

SIZE = 48, 64
VIEW = View((0.0, 0.9, 0.0), 15.0, 5.0, 4.0, 30.0)
VERTICES = sheet()["lbs_fn.lbs_template_verts"].numpy()


def painter(background: str = "#000000", size: tuple[int, int] = SIZE) -> Painter:
    tensors = sheet()
    surface = Surface(GRID**2, len(tensors["geo_fn.vi"]), len(tensors["geo_fn.vt"]), 2)
    surface.load_state_dict(
        {name.removeprefix("geo_fn."): value for name, value in tensors.items() if name.startswith("geo_fn.")}
    )
    return Painter(surface, VIEW.camera(*size), size, Background(background))


def test_samples_lie_where_pytorch3d_puts_them() -> None:
    made = painter()
    width, height = 2 * SIZE[0], 2 * SIZE[1]
    points = made.camera.project(VERTICES, width, height)
    points[:, 2] = 1 / points[:, 2]
    found = made.locate(points, 0, height)
    expected = made.locate_by_pytorch3d(points, height)
    on = expected[..., 0] != OUTSIDE
    assert float(on.float().mean()) > 0.2
    assert float(((found[..., 0] == OUTSIDE) == on).float().mean()) < 0.002
    both = on & (found[..., 0] != OUTSIDE)
    assert float((found - expected)[both].abs().max()) < 1e-4


def test_a_texture_of_one_colour_gives_that_colour_on_the_screen() -> None:
    texture = torch.tensor([80.0, 120.0, 60.0])[:, None, None].expand(3, 32, 32).contiguous()
    picture = painter().paint(VERTICES, texture)
    shown = np.round(to_display(torch.tensor([80.0, 120.0, 60.0])).numpy() * 255)
    assert abs(picture[SIZE[1] // 2, SIZE[0] // 2].astype(int) - shown).max() <= 1
    assert (picture[0, 0] == 0).all()


def test_what_is_transparent_is_the_same_over_any_background() -> None:
    texture = 255 * torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))
    on_black, on_white = (painter(colour).paint(VERTICES, texture) for colour in ("#000000", "#ffffff"))
    straight = painter("transparent").paint(VERTICES, texture).astype(float)
    share = straight[..., 3:] / 255
    for behind, picture in ((0, on_black), (255, on_white)):
        assert np.abs(straight[..., :3] * share + behind * (1 - share) - picture).max() <= 2
    assert set(np.unique(straight[..., 3])) <= {0, 64, 128, 191, 255}


def test_strips_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    texture = 255 * torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(0))
    whole = painter().paint(VERTICES, texture)
    monkeypatch.setattr(painting, "STRIP", 7)
    assert np.array_equal(painter().paint(VERTICES, texture), whole)


def test_display_transform_at_values_worked_out_by_hand() -> None:
    rgb = torch.tensor([[0.0, 0.0, 0.0], [255.0, 255.0, 255.0], [100.0, 100.0, 100.0], [6.0, 6.0, 3.9]])
    expected = [
        [0, 0, 0],
        [1, 1.055 * (0.95 - 5 / 255) ** (1 / 1.5) - 0.055, 1],
        [1.055 * (100 / 255 * gain - 5 / 255) ** (1 / 1.5) - 0.055 for gain in (1.05, 0.95, 1.45)],
        [0, 12.92 * 0.7 / 255, 12.92 * 0.655 / 255],
    ]
    torch.testing.assert_close(to_display(rgb), torch.tensor(expected), atol=1e-5, rtol=0)
