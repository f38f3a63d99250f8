from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.mesh.layout import NUM_TERMS
from avgen.casting.atlas import quantise


def test_stored_textures_are_finer_than_a_display_level() -> None:
    atlas = np.random.default_rng(0).uniform(-200, 200, (16, 16, 1 + NUM_TERMS, 3)).astype(np.float32)
    stored = quantise(atlas)
    texels = np.concatenate([stored["texture.base"], stored["texture.light"]], -1)
    back = texels.reshape(atlas.shape) * stored["texture.scale"][:, None]
    assert back == pytest.approx(atlas, abs=0.3)
