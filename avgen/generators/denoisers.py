"""The two diffusion models: transformers that tell what motion lies beneath noise, given sound."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avgen.generators.codebooks import POSE
from avgen.generators.layers import DecoderLayer, EncoderLayer, Memory
from avgen.generators.lips import POINTS, LipRegressor
from avgen.generators.sound import VQWav2Vec

FACE: Final = 256
"""Numbers of a face code."""
CHANNELS: Final = 2
"""Of sound: the actor's own, and the partner's."""
TIME_TOKENS: Final = 2
_CONV_DILATIONS: Final = (1, 2, 3, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Widths:
    """What the shapes of a network follow from."""

    width: int
    """Of the transformer."""
    hidden: int
    """Of its feed-forward networks."""
    layers: int
    heads: int
    audio: int
    """Of the features of one channel of sound."""
    tokens: int
    """Of sound that are known at a time."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a network is told about a window.

    Attributes:
        tokens: [1, M, width] of the sound, normalised.
        hidden: [1, width] of it all.
        keyframes: [1, K, width] of the poses that are known, where there are any.
    """

    tokens: Tensor
    hidden: Tensor
    keyframes: Tensor | None = None


class Stack(nn.Module):
    """Layers under the name that they were published with."""

    def __init__(self, w: Widths, keyframes: bool = False) -> None:
        super().__init__()
        self.stack = nn.ModuleList(
            DecoderLayer(w.width, w.hidden, w.heads, keyframes) for _ in range(w.layers)
        )

    def __iter__(self) -> Iterator[DecoderLayer]:
        """Yield the layers in order."""
        yield from cast("Iterable[DecoderLayer]", self.stack)


class Conditioned(nn.Module):
    """What all transformers share: how sound conditions them, and what stands for none.

    Args:
        w: widths.
        inputs: features of a token of sound.
        outputs: of the last layer.
        keyframes: whether it attends to poses that are known.
    """

    def __init__(self, w: Widths, inputs: int, outputs: int, keyframes: bool = False) -> None:
        super().__init__()
        self.null_cond_embed = nn.Parameter(torch.empty(1, w.tokens, w.width))
        self.null_cond_hidden = nn.Parameter(torch.empty(1, w.width))
        self.norm_cond = nn.LayerNorm(w.width)
        self.audio_model = VQWav2Vec(w.audio)
        self.cond_projection = nn.Linear(inputs, w.width)
        self.non_attn_cond_projection = nn.Sequential(
            nn.LayerNorm(w.width), nn.Linear(w.width, w.width), nn.SiLU(), nn.Linear(w.width, w.width)
        )
        self.seqTransDecoder = Stack(w, keyframes)
        self.final_layer = nn.Linear(w.width, outputs)

    def condition(self, heard: Tensor) -> Condition:
        """What it is told by tokens of sound [1, M, width], not normalised yet."""
        return Condition(self.norm_cond(heard), self.non_attn_cond_projection(heard.mean(1)))

    def memories(self, told: Condition) -> list[Memory]:
        """What its layers attend to."""
        return [layer.remember(told.tokens, told.keyframes) for layer in self.seqTransDecoder]


class Denoiser(Conditioned):
    """A diffusion model that predicts what is not noise (x_0).

    Args:
        w: widths.
        inputs: features of a token of sound.
        features: of motion.
        keyframes: whether it attends to poses that are known.
    """

    def __init__(self, w: Widths, inputs: int, features: int, keyframes: bool = False) -> None:
        super().__init__(w, inputs, features, keyframes)
        self.features = features
        self.input_projection = nn.Linear(features, w.width)
        self.time_mlp = nn.Sequential(nn.Identity(), nn.Linear(w.width, 4 * w.width), nn.Mish())
        self.to_time_cond = nn.Sequential(nn.Linear(4 * w.width, w.width))
        self.to_time_tokens = nn.Sequential(nn.Linear(4 * w.width, TIME_TOKENS * w.width))

    def unconditional(self, like: Condition) -> Condition:
        """What stands for nothing told, for as much sound."""
        tokens = self.null_cond_embed[:, : like.tokens.shape[1]]
        return Condition(self.norm_cond(tokens), self.null_cond_hidden)

    def memories(self, told: Condition) -> list[Memory]:
        """What its layers attend to, with room for the tokens of time."""
        room = torch.zeros_like(told.tokens[:, :TIME_TOKENS])
        with_room = Condition(torch.cat([told.tokens, room], 1), told.hidden, told.keyframes)
        return super().memories(with_room)

    def forward(self, x: Tensor, time: int, told: Condition, memories: list[Memory]) -> Tensor:
        """Motion x_0 [B, T, features].

        Args:
            x: x_t [B, T, features].
            time: t, from 0 to 999.
            told: what it is told.
            memories: what `memories` made of it, whose tokens of time are written here.
        """
        hidden = self.time_mlp(sinusoid(time, told.hidden.shape[-1], x.device))
        tokens = self.norm_cond(self.to_time_tokens(hidden).unflatten(-1, (TIME_TOKENS, -1)))
        condition = (told.hidden + self.to_time_cond(hidden)).expand(len(x), -1)
        y = self.input_projection(x)
        for layer, memory in zip(self.seqTransDecoder, memories, strict=True):
            turned = layer.rotary(tokens, told.tokens.shape[1])
            for kept, new in zip(memory.sound, layer.multihead_attn.remember(turned, tokens), strict=True):
                kept[:, :, -TIME_TOKENS:] = new
            y = layer(y, condition, memory)
        made: Tensor = self.final_layer(y)
        return made


class FaceDenoiser(Denoiser):
    """Of face codes; it is told what is said, and how the lips move with it.

    Args:
        w: widths.
        positions: of the lips' transformer.
    """

    def __init__(self, w: Widths, positions: int) -> None:
        super().__init__(w, CHANNELS * w.audio + 3 * POINTS, FACE)
        self.cond_encoder = nn.Sequential(*[EncoderLayer(w.width, w.hidden, w.heads) for _ in range(2)])
        self.lip_model = LipRegressor(w.audio, w.hidden, positions)

    def listen(self, features: Tensor, sound: Tensor, frames: int) -> Condition:
        """What it is told by a window.

        Args:
            features: [M, 2 audio] of its sound.
            sound: [2, S] at 16 kHz, normalised.
            frames: of the window.
        """
        lips = self.lip_model(sound[0], frames).T[None]
        lips = F.interpolate(lips, size=len(features), mode="nearest-exact")[0].T
        heard = self.cond_projection(torch.cat([features, lips], 1)[None])
        return self.condition(self.cond_encoder(heard))


class PoseDenoiser(Denoiser):
    """Of poses; it is told what is said, and one pose a second.

    Args:
        w: widths.
        keyframes: poses that are known at a time.
    """

    def __init__(self, w: Widths, keyframes: int) -> None:
        super().__init__(w, CHANNELS * w.audio, POSE, keyframes=True)
        self.null_pose_embed = nn.Parameter(torch.empty(1, keyframes, w.width))
        self.frame_cond_projection = nn.Linear(POSE, w.width)
        self.frame_norm_cond = nn.LayerNorm(w.width)
        widths = (POSE, w.width, *(POSE for _ in _CONV_DILATIONS[1:]))
        self.post_pose_layers = nn.ModuleList(
            nn.Conv1d(widths[k], widths[k + 1], 3, dilation=step) for k, step in enumerate(_CONV_DILATIONS)
        )
        self.final_conv = nn.Conv1d(POSE, POSE, 1)

    def listen(self, features: Tensor, keyframes: Tensor) -> Condition:
        """What it is told by features [M, 2 audio] of a window, and by one pose [K, POSE] a second."""
        told = self.condition(self.cond_projection(features[None]))
        poses = self.frame_norm_cond(self.frame_cond_projection(keyframes[None]))
        return Condition(told.tokens, told.hidden, poses)

    def unconditional(self, like: Condition) -> Condition:
        """What stands for nothing told, for as much sound and as many poses."""
        told = super().unconditional(like)
        assert like.keyframes is not None
        poses = self.frame_norm_cond(self.null_pose_embed[:, : like.keyframes.shape[1]])
        return Condition(told.tokens, told.hidden, poses)

    def forward(self, x: Tensor, time: int, told: Condition, memories: list[Memory]) -> Tensor:
        """Motion x_0 [B, T, POSE]; arguments as those of any denoiser."""
        y = super().forward(x, time, told, memories).transpose(1, 2)
        y = F.pad(y, (2 * sum(_CONV_DILATIONS), 0))
        for conv in self.post_pose_layers:
            made = F.leaky_relu(conv(y), 0.2)
            y = (y[..., -made.shape[-1] :] + made) / 2 if made.shape[1] == y.shape[1] else made
        smooth: Tensor = self.final_conv(y).transpose(1, 2)
        return smooth


def sinusoid(time: int, width: int, device: torch.device) -> Tensor:
    """[1, width] sines and cosines of a time, from one radian a step to one ten thousandth of that."""
    half = width // 2
    rates = torch.exp(torch.arange(half, device=device) * (-math.log(10_000) / max(half - 1, 1)))
    angles = time * rates[None]
    return torch.cat([angles.sin(), angles.cos()], -1)
