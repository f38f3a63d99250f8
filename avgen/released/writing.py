"""safetensors written tensor by tensor, so that memory does not grow with the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from avgen.errors import ActorError

_NAMES: Final = {torch.float32: "F32", torch.int64: "I64"}
"""How the format calls what is written."""


@dataclass(frozen=True, slots=True)
class Item:
    """A tensor that is made when its turn has come.

    Attributes:
        shape: of it.
        dtype: float32 or int64.
        make: gives it.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype
    make: Callable[[], Tensor]

    @property
    def size(self) -> int:
        """Bytes."""
        count = self.dtype.itemsize
        for side in self.shape:
            count *= side
        return count


def write_items(path: Path, items: Mapping[str, Item], where: str) -> None:
    """Write a safetensors file.

    Args:
        path: of the file; its bytes depend on names and values only.
        items: by name.
        where: they come from, for messages.

    Raises:
        ActorError: naming a tensor with numbers that are not finite.
        OSError: if it cannot be written.
    """
    header, end = {}, 0
    for name, item in sorted(items.items()):
        start, end = end, end + item.size
        header[name] = {
            "dtype": _NAMES[item.dtype],
            "shape": list(item.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, item in sorted(items.items()):
            value = item.make().to(item.dtype).reshape(item.shape).contiguous()
            if not torch.isfinite(value).all():
                raise ActorError(f"{where}: {name}: expected finite numbers, got NaN or infinity.")
            file.write(value.numpy().data)
