"""How a face and a head move: the curves that other measures take, and how lively they are."""

from __future__ import annotations

from typing import Final

import numpy as np

from avgen.avatars.codec import BLINKS, FaceCodec
from avgen.types import CODE_RATE, FloatArray

BLINK_CLOSED: Final = 0.5
"""Share of a full lid closure that counts as a blink."""


def head_angles(head: FloatArray) -> FloatArray:
    """Pitch (up), yaw (to the actor's left) and roll [N, 3] in degrees of head poses [N, 7]."""
    w, x, y, z = (head[:, :4] / np.linalg.norm(head[:, :4], axis=1, keepdims=True)).T
    pitch = -np.arcsin(np.clip(2 * (w * x - y * z), -1, 1))
    yaw = np.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    roll = np.arctan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    angles: FloatArray = np.degrees(np.stack([pitch, yaw, roll], 1)).astype(np.float32)
    return angles


def head_position(head: FloatArray) -> FloatArray:
    """Head poses [N, 7] as pitch, yaw, roll in degrees and translation in millimetres [N, 6].

    Both move the face by about as much: 1 degree is 1.7 mm at a tenth of a metre from the neck's pivot.
    """
    return np.concatenate([head_angles(head), 1e3 * head[:, 4:]], axis=1)


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
