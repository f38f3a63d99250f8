"""Vocoders: mel spectrogram -> samples, one class per kind, imported when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol, cast

from avgen.errors import ActorError
from avgen.speech.prosody import Prosody
from avgen.types import FloatArray

KINDS: Final = {
    "source_filter": "avgen.vocoders.source_filter:SourceFilter",
    "bigvgan": "avgen.vocoders.bigvgan:BigVGAN",
}


class Vocoder(Protocol):
    """Turns a mel spectrogram into speech, at bounded memory for any length."""

    def __call__(self, mel: FloatArray, seed: int, prosody: Prosody | None = None) -> FloatArray:
        """Speech of a mel spectrogram.

        Args:
            mel: [N, 80] natural-log mel (avgen/speech/mel.py).
            seed: of the noise, where the vocoder draws any.
            prosody: how the speech departs from its mel, where the vocoder can do that.

        Returns:
            [N * 256] samples in [-1, 1] at 22,050 Hz.
        """
        ...


def load_vocoder(kind: str, config: Mapping[str, Any], file: Path) -> Vocoder:
    """Loads a vocoder's weights.

    Args:
        kind: a key of `KINDS`.
        config: values of the kind's configuration dataclass.
        file: weights, already verified by the caller.

    Raises:
        ActorError: if the kind is unknown or the weights do not fit the configuration.
    """
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(KINDS)}"
        raise ActorError(f"unknown vocoder kind {kind!r}; {hint}")
    module, name = KINDS[kind].split(":")
    return cast(Vocoder, getattr(import_module(module), name).load(config, file))
