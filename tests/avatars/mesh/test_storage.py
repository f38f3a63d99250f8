from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avgen.avatars.mesh.storage import LARGE, read_tensors, write_tensors


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    tensors = {
        "small": rng.normal(size=(3, 2)).astype(np.float32),
        "wide": rng.integers(-9, 9, (700, 800)).astype(np.int16),
        "turned": np.zeros((1000, 1100), np.uint8).T,
    }
    file = tmp_path / "avatar.safetensors"
    write_tensors(file, tensors, {"units": "jawOpen"})
    back, metadata = read_tensors(file)
    assert metadata == {"units": "jawOpen"}
    assert back.keys() == tensors.keys()
    for name, value in tensors.items():
        assert back[name].dtype == value.dtype
        assert np.array_equal(back[name], value)
    assert file.stat().st_size < LARGE / 2


def test_a_damaged_array_is_no_array(tmp_path: Path) -> None:
    file = tmp_path / "avatar.safetensors"
    write_tensors(file, {"wide": np.arange(LARGE, dtype=np.int32)}, {})
    damaged = bytearray(file.read_bytes())
    damaged[-5000] ^= 255
    file.write_bytes(damaged)
    with pytest.raises(Exception, match="decompress"):
        read_tensors(file)
