"""Recording -> Tokens: what is said in it and when, and the mel that the joint flow follows."""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from avgen.errors import InputError
from avgen.speech.audio import at_level, hop_power, speech_level
from avgen.speech.mel import LOG_FLOOR, mel_spectrogram
from avgen.speech.paths import steady_path
from avgen.stages.checks import check_array
from avgen.stages.transcript import Transcript, follow
from avgen.text.labels import EDGE, LABEL_SETS, LabelSet
from avgen.types import CODE_RATE, HOP_SIZE, LOGIT, FloatArray, Interval, Tokens, Waveform

PAUSE_FRAMES: Final = 16
"""A longer pause ends an utterance."""
FAINT_DB: Final = 12.0
"""By which the loud parts of what somebody farther away says are below the speech of the recording."""
_LOUD: Final = 0.9
"""Quantile of an utterance's power that is the level of its loud parts."""


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
    silent = _silent(tokens.logits.argmax(1), label_set)
    mel[~_near(~silent, label_set.edge_frames)] = LOG_FLOOR
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
        path[faint(~_silent(path, label_set), recording.samples)] = label_set.index(EDGE)
        logits = LOGIT * np.eye(len(label_set.labels), dtype=np.float32)[path]
    return Tokens(logits, label_set.name, words=(), phonemes=_runs(path, label_set))


def _silent(path: NDArray[np.integer], label_set: LabelSet) -> NDArray[np.bool_]:
    """Frames [N] with labels [N] of which nothing need be heard."""
    return np.isin(path, [label_set.index(label) for label in label_set.silent])


def _near(frames: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Frames [N] that are at most so many away from some."""
    return np.convolve(frames, np.ones(2 * reach + 1))[reach : reach + len(frames)] > 0


def faint(heard: NDArray[np.bool_], samples: FloatArray) -> NDArray[np.bool_]:
    """Frames in which another voice is heard behind the speaker's.

    Args:
        heard: [S // 256] frames in which somebody speaks.
        samples: [S] of the recording.

    Returns:
        [S // 256] frames of utterances that are too faint to be the speaker's.
    """
    near = _near(heard, PAUSE_FRAMES // 2)
    edges = np.flatnonzero(np.diff(near, prepend=False, append=False)).reshape(-1, 2)
    power, least = hop_power(samples), 10 ** ((speech_level(samples) - FAINT_DB) / 10)
    out = np.zeros(len(heard), np.bool_)
    for start, end in edges:
        spoken = heard[start:end]
        out[start:end] = spoken & (np.quantile(power[start:end][spoken], _LOUD) < least)
    return out


def _runs(path: np.ndarray, label_set: LabelSet) -> tuple[Interval, ...]:
    """Runs of equal labels [N] as intervals in seconds."""
    runs, start = [], 0
    for label, frames in groupby(path.tolist()):
        stop = start + len(list(frames))
        runs.append(Interval(label_set.labels[label], start / CODE_RATE, stop / CODE_RATE))
        start = stop
    return tuple(runs)
