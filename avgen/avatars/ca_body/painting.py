"""Pictures of posed, textured vertices: samples of the mesh, their colours, averaged over a background."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from avgen.avatars.ca_body.display import to_display
from avgen.avatars.ca_body.surface import Surface
from avgen.avatars.camera import Camera
from avgen.avatars.raster.background import dithered, make_background
from avgen.avatars.raster.bleeding import colour_unseen
from avgen.avatars.raster.compile import kernel
from avgen.avatars.raster.triangles import EMPTY, SUPERSAMPLING, barycentrics, plane, rasterise
from avgen.background import Background
from avgen.types import FloatArray

STRIP: Final = 128
"""Rows of pixels that are painted together, on the CPU."""
OUTSIDE: Final = -1.0
"""Place on the map of a sample that nothing covers; others lie in 0..1."""


class Painter:
    """Paints frames of one mesh in one size.

    Args:
        surface: the mesh; where it lies, pictures are painted.
        camera: from where.
        size: width and height of the pictures in pixels.
        background: what lies behind.
    """

    def __init__(
        self, surface: Surface, camera: Camera, size: tuple[int, int], background: Background
    ) -> None:
        self.surface, self.camera = surface, camera
        self.width, self.height = size
        self.transparent = background.transparent
        self.device = surface.vt.device
        behind = torch.from_numpy(dithered(make_background(background, *size)))
        self.behind = behind.to(self.device).float()
        self.faces = surface.vi.cpu().numpy().astype(np.int32)
        self.corners = surface.vt[surface.vti]

    @property
    def channels(self) -> int:
        """Of a picture: 4 with opacity."""
        return 4 if self.transparent else 3

    def paint(self, vertices: FloatArray, texture: Tensor) -> NDArray[np.uint8]:
        """Paint one frame.

        Args:
            vertices: [V, 3] in world metres.
            texture: [3, h, w], linear, about 0..255.

        Returns:
            The picture [H, W, 3], or [H, W, 4] with opacity on a transparent background.
        """
        size = SUPERSAMPLING * self.width, SUPERSAMPLING * self.height
        points = self.camera.project(vertices, *size)
        points[:, 2] = 1 / points[:, 2]
        out = np.empty((self.height, self.width, self.channels), np.uint8)
        rows = STRIP if self.device.type == "cpu" else self.height
        for top in range(0, self.height, rows):
            bottom = min(top + rows, self.height)
            places = self.locate(points, SUPERSAMPLING * top, SUPERSAMPLING * bottom)
            out[top:bottom] = self._colour(places, texture, self.behind[top:bottom]).cpu().numpy()
        if self.transparent:
            colour_unseen(out)
        return out

    def locate(self, points: FloatArray, top: int, bottom: int) -> Tensor:
        """Places [h, w, 2] on the map that the samples of some rows show; OUTSIDE where there is nothing.

        Args:
            points: [V, 3] sample x, sample y, 1 / depth.
            top: first row of samples.
            bottom: row of samples after the last one.
        """
        width = SUPERSAMPLING * self.width
        if self.device.type == "cpu":
            strip = np.empty((bottom - top, width, 2), np.float32)
            _locate(points, self.faces, self.corners.numpy(), top, strip)
            return torch.from_numpy(strip)
        return self.locate_by_pytorch3d(points, bottom)

    def locate_by_pytorch3d(self, points: FloatArray, bottom: int) -> Tensor:
        """`locate` on a GPU, of all rows from the top."""
        from avgen.avatars.raster.cuda import rasterise_triangles

        width = SUPERSAMPLING * self.width
        uploaded = torch.from_numpy(points).to(self.device)[None]
        index, weights, _ = rasterise_triangles(uploaded, self.surface.vi, width, bottom, False)
        found: Tensor = (weights[0, ..., None] * self.corners[index[0].clamp(min=0)]).sum(-2)
        places: Tensor = torch.where(index[0, ..., None] < 0, OUTSIDE, found)
        return places

    def _colour(self, places: Tensor, texture: Tensor, behind: Tensor) -> Tensor:
        """Pixels [h, w, 3 or 4] of the places [2 h, 2 w, 2] that their samples show."""
        found = functional.grid_sample(
            texture[None], 2 * places[None] - 1, padding_mode="border", align_corners=True
        )
        on = (places[..., :1] >= 0).float()
        samples = torch.cat([to_display(found[0].permute(1, 2, 0)) * 255 * on, on], -1)
        height, width = behind.shape[:2]
        grid = samples.view(height, SUPERSAMPLING, width, SUPERSAMPLING, 4)
        colour, covered = grid.mean((1, 3)).split([3, 1], -1)
        if self.transparent:
            straight = colour / covered.clamp(min=1e-6)
            mixed = torch.cat([straight, covered * 255], -1)
        else:
            mixed = colour + (1 - covered) * behind
        return (mixed + 0.5).to(torch.uint8)


@kernel
def _locate(points, faces, corners, top, places):  # type: ignore[no-untyped-def]
    """Write where on the map the samples of a strip lie; arguments as in `Painter.locate`."""
    height, width = places.shape[0], places.shape[1]
    depth = np.empty((height, width), np.float32)
    index = np.empty((height, width), np.int32)
    rasterise(points, faces, top, False, depth, index)
    for row in range(height):
        for column in range(width):
            t = index[row, column]
            if t == EMPTY:
                places[row, column, 0] = OUTSIDE
                places[row, column, 1] = OUTSIDE
                continue
            x, y = np.float32(column) + np.float32(0.5), np.float32(row + top) + np.float32(0.5)
            a, b, c = barycentrics(plane(points, faces, t), x, y)
            for k in range(2):
                places[row, column, k] = a * corners[t, 0, k] + b * corners[t, 1, k] + c * corners[t, 2, k]
