"""The face in moving pictures: what a face tracker sees of whoever the actor talks with."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.portrait.models import LANDMARKS, quiet, read_model, vision
from avgen.partner import ARKIT_UNITS, FACE_CHANNELS
from avgen.types import FloatArray

LARGEST_SIDE: Final = 640
"""Pixels that pictures need at most: the networks look at 256."""
_PLACES: Final = {name: place for place, name in enumerate(ARKIT_UNITS)}


class FaceTracker:
    """MediaPipe's face landmarker on a stream of pictures, one face; use as a context manager.

    A face that was found is followed from picture to picture, which takes about 9 ms each on one core; where
    it is lost, it is looked for again.

    Raises:
        InputError: MediaPipe is not installed.
        ActorError: its model is damaged.
    """

    def __init__(self) -> None:
        tasks = vision()
        self._stack = ExitStack()
        with quiet():
            from mediapipe.tasks.python import BaseOptions

            options = tasks.FaceLandmarkerOptions(
                base_options=BaseOptions(model_asset_buffer=read_model(LANDMARKS)),
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
                num_faces=1,
                running_mode=tasks.RunningMode.VIDEO,
            )
            self._landmarker = self._stack.enter_context(tasks.FaceLandmarker.create_from_options(options))

    def __enter__(self) -> FaceTracker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __call__(self, picture: NDArray[np.uint8], seconds: float) -> FloatArray:
        """Return the face [55] of a picture, as in `avgen.partner.Partner`; zeros where there is none.

        Args:
            picture: [H, W, 3] sRGB.
            seconds: at which it is shown, greater than those of the picture before.
        """
        from mediapipe import Image, ImageFormat

        image = Image(ImageFormat.SRGB, np.ascontiguousarray(picture))
        found = self._landmarker.detect_for_video(image, round(1000 * seconds))
        if not found.face_blendshapes:
            return np.zeros(FACE_CHANNELS, np.float32)
        return face_of(found.face_blendshapes[0], np.asarray(found.facial_transformation_matrixes[0]))


def face_of(scores: Any, matrix: NDArray[np.float64]) -> FloatArray:
    """Return [55] of MediaPipe's categories and its matrix [4, 4] from the face to the camera.

    There the camera looks along -z and y is up, so that the angles are those of `avgen.pose.head_angles`.
    """
    face = np.zeros(FACE_CHANNELS, np.float32)
    for one in scores:
        if one.category_name in _PLACES:
            face[_PLACES[one.category_name]] = one.score
    turn = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    pitch = np.arcsin(np.clip(turn[1, 2], -1, 1))
    face[-3:] = pitch, np.arctan2(turn[0, 2], turn[2, 2]), np.arctan2(turn[1, 0], turn[1, 1])
    return face
