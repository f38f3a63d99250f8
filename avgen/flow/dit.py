"""Diffusion transformer blocks with windowed rotary attention (paper section 3.2).

Attention is computed over blocks of queries, each with the keys of its window only, so cost and memory
grow linearly with the number of frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn


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


def rotary_table(num_frames: int, head_dim: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosine and sine, each [num_frames, head_dim / 2], of rotary positions (Su et al. 2021)."""
    half = head_dim // 2
    frequency = 1000.0 ** (-torch.arange(half, device=device) / half)
    angle = torch.arange(num_frames, device=device)[:, None] * frequency
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate the two halves of the last axis of x [..., N, head_dim]."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def window_mask(num_queries: int, num_keys: int, window: Window, device: torch.device) -> Tensor:
    """[num_queries, num_keys] True where a query may look; key j is frame j - window.past of the queries."""
    offset = torch.arange(num_keys, device=device)[None] - torch.arange(num_queries, device=device)[:, None]
    return (offset >= 0) & (offset <= window.past + window.future)


def windowed_attention(q: Tensor, k: Tensor, v: Tensor, window: Window) -> Tensor:
    """Softmax attention in which frame i sees frames i - past .. i + future that exist.

    Args:
        q: [B, heads, N, head_dim] queries; k and v alike.
        k: keys.
        v: values.
        window: how far a query looks.

    Returns:
        [B, heads, N, head_dim].
    """
    batch, heads, num_frames, head_dim = q.shape
    block = min(num_frames, max(64, window.past + window.future))
    num_blocks = math.ceil(num_frames / block)
    span = block + window.past + window.future
    tail = num_blocks * block - num_frames
    q = F.pad(q, (0, 0, 0, tail)).view(batch, heads, num_blocks, block, head_dim)
    pad = (0, 0, window.past, window.future + tail)
    k, v = (F.pad(x, pad).unfold(2, span, block).transpose(-1, -2) for x in (k, v))
    frame = torch.arange(num_blocks, device=q.device)[:, None] * block - window.past
    frame = frame + torch.arange(span, device=q.device)[None]
    exists = (frame >= 0) & (frame < num_frames)
    mask = window_mask(block, span, window, q.device)[None] & exists[:, None]
    mask = mask | ~mask.any(-1, keepdim=True)  # padded queries look anywhere; their rows are cut off below
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out.reshape(batch, heads, num_blocks * block, head_dim)[:, :, :num_frames]


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

    def forward(self, x: Tensor, time: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """[B, N, width], times [B, 6, width] -> [B, N, width]."""
        shift1, scale1, gate1, shift2, scale2, gate2 = (self.modulation + time).unsqueeze(2).unbind(1)
        x = x + (1 + gate1) * 0.5 * self.attend(self.conv(self.norm1(x) * (1 + scale1) + shift1), rotary)
        hidden = F.gelu(self.up(self.norm2(x) * (1 + scale2) + shift2), approximate="tanh")
        out: Tensor = x + (1 + gate2) * 0.5 * self.down(hidden)
        return out

    def attend(self, x: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """Multi-head windowed attention over [B, N, width]."""
        heads = self.config.num_heads
        q, k, v = self.qkv(x).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
        q, k = (rotate(y, *rotary).to(v.dtype) for y in (q, k))
        mixed = windowed_attention(q, k, v, self.config.window)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out
