"""What the networks of this folder are trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from avgen.flow.config import MEL, spans
from avgen.flow.path import OTPath

if TYPE_CHECKING:
    from avgen.flow.head_vae import HeadVAE
    from avgen.flow.text_to_tokens import LogitFlow

PAPER_WEIGHTS: Final = MappingProxyType({"mel": 3.0, "face": 1.0, "head_latent": 0.2})
"""Of the tracks' losses (paper section 4, implementation details)."""
SMOOTHNESS: Final = 4.0
"""Weight of the error of a head's velocity beside that of its pose."""


def flow_losses(
    velocity: Callable[[Tensor, Tensor, Tensor], Tensor],
    tracks: Mapping[str, int],
    x_1: Tensor,
    conditions: Tensor,
    x_0: Tensor,
    t: Tensor,
) -> dict[str, Tensor]:
    """Flow-matching loss of every track, before weighting.

    The mel term is the paper's L1 (equation 7). Its minimiser is the median velocity, which drops what is
    rare and cannot be foretold from the tokens, blinks above all; so motion takes L2 (equation 6), whose
    minimiser, the mean, keeps its share.

    Args:
        velocity: an AVFlow, compiled or not.
        tracks: channels by name, as its configuration tells them.
        x_1: [B, N, K] data.
        conditions: [B, N, M] what `AVFlow.conditions` joined.
        x_0: noise, shaped as x_1.
        t: [B] times.
    """
    x_t, target = OTPath().sample(x_0, x_1, t)
    error = velocity(x_t, t, conditions).float() - target
    return {
        name: (error[..., columns].abs() if name == MEL else error[..., columns].square()).mean()
        for name, columns in spans(tracks).items()
    }


def weighted(losses: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """Sum of the tracks' losses; those without a weight count once."""
    return torch.stack([weights.get(name, 1.0) * loss for name, loss in losses.items()]).sum()


def head_vae_losses(vae: HeadVAE, pose: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Reconstruction (L1 of pose and of its velocity, in standard deviations) and Kullback-Leibler terms.

    Args:
        vae: that is trained.
        pose: [B, N, 7].
        noise: [B, N, 8] standard normal.
    """
    mean, log_variance = vae.encode_moments(pose)
    decoded = vae.decode_normalised(mean + noise * (0.5 * log_variance).exp())
    error = (decoded - pose) / vae.scale
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
    return error.abs().mean() + SMOOTHNESS * error.diff(dim=1).abs().mean(), divergence


def duration_loss(mean: Tensor, log_std: Tensor, frames: Tensor, mask: Tensor) -> Tensor:
    """Negative log-likelihood of ln(1 + frames) under the predicted normal distribution; all [B, L]."""
    error = (torch.log1p(frames) - mean) / log_std.exp()
    return ((0.5 * error.square() + log_std) * mask).sum() / mask.sum()


def logit_flow_loss(flow: LogitFlow, features: Tensor, posteriors: Tensor, x_0: Tensor, t: Tensor) -> Tensor:
    """Mean absolute error of the velocity towards posteriors [B, N, D] scaled to [-1, 1]."""
    x_t, velocity = OTPath().sample(x_0, 2.0 * posteriors - 1.0, t)
    error: Tensor = flow(x_t, t, features) - velocity
    return error.abs().mean()
