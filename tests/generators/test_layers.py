"""Blocks of the transformers against plain ones."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avgen.generators.layers import Attention, DecoderLayer, EncoderLayer, FiLM, Rotary

WIDTH, HEADS = 16, 4


def filled(module: nn.Module, seed: int = 0) -> nn.Module:
    """The module with random values."""
    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if name.endswith("freqs"):
                value.copy_(10_000 ** (-torch.arange(len(value)) / len(value)))
            else:
                value.copy_(torch.randn(value.shape, generator=noise) / 3)
    return module.eval()


def turned(x: Tensor) -> Tensor:
    """Rotary positions, by complex numbers."""
    count, width = x.shape[1:]
    angles = torch.arange(count)[:, None] * 10_000 ** (-torch.arange(0, width, 2) / width)
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2).contiguous())
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


def attended(one: Attention, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """The same by torch's own module."""
    plain = nn.MultiheadAttention(query.shape[-1], one.heads, batch_first=True)
    plain.load_state_dict(one.state_dict())
    found: Tensor = plain(query, key, value, attn_mask=mask, need_weights=False)[0]
    return found


def modulated(film: FiLM, x: Tensor, condition: Tensor) -> Tensor:
    scale, shift = F.linear(F.mish(condition), film.block[1].weight, film.block[1].bias).chunk(2, -1)
    return (scale + 1)[:, None] * x + shift[:, None]


def decoded(
    layer: DecoderLayer,
    x: Tensor,
    condition: Tensor,
    sound: Tensor,
    poses: Tensor | None,
    mask: Tensor | None,
) -> Tensor:
    """A layer of the decoder, written out."""
    y = F.layer_norm(x, x.shape[-1:], layer.norm1.weight, layer.norm1.bias)
    x = x + modulated(layer.film1, attended(layer.self_attn, turned(y), turned(y), y, mask), condition)
    y = turned(F.layer_norm(x, x.shape[-1:], layer.norm2.weight, layer.norm2.bias))
    x = x + modulated(layer.film2, attended(layer.multihead_attn, y, turned(sound), sound), condition)
    if poses is not None:
        y = turned(F.layer_norm(x, x.shape[-1:], layer.norm2a.weight, layer.norm2a.bias))
        x = x + modulated(layer.film2a, attended(layer.multihead_attn2, y, turned(poses), poses), condition)
    y = F.layer_norm(x, x.shape[-1:], layer.norm3.weight, layer.norm3.bias)
    return x + modulated(layer.film3, layer.linear2(F.gelu(layer.linear1(y))), condition)


def test_a_layer_of_the_decoder_is_the_plain_one() -> None:
    x, sound, poses = torch.randn(2, 7, WIDTH), torch.randn(1, 9, WIDTH), torch.randn(1, 3, WIDTH)
    condition = torch.randn(2, WIDTH)
    for known, causal in ((poses, False), (None, True)):
        layer = filled(DecoderLayer(WIDTH, 24, HEADS, keyframes=known is not None))
        assert isinstance(layer, DecoderLayer)
        mask = torch.triu(torch.full((7, 7), -torch.inf), 1) if causal else None
        both = None if known is None else known.expand(2, -1, -1)
        wanted = decoded(layer, x, condition, sound.expand(2, -1, -1), both, mask)
        found = layer(x, condition, layer.remember(sound, known), causal)
        assert torch.allclose(found, wanted, atol=1e-5)


def test_a_layer_of_the_encoder_is_the_plain_one() -> None:
    layer, x = filled(EncoderLayer(WIDTH, 24, HEADS)), torch.randn(2, 7, WIDTH)
    assert isinstance(layer, EncoderLayer)
    y = layer.norm1(x)
    half = x + attended(layer.self_attn, turned(y), turned(y), y)
    wanted = half + layer.linear2(F.gelu(layer.linear1(layer.norm2(half))))
    assert torch.allclose(layer(x), wanted, atol=1e-5)


def test_rotary_positions_leave_lengths_and_what_lies_between() -> None:
    rotary, x = filled(Rotary(WIDTH)), torch.randn(1, 1, WIDTH).expand(1, 6, WIDTH)
    y = rotary(x)
    assert torch.allclose(y.norm(dim=-1), x.norm(dim=-1), atol=1e-5)
    assert math.isclose(float(y[0, 1] @ y[0, 2]), float(y[0, 4] @ y[0, 5]), rel_tol=1e-4)
    assert torch.allclose(rotary(x[:, 4:], 4), y[:, 4:], atol=1e-6)
