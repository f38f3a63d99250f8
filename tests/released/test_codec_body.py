"""A published checkpoint of the renderer: names, shapes, weight normalisation, assets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from avgen.avatars.ca_body.layout import build
from avgen.avatars.ca_body.network import Counts
from avgen.avatars.ca_body.sizes import Sizes
from avgen.errors import ActorError
from avgen.released.codec_body import ANY, body_items, check_published, folded, published_shapes
from tests.codec_bodies import SIZES, body_tensors, published

LIST = Path(__file__).parents[1] / "data/released/ca_body.txt"
SYMBOLS = {
    "V": 17,
    "F": 30,
    "N_uv": 21,
    "K_uv": 4,
    "J": 5,
    "S": 2,
    "N_cam": 6,
    "N_seam": 9,
    "7J": 35,
    "104+S": 106,
}
COUNTS = Counts(17, 30, 21, 4, 5, 2, 9, 9, shadow=True)
CHECKPOINT = Path("body_dec.ckpt")
HEAD = {"head_cond_mask": np.zeros((8, 8), np.float32)}


def listed() -> dict[str, torch.Tensor]:
    """Every tensor of the published layout, without values."""
    rows = [
        line.rstrip("\n").split("\t") for line in LIST.read_text().splitlines() if not line.startswith("#")
    ]
    sides = {row[0]: [SYMBOLS.get(side) or int(side) for side in row[1][1:-1].split(",")] for row in rows}
    return {name: torch.empty(shape, device="meta") for name, shape in sides.items()}


def test_every_published_name_and_shape_is_known_and_no_other() -> None:
    state = listed()
    assert len(state) == 466
    check_published(state, Sizes(), COUNTS, CHECKPOINT)
    assert published_shapes(Sizes(), COUNTS).keys() == state.keys()


@pytest.mark.parametrize("name", ["decoder.conv_blocks.3.conv1.weight_v", "geo_fn.vi", "encoder.logvar.bias"])
def test_another_shape_is_refused_by_name(name: str) -> None:
    state = listed()
    state[name] = torch.empty([*state[name].shape[:-1], 2], device="meta")
    with pytest.raises(ActorError, match=f"{name}: expected the shape .* got "):
        check_published(state, Sizes(), COUNTS, CHECKPOINT)


def test_cameras_may_be_as_many_as_they_like() -> None:
    assert published_shapes(Sizes(), COUNTS)["learn_blur.weights_raw"] == (ANY, 3)


def test_an_unknown_name_is_refused_but_for_skinning() -> None:
    state = listed()
    state["lbs_fn.lbs_fn.of_another_version"] = torch.empty(1)
    check_published(state, Sizes(), COUNTS, CHECKPOINT)
    state["decoder.surprise"] = torch.empty(1)
    with pytest.raises(ActorError, match=r"decoder\.surprise: unknown"):
        check_published(state, Sizes(), COUNTS, CHECKPOINT)


def test_weights_have_the_norm_of_the_whole_tensor() -> None:
    gain, direction = torch.rand(4, 1, 1, 1), torch.randn(4, 3, 2, 2)
    found = folded({"a.weight_g": gain, "a.weight_v": direction}, "a.weight_v", CHECKPOINT)
    expected = gain * direction / (direction**2).sum().sqrt()
    torch.testing.assert_close(found, expected)
    for state in ({"a.weight_v": direction}, {"a.weight_g": gain, "a.weight_v": 0 * direction}):
        with pytest.raises(ActorError, match=r"a\.weight_"):
            folded(state, "a.weight_v", CHECKPOINT)


def test_old_names_mean_the_same() -> None:
    state = published(body_tensors())
    old = {
        name.replace("weight_g", "g").replace("weight_v", "weight"): value for name, value in state.items()
    }
    new_items, old_items = (body_items(s, HEAD, SIZES, CHECKPOINT) for s in (state, old))
    assert new_items.keys() == old_items.keys()
    assert all(torch.equal(new_items[name].make(), old_items[name].make()) for name in new_items)


def test_the_head_is_left_to_the_face() -> None:
    head = (np.arange(64).reshape(8, 8) < 20).astype(np.float32)
    state = published(body_tensors())
    items = body_items(state, {"head_cond_mask": head}, SIZES, CHECKPOINT)
    rest = torch.from_numpy(1 - head)
    assert torch.equal(items["decoder.body_cond_mask"].make()[0, 0], rest)
    assert torch.equal(items["decoder.pose_cond_mask"].make(), state["decoder.pose_cond_mask"] * rest)


def test_assets_give_what_the_checkpoint_lacks() -> None:
    state = published(body_tensors())
    whole = {name: item.make() for name, item in body_items(state, HEAD, SIZES, CHECKPOINT).items()}
    assets = {
        **HEAD,
        "topology": {name: state.pop(f"geo_fn.{name}").numpy() for name in ("vi", "vt", "vti", "v2uv")},
        "seam_data_2048": {
            name: state.pop(f"seam_sampler_2k.{name}") for name in ("dst_ij", "src_ij", "uvs", "weights")
        },
        "lbs_template_verts": state["lbs_fn.lbs_template_verts"].numpy(),
        "tex_mean": state.pop("tex_mean")[0],
    }
    found = body_items(state, assets, SIZES, CHECKPOINT)
    for name, item in found.items():
        torch.testing.assert_close(item.make().reshape(item.shape), whole[name].reshape(item.shape))
    del state["decoder.tex_conv.bias"]
    with pytest.raises(ActorError, match=r"decoder\.tex_conv\.bias is missing, and static_assets"):
        body_items(state, assets, SIZES, CHECKPOINT)


@pytest.mark.parametrize("std", [None, 7.5, torch.full((3, 256, 256), 9.0)], ids=["none", "one", "texels"])
def test_deviation_of_the_texture(std: object) -> None:
    assets = {**HEAD, **({} if std is None else {"tex_var": std})}
    items = body_items(published(body_tensors()), assets, SIZES, CHECKPOINT)
    tensors = {name: item.make().to(item.dtype).reshape(item.shape) for name, item in items.items()}
    network = build(SIZES, tensors, "test")
    expected = {None: 64.0}.get(std if std is None else 0, std)  # type: ignore[call-overload]
    assert torch.equal(network.tex_std.squeeze(), torch.as_tensor(expected))


@pytest.mark.parametrize(("unit", "metres"), [(1, 1.0), (100, 0.01), (1000, 0.001)])
def test_the_unit_is_told_by_the_size_of_the_body(unit: float, metres: float) -> None:
    state = published(body_tensors())
    state["lbs_fn.lbs_template_verts"] = unit * state["lbs_fn.lbs_template_verts"]
    world = body_items(state, HEAD, SIZES, CHECKPOINT)["world"].make()
    torch.testing.assert_close(world, metres * torch.eye(3, 4))
