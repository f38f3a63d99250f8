"""The pose of a body that goes with the pose of its head."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from avgen.types import FloatArray

_STILL: Final = 1e-6
"""Share of the largest variance below which a direction of the head's motion tells nothing."""


class Carriage(nn.Module):
    """Linear regression of a body's parameters on its head's place and turn.

    Where a head's motion is linear in the body's, as it nearly is about the usual pose, the body that is
    found carries its head exactly as asked: with pose p and head h = J p, the regression is
    cov(p, h) cov(h)^-1, and J times that is the identity.
    """

    turn: Tensor
    """[4] the usual turn of the head, a quaternion (w, x, y, z), from which turns are counted."""
    weight: Tensor
    """[6, K] of the head's turn (a rotation vector, radians) and place (metres)."""
    bias: Tensor
    """[K]."""

    def __init__(self, parameters: int) -> None:
        super().__init__()
        self.register_buffer("turn", torch.tensor([1.0, 0.0, 0.0, 0.0]))
        self.register_buffer("weight", torch.zeros(6, parameters))
        self.register_buffer("bias", torch.zeros(parameters))

    def forward(self, head: Tensor) -> Tensor:
        """Head poses [N, 7] -> body poses [N, K]."""
        return self._moved(head) @ self.weight + self.bias

    @torch.inference_mode()
    def fit(self, head: FloatArray, body: FloatArray) -> None:
        """Learn from head poses [N, 7] and the body poses [N, K] that they belong to."""
        heads, bodies = torch.from_numpy(head), torch.from_numpy(body).double()
        self.turn.copy_(_usual(heads[:, :4]))
        moved = self._moved(heads).double()
        middle, usual = moved.mean(0), bodies.mean(0)
        moved, bodies = moved - middle, bodies - usual
        weight = torch.linalg.pinv(moved.T @ moved, rtol=_STILL, hermitian=True) @ (moved.T @ bodies)
        self.weight.copy_(weight)
        self.bias.copy_(usual - middle @ weight)

    def _moved(self, head: Tensor) -> Tensor:
        """[N, 6] turn from the usual one, and place, of head poses [N, 7]."""
        w, x, y, z = self.turn
        back = torch.stack(
            [torch.stack(row) for row in ((w, x, y, z), (-x, w, z, -y), (-y, -z, w, x), (-z, y, -x, w))]
        )
        turned = head[:, :4] @ back.T  # conj(turn) q
        turned = torch.where(turned[:, :1] < 0, -turned, turned)
        sine = turned[:, 1:].norm(dim=1, keepdim=True)
        angle = 2 * torch.atan2(sine, turned[:, :1])
        return torch.cat([turned[:, 1:] * angle / sine.clamp(min=1e-9), head[:, 4:]], dim=1)


def _usual(quaternions: Tensor) -> Tensor:
    """The mean turn [4] of unit quaternions [N, 4], whatever their signs (Markley et al. 2007)."""
    outer = quaternions.double().T @ quaternions.double()
    mean: Tensor = torch.linalg.eigh(outer).eigenvectors[:, -1]
    return mean * torch.where(mean[0] < 0, -1.0, 1.0)
