"""The codec of poses: causal convolutions about a residual vector quantiser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

POSE: Final = 104
DEPTH: Final = 4
"""Codes of a pose."""
DILATIONS: Final = (1, 2, 3, 1)


class PoseCodec(nn.Module):
    """Poses to codes and back.

    Args:
        width: numbers of a codebook's entry.
        codes: entries of a codebook.
    """

    def __init__(self, width: int, codes: int) -> None:
        super().__init__()
        convolutions = [nn.Conv1d(width, width, 2, dilation=step) for step in DILATIONS]
        self.encoder = nn.ModuleDict({"enc": _along_time([nn.Conv1d(POSE, width, 1), *convolutions])})
        convolutions = [nn.Conv1d(width, width, 2, dilation=step) for step in DILATIONS]
        decoder = _along_time([*convolutions, nn.Conv1d(width, POSE, 1)])
        self.decoder = nn.ModuleDict({"dec": decoder, "project_mean_shape": nn.Linear(POSE, width)})
        levels = nn.ModuleList(nn.ModuleDict({"_codebook": Codebook(width, codes)}) for _ in range(DEPTH))
        self.quantizer = nn.ModuleDict({"layers": levels})

    @property
    def tables(self) -> list[Tensor]:
        """Entries [codes, width] of every level of the quantiser."""
        levels = cast("Iterable[Mapping[str, Codebook]]", self.quantizer["layers"])
        return [level["_codebook"].embed for level in levels]

    def encode(self, poses: Tensor) -> Tensor:
        """Codes [B, T, DEPTH] of poses [B, T, POSE], which are normalised."""
        rest = self.encoder["enc"](_past(poses)).transpose(1, 2)
        found = []
        for table in self.tables:
            nearest = torch.cdist(rest, table.expand(len(rest), -1, -1)).argmin(-1)
            rest = rest - table[nearest]
            found.append(nearest)
        return torch.stack(found, -1)

    def decode(self, codes: Tensor) -> Tensor:
        """Poses [B, T, POSE], normalised, of codes [B, T, DEPTH]."""
        entries = [table[code] for table, code in zip(self.tables, codes.unbind(-1), strict=True)]
        mean = self.decoder["project_mean_shape"](entries[0].new_zeros(POSE))
        latent = torch.stack(entries).sum(0) + mean
        made: Tensor = self.decoder["dec"](_past(latent)).transpose(1, 2)
        return made


class Codebook(nn.Module):
    """Entries [codes, width] of one level of the quantiser."""

    embed: Tensor

    def __init__(self, width: int, codes: int) -> None:
        super().__init__()
        self.register_buffer("embed", torch.empty(codes, width))


def _along_time(convolutions: list[nn.Conv1d]) -> nn.Sequential:
    """Convolutions with activations between them."""
    return nn.Sequential(*[part for conv in convolutions for part in (conv, nn.LeakyReLU(0.2))][:-1])


def _past(x: Tensor) -> Tensor:
    """[B, T, K] as [B, K, T] with as many zeros before as the convolutions look back."""
    return F.pad(x.transpose(1, 2), (sum(DILATIONS), 0))
