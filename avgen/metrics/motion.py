"""How a face and a head move: the curves that other measures take, and how lively they are."""

from __future__ import annotations

from typing import Final

import numpy as np

from avgen.avatars.mesh.codec import BLINKS, FaceCodec
from avgen.types import CODE_RATE, FloatArray

BLINK_CLOSED: Final = 0.5
"""Share of a full lid closure that counts as a blink."""


def facial_motion(codec: FaceCodec, face: FloatArray) -> FloatArray:
    """Channels [N, K] of mouth, jaw, cheeks and brows of face codes [N, C]: all but gaze and lids."""
    kept = [index for index, unit in enumerate(codec.units) if not unit.startswith("eye")]
    return codec.channels(face)[:, kept]


def blink_count(codec: FaceCodec, face: FloatArray, closed: float = BLINK_CLOSED) -> int:
    """Blinks in face codes [N, C]: times that both lids together pass `closed` on their way down."""
    lids = codec.channels(face)[:, [codec.unit(name) for name in BLINKS]].mean(1)
    down = lids > closed
    return int((down[1:] & ~down[:-1]).sum())


def blinks_per_minute(codec: FaceCodec, face: FloatArray) -> float:
    """Blinks a minute in face codes [N, C]."""
    return blink_count(codec, face) * 60 * CODE_RATE / len(face)


def gaze(codec: FaceCodec, face: FloatArray) -> FloatArray:
    """Horizontal and vertical gaze [N, 2] of the left eye in units, to the actor's left and up."""
    channels = codec.channels(face)
    out, inwards, up, down = (
        channels[:, codec.unit(f"eyeLook{way}Left")] for way in ("Out", "In", "Up", "Down")
    )
    return np.stack([out - inwards, up - down], axis=1)


def loudness(mel: FloatArray) -> FloatArray:
    """Loudness [N]: mean over bands of a natural-log mel spectrogram [N, 80]."""
    level: FloatArray = mel.mean(1)
    return level
