"""Stage results as safetensors bytes and back, the same bytes for the same values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from avgen.types import Codes, Interval, Mood, Tokens, Waveform

_METADATA_KEY: Final = "avgen"


def dump(value: Tokens | Codes | Waveform) -> bytes:
    """Serialise a stage's result; one JSON metadata key keeps the byte order fixed."""
    if isinstance(value, Tokens):
        about = {
            "label_set": value.label_set,
            "words": [[i.label, i.start, i.end] for i in value.words],
            "phonemes": [[i.label, i.start, i.end] for i in value.phonemes],
            "moods": [[mood.start, mood.emotion] for mood in value.moods],
        }
        return _save({"logits": value.logits}, about)
    if isinstance(value, Codes):
        return _save({"mel": value.mel, "face": value.face, "head": value.head}, {})
    return _save({"samples": value.samples}, {"sample_rate": value.sample_rate})


def load_tokens(data: bytes) -> Tokens:
    """Restore what `dump` made of Tokens."""
    about = _metadata(data)
    return Tokens(
        logits=load(data)["logits"],
        label_set=about["label_set"],
        words=tuple(Interval(*row) for row in about["words"]),
        phonemes=tuple(Interval(*row) for row in about["phonemes"]),
        moods=tuple(Mood(start, tuple(emotion)) for start, emotion in about["moods"]),
    )


def load_codes(data: bytes) -> Codes:
    """Restore what `dump` made of Codes."""
    return Codes(**load(data))


def load_waveform(data: bytes) -> Waveform:
    """Restore what `dump` made of a Waveform."""
    return Waveform(load(data)["samples"], _metadata(data)["sample_rate"])


def _save(tensors: Mapping[str, NDArray[np.float32]], about: Mapping[str, Any]) -> bytes:
    whole = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in tensors.items()}
    metadata = {_METADATA_KEY: json.dumps(about, sort_keys=True, ensure_ascii=False)}
    return bytes(save(whole, metadata=metadata))


def _metadata(data: bytes) -> dict[str, Any]:
    size = int.from_bytes(data[:8], "little")
    header: dict[str, Any] = json.loads(data[8 : 8 + size])
    about: dict[str, Any] = json.loads(header["__metadata__"][_METADATA_KEY])
    return about
