"""The two networks that look at photographs, which come with avgen and run in MediaPipe."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from avgen.casting.portrait import INSTALL
from avgen.config import presets_folder
from avgen.errors import ActorError, InputError

LANDMARKS: Final = "face_landmarker.task"
MATTE: Final = "selfie_segmentation.tflite"
SYSTEM: Final = "Its OpenCV needs two libraries of the system: apt install libgl1 libglib2.0-0"
MODELS: Final = {
    LANDMARKS: "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
    MATTE: "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
}
"""SHA-256 of the files under presets/people, both by Google under the Apache License, Version 2.0."""


def read_model(name: str) -> bytes:
    """Content of one of MODELS.

    Raises:
        ActorError: it is missing, or is not what avgen shipped.
    """
    path = presets_folder() / "people" / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ActorError(f"{path}: cannot be read: {error.strerror}. Install avgen again.") from None
    if hashlib.sha256(data).hexdigest() != MODELS[name]:
        raise ActorError(f"{path}: the model is damaged or was changed. Install avgen again.")
    return data


def vision() -> Any:
    """MediaPipe's tasks for pictures.

    Raises:
        InputError: MediaPipe is not installed, or a library of the system that it needs is not.
    """
    try:
        with quiet():
            from mediapipe.tasks.python import vision as tasks
    except ModuleNotFoundError:
        raise InputError(f"photographs need an extra. Install it with: {INSTALL}") from None
    except ImportError as error:
        raise InputError(f"photographs: MediaPipe cannot be loaded: {error}. {SYSTEM}") from None
    return tasks


@contextmanager
def quiet() -> Iterator[None]:
    """Send nowhere what MediaPipe's C++ code writes straight to the error stream, whatever its settings."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
