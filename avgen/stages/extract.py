"""Recording -> Tokens: what is said in it and when, and the mel that the joint flow follows."""

from __future__ import annotations

from itertools import groupby
from typing import Protocol

import numpy as np

from avgen.speech.audio import at_level
from avgen.speech.mel import mel_spectrogram
from avgen.stages.checks import check_array
from avgen.text.labels import LABEL_SET, LABELS
from avgen.types import CODE_RATE, FloatArray, Interval, Tokens, Waveform


class Extractor(Protocol):
    """What an extractor component offers."""

    @property
    def speech_level(self) -> float:
        """Level of speech it was trained on, in dB relative to full scale."""

    def logits(self, mel: FloatArray) -> FloatArray:
        """Label logits [N, D] of a mel [N, 80]."""


def mel_of(recording: Waveform, extractor: Extractor) -> FloatArray:
    """Mel [N, 80] of a recording brought to the level of the speech that the actor's models know."""
    return mel_spectrogram(at_level(recording.samples, extractor.speech_level))


def extract(recording: Waveform, extractor: Extractor) -> Tokens:
    """Tell what is said in a recording.

    Args:
        recording: of speech.
        extractor: of the actor.

    Returns:
        Tokens with phonemes that cover the recording, and no words.

    Raises:
        StageError: if the logits have not one finite row per frame.
    """
    mel = mel_of(recording, extractor)
    logits = extractor.logits(mel)
    check_array("tokenize", "logits", logits, (len(mel), len(LABELS)))
    return Tokens(logits=logits, label_set=LABEL_SET, words=(), phonemes=_runs(logits.argmax(1)))


def _runs(labels: np.ndarray) -> tuple[Interval, ...]:
    """Runs of equal labels [N] as intervals in seconds."""
    runs, start = [], 0
    for label, frames in groupby(labels.tolist()):
        stop = start + len(list(frames))
        runs.append(Interval(LABELS[label], start / CODE_RATE, stop / CODE_RATE))
        start = stop
    return tuple(runs)
