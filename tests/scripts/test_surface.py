from __future__ import annotations

import numpy as np
import pytest

from scripts.mira.subdivision import subdivide

CUBE = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]


def cube() -> np.ndarray:
    return np.array([[x, y, z] for x in (-1.0, 1) for y in (-1.0, 1) for z in (-1.0, 1)])


def test_a_cube_becomes_the_known_shape() -> None:
    quads, points = subdivide(CUBE, cube())
    assert len(quads) == 24
    assert points.shape == (8 + 12 + 6, 3)
    assert np.abs(points[:8]) == pytest.approx(np.full((8, 3), 5 / 9))
    assert np.linalg.norm(points[8:20], axis=1) == pytest.approx(np.full(12, np.sqrt(2) * 0.75))
    assert np.linalg.norm(points[20:], axis=1) == pytest.approx(np.ones(6))


def test_an_open_rim_follows_its_own_curve() -> None:
    points = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 5], [1, 1, 5], [2, 1, 5]])
    _, moved = subdivide([(0, 1, 4, 3), (1, 2, 5, 4)], points)
    assert moved[1] == pytest.approx([1, 0, 0])
    assert moved[4] == pytest.approx([1, 1, 5])
