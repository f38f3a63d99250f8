"""Avatar files: safetensors in which large arrays are deflated, about four times smaller and without loss."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from avgen.errors import ActorError

SUFFIX: Final = ".npy.deflated"
LARGE: Final = 1_000_000
"""Bytes from which an array is worth deflating."""
MOST_BYTES: Final = 1 << 30
"""Of all arrays of a file together; fifteen times what Mira's take."""
_MOST: Final = f"{MOST_BYTES >> 20} MB"
_HEADER: Final = 10_000
"""Most bytes of deflated .npy data before the numbers of its array."""

Tensors = dict[str, NDArray[Any]]


def write_tensors(file: Path, tensors: Mapping[str, NDArray[Any]], metadata: dict[str, str]) -> None:
    """Write an avatar file."""
    stored: Tensors = {}
    for name, value in tensors.items():
        value = np.ascontiguousarray(value)
        if value.nbytes < LARGE:
            stored[name] = value
            continue
        buffer = io.BytesIO()
        np.save(buffer, value, allow_pickle=False)
        stored[name + SUFFIX] = np.frombuffer(zlib.compress(buffer.getvalue(), 9), np.uint8)
    file.write_bytes(save(stored, metadata))


def read_tensors(file: Path) -> tuple[Tensors, dict[str, str]]:
    """All tensors of an avatar file by name, and its metadata.

    Raises:
        ActorError: naming the file, and the tensor that is damaged, too large, or not finite.
    """
    tensors: Tensors = {}
    left = MOST_BYTES
    try:
        with safe_open(file, framework="np") as stored:
            for name in stored.keys():  # noqa: SIM118
                value = stored.get_tensor(name)
                plain = name.removesuffix(SUFFIX)
                if plain != name:
                    value = _inflate(value.tobytes(), left, f"{file}: {plain}")
                left -= value.nbytes
                if left < 0:
                    raise ActorError(f"{file}: {plain}: with it the file holds more than {_MOST}.")
                if value.dtype.kind == "f" and not np.isfinite(value).all():
                    raise ActorError(f"{file}: {plain}: expected finite numbers, got NaN or infinity.")
                tensors[plain] = value
            return tensors, stored.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise ActorError(f"{file}: expected an avatar file (safetensors): {error}") from error


def _inflate(data: bytes, most: int, where: str) -> NDArray[Any]:
    """Array of deflated .npy data that may not grow beyond a number of bytes."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(data, most + _HEADER)
        if not inflater.eof and len(plain) == most + _HEADER:
            raise ActorError(f"{where}: grows beyond the {_MOST} that a file may hold.")
        array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(plain), allow_pickle=False)
    except (zlib.error, ValueError, EOFError, MemoryError) as error:
        raise ActorError(f"{where}: the compressed array is damaged: {error}") from error
    return array
