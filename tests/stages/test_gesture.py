"""Nods: down and up again, on top of what the head does."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.pose import head_angles
from avgen.stages.gesture import NOD_DEGREES, NOD_SECONDS, nod
from avgen.types import CODE_RATE


def test_the_head_goes_down_twice_and_comes_back_to_where_it_was() -> None:
    turn = np.array([np.cos(0.1), 0.0, np.sin(0.1), 0.0, 0.01, 0.02, 0.03], np.float32)
    head = np.tile(turn, (200, 1))
    nodded = nod(head, [0.5])
    pitch, yaw, roll = (head_angles(nodded) - head_angles(head)).T
    start, stop = round(0.5 * CODE_RATE), round((0.5 + 2 * NOD_SECONDS) * CODE_RATE)
    np.testing.assert_array_equal(nodded[:start], head[:start])
    np.testing.assert_allclose(nodded[stop + 1 :], head[stop + 1 :], atol=1e-6)
    assert pitch.min() == pytest.approx(-NOD_DEGREES[0], abs=0.1)
    assert np.sum(np.diff(np.sign(np.diff(pitch))) > 0) == 2  # two lowest places
    assert np.abs(yaw).max() < 0.1 and np.abs(roll).max() < 0.1
    np.testing.assert_array_equal(nodded[:, 4:], head[:, 4:])
    np.testing.assert_allclose(np.linalg.norm(nodded[:, :4], axis=1), 1.0, atol=1e-6)
