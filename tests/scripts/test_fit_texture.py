from __future__ import annotations

import numpy as np
import pytest

from avgen.avatars.avatar import NUM_TERMS
from scripts.mira.fit_texture import FINE_TERMS, quantise


def test_stored_textures_keep_base_and_diffuse_terms_finely() -> None:
    rng = np.random.default_rng(0)
    atlas = rng.normal(0, 60, (16, 16, 1 + NUM_TERMS, 3)).astype(np.float32)
    stored = quantise(atlas)
    texels = np.concatenate([stored["texture.base"], stored["texture.light"]], -1)
    back = texels.reshape(atlas.shape) * stored["texture.scale"][:, None]
    assert back[:, :, : 1 + FINE_TERMS] == pytest.approx(atlas[:, :, : 1 + FINE_TERMS], abs=0.07)
    assert back == pytest.approx(atlas, abs=1.5)
    assert stored["texture.light"].dtype == np.int8
