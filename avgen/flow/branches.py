"""The two sides of the joint flow and the highways between them (paper section 3.2, figure 2)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avgen.flow.dit import DepthwiseConv, DiTBlock, DiTConfig, TimeEmbedding

_A = TypeVar("_A")
_V = TypeVar("_V")


def both(audio: Callable[[], _A], visual: Callable[[], _V], helper: Executor | None) -> tuple[_A, _V]:
    """Do the work of both modalities, the visual one in the helper: the same bits on one core and on two.

    Without a helper one after the other, as training needs it and a GPU does best.
    """
    if helper is None:
        return audio(), visual()
    later = helper.submit(torch.inference_mode()(visual))
    return audio(), later.result()


class Branch(nn.Module):
    """One modality: input projection, flow time, blocks, output projection."""

    def __init__(self, config: DiTConfig, channels: int, num_conditions: int) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.embed = nn.Linear(channels + num_conditions, width)
        kernel = config.conv_kernel
        self.conv: nn.Module = DepthwiseConv(width, kernel) if kernel else nn.Identity()
        self.time = TimeEmbedding(width)
        self.blocks = nn.ModuleList(DiTBlock(config) for _ in range(config.num_blocks))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, channels)
        nn.init.normal_(self.head.weight, std=0.02)

    def enter(self, x_t: Tensor, conditions: Tensor) -> Tensor:
        """In-context conditioning: noise beside the conditions, to the width of the blocks."""
        out: Tensor = self.conv(self.embed(torch.cat([x_t, conditions], dim=-1)))
        return out

    def leave(self, x: Tensor) -> Tensor:
        """[B, N, width] -> velocity [B, N, channels]."""
        out: Tensor = self.head(self.norm(x))
        return out


class Highway(nn.Module):
    """Linear fusion of both modalities after a block (paper equations 1 and 2)."""

    def __init__(self, audio_width: int, visual_width: int) -> None:
        super().__init__()
        self.to_audio = nn.Linear(audio_width + visual_width, audio_width)
        self.to_visual = nn.Linear(audio_width + visual_width, visual_width)
        for layer in (self.to_audio, self.to_visual):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def from_visual(self, x_v: Tensor) -> tuple[Tensor, Tensor]:
        """What x_v [B, N, d_v] and the biases add to both; the narrower modality is done first."""
        width = x_v.shape[-1]
        to_audio, to_visual = (
            F.linear(x_v, layer.weight[:, -width:], layer.bias) for layer in (self.to_audio, self.to_visual)
        )
        return to_audio, to_visual

    @staticmethod
    def from_audio(layer: nn.Linear, x_a: Tensor) -> Tensor:
        """What x_a [B, N, d_a] adds to the modality of a layer."""
        return F.linear(x_a, layer.weight[:, : x_a.shape[-1]])
