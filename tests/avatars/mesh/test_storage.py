from __future__ import annotations

import io
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from avgen.avatars.mesh import storage
from avgen.avatars.mesh.storage import LARGE, SUFFIX, read_tensors, write_tensors
from avgen.errors import ActorError


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
    with pytest.raises(
        ActorError, match=r"avatar\.safetensors: wide: the compressed array is damaged: .*decompress"
    ):
        read_tensors(file)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"\x93NUMPY\x01\x00",
        b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False}",
    ],
)
def test_what_is_no_array_inside_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "avatar.safetensors"
    save_file({f"wide{SUFFIX}": np.frombuffer(zlib.compress(content), np.uint8)}, file)
    with pytest.raises(ActorError, match=r"avatar\.safetensors: wide: the compressed array is damaged"):
        read_tensors(file)


def test_a_cut_array_is_refused(tmp_path: Path) -> None:
    file, buffer = tmp_path / "avatar.safetensors", io.BytesIO()
    np.save(buffer, np.arange(5000))
    half = zlib.compress(buffer.getvalue())[:-2000]
    save_file({f"wide{SUFFIX}": np.frombuffer(half, np.uint8)}, file)
    with pytest.raises(ActorError, match="wide: the compressed array is damaged"):
        read_tensors(file)


def test_an_array_that_grows_without_end_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST_BYTES", 3_000_000)
    file = tmp_path / "avatar.safetensors"
    tensors = {name: np.zeros(2_000_000, np.uint8) for name in ("one", "two")}
    write_tensors(file, {"one": tensors["one"]}, {})
    read_tensors(file)
    write_tensors(file, {"huge": np.zeros(100_000_000, np.uint8)}, {})
    assert file.stat().st_size < 200_000
    tracemalloc.start()
    with pytest.raises(ActorError, match=r"avatar\.safetensors: huge: grows beyond"):
        read_tensors(file)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    write_tensors(file, tensors, {})
    with pytest.raises(
        ActorError, match=r"avatar\.safetensors: two: (grows beyond|with it the file holds more)"
    ):
        read_tensors(file)


def test_plain_arrays_count_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "MOST_BYTES", 100)
    write_tensors(tmp_path / "a.safetensors", {"a": np.zeros(101, np.uint8)}, {})
    with pytest.raises(ActorError, match=r"a\.safetensors: a: with it the file holds more"):
        read_tensors(tmp_path / "a.safetensors")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("count", [3, LARGE])
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, value: float, count: int) -> None:
    numbers = np.zeros(count, np.float16)
    numbers[-1] = value
    write_tensors(tmp_path / "a.safetensors", {"mesh.rest": numbers}, {})
    with pytest.raises(
        ActorError, match=r"a\.safetensors: mesh\.rest: expected finite numbers, got NaN or inf"
    ):
        read_tensors(tmp_path / "a.safetensors")


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"nothing of the kind")
    for name in ("a.safetensors", "missing.safetensors"):
        with pytest.raises(ActorError, match=rf"{name}: expected an avatar file \(safetensors\)"):
            read_tensors(tmp_path / name)
