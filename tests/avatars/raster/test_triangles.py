"""The CPU rasteriser against pytorch3d's, on random triangles."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avgen.avatars.raster.cuda import rasterise_rotated, rasterise_triangles
from avgen.avatars.raster.triangles import EMPTY, barycentrics, fill_four, plane, rasterise, seen_vertices

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


def drawn_four(
    points: np.ndarray, faces: np.ndarray, width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """Inverse depth and triangle of the samples of pixels [height, width], as grids of twice the size."""
    depth, index = np.zeros((height, width, 4), np.float32), np.full((height, width, 4), EMPTY, np.int32)
    for t in range(len(faces)):
        fill_four(points, faces, t, 0, depth, index, np.empty((len(faces), 9), np.float32))
    return tuple(
        x.reshape(height, width, 2, 2).swapaxes(1, 2).reshape(2 * height, 2 * width) for x in (depth, index)
    )


@pytest.mark.parametrize("cull", [False, True])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_same_triangles_depth_and_barycentrics_as_pytorch3d(width: int, height: int, cull: bool) -> None:
    points, faces = triangles(width + cull, width, height)
    inverse_depth, index = drawn(points, faces, width, height, cull)
    face, weights, depth = (
        x[0].numpy()
        for x in rasterise_triangles(
            torch.from_numpy(points)[None], torch.from_numpy(faces).long(), width, height, cull
        )
    )
    same = index == face
    assert same.mean() > 0.998
    on = same & (index != EMPTY)
    assert on.mean() > 0.3
    assert 1 / inverse_depth[on] == pytest.approx(depth[on], rel=1e-4)
    rows, columns = np.nonzero(on)
    for y, x in list(zip(rows, columns, strict=True))[::37]:
        at = plane(points, faces, index[y, x])
        ours = barycentrics(at, np.float32(x + 0.5), np.float32(y + 0.5))
        assert ours == pytest.approx(weights[y, x], abs=2e-3)


def test_rotated_samples_are_those_of_pytorch3d_at_their_places() -> None:
    points, faces = triangles(3, 64, 48)
    inverse_depth, index = drawn_four(points, faces, 32, 24)
    found, _, depth = (
        x[0].numpy()
        for x in rasterise_rotated(torch.from_numpy(points)[None], torch.from_numpy(faces).long(), 64, 48)
    )
    same = found == index
    assert same.mean() > 0.995
    on = same & (index != EMPTY)
    assert 1 / inverse_depth[on] == pytest.approx(depth[on], rel=1e-3)


@pytest.mark.parametrize("upright", [True, False])
def test_an_edge_along_an_axis_moves_in_four_steps(upright: bool) -> None:
    shares = set()
    for edge in np.linspace(10, 12, 41):
        corners = np.array([(-100, 0), (edge, 1000), (edge, -1000)]) if upright else None
        if corners is None:
            corners = np.array([(0, -100), (-1000, edge), (1000, edge)])
        points = np.concatenate([corners, np.ones((3, 1))], 1).astype(np.float32)
        _, index = drawn_four(points, np.int32([[0, 1, 2]]), 8, 8)
        pixel = index[4:6, 10:12] if upright else index[10:12, 4:6]
        shares.add(int(np.sum(pixel != EMPTY)))
    assert shares == {0, 1, 2, 3, 4}


def test_strips_equal_the_whole_picture() -> None:
    points, faces = triangles(5, 64, 64)
    depth, index = drawn(points, faces, 64, 64, False)
    for first in range(0, 64, 16):
        part, found = np.empty((16, 64), np.float32), np.empty((16, 64), np.int32)
        rasterise(points, faces, first, False, part, found)
        assert np.array_equal(found, index[first : first + 16])
        assert part == pytest.approx(depth[first : first + 16], rel=1e-5)  # sums in another order


def test_nothing_drawn_is_empty() -> None:
    points, faces = triangles(5, 64, 64)
    depth, index = drawn(points - np.float32([1000, 0, 0]), faces, 64, 64, False)
    assert np.all(index == EMPTY)
    assert np.all(depth == 0)


def test_vertices_beyond_the_picture_are_not_seen() -> None:
    corner = np.array([[0, 0], [0, 4], [4, 0]], np.float32)
    points = np.concatenate([corner + np.array(shift) for shift in ((2, 2), (12, 2), (2, -9), (8, 8))])
    points = np.column_stack([points, np.ones(12)]).astype(np.float32)
    faces = np.arange(12, dtype=np.int32).reshape(4, 3)
    seen = seen_vertices(points, faces, 10, 10)
    assert seen.reshape(4, 3).all(1).tolist() == [True, False, False, True]
    assert not seen_vertices(points, np.ascontiguousarray(faces[:, ::-1]), 10, 10).any()  # their backs
