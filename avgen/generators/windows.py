"""Windows that overlap: clips of any length from models that know some seconds at a time.

In every step the predictions of all windows are faded into one another, so that they agree on one motion; it
has no seams to be hidden afterwards (Bar-Tal et al. 2023, MultiDiffusion, along time).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor


class Window(NamedTuple):
    """Seconds `start:stop` of a clip."""

    start: int
    stop: int

    def of(self, rate: int) -> slice:
        """What it sees of something that has a rate per second."""
        return slice(self.start * rate, self.stop * rate)


def cover(seconds: int, length: int) -> list[Window]:
    """Windows over a clip: one, or several of the full length that share a quarter of it, at least.

    Args:
        seconds: of the clip.
        length: of a window in seconds, at least 2.
    """
    if seconds <= length:
        return [Window(0, seconds)]
    step = length - max(1, length // 4)
    return [Window(start, start + length) for start in (*range(0, seconds - length, step), seconds - length)]


def shares(windows: list[Window], rate: int) -> list[Tensor]:
    """Share [T] of every window in each of its frames: they fade into one another, and add up to one."""
    first, last = windows[0].start, windows[-1].stop
    total, fades = torch.zeros(last * rate), []
    for window in windows:
        place = torch.arange(window.start * rate, window.stop * rate) + 0.5
        rising = place - window.start * rate if window.start > first else torch.full_like(place, torch.inf)
        falling = window.stop * rate - place if window.stop < last else torch.full_like(place, torch.inf)
        fades.append(torch.minimum(rising, falling).clamp(max=_fade(windows) * rate))
        total[window.of(rate)] += fades[-1]
    return [fade / total[window.of(rate)] for fade, window in zip(fades, windows, strict=True)]


def blend(windows: list[Window], rate: int, x: Tensor, predict: Callable[[int, Tensor], Tensor]) -> Tensor:
    """One prediction [B, T, K] of those of all windows.

    Args:
        windows: as `cover` made them.
        rate: frames per second.
        x: x_t [B, T, K].
        predict: x_0 of the window of a number, and of its x_t.
    """
    made = torch.zeros_like(x)
    for number, (window, share) in enumerate(zip(windows, shares(windows, rate), strict=True)):
        seen = window.of(rate)
        made[:, seen] += share.to(x.device)[:, None] * predict(number, x[:, seen])
    return made


def _fade(windows: list[Window]) -> int:
    """Seconds in which a window fades: what neighbours share, at least."""
    return min((one.stop - other.start for one, other in pairwise(windows)), default=1)
