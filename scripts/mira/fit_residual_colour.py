"""Fit the residual colour: what textures and light terms leave, per vertex, a ridge on frames' features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.residual_colour import NUM_VIEW_FEATURES, ResidualColour

Array = NDArray[np.float32]

VIEW_PENALTY, UNIT_PENALTY = 0.4, 1.5
"""Ridge of the features of pose and camera and of the face units, in frames of full confidence."""


@dataclass(slots=True)
class Residuals:
    """Residual colours of n pictures, averaged around every vertex.

    Attributes:
        features: [n, R] of every picture.
        weight: [n, V] mean confidence around a vertex.
        colour: [n, V, 3] mean residual, times that weight.
    """

    features: Array
    weight: Array
    colour: Array


class Splat:
    """Moves values between texels and the vertices of the triangles that they lie in.

    Args:
        avatar: whose mesh.
        face: [n] triangle of every texel.
        weights: [n, 3] barycentrics of every texel.
    """

    def __init__(self, avatar: TexturedMesh, face: NDArray[np.int32], weights: Array) -> None:
        self.corners = avatar.mesh.faces[face]
        self.weights = weights
        self.count = len(avatar.mesh.rest)
        self.mass = self._sum(np.arange(len(face)), np.ones(len(face), np.float32)) + 1e-6

    def _sum(self, texels: NDArray[np.int64], values: Array) -> Array:
        out = np.zeros(self.count)
        for k in range(3):
            shares = self.weights[texels, k] * values
            out += np.bincount(self.corners[texels, k], shares, self.count)
        return out.astype(np.float32)

    def to_vertices(self, texels: NDArray[np.int64], values: Array) -> Array:
        """Mean [V] of values [m] at some texels [m]; those left out count as zero."""
        return self._sum(texels, values) / self.mass

    def to_texels(self, texels: NDArray[np.int64], values: Array) -> Array:
        """Values [m, 3] at some texels [m], interpolated between vertices [V, 3]."""
        mixed: Array = np.einsum("mk,mkc->mc", self.weights[texels], values[self.corners[texels]])
        return mixed


def fit_residual_colour(residuals: Residuals, caution: float = 1.0) -> ResidualColour:
    """Ridge regression at every vertex, its ridge times the caution; a constant is left to the textures."""
    features = residuals.features
    count, size = features.shape
    with_one = np.concatenate([features, np.ones((count, 1), np.float32)], 1)
    penalty = np.where(np.arange(size) < NUM_VIEW_FEATURES, VIEW_PENALTY, UNIT_PENALTY)
    ridge = np.diag(np.r_[caution * penalty, 1e-2]).astype(np.float32)
    vertices = residuals.weight.shape[1]
    gains = np.zeros((size, vertices, 3), np.float32)
    for start in range(0, vertices, 1000):
        part = slice(start, start + 1000)
        gram = np.einsum("fv,fi,fj->vij", residuals.weight[:, part], with_one, with_one, optimize=True)
        moment = np.einsum("fi,fvc->vic", with_one, residuals.colour[:, part], optimize=True)
        gains[:, part] = np.linalg.solve(gram + ridge, moment)[:, :size].transpose(1, 0, 2)
    return ResidualColour(gains.reshape(size, -1), features.min(0), features.max(0))
