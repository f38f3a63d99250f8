"""Distances between distributions of motion, and how much takes differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def frechet_distance(a: Array, b: Array) -> float:
    """Frechet distance of two samples taken as Gaussians (Heusel et al. 2017; paper section 4, FD).

    |mean_a - mean_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)).

    Args:
        a: [N, K] one row per frame.
        b: [M, K].

    Raises:
        ValueError: a sample has fewer than two rows.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError(f"a Frechet distance needs at least two frames each, got {len(a)} and {len(b)}")
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    first, second = (np.atleast_2d(np.cov(sample, rowvar=False)) for sample in (a, b))
    # Singular values of the roots' product: those of the product's root, without squaring its rounding.
    shared = np.linalg.svd(_root(first) @ _root(second), compute_uv=False).sum()
    shift = np.square(a.mean(0) - b.mean(0)).sum()
    return float(max(shift + np.trace(first) + np.trace(second) - 2 * shared, 0.0))


def _root(covariance: Array) -> Array:
    """[K, K] symmetric square root."""
    values, vectors = np.linalg.eigh(covariance)
    root: Array = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return root


def half_distance(reference: Sequence[Array], other: Sequence[Array], rounds: int = 8) -> float:
    """Frechet distance between one random half of the reference's clips and the other half of other clips.

    With the reference itself as `other` this is the distance that finite data leave between samples of one
    distribution: the yardstick of any other.

    Args:
        reference: one [N, K] per clip.
        other: clips of the same texts in the same order.
        rounds: halvings to average over.

    Raises:
        ValueError: fewer than two clips, or not as many of both.
    """
    if len(reference) != len(other) or len(reference) < 2:
        raise ValueError(f"halves need as many clips of both, two or more: {len(reference)}, {len(other)}")
    rng = np.random.default_rng(0)
    distances = []
    for _ in range(rounds):
        order = rng.permutation(len(reference))
        here, there = order[: len(order) // 2], order[len(order) // 2 :]
        distances.append(
            frechet_distance(
                np.concatenate([reference[i] for i in here]), np.concatenate([other[i] for i in there])
            )
        )
    return float(np.mean(distances))


def diversity(samples: Array) -> float:
    """Standard deviation across samples, averaged over everything else (paper section 4, Div).

    Args:
        samples: [M, ...]: frames of a test set [M, K], or takes of one text on one clock [M, N, K].
    """
    return float(np.asarray(samples, np.float64).std(0).mean())
