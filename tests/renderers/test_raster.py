"""The CPU rasteriser against pytorch3d's, on random triangles."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avgen.renderers.raster import EMPTY, barycentrics, rasterise
from avgen.renderers.torch_renderer import rasterise_triangles

SIZES = [(64, 64), (96, 64), (40, 64)]


def triangles(seed: int, width: int, height: int, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Random triangles in front of the camera: sample x, sample y, 1 / depth."""
    rng = np.random.default_rng(seed)
    centre = rng.uniform([0, 0], [width, height], (count, 1, 2))
    points = centre + rng.normal(0, 12, (count, 3, 2))
    depth = rng.uniform(0.5, 3, (count, 3, 1))
    flat = np.concatenate([points, 1 / depth], 2).reshape(-1, 3).astype(np.float32)
    return flat, np.arange(3 * count, dtype=np.int32).reshape(-1, 3)


def drawn(
    points: np.ndarray, faces: np.ndarray, width: int, height: int, cull: bool
) -> tuple[np.ndarray, np.ndarray]:
    depth, index = np.empty((height, width), np.float32), np.empty((height, width), np.int32)
    rasterise(points, faces, 0, cull, depth, index)
    return depth, index


@pytest.mark.parametrize("cull", [False, True])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_same_triangles_depth_and_barycentrics_as_pytorch3d(width: int, height: int, cull: bool) -> None:
    points, faces = triangles(width + cull, width, height)
    inverse_depth, index = drawn(points, faces, width, height, cull)
    face, weights, depth = (
        x.numpy()
        for x in rasterise_triangles(
            torch.from_numpy(points), torch.from_numpy(faces).long(), width, height, cull
        )
    )
    same = index == face
    assert same.mean() > 0.998
    on = same & (index != EMPTY)
    assert on.mean() > 0.3
    assert 1 / inverse_depth[on] == pytest.approx(depth[on], rel=1e-4)
    rows, columns = np.nonzero(on)
    for y, x in list(zip(rows, columns, strict=True))[::37]:
        ours = barycentrics(points, faces, index[y, x], np.float32(x + 0.5), np.float32(y + 0.5))
        assert ours == pytest.approx(weights[y, x], abs=2e-3)


def test_strips_equal_the_whole_picture() -> None:
    points, faces = triangles(5, 64, 64)
    depth, index = drawn(points, faces, 64, 64, False)
    for first in range(0, 64, 16):
        part, found = np.empty((16, 64), np.float32), np.empty((16, 64), np.int32)
        rasterise(points, faces, first, False, part, found)
        assert np.array_equal(found, index[first : first + 16])
        assert np.array_equal(part, depth[first : first + 16])


def test_nothing_drawn_is_empty() -> None:
    points, faces = triangles(5, 64, 64)
    depth, index = drawn(points - np.float32([1000, 0, 0]), faces, 64, 64, False)
    assert np.all(index == EMPTY)
    assert np.all(depth == 0)
