"""The light of skin, fitted through the drawing: fingers are so narrow that most of their pixels are edges.

A pixel's colour is linear in the colours of the vertices around it, by its samples and the pixel filter; what
else it shows is drawn as it is, and taken off.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, eye_array, kron, vstack
from scipy.sparse.linalg import spsolve
from scipy.spatial import cKDTree

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.body import Body
from avgen.avatars.mesh.body_lighting import BodyLighting
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.raster.background import make_background
from avgen.avatars.raster.pixel_filter import OVERLAP
from avgen.background import Background
from avgen.casting.body_colours import PARTS, SKIN, fit_gains
from scripts.mira.body.light import TINT, Array, Capture, seen_triangles

logger = logging.getLogger(__name__)
SAMPLES = ((0.375, 0.125), (0.875, 0.375), (0.125, 0.625), (0.625, 0.875))
"""Where in a pixel the renderer looks, x and y."""
LEAST_COVERED = 0.05
"""Share of a pixel that is skin, for it to count."""
ROUNDS = 4
"""Of fitting gains and tint in turns."""
TRUST = 3.0
"""Pixels of an untinted surface that a vertex's tint is averaged with."""
ALIKE = 30.0
"""Pixels by which a vertex is held to its neighbours and to the other hand, TRUST being to the usual tint."""


@dataclass(frozen=True)
class HandPixels:
    """Pixels of a picture that show skin.

    Attributes:
        shares: [n, V] of every vertex of the body.
        features: [V, NUM_FEATURES] of light there.
        colours: [n, 3] that skin adds to them, 0..255.
    """

    shares: csr_array
    features: Array
    colours: Array


def observe_skin(avatar: TexturedMesh, capture: Capture) -> HandPixels:
    """Pixels of skin in a picture, edges included."""
    assert avatar.body is not None
    body = avatar.body
    shares = filtered(vertex_shares(avatar, capture), capture.rgba.shape[:2])
    rows = np.flatnonzero(shares.sum(1) > LEAST_COVERED)
    height, width = capture.rgba.shape[:2]
    alpha, behind = capture.rgba[..., 3:] / 255, make_background(Background(), width, height)
    picture = capture.rgba[..., :3] * alpha + behind * (1 - alpha)
    gains = body.gains.copy()
    gains[PARTS.index(SKIN)] = 0
    black = avatar.embodied(replace(body, gains=gains))
    others = NumbaRenderer(black, capture.camera, (width, height), Background()).render_posed(capture.posed)
    colours = (picture - others[0]).reshape(-1, 3)[rows].astype(np.float32)
    lighting = BodyLighting(avatar, body, capture.camera)
    features = lighting.features(capture.posed, 0, np.ones(len(body.points), bool))
    return HandPixels(csr_array(shares[rows]), features, colours)


def vertex_shares(avatar: TexturedMesh, capture: Capture) -> csr_array:
    """Share [H * W, V] that each vertex of the body's skin has in every pixel, unfiltered."""
    assert avatar.body is not None
    body, bust = avatar.body, int(avatar.body.bust.sum())
    height, width = capture.rgba.shape[:2]
    entries = []
    for x, y in SAMPLES:
        index, points = seen_triangles(avatar, capture, (x, y))
        pixel = np.flatnonzero(index.ravel() >= bust)
        corners = body.faces[index.ravel()[pixel] - bust].astype(np.int64)
        skin = body.material[corners[:, 0]] == PARTS.index(SKIN)
        pixel, corners = pixel[skin], corners[skin]
        place = np.stack([pixel % width + x, pixel // width + y], 1).astype(np.float32)
        found = corner_shares(points[-len(body.points) :, :2][corners], place)
        entries += [(pixel, corners[:, k], found[:, k] / len(SAMPLES)) for k in range(3)]
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    return csr_array((value, (row, column)), (height * width, len(body.points)))


def corner_shares(corners: Array, place: Array) -> Array:
    """Shares [n, 3] of the corners [n, 3, 2] of triangles at places [n, 2] in them."""
    a, b, c = (corners[:, k] - place for k in range(3))

    def area(p: Array, q: Array) -> Array:
        out: Array = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
        return out

    shares = np.maximum(
        np.stack([area(b, c), area(c, a), area(a, b)], 1) * np.sign(area(b - a, c - a))[:, None], 0
    )
    total: Array = shares / np.maximum(shares.sum(1, keepdims=True), 1e-9)
    return total


def filtered(shares: csr_array, size: tuple[int, ...]) -> csr_array:
    """Shares of pixels after the renderer's filter."""
    across, down = (
        diags_array(
            [np.full(n - 1, OVERLAP), np.full(n, 1 - 2 * OVERLAP), np.full(n - 1, OVERLAP)],
            offsets=[-1, 0, 1],
        )
        for n in (size[1], size[0])
    )
    return csr_array(kron(down, across, "csr") @ shares)


def fit_skin(body: Body, seen: list[HandPixels]) -> Body:
    """The body with gains and tint of its skin, which so far was the usual one; clothes keep both."""
    k = PARTS.index(SKIN)
    gains, tint = body.gains.copy(), body.tint.copy()
    skin = np.flatnonzero(body.material == k)
    hold, usual = tied(body, skin), body.tint[skin]
    shares = [csr_array(one.shares[:, skin]) for one in seen]
    features = [one.features[skin] for one in seen]
    colours = np.concatenate([one.colours for one in seen])
    for _ in range(ROUNDS):
        for c in range(3):
            shown = [a @ (tint[skin, c, None] * f) for a, f in zip(shares, features, strict=True)]
            gain = fit_gains(np.concatenate(shown).astype(np.float32), colours[:, c : c + 1])
            lit = [a @ diags_array((f @ gain)[:, 0]) for a, f in zip(shares, features, strict=True)]
            untinted = csr_array(vstack(lit, "csr"))
            left = untinted.T @ untinted + float(untinted.power(2).sum() / len(colours)) * hold
            change = spsolve(left.tocsc(), untinted.T @ (colours[:, c] - untinted @ usual[:, c]))
            gains[k, :, c] = gain[:, 0]
            tint[skin, c] = np.clip(usual[:, c] + change, *TINT)
    fitted = np.concatenate(
        [a @ (tint[skin] * (f @ gains[k])) for a, f in zip(shares, features, strict=True)]
    )
    error, spread = (np.abs(v - colours).mean() for v in (fitted, colours.mean(0)))
    logger.info("%s: %d pixels, error %.2f of %.2f", SKIN, len(colours), error, spread)
    return replace(body, gains=gains, tint=tint)


def tied(body: Body, skin: NDArray[np.int64]) -> csr_array:
    """Penalty [n, n] on changes of tint: their size, and where neighbours and both hands differ."""
    place = np.full(len(body.points), -1)
    place[skin] = np.arange(len(skin))
    faces = place[body.faces]
    faces = faces[(faces >= 0).all(1)]
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    points = body.points[skin]
    other = cKDTree(points).query(points * np.array([-1, 1, 1], np.float32))[1]
    pairs = np.concatenate([pairs, np.stack([np.arange(len(skin)), other], 1)])
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], 1), axis=0)
    ones, row = np.ones(len(pairs)), np.arange(len(pairs))
    apart = csr_array((np.r_[ones, -ones], (np.r_[row, row], pairs.T.ravel())), (len(pairs), len(skin)))
    return csr_array(TRUST * eye_array(len(skin)) + ALIKE * (apart.T @ apart) / 6)
