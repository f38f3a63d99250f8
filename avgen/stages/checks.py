"""What every stage asks of a model's answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avgen.errors import StageError


def check_array(stage: str, name: str, array: NDArray[np.float32], shape: tuple[int | None, ...]) -> None:
    """Refuse an array of the wrong shape, without frames, or with values that are not finite.

    Args:
        stage: that made it.
        name: of the array.
        array: any floats.
        shape: expected; None stands for any length above zero.

    Raises:
        StageError: saying what was got and what was expected.
    """
    fits = len(array.shape) == len(shape) and all(
        got > 0 if want is None else got == want for got, want in zip(array.shape, shape, strict=False)
    )
    if not fits:
        wanted = ", ".join("*" if want is None else str(want) for want in shape)
        raise StageError(f"{stage} failed: {name} has shape {list(array.shape)}, expected [{wanted}].")
    if not np.isfinite(array).all():
        raise StageError(f"{stage} failed: {name} has values that are not finite.")
