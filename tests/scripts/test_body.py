"""Tailoring of bodies: pieces of surface that are cut, spanned and hemmed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from scripts.mira.body.hands import corner_shares, filtered
from scripts.mira.body.pieces import WEIGHTS, Piece


@pytest.fixture
def sheet() -> Piece:
    """A flat grid of 5 x 5 in the plane z = 0, facing +z, one bone."""
    y, x = np.mgrid[0:5, 0:5].astype(float)
    points = np.stack([x.ravel(), y.ravel(), np.zeros(25)], 1)
    polygons = [(5 * j + i, 5 * j + i + 1, 5 * j + i + 6, 5 * j + i + 5) for j in range(4) for i in range(4)]
    return Piece(polygons, np.concatenate([points, points, np.zeros((25, 1)), np.ones((25, 1))], 1))


def test_a_cut_leaves_what_lies_below_and_cuts_edges_where_they_cross(sheet: Piece) -> None:
    cut = sheet.cut(lambda piece: piece.points[:, 1] - 2.5)
    assert cut.points[:, 1].max() == pytest.approx(2.5)
    assert len(cut.polygons) == 12 and cut.values[:, WEIGHTS] == pytest.approx(np.ones((len(cut.values), 1)))


def test_a_split_adds_vertices_along_an_edge_and_leaves_the_surface_whole(sheet: Piece) -> None:
    split = sheet.split(lambda piece: piece.points[:, 1] - 2.5)
    assert len(split.points) == 25 + 5 and len(split.polygons) == 20
    assert len(split.border) == 16 + 2
    assert len(sheet.split(lambda piece: np.full(len(piece.points), -1.0)).polygons) == 16


def test_cloth_spans_hollows_and_leaves_ridges(sheet: Piece) -> None:
    points = sheet.points.copy()
    points[12, 2] = -1.0
    hollow = sheet.moved(points).spanned(6)
    assert hollow.points[12, 2] > -0.5
    points[12, 2] = 1.0
    assert sheet.moved(points).spanned(1).points[12, 2] == pytest.approx(1.0)


def test_a_hem_folds_the_whole_border_inwards(sheet: Piece) -> None:
    hemmed = sheet.hemmed(0.5)
    assert len(hemmed.polygons) == 16 + 2 * 16
    assert hemmed.points[:, 2].min() == pytest.approx(-0.5)
    assert len(hemmed.border) == 16


def test_subdivision_keeps_weights_whole(sheet: Piece) -> None:
    fine = sheet.subdivided()
    assert len(fine.polygons) == 64
    assert fine.values[:, WEIGHTS] == pytest.approx(np.ones((len(fine.values), 1)))


def test_corners_share_a_place_in_a_triangle_by_area() -> None:
    triangle = np.array([[[0, 0], [4, 0], [0, 4]]], np.float32)
    for corners in (triangle, triangle[:, ::-1]):
        shares = corner_shares(corners, np.array([[1, 1]], np.float32))
        assert (shares[..., None] * corners).sum(1) == pytest.approx(np.ones((1, 2)))


def test_a_filtered_pixel_shares_its_neighbours_vertices() -> None:
    shares = csr_array(np.eye(12)[:, [5]])
    picture = filtered(shares, (3, 4)).toarray().reshape(3, 4)
    assert picture.sum() == pytest.approx(1)
    assert picture[1, 1] == pytest.approx(0.64) and picture[0, 0] == pytest.approx(0.01)
