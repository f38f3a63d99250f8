"""Stage results as safetensors bytes and back, the same bytes for the same values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from avgen.emotion import Emotion
from avgen.partner import Partner
from avgen.tracks import KINDS, Codes, Track
from avgen.types import EmotionChange, FloatArray, Inflection, Interval, Tokens, VoiceChange, Waveform

_METADATA_KEY: Final = "avgen"
Value = TypeVar("Value", Tokens, Codes, Waveform, Partner)


class Form(NamedTuple):
    """How a kind of result is written down."""

    dump: Callable[[Any], bytes]
    """Value to bytes."""
    load: Callable[[bytes], Any]
    """Bytes to value; ValueError for anything that `dump` did not make."""


def dump_tokens(tokens: Tokens) -> bytes:
    """Serialise tokens; one JSON metadata key keeps the byte order fixed."""
    about = {
        "label_set": tokens.label_set,
        "words": [[i.label, i.start, i.end] for i in tokens.words],
        "phonemes": [[i.label, i.start, i.end] for i in tokens.phonemes],
        "emotions": [[change.start, change.emotion] for change in tokens.emotions],
        "inflections": [[i.start, i.end, i.pitch, i.volume] for i in tokens.inflections],
        "marks": [[mark.label, mark.start, mark.end] for mark in tokens.marks],
        "voices": [[change.start, change.shares] for change in tokens.voices],
    }
    return _save({"logits": tokens.logits}, about)


def load_tokens(data: bytes) -> Tokens:
    """Restore what `dump_tokens` made."""

    def read(tensors: Mapping[str, FloatArray], about: Mapping[str, Any]) -> Tokens:
        return Tokens(
            logits=tensors["logits"],
            label_set=about["label_set"],
            words=tuple(Interval(*row) for row in about["words"]),
            phonemes=tuple(Interval(*row) for row in about["phonemes"]),
            emotions=tuple(EmotionChange(start, Emotion(*row)) for start, row in about["emotions"]),
            inflections=tuple(Inflection(*row) for row in about["inflections"]),
            marks=tuple(Interval(*row) for row in about["marks"]),
            voices=tuple(VoiceChange(start, tuple(map(float, row))) for start, row in about["voices"]),
        )

    return _load(data, read)


def dump_codes(codes: Codes) -> bytes:
    """Serialise codes, whatever their tracks."""
    kinds = {name: track.kind for name, track in codes.tracks.items()}
    return _save(
        {name: track.values for name, track in codes.tracks.items()}, {"kinds": kinds, "rate": codes.rate}
    )


def load_codes(data: bytes) -> Codes:
    """Restore what `dump_codes` made."""

    def read(tensors: Mapping[str, FloatArray], about: Mapping[str, Any]) -> Codes:
        kinds = about["kinds"]
        if kinds.keys() != tensors.keys() or not set(kinds.values()) <= set(KINDS):
            raise ValueError("tracks and their kinds do not agree")
        if len({len(values) for values in tensors.values()}) != 1:
            raise ValueError("tracks of different lengths")
        return Codes({name: Track(tensors[name], kind) for name, kind in kinds.items()}, float(about["rate"]))

    return _load(data, read)


def dump_waveform(waveform: Waveform) -> bytes:
    """Serialise sound."""
    return _save({"samples": waveform.samples}, {"sample_rate": waveform.sample_rate})


def load_waveform(data: bytes) -> Waveform:
    """Restore what `dump_waveform` made."""
    return _load(data, lambda tensors, about: Waveform(tensors["samples"], int(about["sample_rate"])))


def dump_partner(partner: Partner) -> bytes:
    """Serialise what is heard and seen of a partner."""
    both = {"tokens": partner.tokens, "face": partner.face}
    return _save({name: values for name, values in both.items() if values is not None}, {})


def load_partner(data: bytes) -> Partner:
    """Restore what `dump_partner` made."""
    return _load(data, lambda tensors, about: Partner(**tensors))


FORMS: Final[Mapping[str, Form]] = {
    "tokens": Form(dump_tokens, load_tokens),
    "codes": Form(dump_codes, load_codes),
    "waveform": Form(dump_waveform, load_waveform),
    "partner": Form(dump_partner, load_partner),
}
"""By the name of the result."""


def _save(tensors: Mapping[str, NDArray[np.float32]], about: Mapping[str, Any]) -> bytes:
    whole = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in tensors.items()}
    metadata = {_METADATA_KEY: json.dumps(about, sort_keys=True, ensure_ascii=False)}
    return bytes(save(whole, metadata=metadata))


def _load(data: bytes, read: Callable[[Mapping[str, FloatArray], Mapping[str, Any]], Value]) -> Value:
    try:
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + size])
        return read(load(data), json.loads(header["__metadata__"][_METADATA_KEY]))
    except (SafetensorError, LookupError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"not a result of this kind: {error}") from None
