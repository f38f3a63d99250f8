"""Weights of networks: read, checked and put in place, for every component alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from avgen.errors import ActorError

Network = TypeVar("Network", bound=nn.Module)
_RESTORE = "Restore the file from where it came from."


def read_weights(file: Path) -> dict[str, Tensor]:
    """Read a safetensors file; tensors become float32 on the CPU.

    Raises:
        ActorError: if the file is missing, damaged, of another format, or holds a number that is not finite.
    """
    try:
        tensors = load_file(file)
    except (OSError, SafetensorError) as error:
        raise ActorError(f"{file}: cannot be read as safetensors ({error}). {_RESTORE}") from error
    return finite(tensors, file)


def finite(tensors: Mapping[str, Tensor], file: Path) -> dict[str, Tensor]:
    """Tensors of a file in float32.

    Raises:
        ActorError: naming the first that has a value that is not finite.
    """
    weights = {name: tensor.float() for name, tensor in tensors.items()}
    for name, tensor in weights.items():
        if not torch.isfinite(tensor).all():
            raise ActorError(f"{file}: tensor {name} has values that are not finite. {_RESTORE}")
    return weights


def fill(network: Network, weights: Mapping[str, Tensor], file: Path) -> Network:
    """Put weights into a network, for inference; one on the device `meta` takes them as they are.

    Raises:
        ActorError: if they are not exactly those that the network has, naming the first that differs.
    """
    wanted, found = _shapes(network.state_dict()), _shapes(weights)
    for name in {**wanted, **found}:
        if found.get(name) != wanted.get(name):
            got, expected = (shapes.get(name, "no such tensor") for shapes in (found, wanted))
            raise ActorError(
                f"{file} does not fit its configuration as {type(network).__name__}: {name}: expected "
                f"{expected}, got {got}."
            )
    network.load_state_dict(dict(weights), assign=any(one.is_meta for one in network.parameters()))
    return network.eval()


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in tensors.items()}
