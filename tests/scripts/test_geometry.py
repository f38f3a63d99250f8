"""Mira's resting face, and what her face units are made of."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.person import read_person
from avgen.casting.shapes import load_shapes
from scripts.mira.geometry import MIXTURES, RESTING, mixed_units, resting_weights

UNITS = sorted({*(name for parts in MIXTURES.values() for name in parts), *MIXTURES} - {"browInnerUp"})
NAMES = ["browInnerUp", *(unit + side for unit in UNITS for side in ("Left", "Right"))]


def test_a_unit_is_the_sum_of_its_parts_of_the_same_side() -> None:
    own = np.random.default_rng(1).normal(size=(len(NAMES), 4, 3))
    mixed = mixed_units(own, NAMES)
    for side in ("Left", "Right"):
        parts = MIXTURES["cheekSquint"].items()
        expected = sum(weight * own[NAMES.index(part + side)] for part, weight in parts)
        np.testing.assert_allclose(mixed[NAMES.index("cheekSquint" + side)], expected)
    stretch = NAMES.index("mouthStretchLeft")
    np.testing.assert_array_equal(mixed[stretch], own[stretch])


@pytest.mark.assets
def test_the_space_that_ships_rests_as_the_geometry_says() -> None:
    space = load_shapes()
    np.testing.assert_allclose(space.resting, resting_weights(list(space.units)))
    assert np.count_nonzero(space.resting) >= len(RESTING)


@pytest.mark.assets
def test_her_lids_still_close() -> None:
    """Along her pupils; a full closure takes no more than the codec may ask for."""
    actor = find_actor("mira")
    head = load_shapes().head(read_person(actor.folder).shape)
    gap, change = head.lid_gaps()
    closing = change[[0, 1], [head.unit("eyeBlinkLeft"), head.unit("eyeBlinkRight")]]
    tensors, _ = read_tensors(actor.components["avatar"].file)
    np.testing.assert_allclose(tensors["contact.lid_gap"], gap * 0.1, atol=1e-6)
    assert (gap / -closing < 1.0).all()
