"""Recording and what is said in it -> Tokens: the text's labels at the times at which they are heard."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.errors import InputError
from avgen.speech.paths import known_path
from avgen.stages.letters import LetterRun, letter_runs, skippable
from avgen.stages.tokenize import Run, sentence_runs, word_times
from avgen.text import Script, Sentence
from avgen.text.labels import BLANK, EDGE, LABELS, PAUSES, LabelRun, LabelSet
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
    is_sure: bool = True
    """Whether somebody wrote it; what was recognised may be wrong."""


@cache
def _alike() -> NDArray[np.int64]:
    """[D] number of every label's kind: pauses are one kind, and so are the stresses of a vowel."""
    kinds = [EDGE if label in PAUSES else label.rstrip("012") for label in LABELS]
    return np.unique(kinds, return_inverse=True)[1]


def tolerant(logits: FloatArray) -> FloatArray:
    """Log-probabilities [N, D] in which labels of one kind are as likely as the likeliest of them.

    Kinds of pause and stresses of a vowel are what a text knows and nobody hears.
    """
    log_likelihood = likelihood(logits)
    alike = _alike()
    for kind in range(alike.max() + 1):
        members = alike == kind
        log_likelihood[:, members] = log_likelihood[:, members].max(1, keepdims=True)
    return log_likelihood


def likelihood(logits: FloatArray) -> FloatArray:
    """Log-probabilities [N, D] of logits, none below LEAST."""
    shifted = logits - logits.max(1, keepdims=True)
    log_likelihood = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    out: FloatArray = np.maximum(log_likelihood, LEAST).astype(np.float32)
    return out


class Way(NamedTuple):
    """What a transcript says is heard, in order."""

    parts: Sequence[Sequence[Run]]
    """Of every sentence."""
    runs: Sequence[Run]
    """All of them, after the silence before the first."""
    skippable: NDArray[np.bool_]
    """[L] those that may not be heard at all."""
    log_likelihood: FloatArray
    """[N, D] of all labels in every frame."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """[L] positions of the runs' labels in their set."""
        return np.array([run.index for run in self.runs])


def _way(logits: FloatArray, sentences: Sequence[Sentence], label_set: LabelSet) -> Way:
    if not label_set.sharp:
        letters = [letter_runs(sentence) for sentence in sentences]
        spelled = [LetterRun(BLANK), *(run for part in letters for run in part)]
        return Way(letters, spelled, skippable(spelled), likelihood(logits))
    parts = [sentence_runs(sentence) for sentence in sentences]
    runs = [LabelRun(EDGE, -1, -1), *(run for part in parts for run in part)]
    pauses = np.array([run.is_pause for run in runs])
    pauses[[0, -1]] = False
    return Way(parts, runs, pauses, tolerant(logits))


def follow(logits: FloatArray, transcript: Transcript, label_set: LabelSet) -> Tokens:
    """Time a transcript by what is heard.

    Args:
        logits: [N, D] of the recording.
        transcript: what is said in it.
        label_set: of the logits.

    Returns:
        Tokens of the text's labels, or as they are heard if the set is not sharp, with the text's words,
        changes of emotion and marks.

    Raises:
        InputError: if it cannot be what is said in the recording.
    """
    sentences = transcript.script.sentences
    way = _way(logits, sentences, label_set)
    path = _path(way, transcript.where)
    ends = np.searchsorted(path, np.arange(len(way.runs)), side="right") / CODE_RATE
    starts = np.concatenate([[0.0], ends[:-1]])
    words, emotions, marks = list[Interval](), list[EmotionChange](), list[Interval]()
    first = 1
    for sentence, part in zip(sentences, way.parts, strict=True):
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
    if label_set.sharp:
        logits = LOGIT * np.eye(len(label_set.labels), dtype=np.float32)[way.labels[path]]
    return Tokens(
        logits=logits,
        label_set=label_set.name,
        words=tuple(words),
        phonemes=tuple(
            Interval(run.label, float(start), float(end))
            for run, start, end in zip(way.runs, starts, ends, strict=True)
            if end > start
        ),
        emotions=tuple(emotions),
        marks=tuple(marks),
    )


def _path(way: Way, where: str) -> NDArray[np.int64]:
    """Which of the runs is heard in every frame [N]."""
    likely, path = way.log_likelihood, None
    with suppress(ValueError):
        path = known_path(likely, way.labels, way.skippable)
    if path is not None:
        chosen = likely[np.arange(len(path)), way.labels[path]]
        if (likely.max(1) - chosen).mean() < MISFIT:
            return path
    raise InputError(
        f"{where}: the transcript does not fit the recording of {len(likely) / CODE_RATE:.1f} s. "
        "Give the words that are said in it, all of them and no others."
    )


def _marks(sentence: Sentence, times: Sequence[Interval]) -> list[Interval]:
    return [
        Interval(name, time.start, time.start)
        for word, time in zip(sentence.words, times, strict=True)
        for name in word.marks
    ]
