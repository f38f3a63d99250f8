"""Which pixels of a photograph show a person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avgen.casting.portrait.models import MATTE, quiet, read_model, vision


def person_matte(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Coverage [H, W] in [0, 1] of the person in a picture [H, W, 3] (MediaPipe's selfie segmentation)."""
    tasks = vision()
    with quiet():
        from mediapipe import Image, ImageFormat
        from mediapipe.tasks.python import BaseOptions

        base = BaseOptions(model_asset_buffer=read_model(MATTE))
        options = tasks.ImageSegmenterOptions(base_options=base, output_confidence_masks=True)
        with tasks.ImageSegmenter.create_from_options(options) as segmenter:
            found = segmenter.segment(Image(ImageFormat.SRGB, np.ascontiguousarray(image)))
            matte: NDArray[np.float32] = found.confidence_masks[-1].numpy_view().squeeze().copy()
    return matte
