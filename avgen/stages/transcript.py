"""Recording and what is said in it -> Tokens: the text's labels at the times at which they are heard."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.errors import InputError
from avgen.speech.paths import known_path
from avgen.stages.tokenize import sentence_runs, word_times
from avgen.text import Script, Sentence
from avgen.text.labels import EDGE, LABEL_SET, LABELS, PAUSES, LabelRun
from avgen.types import CODE_RATE, LOGIT, EmotionChange, FloatArray, Interval, Tokens

LEAST: Final = -8.0
"""Log-probability that no label falls below: a sound that is not heard at all costs no more."""
MISFIT: Final = 0.9
"""Nats per frame by which what is heard may fit better than the transcript: people's own words lack 0.4 at
most, half of them or those of another recording 1 to 3."""


class Transcript(NamedTuple):
    """What is said in a recording."""

    script: Script
    """Read."""
    where: str
    """Its file, for messages."""


@cache
def _alike() -> NDArray[np.int64]:
    """[D] number of every label's kind: pauses are one kind, and so are the stresses of a vowel."""
    kinds = [EDGE if label in PAUSES else label.rstrip("012") for label in LABELS]
    return np.unique(kinds, return_inverse=True)[1]


def tolerant(logits: FloatArray) -> FloatArray:
    """Log-probabilities [N, D] in which labels of one kind are as likely as the likeliest of them.

    Kinds of pause and stresses of a vowel are what a text knows and nobody hears.
    """
    shifted = logits - logits.max(1, keepdims=True)
    log_likelihood = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    alike = _alike()
    for kind in range(alike.max() + 1):
        members = alike == kind
        log_likelihood[:, members] = log_likelihood[:, members].max(1, keepdims=True)
    out: FloatArray = np.maximum(log_likelihood, LEAST).astype(np.float32)
    return out


def follow(logits: FloatArray, transcript: Transcript) -> Tokens:
    """Time a transcript by what is heard.

    Args:
        logits: [N, D] of the recording.
        transcript: what is said in it.

    Returns:
        Tokens of the text's labels, with its words, changes of emotion and marks.

    Raises:
        InputError: if it cannot be what is said in the recording.
    """
    sentences = transcript.script.sentences
    parts = [sentence_runs(sentence) for sentence in sentences]
    runs = [LabelRun(EDGE, -1, -1), *(run for part in parts for run in part)]
    path = _path(tolerant(logits), runs, transcript.where)
    ends = np.searchsorted(path, np.arange(len(runs)), side="right") / CODE_RATE
    starts = np.concatenate([[0.0], ends[:-1]])
    labels = np.array([run.index for run in runs])[path]
    words, emotions, marks = list[Interval](), list[EmotionChange](), list[Interval]()
    first = 1
    for sentence, part in zip(sentences, parts, strict=True):
        inside = slice(first, first + len(part))
        times = word_times(sentence, part, starts[inside], ends[inside])
        words += times
        marks += _marks(sentence, times)
        if sentence.emotion is not None and (not emotions or emotions[-1].emotion != sentence.emotion):
            middle = float(starts[first - 1] + ends[first - 1]) / 2 if first > 1 else 0.0
            emotions.append(EmotionChange(middle, sentence.emotion))
        first += len(part)
    end = len(logits) / CODE_RATE
    marks += [Interval(name, end, end) for name in transcript.script.closing_marks]
    return Tokens(
        logits=LOGIT * np.eye(len(LABELS), dtype=np.float32)[labels],
        label_set=LABEL_SET,
        words=tuple(words),
        phonemes=tuple(
            Interval(run.label, float(start), float(end))
            for run, start, end in zip(runs, starts, ends, strict=True)
            if end > start
        ),
        emotions=tuple(emotions),
        marks=tuple(marks),
    )


def _path(log_likelihood: FloatArray, runs: Sequence[LabelRun], where: str) -> NDArray[np.int64]:
    """Which of the runs is heard in every frame [N]."""
    labels = np.array([run.index for run in runs])
    skippable = np.array([run.is_pause for run in runs])
    skippable[[0, -1]] = False
    try:
        path = known_path(log_likelihood, labels, skippable)
    except ValueError:
        path = None
    if path is not None:
        chosen = log_likelihood[np.arange(len(path)), labels[path]]
        if (log_likelihood.max(1) - chosen).mean() < MISFIT:
            return path
    raise InputError(
        f"{where}: the transcript does not fit the recording of {len(log_likelihood) / CODE_RATE:.1f} s. "
        "Give the words that are said in it, all of them and no others."
    )


def _marks(sentence: Sentence, times: Sequence[Interval]) -> list[Interval]:
    return [
        Interval(name, time.start, time.start)
        for word, time in zip(sentence.words, times, strict=True)
        for name in word.marks
    ]
