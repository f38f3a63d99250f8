"""From the linear colours that are decoded to those that a screen shows."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

GAIN: Final = (1.05, 0.95, 1.45)
"""Of red, green and blue."""
BLACK: Final = 5 / 255
GAMMA: Final = 1.5
_KNEE: Final = 0.0031308


def to_display(rgb: Tensor) -> Tensor:
    """Colours [..., 3], linear, about 0..255 -> those of a screen in 0..1."""
    x = rgb / 255 * rgb.new_tensor(GAIN) - BLACK
    bent = 1.055 * x.clamp(min=_KNEE) ** (1 / GAMMA) - 0.055
    return torch.where(x <= _KNEE, 12.92 * x, bent).clamp(0, 1)


def display_table(steps: int, most: float) -> NDArray[np.float32]:
    """Display values [3, steps + 1] in 0..255 of linear ones from 0 to most, for each colour."""
    levels = torch.linspace(0, most, steps + 1)
    table: NDArray[np.float32] = to_display(levels[:, None].expand(-1, 3)).mul(255).T.numpy()
    return np.ascontiguousarray(table)
