"""Diffusion transformer blocks with windowed rotary attention (paper section 3.2).

Attention is computed over blocks of queries, each with the keys of its window only, so cost and memory
grow linearly with the number of frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

QUERIES: Final = 32
"""Frames whose attention is computed together."""


@dataclass(frozen=True, slots=True)
class Window:
    """Frames a query attends to besides its own."""

    past: int = 7
    future: int = 2

    def __post_init__(self) -> None:
        if self.past < 0 or self.future < 0:
            raise ValueError(f"window must not be negative, got past={self.past}, future={self.future}")


@dataclass(frozen=True, slots=True)
class DiTConfig:
    """Shape of one transformer; the defaults are the paper's (supplement B)."""

    num_blocks: int = 8
    width: int = 512
    hidden: int = 1024
    num_heads: int = 4
    window: Window = field(default_factory=Window)
    conv_kernel: int = 0
    """Odd kernel of the depthwise convolution before attention; 0 leaves it out, as the paper does."""

    def __post_init__(self) -> None:
        if self.width % (2 * self.num_heads):
            raise ValueError(f"width {self.width} must be a multiple of 2 * num_heads = {2 * self.num_heads}")
        if self.conv_kernel and self.conv_kernel % 2 == 0:
            raise ValueError(f"conv_kernel must be odd or 0, got {self.conv_kernel}")

    @property
    def halo(self) -> tuple[int, int]:
        """Frames (before, after) that one output frame of all blocks together depends on."""
        conv = self.conv_kernel // 2
        return (
            self.num_blocks * (self.window.past + conv) + conv,
            self.num_blocks * (self.window.future + conv) + conv,
        )


class Positions(NamedTuple):
    """What attention over N frames needs besides queries, keys and values; one for all of a network."""

    cos: Tensor
    """[N, head_dim / 2] cosine of rotary positions (Su et al. 2021)."""
    sin: Tensor
    """[N, head_dim / 2] sine."""
    bias: Tensor
    """[ceil(N / QUERIES), 1, QUERIES, QUERIES + past + future] of `window_bias`."""

    @classmethod
    def of(cls, num_frames: int, config: DiTConfig, device: torch.device) -> Positions:
        """Of num_frames frames in a transformer of this shape."""
        half = config.width // config.num_heads // 2
        frequency = 1000.0 ** (-torch.arange(half, device=device) / half)
        angle = torch.arange(num_frames, device=device)[:, None] * frequency
        return cls(angle.cos(), angle.sin(), window_bias(num_frames, config.window, device))


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate the two halves of the last axis of x [..., N, head_dim]."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def window_bias(num_frames: int, window: Window, device: torch.device) -> Tensor:
    """What is added to the scores of blocks of queries, each with the keys of its window.

    Returns:
        [ceil(num_frames / QUERIES), 1, QUERIES, QUERIES + past + future]: 0 where a query may look, else
        -inf.
    """
    query = torch.arange(QUERIES, device=device)[:, None]
    key = torch.arange(QUERIES + window.past + window.future, device=device) - window.past
    near = (key >= query - window.past) & (key <= query + window.future)
    frame = key + torch.arange(0, num_frames, QUERIES, device=device)[:, None, None]
    seen = near & (frame >= 0) & (frame < num_frames)
    seen |= ~seen.any(-1, keepdim=True)  # queries after the last frame look anywhere; they are cut off later
    return torch.zeros(seen.shape, device=device).masked_fill(~seen, -math.inf)[:, None]


def windowed_attention(q: Tensor, k: Tensor, v: Tensor, window: Window, bias: Tensor) -> Tensor:
    """Softmax attention in which frame i sees frames i - past .. i + future that exist.

    Args:
        q: [B, heads, N, head_dim] queries.
        k: keys, shaped like the queries.
        v: values, shaped like the queries.
        window: how far a query looks.
        bias: `window_bias` of N frames.

    Returns:
        [B, N, heads * head_dim].
    """
    batch, heads, num_frames, head_dim = q.shape
    num_blocks, _, block, span = bias.shape
    tail = num_blocks * block - num_frames
    q = F.pad(q, (0, 0, 0, tail)).reshape(batch * heads, num_blocks, block, head_dim).transpose(0, 1)
    pad = (0, 0, window.past, window.future + tail)
    k, v = (F.pad(x, pad).flatten(0, 1).unfold(1, span, block).permute(1, 0, 3, 2) for x in (k, v))
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
    out = out.view(num_blocks, batch, heads, block, head_dim).permute(1, 0, 3, 2, 4)
    return out.reshape(batch, num_blocks * block, heads * head_dim)[:, :num_frames]


class TimeEmbedding(nn.Module):
    """Flow time -> six modulation vectors shared by all blocks of a transformer."""

    frequency: Tensor

    def __init__(self, width: int, num_frequencies: int = 32) -> None:
        super().__init__()
        frequency = torch.exp(torch.arange(num_frequencies) / num_frequencies * math.log(1000.0))
        self.register_buffer("frequency", frequency, persistent=False)
        self.enter = nn.Linear(2 * num_frequencies, width)
        self.leave = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, t: Tensor) -> Tensor:
        """[B] times in [0, 1] -> [B, 6, width]."""
        phase = t[:, None] * self.frequency
        x: Tensor = self.leave(F.silu(self.enter(torch.cat([phase.sin(), phase.cos()], dim=-1))))
        return x.view(len(t), 6, -1)


class DepthwiseConv(nn.Module):
    """Residual depthwise convolution over frames of [B, N, width]."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)

    def forward(self, x: Tensor) -> Tensor:
        """[B, N, width] -> [B, N, width]."""
        y: Tensor = self.conv(x.transpose(1, 2))
        return x + y.transpose(1, 2)


class DiTBlock(nn.Module):
    """Pre-norm attention and MLP, both scaled, shifted and gated by flow time (Peebles & Xie 2023)."""

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        width = config.width
        self.config = config
        self.modulation = nn.Parameter(torch.zeros(6, width))
        self.norm1 = nn.LayerNorm(width, elementwise_affine=False)
        self.norm2 = nn.LayerNorm(width, elementwise_affine=False)
        kernel = config.conv_kernel
        self.conv: nn.Module = DepthwiseConv(width, kernel) if kernel else nn.Identity()
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.up = nn.Linear(width, config.hidden)
        self.down = nn.Linear(config.hidden, width)
        nn.init.normal_(self.out.weight, std=0.02)
        nn.init.normal_(self.down.weight, std=0.02)

    def forward(self, x: Tensor, time: Tensor, positions: Positions) -> Tensor:
        """[B, N, width], times [B, 6, width] -> [B, N, width]."""
        modulation = (self.modulation + time).unsqueeze(2)
        shift1, scale1, gate1, shift2, scale2, gate2 = modulation.unbind(1)
        y = torch.addcmul(shift1, self.norm1(x), 1 + scale1)
        x = torch.addcmul(x, 0.5 * (1 + gate1), self.attend(self.conv(y), positions))
        y = torch.addcmul(shift2, self.norm2(x), 1 + scale2)
        hidden = F.gelu(self.up(y))
        return torch.addcmul(x, 0.5 * (1 + gate2), self.down(hidden))

    def attend(self, x: Tensor, positions: Positions) -> Tensor:
        """Multi-head windowed attention over [B, N, width]."""
        heads = self.config.num_heads
        joined = self.qkv(x).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
        q, k = rotate(joined[:2], positions.cos, positions.sin).to(x.dtype)
        out: Tensor = self.out(windowed_attention(q, k, joined[2], self.config.window, positions.bias))
        return out
