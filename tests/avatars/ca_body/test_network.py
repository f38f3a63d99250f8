"""The codec avatar's networks against plain ones that read a published checkpoint by themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from avgen.avatars.ca_body.layout import build
from avgen.avatars.ca_body.network import CodecBody
from avgen.released.codec_body import body_items
from tests.avatars.ca_body.reference import Plain
from tests.codec_bodies import SIZES, body_tensors, published

STD = 20.0


@pytest.fixture(scope="module", params=[True, False], ids=["pose_to_shadow", "shadow_net"])
def both(request: pytest.FixtureRequest) -> tuple[CodecBody, Plain]:
    """A network that was imported, and the plain one of the same checkpoint."""
    state = published(body_tensors(shadow=request.param))
    state["decoder.body_cond_mask"] = torch.ones_like(state["decoder.body_cond_mask"])
    assets = {"head_cond_mask": np.zeros((8, 8), np.float32), "tex_var": STD}
    items = body_items(state, assets, SIZES, Path("body_dec.ckpt"))
    tensors = {name: item.make().to(item.dtype).reshape(item.shape) for name, item in items.items()}
    return build(SIZES, tensors, "test").prepare(), Plain(state)


def drawn(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def assert_close(found: torch.Tensor, expected: np.ndarray) -> None:
    scale = np.abs(expected).max()
    assert scale > 1e-3
    np.testing.assert_allclose(found.numpy()[0] / scale, expected / scale, atol=2e-5)


@torch.inference_mode()
def test_face(both: tuple[CodecBody, Plain]) -> None:
    network, plain = both
    code = drawn(1, SIZES.face)
    geometry, texture = network.decoder_face(torch.from_numpy(code)[None])
    expected = plain.face(code)
    assert_close(geometry, expected[0])
    assert_close(texture, expected[1])
    assert_close(network.encoder_face(geometry, texture), expected[2])


@torch.inference_mode()
def test_body(both: tuple[CodecBody, Plain]) -> None:
    network, plain = both
    pose, told = drawn(2, SIZES.pose), drawn(3, SIZES.face)
    inputs = (torch.from_numpy(values)[None] for values in (pose, told))
    found = network.decoder(next(inputs), network.body, next(inputs), network.seam_sampler)
    for values, expected in zip(found, plain.body(pose, told), strict=True):
        assert_close(values, expected)


@torch.inference_mode()
def test_view(both: tuple[CodecBody, Plain]) -> None:
    network, plain = both
    facing, mean = drawn(4, 1, SIZES.uv, SIZES.uv), drawn(5, 3, SIZES.uv, SIZES.uv)
    found = network.decoder_view(torch.from_numpy(facing)[None], torch.from_numpy(mean)[None])
    assert_close(found, plain.view(facing, mean))


@torch.inference_mode()
def test_texture(both: tuple[CodecBody, Plain]) -> None:
    network, plain = both
    pose, mean, view = drawn(6, SIZES.pose), *drawn(7, 2, 3, SIZES.uv, SIZES.uv)
    inputs = [torch.from_numpy(values)[None] for values in (pose, mean, view)]
    assert_close(network._texture(*inputs), plain.texture(pose, mean, view, STD))


@torch.inference_mode()
def test_frames_do_not_see_each_other(both: tuple[CodecBody, Plain]) -> None:
    network, _ = both
    face, pose = torch.from_numpy(drawn(8, 3, SIZES.face)), torch.from_numpy(drawn(9, 3, SIZES.pose))
    position = torch.tensor([0.0, 1.0, 3.0])
    together = network(face, pose, position)
    for k in range(3):
        alone = network(face[k : k + 1], pose[k : k + 1], position)
        for one, of_all in zip(alone, together, strict=True):
            torch.testing.assert_close(one[0], of_all[k], rtol=1e-4, atol=1e-3)


@torch.inference_mode()
def test_bfloat16_gives_nearly_the_same_and_only_numbers(both: tuple[CodecBody, Plain]) -> None:
    network, _ = both
    inputs = torch.from_numpy(drawn(8, 2, SIZES.face)), torch.from_numpy(0.2 * drawn(9, 2, SIZES.pose))
    position = torch.tensor([0.0, 1.0, 3.0])
    exact = network(*inputs, position)
    with torch.autocast("cpu", torch.bfloat16):
        rough = network(*inputs, position)
    for one, other in zip(exact, rough, strict=True):
        assert torch.isfinite(other).all()
        assert float((one - other).abs().mean()) < 0.02 * float(one.abs().mean())
