"""Posed avatars -> pictures, on the CPU (`numba`) or on CUDA (`pytorch3d`)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from avgen.errors import InputError
from avgen.types import FloatArray

if TYPE_CHECKING:
    from avgen.avatars.mesh.avatar import Avatar

KINDS: Final = {
    "numba": "avgen.avatars.mesh.cpu:NumbaRenderer",
    "pytorch3d": "avgen.avatars.mesh.cuda:TorchRenderer",
}


class Renderer(Protocol):
    """Draws chunks of frames."""

    def render(self, face: FloatArray, head: FloatArray) -> NDArray[np.uint8]:
        """Pictures [T, H, W, 3] of face codes [T, C] and head poses [T, 7].

        On a transparent background they are [T, H, W, 4]: straight (not premultiplied) colour and opacity.
        """


def create_renderer(
    kind: str, avatar: Avatar, camera: str, width: int, height: int, background: str
) -> Renderer:
    """Make a renderer.

    Args:
        kind: a key of KINDS.
        avatar: what to draw.
        camera: as in `camera_for`.
        width: of the pictures, pixels.
        height: of the pictures, pixels.
        background: as in `make_background`.

    Raises:
        InputError: an unknown kind, camera or background.
    """
    from avgen.avatars.views import camera_for

    if kind not in KINDS:
        raise InputError(f"unknown renderer {kind!r}: choose one of {', '.join(KINDS)}")
    module, name = KINDS[kind].split(":")
    renderer = getattr(importlib.import_module(module), name)
    return cast(Renderer, renderer(avatar, camera_for(camera, width, height), width, height, background))
