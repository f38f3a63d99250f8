"""The guide: a transformer that draws one pose a second, code by code."""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avgen.generators.codebooks import DEPTH
from avgen.generators.denoisers import CHANNELS, Condition, Conditioned, Widths
from avgen.generators.layers import Memory

_DILATIONS: Final = (1, 2, 3)
"""Of the convolutions that prepare the sound, in turn."""


class Guide(Conditioned):
    """Predicts the next code of what was drawn so far, and of what is heard.

    Args:
        w: widths.
        codes: entries of a codebook; one more stands for the start.
        convolutions: that prepare the sound, the last of which sees one token.
    """

    def __init__(self, w: Widths, codes: int, convolutions: int) -> None:
        heard = CHANNELS * w.audio
        super().__init__(w, heard, codes)
        self.start = codes
        self.token_embedding = nn.Embedding(codes + 1, w.width)
        steps = [_DILATIONS[k % len(_DILATIONS)] for k in range(convolutions - 1)]
        self.reach = 2 * sum(steps)
        parts: list[nn.Module] = []
        for step in steps:
            parts += [nn.Conv1d(heard, heard, 3, dilation=step), nn.LeakyReLU(0.2), nn.Identity()]
        self.pre_audio = nn.Sequential(*parts, nn.Conv1d(heard, heard, 1))

    def listen(self, features: Tensor) -> Condition:
        """What it is told by features [M, 2 audio] of a window's sound."""
        prepared = self.pre_audio(F.pad(features.T[None], (self.reach, 0))).transpose(1, 2)
        return self.condition(self.cond_projection(prepared))

    def forward(self, codes: Tensor, told: Condition, memories: list[Memory]) -> Tensor:
        """Logits [B, L + 1, codes] of the codes after none, one ... all of codes [B, L]."""
        x = self.token_embedding(F.pad(codes, (1, 0), value=self.start))
        condition = told.hidden.expand(len(x), -1)
        for layer, memory in zip(self.seqTransDecoder, memories, strict=True):
            x = layer(x, condition, memory, causal=True)
        logits: Tensor = self.final_layer(x)
        return logits

    def draw(
        self, told: Condition, known: Tensor, poses: int, top_p: float, noise: torch.Generator
    ) -> Tensor:
        """Draw the poses of a window, one a second.

        Args:
            told: what it is told.
            known: [K, DEPTH] codes of its first poses, which were drawn before.
            poses: how many there are in all.
            top_p: share of the likeliest codes that are drawn from.
            noise: on the CPU.

        Returns:
            [poses, DEPTH] codes.
        """
        codes, memories = known.reshape(1, -1), self.memories(told)
        while codes.shape[1] < poses * DEPTH:
            logits = self(codes, told, memories)[0, -1]
            code = nucleus(logits.float().cpu(), top_p, noise).to(codes.device)
            codes = torch.cat([codes, code.view(1, 1)], 1)
        return codes.view(-1, DEPTH)


def nucleus(logits: Tensor, top_p: float, noise: torch.Generator) -> Tensor:
    """Draw from the likeliest of logits [K] that together have a share of all (Holtzman et al. 2020)."""
    shares, order = logits.softmax(-1).sort(descending=True)
    shares = shares * (shares.cumsum(-1) - shares < top_p)
    return order[torch.multinomial(shares, 1, generator=noise)]
