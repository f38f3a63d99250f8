"""What any mesh needs in torch: pytorch3d's rasteriser, textures, the pixel filter."""

from __future__ import annotations

import torch
from pytorch3d.renderer.mesh import rasterize_meshes
from pytorch3d.structures import Meshes
from torch import Tensor

from avgen.avatars.raster.pixel_filter import OVERLAP
from avgen.avatars.raster.triangles import SUPERSAMPLING, rotated_sample


def rasterise_triangles(
    points: Tensor, faces: Tensor, width: int, height: int, cull: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Nearest triangle of every sample, with pytorch3d.

    Args:
        points: [T, V, 3] sample x, sample y (from the top left), 1 / depth.
        faces: [F, 3] int64, the same in all frames.
        width: of the sample grid.
        height: of it.
        cull: skip triangles seen from behind.

    Returns:
        Triangle [T, H, W] (-1 where empty), perspective-correct barycentrics [T, H, W, 3], depth [T, H, W].
    """
    half = min(width, height) / 2
    x, y = (width / 2 - points[..., 0]) / half, (height / 2 - points[..., 1]) / half
    placed = torch.stack([x, y, 1 / points[..., 2]], -1)
    face, depth, weights, _ = rasterize_meshes(
        Meshes(list(placed), [faces] * len(placed)),
        image_size=(height, width),
        blur_radius=0.0,
        faces_per_pixel=1,
        perspective_correct=True,
        cull_backfaces=cull,
    )
    face = face[..., 0]
    return torch.where(face < 0, face, face % len(faces)), weights[..., 0, :], depth[..., 0]


def rasterise_rotated(
    points: Tensor, faces: Tensor, width: int, height: int
) -> tuple[Tensor, Tensor, Tensor]:
    """`rasterise_triangles`, backs culled, of a grid with two by two rotated samples a pixel.

    Args:
        points: [T, V, 3] sample x, sample y, 1 / depth.
        faces: [F, 3] int64.
        width: of the sample grid, even.
        height: of it, even.
    """
    shape = len(points), height, width
    index = torch.empty(shape, dtype=torch.int64, device=points.device)
    weights = torch.empty((*shape, 3), device=points.device)
    depth = torch.empty(shape, device=points.device)
    for y in range(2):
        for x in range(2):
            place = points.new_tensor([*rotated_sample(x, y), 0])
            shifted = (points - place) * points.new_tensor([0.5, 0.5, 1]) + points.new_tensor([0.5, 0.5, 0])
            found = rasterise_triangles(shifted, faces, width // 2, height // 2, True)
            index[:, y::2, x::2], weights[:, y::2, x::2], depth[:, y::2, x::2] = found
    return index, weights, depth


def sample_bilinear(textures: Tensor, which: Tensor, place: Tensor) -> Tensor:
    """Bilinear samples [n, channels] of textures [q, h, w, channels], which [n] of them, at texels [n, 2]."""
    height, width = textures.shape[1:3]
    u = (place[:, 0] - 0.5).clamp(0, width - 1.01)
    v = (place[:, 1] - 0.5).clamp(0, height - 1.01)
    i, j = u.long(), v.long()
    fu, fv = (u - i)[:, None], (v - j)[:, None]

    def texel(row: Tensor, column: Tensor) -> Tensor:
        return textures[which, row, column].float()

    top = texel(j, i) * (1 - fu) + texel(j, i + 1) * fu
    return top * (1 - fv) + (texel(j + 1, i) * (1 - fu) + texel(j + 1, i + 1) * fu) * fv


def average(samples: Tensor) -> Tensor:
    """Mean over the samples of each pixel: [T, sH, sW, c] -> [T, H, W, c]."""
    frames, height, width, channels = samples.shape
    s = SUPERSAMPLING
    return samples.reshape(frames, height // s, s, width // s, s, channels).mean((2, 4))


def filter_pixels(picture: Tensor) -> Tensor:
    """The filter of pixel_filter.py on pictures [..., H, W, channels]."""
    for axis in (-3, -2):
        inner = picture.narrow(axis, 1, picture.shape[axis] - 2)
        beside = picture.narrow(axis, 0, inner.shape[axis]) + picture.narrow(axis, 2, inner.shape[axis])
        ends = picture.narrow(axis, 0, 1), picture.narrow(axis, picture.shape[axis] - 1, 1)
        picture = torch.cat([ends[0], (1 - 2 * OVERLAP) * inner + OVERLAP * beside, ends[1]], axis)
    return picture
