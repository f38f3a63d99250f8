"""The CPU renderer: frames drawn side by side by threads, each kernel compiled and free of the GIL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.scene import Scene
from avgen.avatars.mesh.shading import draw, layered, vertex_gains
from avgen.avatars.raster.background import dithered, make_background
from avgen.avatars.raster.bleeding import colour_unseen
from avgen.avatars.raster.pixel_filter import OVERLAP, filter_pixels
from avgen.background import Background
from avgen.types import FloatArray


class NumbaRenderer:
    """Draws a textured mesh on the CPU.

    Memory: one picture and a strip of samples per thread, whatever the size of the picture.

    Args:
        avatar: what to draw.
        camera: from where.
        size: width and height of the pictures in pixels.
        background: what lies behind it.
    """

    def __init__(
        self, avatar: TexturedMesh, camera: Camera, size: tuple[int, int], background: Background
    ) -> None:
        self.scene = Scene(avatar, camera, *size)
        self.texels = layered(avatar.texture)
        self.background = dithered(make_background(background, *size))
        self.channels = 4 if background.transparent else 3
        self.threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)), thread_name_prefix="draw")

    def render(self, tracks: Mapping[str, FloatArray]) -> NDArray[np.uint8]:
        """Pictures [T, H, W, 3 or 4] of the avatar's tracks."""
        return self.render_posed(self.scene.avatar.pose_tracks(tracks))

    def render_posed(self, posed: Posed) -> NDArray[np.uint8]:
        """Pictures [T, H, W, 3] of posed frames; [T, H, W, 4] on a transparent background."""
        num_frames = len(posed.vertices)
        out = np.empty((num_frames, self.scene.height, self.scene.width, self.channels), np.uint8)

        list(self.threads.map(lambda frame: self.draw(posed, frame, out[frame]), range(num_frames)))
        return out

    def draw(self, posed: Posed, frame: int, out: NDArray[np.uint8]) -> None:
        """Draw one of the posed frames into out [H, W, 3 or 4]."""
        scene = self.scene
        surface = scene.surface(posed, frame)
        gains = vertex_gains(surface.terms, scene.avatar.texture)
        hull, highlights = scene.hull(posed, frame), scene.highlights(posed, frame)
        out[:] = self.background if self.channels == 3 else 0
        draw(surface, hull, highlights, gains, self.texels, out)
        filter_pixels(out, OVERLAP, self.channels == 4)
        if self.channels == 4:
            colour_unseen(out)
