from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.mesh.residual_colour import BEND_UNIT, NUM_VIEW_FEATURES, ResidualColour, frame_features
from avgen.casting.atlas import quantise_residual_colour
from scripts.mira.fit_residual_colour import Residuals, fit_residual_colour


def test_features_tell_sides_and_turns_apart() -> None:
    weights, turn = np.array([0.25, 0.5], np.float32), np.array([0.0, 0.1, 0.0], np.float32)
    right, left = frame_features(weights, turn, 25.0), frame_features(weights, turn, -25.0)
    assert len(right) == NUM_VIEW_FEATURES + 2
    assert right[:3] == pytest.approx([0, 1, 1], abs=1e-6)
    assert left[:3] == pytest.approx([1, 0, 1], abs=1e-6)
    assert right[NUM_VIEW_FEATURES:] == pytest.approx(weights)


def test_tint_stays_inside_what_was_seen() -> None:
    residual_colour = ResidualColour(
        np.ones((1, 3), np.float32), np.zeros(1, np.float32), np.full(1, 2, np.float32)
    )
    assert residual_colour.colours(np.array([5], np.float32)) == pytest.approx(np.full((1, 3), 2))
    assert residual_colour.colours(np.array([-5], np.float32)) == pytest.approx(np.zeros((1, 3)))


def test_products_of_turns_are_features() -> None:
    still, turned = (
        frame_features(np.zeros(2, np.float32), np.array(turn, np.float32), 0.0)
        for turn in ((0.0, 0.0, 0.0), (0.1, 0.2, 0.0))
    )
    assert not still.any()
    products = turned[7:NUM_VIEW_FEATURES] / BEND_UNIT
    assert products == pytest.approx([4, 1, 2, 0, 0], abs=1e-5)


def test_fit_finds_a_linear_change_and_leaves_the_constant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.mira.fit_residual_colour.VIEW_PENALTY", 1e-3)
    rng = np.random.default_rng(0)
    features = rng.uniform(0, 1, (200, 2)).astype(np.float32)
    truth = rng.normal(0, 20, (2, 4, 3))
    colour = np.einsum("fk,kvc->fvc", features, truth) + 7
    weight = np.ones((200, 4), np.float32)
    residual_colour = fit_residual_colour(Residuals(features, weight, colour.astype(np.float32)))
    assert residual_colour.gains.reshape(2, 4, 3) == pytest.approx(truth, abs=0.1)
    stored = quantise_residual_colour(residual_colour)
    gains = stored["tint.gains"] * stored["tint.scale"][:, None]
    assert gains == pytest.approx(residual_colour.gains, abs=0.3)


def test_vertices_never_seen_keep_their_colour() -> None:
    features = np.random.default_rng(1).uniform(0, 1, (20, 2)).astype(np.float32)
    nothing = Residuals(features, np.zeros((20, 3), np.float32), np.zeros((20, 3, 3), np.float32))
    assert np.all(fit_residual_colour(nothing).gains == 0)
