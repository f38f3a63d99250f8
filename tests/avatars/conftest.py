from __future__ import annotations

from pathlib import Path

import pytest
import torch

from avgen.avatars.mesh.avatar import TexturedMesh

MIRA = Path(__file__).parents[2] / "presets/actors/mira/avatar.safetensors"


@pytest.fixture(scope="session")
def mira() -> TexturedMesh:
    if not MIRA.exists():
        pytest.skip("needs Mira's avatar file")
    torch.set_num_threads(1)
    return TexturedMesh.load({}, MIRA)
