"""Named tracks on one clock: a clip's speech and motion, and how they go on between frames."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from avgen.types import CODE_RATE, FloatArray

Kind = Literal["linear", "pose", "rotation", "angles"]
"""How values go on between frames: straight; a unit quaternion (w, x, y, z) along its arc, then metres; unit
quaternions; or angles in radians, the short way round."""
KINDS: Final[tuple[str, ...]] = get_args(Kind)
QUATERNION: Final = 4


@dataclass(frozen=True, slots=True)
class Track:
    """One stream of a clip.

    Attributes:
        values: [N, K].
        kind: how they are interpolated in time.
    """

    values: FloatArray
    kind: Kind = "linear"

    def at(self, position: NDArray[np.float64]) -> FloatArray:
        """Values [T, K] at positions [T] in frames; beyond the ends they stay."""
        position = np.clip(position, 0.0, len(self.values) - 1)
        first = np.floor(position).astype(np.int64)
        before, after = self.values[first], self.values[np.minimum(first + 1, len(self.values) - 1)]
        weight = (position - first)[:, None].astype(np.float32)
        if self.kind == "linear":
            return lerp(before, after, weight)
        if self.kind == "angles":
            turned: FloatArray = before + weight * wrap(after - before)
            return turned
        width = QUATERNION if self.kind == "pose" else before.shape[1]
        parts = [
            slerp(before[:, k : k + QUATERNION], after[:, k : k + QUATERNION], weight)
            for k in range(0, width, QUATERNION)
        ]
        return np.concatenate([*parts, lerp(before[:, width:], after[:, width:], weight)], axis=-1)


@dataclass(frozen=True, slots=True)
class Codes:
    """Speech and motion of a clip, generated jointly.

    `mel` is the natural log of a mel spectrogram [N, 80], `face` the codes [N, C] of the actor's codec and
    `head` the pose [N, 7]: a unit quaternion (w, x, y, z) and metres. A flow may make others besides.

    Attributes:
        tracks: by name, all of N frames.
        rate: frames per second; frame n is centred at (n + 1/2) / rate seconds.
    """

    tracks: Mapping[str, Track]
    rate: float = CODE_RATE

    def __getitem__(self, name: str) -> FloatArray:
        """Values [N, K] of a track."""
        return self.tracks[name].values

    def __len__(self) -> int:
        """Number N of frames."""
        return len(next(iter(self.tracks.values())).values)

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self) / self.rate

    def num_pictures(self, fps: int) -> int:
        """Number of pictures at a rate that last as long as the codes, within half of one."""
        return max(1, round(len(self) * fps / self.rate))

    def at(self, times: NDArray[np.float64], names: Collection[str]) -> dict[str, FloatArray]:
        """Values [T, K] of the named tracks at times [T] in seconds."""
        position = times * self.rate - 0.5
        return {name: self.tracks[name].at(position) for name in names}


def lerp(p: FloatArray, q: FloatArray, weight: FloatArray) -> FloatArray:
    """Go straight from p [T, K] to q [T, K], by weight [T, 1] in [0, 1]."""
    between: FloatArray = (1 - weight) * p + weight * q
    return between


def wrap(angles: FloatArray) -> FloatArray:
    """Bring angles in radians into [-pi, pi)."""
    wrapped: FloatArray = (np.mod(angles + np.pi, 2 * np.pi) - np.pi).astype(np.float32)
    return wrapped


def slerp(p: FloatArray, q: FloatArray, weight: FloatArray) -> FloatArray:
    """Turn from unit quaternions p [T, 4] to q [T, 4] along the shorter arc, by weight [T, 1] in [0, 1]."""
    dot = np.sum(p * q, axis=-1, keepdims=True)
    q = np.where(dot < 0, -q, q)
    angle = np.arccos(np.clip(np.abs(dot), 0.0, 1.0))
    sine = np.sin(angle)
    near = sine < 1e-4  # the arc is as good as straight
    safe = np.where(near, 1.0, sine)
    a = np.where(near, 1 - weight, np.sin((1 - weight) * angle) / safe)
    b = np.where(near, weight, np.sin(weight * angle) / safe)
    turned = a * p + b * q
    unit: FloatArray = (turned / np.linalg.norm(turned, axis=-1, keepdims=True)).astype(np.float32)
    return unit
