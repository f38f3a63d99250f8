"""Gaze that holds: eyes stay on what they look at while the head turns (the vestibulo-ocular reflex)."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from avgen.pose import head_angles
from avgen.types import FloatArray

WANDER_DEGREES: Final = 1.0
"""By which eyes that are aimed wander about their target at most."""


class GazeStabiliser(nn.Module):
    """Turns the eyes in the head against the head.

    The joint flow generates gaze as it is in the world: at rest between saccades. The eyes' turn in the head
    mirrors every nod and sway, and two curves that are generated side by side never mirror each other well
    enough: such eyes swim. It starts out doing nothing, as face codes without eyes need.
    """

    per_degree: Tensor
    """[2, C] change of the face code per degree of the head's pitch and yaw; 0 for all but the eyes."""
    least: Tensor
    """[C] least value of the eyes' codes: a unit never turns an eye backwards, its opposite does."""

    def __init__(self, face_channels: int) -> None:
        super().__init__()
        self.register_buffer("per_degree", torch.zeros(2, face_channels))
        self.register_buffer("least", torch.zeros(face_channels))

    @torch.inference_mode()
    def hold(self, face: FloatArray, head: FloatArray) -> FloatArray:
        """Face codes [N, C] of gaze in the world and head poses [N, 7] -> face codes of eyes in the head."""
        codes = torch.from_numpy(face) + self._turn(head)
        of_eyes = (self.per_degree != 0).any(0).cpu()
        out: FloatArray = torch.where(of_eyes, codes.maximum(self.least.cpu()), codes).numpy()
        return out

    @torch.inference_mode()
    def aim(self, face: FloatArray, target: FloatArray) -> FloatArray:
        """Let eyes follow a target, and wander about it as they did of themselves.

        Args:
            face: codes [N, C] of gaze in the world.
            target: degrees [N, 2] upwards and to the own left.

        Returns:
            Codes [N, C] of gaze in the world.
        """
        turn = self.per_degree.double().cpu()
        own = (self.least.cpu() - torch.from_numpy(face)).double() @ torch.linalg.pinv(turn)
        size = own.norm(dim=1, keepdim=True)
        wanted = torch.from_numpy(target).double() + own * (WANDER_DEGREES / size.clamp(min=WANDER_DEGREES))
        out: FloatArray = (torch.from_numpy(face) + ((own - wanted) @ turn).float()).numpy()
        return out

    @torch.inference_mode()
    def release(self, face: FloatArray, head: FloatArray) -> FloatArray:
        """The inverse of `hold`, of codes whose eye units carry signed turns."""
        out: FloatArray = (torch.from_numpy(face) - self._turn(head)).numpy()
        return out

    def _turn(self, head: FloatArray) -> Tensor:
        """[N, C] change of the face code with head poses [N, 7]."""
        return torch.from_numpy(head_angles(head)[:, :2]) @ self.per_degree.cpu()
