from __future__ import annotations

from pathlib import Path

import pytest
import torch

from avgen.generators.motion import MotionConfig, SoundToMotion
from tests.codec_bodies import motion_file


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return motion_file(tmp_path_factory.mktemp("motion"))


@pytest.fixture(scope="session")
def model(file: Path) -> SoundToMotion:
    made = SoundToMotion.load({"steps": 3}, file)
    assert made.config == MotionConfig(steps=3) and made.seconds == 4
    return made
