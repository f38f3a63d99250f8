"""What the transformers are made of: rotary positions, attention, and layers that a condition modulates.

Rotary positions turn the whole width before it is projected, as in EDGE (Tseng et al. 2023, MIT licence),
whose layout the published networks share.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

KeysValues = tuple[Tensor, Tensor]
"""What is attended to, each [B, heads, M, width / heads]."""


class Rotary(nn.Module):
    """Turns pairs of channels by angles that grow with the position (Su et al. 2021).

    Attributes:
        freqs: [width / 2] radians a position.
    """

    freqs: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("freqs", torch.empty(width // 2))

    def forward(self, x: Tensor, first: int = 0) -> Tensor:
        """[B, L, width] -> the same, at positions from `first` on."""
        places = torch.arange(first, first + x.shape[1], device=x.device, dtype=self.freqs.dtype)
        angles = places[:, None] * self.freqs
        cos, sin = angles.cos(), angles.sin()
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack([even * cos - odd * sin, odd * cos + even * sin], -1).flatten(-2)


class Attention(nn.Module):
    """Multi-head attention with one matrix for queries, keys and values, as in `nn.MultiheadAttention`."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)

    def remember(self, keyed: Tensor, valued: Tensor) -> KeysValues:
        """Keys and values [B, heads, M, width / heads] of what is attended to, both [B, M, width]."""
        return self._project(keyed, 1), self._project(valued, 2)

    def forward(self, x: Tensor, memory: KeysValues, causal: bool = False) -> Tensor:
        """[B, L, width] of queries [B, L, width] and what `remember` made, of one batch or of B."""
        keys, values = (part.expand(len(x), -1, -1, -1) for part in memory)
        attended = F.scaled_dot_product_attention(self._project(x, 0), keys, values, is_causal=causal)
        made: Tensor = self.out_proj(attended.transpose(1, 2).flatten(2))
        return made

    def _project(self, x: Tensor, part: int) -> Tensor:
        width = x.shape[-1]
        rows = slice(part * width, (part + 1) * width)
        y = F.linear(x, self.in_proj_weight[rows], self.in_proj_bias[rows])
        return y.view(*x.shape[:-1], self.heads, -1).transpose(1, 2)


class FiLM(nn.Module):
    """Scales and shifts channels as a condition says (Perez et al. 2018)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Mish(), nn.Linear(width, 2 * width))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """[B, L, width] of x [B, L, width] and a condition [B, width]."""
        scale, shift = self.block(condition)[:, None].chunk(2, -1)
        modulated: Tensor = (1 + scale) * x + shift
        return modulated


class EncoderLayer(nn.Module):
    """Self-attention and a feed-forward network, each normalised first."""

    def __init__(self, width: int, hidden: int, heads: int) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.linear1, self.linear2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.rotary = Rotary(width)

    def forward(self, x: Tensor) -> Tensor:
        """[B, L, width] -> the same."""
        y = self.norm1(x)
        turned = self.rotary(y)
        x = x + self.self_attn(turned, self.self_attn.remember(turned, y))
        made: Tensor = x + self.linear2(F.gelu(self.linear1(self.norm2(x))))
        return made


class Memory(NamedTuple):
    """What one layer attends to besides itself."""

    sound: KeysValues
    keyframes: KeysValues | None = None
    """Poses that are known, where there are any."""


class DecoderLayer(nn.Module):
    """Attention to itself, to sound and to keyframes, and a feed-forward network, all modulated.

    Args:
        width: of its channels.
        hidden: of the feed-forward network.
        heads: of attention.
        keyframes: whether it attends to them.
    """

    def __init__(self, width: int, hidden: int, heads: int, keyframes: bool = False) -> None:
        super().__init__()
        self.self_attn, self.multihead_attn = Attention(width, heads), Attention(width, heads)
        self.linear1, self.linear2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.film1, self.film2, self.film3 = (FiLM(width) for _ in range(3))
        self.rotary = Rotary(width)
        self.has_keyframes = keyframes
        if keyframes:
            self.multihead_attn2 = Attention(width, heads)
            self.norm2a, self.film2a = nn.LayerNorm(width), FiLM(width)

    def remember(self, sound: Tensor, keyframes: Tensor | None = None) -> Memory:
        """What it attends to, of sound [B, M, width] and keyframes [B, K, width]."""
        heard = self.multihead_attn.remember(self.rotary(sound), sound)
        if keyframes is None:
            return Memory(heard)
        return Memory(heard, self.multihead_attn2.remember(self.rotary(keyframes), keyframes))

    def forward(self, x: Tensor, condition: Tensor, memory: Memory, causal: bool = False) -> Tensor:
        """[B, L, width] of x [B, L, width], a condition [B, width], and what `remember` made."""
        y = self.norm1(x)
        turned = self.rotary(y)
        attended = self.self_attn(turned, self.self_attn.remember(turned, y), causal)
        x = x + self.film1(attended, condition)
        x = x + self.film2(self.multihead_attn(self.rotary(self.norm2(x)), memory.sound), condition)
        if self.has_keyframes:
            assert memory.keyframes is not None
            seen = self.multihead_attn2(self.rotary(self.norm2a(x)), memory.keyframes)
            x = x + self.film2a(seen, condition)
        fed = self.linear2(F.gelu(self.linear1(self.norm3(x))))
        made: Tensor = x + self.film3(fed, condition)
        return made
