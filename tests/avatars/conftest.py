from __future__ import annotations

from pathlib import Path

import pytest

from avgen.avatars.avatar import Avatar

MIRA = Path(__file__).parents[2] / "presets/actors/mira/avatar.safetensors"


@pytest.fixture(scope="session")
def mira() -> Avatar:
    if not MIRA.exists():
        pytest.skip("needs Mira's avatar file")
    return Avatar.load({}, MIRA)
