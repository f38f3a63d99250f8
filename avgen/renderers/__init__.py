"""Posed avatars -> pictures, on the CPU (`numba`) or on CUDA (`pytorch3d`)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from avgen.errors import InputError
from avgen.types import FloatArray

if TYPE_CHECKING:
    from avgen.avatars.avatar import Avatar

KINDS: Final = {
    "numba": "avgen.renderers.numba_renderer:NumbaRenderer",
    "pytorch3d": "avgen.renderers.torch_renderer:TorchRenderer",
}


class Renderer(Protocol):
    """Draws chunks of frames."""

    def render(self, face: FloatArray, head: FloatArray) -> NDArray[np.uint8]:
        """Pictures [T, H, W, 3] of face codes [T, C] and head poses [T, 7]."""


def create_renderer(
    kind: str, avatar: Avatar, camera: str, width: int, height: int, background: str
) -> Renderer:
    """Make a renderer.

    Args:
        kind: a key of KINDS.
        avatar: what to draw.
        camera: name of a camera.
        width: of the pictures, pixels.
        height: of the pictures, pixels.
        background: `gradient` or `#rrggbb`.

    Raises:
        InputError: an unknown kind, camera or background.
    """
    from avgen.avatars.cameras import camera_named

    if kind not in KINDS:
        raise InputError(f"unknown renderer {kind!r}: choose one of {', '.join(KINDS)}")
    module, name = KINDS[kind].split(":")
    renderer = getattr(importlib.import_module(module), name)
    return cast(Renderer, renderer(avatar, camera_named(camera), width, height, background))
