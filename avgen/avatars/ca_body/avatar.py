"""The codec avatar at run time: read from its file, and drawn frame by frame."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file

from avgen.avatars.base import Avatar, Renderer
from avgen.avatars.ca_body.head import head_pose
from avgen.avatars.ca_body.layout import build, check_indices
from avgen.avatars.ca_body.network import CodecBody
from avgen.avatars.ca_body.painting import Painter
from avgen.avatars.ca_body.sizes import Sizes
from avgen.avatars.camera import Camera
from avgen.avatars.views import View
from avgen.background import Background
from avgen.errors import ActorError
from avgen.types import FloatArray

MOST_THREADS: Final = 4
"""Frames decoded side by side on a CPU, each of which takes about a gigabyte."""


@dataclass(frozen=True, eq=False)
class CodecAvatar(Avatar):
    """A whole body whose geometry and texture are decoded from face codes and poses.

    Attributes:
        network: that decodes.
    """

    network: CodecBody
    tracks: ClassVar[tuple[str, ...]] = ("face", "pose")

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> CodecAvatar:
        """Read an avatar file, as `avgen actors import` writes it.

        Args:
            config: fields of `Sizes` that are not the published ones.
            file: safetensors.

        Raises:
            ActorError: naming the tensor that is missing, unknown, of another shape, or not finite.
        """
        try:
            tensors = load_file(file)
        except (OSError, SafetensorError) as error:
            raise ActorError(f"{file}: cannot be read as safetensors: {error}") from error
        network = build(Sizes(**config), tensors, str(file))
        check_indices(network, str(file))
        return cls(network.prepare())

    def make_renderer(
        self, device: str, view: View, size: tuple[int, int], background: Background
    ) -> Renderer:
        """Make a renderer; arguments as in `renderer`."""
        if device not in self._networks:
            moved = {name: value.to(device) for name, value in self.network.state_dict().items()}
            self._networks[device] = build(self.network.sizes, moved, device).prepare()
        return CodecRenderer(self._networks[device], view.camera(*size), size, background)

    def head_pose(self, pose: FloatArray) -> FloatArray:
        """Head poses [N, 7] of poses [N, 104]: a unit quaternion (w, x, y, z) and world metres."""
        return head_pose(self.network, pose)

    @cached_property
    def _networks(self) -> dict[str, CodecBody]:
        return {"cpu": self.network}


class CodecRenderer:
    """Decodes and paints frames; only the texture of the frames being drawn is in memory.

    Args:
        network: where it lies, frames are decoded and painted.
        camera: from where.
        size: width and height of the pictures in pixels.
        background: what lies behind.
    """

    def __init__(
        self, network: CodecBody, camera: Camera, size: tuple[int, int], background: Background
    ) -> None:
        self.network = network
        self.painter = Painter(network.geo_fn, camera, size, background)
        self.position = network.to_own(torch.tensor(camera.position, device=network.world.device))
        cores = len(os.sched_getaffinity(0)) if network.world.device.type == "cpu" else 1
        self.threads = ThreadPoolExecutor(min(cores, MOST_THREADS), thread_name_prefix="decode")

    def render(self, tracks: Mapping[str, FloatArray]) -> NDArray[np.uint8]:
        """Pictures [T, H, W, 3 or 4] of the tracks `face` [T, 256] and `pose` [T, 104]."""
        frames = zip(tracks["face"], tracks["pose"], strict=True)
        return np.stack(list(self.threads.map(lambda frame: self.draw(*frame), frames)))

    @torch.inference_mode()
    def draw(self, face: FloatArray, pose: FloatArray) -> NDArray[np.uint8]:
        """Picture [H, W, 3 or 4] of a face code [256] and a pose [104]."""
        device = self.network.world.device
        code, parameters = (
            torch.from_numpy(np.asarray(values, np.float32)).to(device)[None] for values in (face, pose)
        )
        vertices, texture = self.network(code, parameters, self.position)
        placed = self.network.to_world(vertices[0]).cpu().numpy()
        return self.painter.paint(placed, texture[0])
