"""What an actor is told of a partner."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.partner import ARKIT_UNITS, FACE_CHANNELS, Partner, partner_face
from avgen.pose import head_turned


def test_a_known_face_is_seen_as_a_tracker_would() -> None:
    weights = np.zeros((2, 3), np.float32)
    weights[1] = 0.4, 1.3, 0.9
    head = head_turned(yaw=[0, 10], pitch=[0, -20], roll=[0, 5])
    face = partner_face(("jawOpen", "eyeBlinkLeft", "tongueTip"), weights, head)
    assert face.shape == (2, FACE_CHANNELS)
    assert face[1, ARKIT_UNITS.index("jawOpen")] == pytest.approx(0.4)
    assert face[1, ARKIT_UNITS.index("eyeBlinkLeft")] == 1.0
    assert face[:, :52].sum() == pytest.approx(1.4)
    assert face[1, 52:] == pytest.approx(np.radians([-20, 10, 5]), abs=1e-5)


def test_only_what_is_known_is_told() -> None:
    tokens = np.zeros((2, 88), np.float32)
    tokens[1, 3] = 1.0
    told = Partner(tokens=tokens).conditions()
    assert list(told) == ["partner_tokens"]
    assert np.isnan(told["partner_tokens"][0]).all() and told["partner_tokens"][1].sum() == 1.0
    assert not Partner().conditions()
