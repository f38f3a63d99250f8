"""Recording -> Tokens: what is said in it and when, and the mel that the joint flow follows."""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby
from typing import Protocol

import numpy as np

from avgen.errors import InputError
from avgen.speech.audio import at_level
from avgen.speech.mel import LOG_FLOOR, mel_spectrogram
from avgen.speech.paths import steady_path
from avgen.stages.checks import check_array
from avgen.stages.transcript import Transcript, follow
from avgen.text.labels import LABEL_SETS, LabelSet
from avgen.types import CODE_RATE, HOP_SIZE, LOGIT, FloatArray, Interval, Tokens, Waveform


class Extractor(Protocol):
    """What an extractor component offers."""

    @property
    def label_set(self) -> str:
        """Name of the set of its labels."""

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
    label_set = LABEL_SETS[tokens.label_set]
    silent = np.isin(tokens.logits.argmax(1), [label_set.index(label) for label in label_set.silent])
    edge = label_set.edge_frames
    near = np.convolve(~silent, np.ones(2 * edge + 1))[edge : edge + len(silent)] > 0
    mel[~near] = LOG_FLOOR
    return mel


def extract(recording: Waveform, extractor: Extractor, transcript: Transcript | None = None) -> Tokens:
    """Tell what is said in a recording.

    Args:
        recording: of speech.
        extractor: of the actor.
        transcript: what is said, if that is known; where it was recognised and does not fit, it is left out.

    Returns:
        Tokens with phonemes, or letters, that cover the recording; words only of a transcript.

    Raises:
        InputError: if the transcript does not fit the recording.
        StageError: if the logits have not one finite row per frame.
    """
    label_set = LABEL_SETS[extractor.label_set]
    logits = extractor.logits(recording.samples)
    check_array("tokenize", "logits", logits, (len(recording.samples) // HOP_SIZE, len(label_set.labels)))
    if transcript is not None:
        with suppress(*(() if transcript.is_sure else (InputError,))):
            return follow(logits, transcript, label_set)
    path = steady_path(logits, extractor.change_cost)
    if label_set.sharp:
        logits = LOGIT * np.eye(len(label_set.labels), dtype=np.float32)[path]
    return Tokens(logits, label_set.name, words=(), phonemes=_runs(path, label_set))


def _runs(path: np.ndarray, label_set: LabelSet) -> tuple[Interval, ...]:
    """Runs of equal labels [N] as intervals in seconds."""
    runs, start = [], 0
    for label, frames in groupby(path.tolist()):
        stop = start + len(list(frames))
        runs.append(Interval(label_set.labels[label], start / CODE_RATE, stop / CODE_RATE))
        start = stop
    return tuple(runs)
