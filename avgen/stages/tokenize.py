"""Script -> Tokens: durations of every phoneme, pauses between sentences, and frame-level logits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from avgen.emotion import Emotion
from avgen.errors import InputError
from avgen.speech.prosody import tempo
from avgen.text import Pause, Script, Sentence
from avgen.text.labels import EDGE, LABEL_SET, LabelRun, label_index, read_symbols
from avgen.types import CODE_RATE, EmotionChange, FloatArray, Interval, Tokens

if TYPE_CHECKING:
    import torch

LEAD_SECONDS: Final = 0.25
"""Silence before the first word."""
TAIL_SECONDS: Final = 0.5
"""Silence after the last word."""
PARAGRAPH_FACTOR: Final = 2.0
"""Paragraphs are this many sentence silences apart."""


class TextToTokens(Protocol):
    """What a text_to_tokens component offers."""

    def durations(
        self, labels: Sequence[int], generator: torch.Generator, *, speaking_rate: float
    ) -> NDArray[np.int64]:
        """Frames [L] that labels [L] of one sentence last."""

    def logits(
        self, labels: Sequence[int], frames: NDArray[np.int64], generator: torch.Generator
    ) -> FloatArray:
        """Logits [N, D] of labels [L] that last frames [L], N in all."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence with the silence around it, or a silence alone (words and runs empty)."""

    logits: FloatArray
    words: tuple[Interval, ...]
    phonemes: tuple[Interval, ...]


def tokenize(
    script: Script,
    text_to_tokens: TextToTokens,
    *,
    seed: int,
    emotion: Emotion,
    speaking_rate: float,
    sentence_silence: float,
) -> Tokens:
    """Turn a script into frame-level tokens with sampled durations.

    Args:
        script: what to say.
        text_to_tokens: the actor's network.
        seed: of the durations; seeds differ in rhythm.
        emotion: of sentences for which the script says nothing else; some are spoken faster than others.
        speaking_rate: tempo relative to the actor's own; greater is faster.
        sentence_silence: seconds between two sentences; paragraphs are twice as far apart.

    Returns:
        Tokens whose phonemes, pauses included, cover the whole clip.

    Raises:
        InputError: the script has no sentence.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    items = list(script.timeline(sentence_silence, PARAGRAPH_FACTOR * sentence_silence))
    if not any(isinstance(item, Sentence) for item in items):
        raise InputError("there is nothing to say in the script. Write at least one sentence.")
    pieces: list[_Piece] = []
    emotions: list[EmotionChange] = []
    offset = 0
    for sentence, before, after in _with_silences(items, speaking_rate):
        if sentence.emotion is not None and (not emotions or emotions[-1].emotion != sentence.emotion):
            emotions.append(EmotionChange(_change(pieces), Emotion(*sentence.emotion)))
        rate = speaking_rate * tempo(emotion if sentence.emotion is None else sentence.emotion)
        piece = _speak(sentence, before, after, offset, text_to_tokens, generator, rate)
        pieces.append(piece)
        offset += len(piece.logits)
    return Tokens(
        logits=np.concatenate([piece.logits for piece in pieces]),
        label_set=LABEL_SET,
        words=tuple(word for piece in pieces for word in piece.words),
        phonemes=tuple(phoneme for piece in pieces for phoneme in piece.phonemes),
        emotions=tuple(emotions),
    )


def _change(pieces: list[_Piece]) -> float:
    """When a new emotion sets in: in the middle of the silence that ends the pieces so far."""
    if not pieces:
        return 0.0
    silence = pieces[-1].phonemes[-1]
    return (silence.start + silence.end) / 2


def _with_silences(
    items: list[Sentence | Pause], speaking_rate: float
) -> Iterator[tuple[Sentence, int, int | None]]:
    """Sentences with the frames of silence before and after each; None leaves the length to the model."""

    def frames(seconds: float) -> int:
        return round(seconds * CODE_RATE / speaking_rate)

    before = frames(LEAD_SECONDS)
    sentences = [position for position, item in enumerate(items) if isinstance(item, Sentence)]
    leading = items[: sentences[0]]
    before += sum(frames(item.seconds) for item in leading if isinstance(item, Pause))
    for start, stop in zip(sentences, [*sentences[1:], len(items)], strict=True):
        sentence, pauses = items[start], items[start + 1 : stop]
        silence = sum(frames(item.seconds) for item in pauses if isinstance(item, Pause))
        last = stop == len(items)
        after = silence + frames(TAIL_SECONDS) if last else silence if pauses else None
        assert isinstance(sentence, Sentence)
        yield sentence, before, after
        before = 0


def _speak(
    sentence: Sentence,
    before: int,
    after: int | None,
    offset: int,
    model: TextToTokens,
    generator: torch.Generator,
    speaking_rate: float,
) -> _Piece:
    """One sentence from frame `offset` on; the first and last label are the silences around it."""
    runs = read_symbols(sentence.symbols)
    runs = runs[1:] if runs and runs[0].is_pause else runs
    runs = runs if runs and runs[-1].is_pause else [*runs, LabelRun(EDGE, -1, -1)]
    labels = [label_index(EDGE), *(run.index for run in runs)]
    frames = model.durations(labels, generator, speaking_rate=speaking_rate)
    frames[0] = before
    if after is not None:
        frames[-1] = after
    ends = (offset + np.cumsum(frames)) / CODE_RATE
    starts = ends - frames / CODE_RATE
    names = [EDGE, *(run.label for run in runs)]
    phonemes = tuple(
        Interval(name, float(start), float(end))
        for name, start, end in zip(names, starts, ends, strict=True)
        if end > start
    )
    return _Piece(
        logits=model.logits(labels, frames, generator),
        words=_word_times(sentence, runs, starts[1:], ends[1:]),
        phonemes=phonemes,
    )


def _word_times(
    sentence: Sentence, runs: list[LabelRun], starts: np.ndarray, ends: np.ndarray
) -> tuple[Interval, ...]:
    """When each written word is heard; a word without sound gets no time of its own."""
    words = []
    clock = float(starts[0])
    for word, (first, last) in zip(sentence.words, sentence.spans, strict=True):
        inside = [
            i for i, run in enumerate(runs) if not run.is_pause and run.start < last and run.stop > first
        ]
        start, stop = (float(starts[inside[0]]), float(ends[inside[-1]])) if inside else (clock, clock)
        words.append(Interval(word.text, start, stop))
        clock = stop
    return tuple(words)
