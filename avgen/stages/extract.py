"""Recording -> Tokens: what is said in it and when, and the mel that the joint flow follows."""

from __future__ import annotations

from itertools import groupby
from typing import Final, Protocol

import numpy as np

from avgen.speech.audio import at_level
from avgen.speech.mel import LOG_FLOOR, mel_spectrogram
from avgen.speech.paths import steady_path
from avgen.stages.checks import check_array
from avgen.stages.transcript import Transcript, follow
from avgen.text.labels import LABEL_SET, LABELS, PAUSES
from avgen.types import CODE_RATE, HOP_SIZE, LOGIT, FloatArray, Interval, Tokens, Waveform

EDGE_FRAMES: Final = 3
"""Frames beside a sound that are not taken for silence: breath and echo belong to it."""


class Extractor(Protocol):
    """What an extractor component offers."""

    @property
    def speech_level(self) -> float:
        """Level of speech it was trained on, in dB relative to full scale."""

    @property
    def change_cost(self) -> float:
        """Nats that a change of label costs."""

    def logits(self, samples: FloatArray) -> FloatArray:
        """Label logits [S // 256, D] of a recording [S] of any level."""


def mel_of(recording: Waveform, extractor: Extractor) -> FloatArray:
    """Mel [N, 80] of a recording brought to the level of the speech that the actor's models know."""
    return mel_spectrogram(at_level(recording.samples, extractor.speech_level))


def speech_mel(recording: Waveform, extractor: Extractor, tokens: Tokens) -> FloatArray:
    """Mel [N, 80] that motion follows: that of the recording, and silence where nobody speaks.

    Noise, music and other people in a pause are heard in the video and would move the lips.
    """
    mel = mel_of(recording, extractor)
    pauses = np.isin(tokens.logits.argmax(1), [LABELS.index(label) for label in PAUSES])
    near = np.convolve(~pauses, np.ones(2 * EDGE_FRAMES + 1), "same") > 0
    mel[~near] = LOG_FLOOR
    return mel


def extract(recording: Waveform, extractor: Extractor, transcript: Transcript | None = None) -> Tokens:
    """Tell what is said in a recording.

    Args:
        recording: of speech.
        extractor: of the actor.
        transcript: what is said, if that is known.

    Returns:
        Tokens with phonemes that cover the recording; words only of a transcript.

    Raises:
        InputError: if the transcript does not fit the recording.
        StageError: if the logits have not one finite row per frame.
    """
    logits = extractor.logits(recording.samples)
    check_array("tokenize", "logits", logits, (len(recording.samples) // HOP_SIZE, len(LABELS)))
    if transcript is not None:
        return follow(logits, transcript)
    labels = steady_path(logits, extractor.change_cost)
    sharp = LOGIT * np.eye(len(LABELS), dtype=np.float32)[labels]
    return Tokens(logits=sharp, label_set=LABEL_SET, words=(), phonemes=_runs(labels))


def _runs(labels: np.ndarray) -> tuple[Interval, ...]:
    """Runs of equal labels [N] as intervals in seconds."""
    runs, start = [], 0
    for label, frames in groupby(labels.tolist()):
        stop = start + len(list(frames))
        runs.append(Interval(LABELS[label], start / CODE_RATE, stop / CODE_RATE))
        start = stop
    return tuple(runs)
