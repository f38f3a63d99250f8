"""Checkpoints from anywhere, read without running anything that they hold.

torch's own restricted unpickler reads them: a name that is on no list is refused before anything is made of
it. Besides tensors and plain containers, the list has numbers of numpy, and some classes that are never
imported: a plain mapping stands for their objects.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from avgen.errors import ActorError


class Plain(dict[str, Any]):
    """Stands for an object whose class is not imported: what it held, and nothing that it did."""

    def __new__(cls, *args: object, **kwargs: object) -> Plain:
        """Make an empty one, whatever the class would have been made of."""
        del args, kwargs
        return super().__new__(cls)

    def __init__(self, *args: object, **kwargs: object) -> None:
        del args, kwargs
        super().__init__()

    def __setstate__(self, state: object) -> None:
        for part in state if isinstance(state, tuple) else (state,):
            if isinstance(part, dict):
                self.update(part)


_NEVER_IMPORTED: Final = (
    "argparse.Namespace",
    "attrdict.AttrDict",
    "attrdict.dictionary.AttrDict",
    "attrdict.default.AttrDefault",
    "attrdict.mapping.AttrMap",
    "torch.optim.adam.Adam",
    "torch.optim.adamw.AdamW",
    "torch.optim.lr_scheduler.CosineAnnealingLR",
    "torch.optim.lr_scheduler.ExponentialLR",
    "torch.optim.lr_scheduler.MultiStepLR",
    "torch.optim.lr_scheduler.StepLR",
)
"""Containers of settings, and what trained a model."""
_RECONSTRUCT: Final = np.zeros(0).__reduce__()[0]
_SCALAR: Final = np.float32(0).__reduce__()[0]
_NUMBERS: Final = "?bBhHiIlLqQefd"
"""Kinds of numbers that arrays may hold; objects are none."""
_LISTED: Final[list[Any]] = [
    np.ndarray,
    np.dtype,
    *((_RECONSTRUCT, f"numpy.{core}.multiarray._reconstruct") for core in ("core", "_core")),
    *((_SCALAR, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
    *{type(np.dtype(code)) for code in _NUMBERS},
    *((Plain, name) for name in _NEVER_IMPORTED),
]


def read_checkpoint(path: Path) -> Any:
    """Read a file of torch's; large tensors stay on the disk until they are used.

    Raises:
        ActorError: if it is missing, cut, damaged, or holds something that is on no list.
    """
    try:
        with torch.serialization.safe_globals(_LISTED):
            return torch.load(path, "cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except (MemoryError, RecursionError):
        raise ActorError(f"{path}: is no checkpoint that could be read: it has no end.") from None
    except UnpicklingError as error:
        raise ActorError(f"{path}: refused, and nothing in it was run: {_reason(error)}") from None
    except Exception as error:  # a damaged file fails wherever its reader first misses something
        raise ActorError(f"{path}: cannot be read as a checkpoint: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """What went wrong, in a line, without advice that would let the file do as it likes."""
    text = " ".join(str(error).split())
    for marker in ("WeightsUnpickler error: ", "Unsupported global: "):
        text = text[text.find(marker) :] if marker in text else text
    return text.partition(" Please ")[0][:300] or type(error).__name__


def tensors_in(value: Any, path: Path, key: str = "") -> dict[str, Tensor]:
    """Tensors by name of a state dict.

    Args:
        value: what was read.
        path: of the file, for messages.
        key: under which it lies, unless it is the whole.

    Raises:
        ActorError: if it is none.
    """
    if isinstance(value, Mapping) and key in value:
        value = value[key]
    if not isinstance(value, Mapping) or not value:
        raise ActorError(f"{path}: expected named tensors, got {type(value).__name__}.")
    for name, tensor in value.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor) or tensor.layout != torch.strided:
            raise ActorError(f"{path}: {name!r}: expected a tensor, got {type(tensor).__name__}.")
    return dict(value)


def look_up(value: Any, *keys: str) -> Tensor | None:
    """Numbers at the end of a road of keys, as a tensor; None if there are none."""
    for key in keys:
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    try:
        return torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError):
        return None
