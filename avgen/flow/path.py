"""The optimal-transport probability path of flow matching (paper section 3.3, equations 5 and 6).

Time runs from noise (t = 0) to data (t = 1).
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class OTPath:
    """Straight line from a noise sample x_0 to a data sample x_1."""

    sigma_min: float = 1e-6
    """Standard deviation that is left at t = 1 (supplement B)."""

    def sample(self, x_0: Tensor, x_1: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Point on the path and its velocity.

        Args:
            x_0: [B, N, K] noise.
            x_1: [B, N, K] data.
            t: [B] times in [0, 1].

        Returns:
            x_t = (1 - (1 - sigma_min) t) x_0 + t x_1 and velocity x_1 - (1 - sigma_min) x_0.
        """
        keep = 1.0 - self.sigma_min
        t = t.view(-1, *[1] * (x_1.dim() - 1))
        return (1.0 - keep * t) * x_0 + t * x_1, x_1 - keep * x_0


def towards_noise(t: Tensor, shift: float) -> Tensor:
    """Times in [0, 1] moved towards noise (Esser et al. 2024), for data of many channels that say the same.

    Such data show through much noise, so all that matters is decided early.

    Args:
        t: times.
        shift: of the odds of noise at every time; 1 moves nothing.
    """
    return t / (t + shift * (1.0 - t))
