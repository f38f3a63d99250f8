"""The partner's face in a file: read by a face tracker from video, or as features that were tracked before.

Features of SMIRK (Retsinas et al. 2024), for actors whose flow was trained on them, lie beside the partner's
file, `talk.smirk.safetensors` beside `talk.mp4`: float32 tensors `expression` [T, 50], `jaw` [T, 3] and
`head` [T, 3] (rotation vectors in radians), and `fps` [1], rows a second; zeros where no face was found.
"""

from __future__ import annotations

import logging
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from avgen.errors import InputError
from avgen.media.pictures import read_pictures
from avgen.types import CODE_RATE, FloatArray

_FORM: Final = "Expected float32 tensors expression [T, 50], jaw [T, 3], head [T, 3], and fps [1]."
TRACKED_FPS: Final = 30
"""Pictures a second that are looked at."""
LONG_GAP_SECONDS: Final = 1.0
"""Without a face, of which there is a warning."""
SMIRK_SHAPES: Final = {"expression": 50, "jaw": 3, "head": 3}
"""Channels of its features, in their order."""
SMIRK_CHANNELS: Final = sum(SMIRK_SHAPES.values())
_log = logging.getLogger(__name__)


def track_faces(video: Path) -> FloatArray:
    """Faces [N, 55] of a video at CODE_RATE, as in `avgen.partner.Partner`; zeros where there is none.

    Raises:
        InputError: the video cannot be read, or shows no face at all, or MediaPipe is not installed.
    """
    from avgen.casting.portrait.tracker import LARGEST_SIDE, FaceTracker

    with FaceTracker() as tracker:
        faces = [
            tracker(picture, number / TRACKED_FPS)
            for number, picture in enumerate(read_pictures(video, TRACKED_FPS, LARGEST_SIDE))
        ]
    found = np.stack(faces) if faces else np.zeros((0, 1), np.float32)
    if not found.any():
        raise InputError(f"{video}: no face is seen in it. Give its sound alone, or a video that shows one.")
    _tell_gaps(video, np.any(found != 0, axis=1))
    return on_clock(found, TRACKED_FPS)


def read_features(path: Path) -> FloatArray:
    """Features [N, 56] of SMIRK at CODE_RATE: expression, jaw, head; zeros where there is no face.

    Raises:
        InputError: the file is not of the form above.
    """
    try:
        tensors = load_file(path)
        fps = float(tensors["fps"].item())
        parts = [np.asarray(tensors[name], np.float32) for name in SMIRK_SHAPES]
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise InputError(f"{path}: not features of a face: {error}. {_FORM}") from None
    frames = len(parts[0])
    shapes = [(frames, channels) for channels in SMIRK_SHAPES.values()]
    finite = all(np.isfinite(part).all() for part in parts)
    if not frames or [part.shape for part in parts] != shapes or not finite or not 1 <= fps <= 1000:
        raise InputError(f"{path}: not features of a face. {_FORM}")
    return on_clock(np.concatenate(parts, axis=1), fps)


def on_clock(faces: FloatArray, fps: float) -> FloatArray:
    """Faces [T, K] at some rate as [N, K] at CODE_RATE; what lies between a face and none is none.

    Args:
        faces: row t is of the moment t / fps; zeros where there is no face.
        fps: rows a second.
    """
    frames = round(len(faces) / fps * CODE_RATE)
    times = (np.arange(frames) + 0.5) / CODE_RATE * fps
    first = np.minimum(times.astype(np.int64), len(faces) - 1)
    second = np.minimum(first + 1, len(faces) - 1)
    weight = (times - first).clip(0, 1).astype(np.float32)[:, None]
    seen: NDArray[np.bool_] = np.any(faces != 0, axis=1)
    between = (1 - weight) * faces[first] + weight * faces[second]
    found: FloatArray = np.where((seen[first] & seen[second])[:, None], between, 0).astype(np.float32)
    return found


def _tell_gaps(video: Path, seen: NDArray[np.bool_]) -> None:
    """Warn of the longest stretch without a face, if it is long."""
    gaps: list[tuple[float, float]] = []
    frame = 0
    for value, run in groupby(seen.tolist()):
        length = len(list(run))
        if not value and length >= LONG_GAP_SECONDS * TRACKED_FPS:
            gaps.append((length / TRACKED_FPS, frame / TRACKED_FPS))
        frame += length
    if gaps:
        lasts, start = max(gaps)
        others = f", nor in {len(gaps) - 1} other stretches" if len(gaps) > 1 else ""
        _log.warning(
            "%s: no face is seen from %.1f to %.1f s%s; there the actor goes by the sound alone",
            *(video, start, start + lasts, others),
        )
