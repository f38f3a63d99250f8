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
from avgen.text.labels import EDGE, LabelRun, label_index, read_symbols
from avgen.types import CODE_RATE, EmotionChange, FloatArray, Inflection, Interval, Tokens, VoiceChange
from avgen.voices import Shares

if TYPE_CHECKING:
    import torch

LEAD_SECONDS: Final = 0.25
"""Silence before the first word."""
TAIL_SECONDS: Final = 0.5
"""Silence after the last word."""
CHANGE_SECONDS: Final = 0.4
"""A new emotion sets in at most this long before it is heard."""
PARAGRAPH_FACTOR: Final = 2.0
"""Paragraphs are this many sentence silences apart."""


class TextToTokens(Protocol):
    """What a text_to_tokens component offers."""

    @property
    def label_set(self) -> str:
        """Name of the set of its logits' labels."""

    def durations(
        self,
        labels: Sequence[int],
        generator: torch.Generator,
        *,
        speaking_rate: float | FloatArray,
        voice: FloatArray | None,
    ) -> NDArray[np.int64]:
        """Frames [L] that labels [L] of one sentence last, at one tempo or each at its own [L].

        The voice is the shares [V] of those that speak; None if the actor has only one.
        """

    def logits(
        self, labels: Sequence[int], frames: NDArray[np.int64], generator: torch.Generator
    ) -> FloatArray:
        """Logits [N, D] of labels [L] that last frames [L], N in all."""


class Run(Protocol):
    """A label of a sentence, and the symbols it was read from: symbols[start:stop]."""

    @property
    def label(self) -> str:
        """The label."""

    @property
    def start(self) -> int:
        """The first symbol."""

    @property
    def stop(self) -> int:
        """The one after the last."""

    @property
    def index(self) -> int:
        """Position of the label in its set."""

    @property
    def is_pause(self) -> bool:
        """Whether it is no sound of a word."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence with the silences around it.

    Attributes:
        logits: [N, D].
        words: of the sentence.
        phonemes: of it, silences included; they cover all of the piece.
        inflections: of its words.
        marks: named moments in it.
    """

    logits: FloatArray
    words: tuple[Interval, ...]
    phonemes: tuple[Interval, ...]
    inflections: tuple[Inflection, ...]
    marks: tuple[Interval, ...]


def tokenize(
    script: Script,
    text_to_tokens: TextToTokens,
    *,
    seed: int,
    emotion: Emotion,
    voice: Shares,
    voice_names: Sequence[str],
    speaking_rate: float,
    sentence_silence: float,
) -> Tokens:
    """Turn a script into frame-level tokens with sampled durations.

    Args:
        script: what to say.
        text_to_tokens: the actor's network.
        seed: of the durations; seeds differ in rhythm.
        emotion: of sentences for which the script says nothing else; some are spoken faster than others.
        voice: [V] shares of the voices that speak where the script says nothing else.
        voice_names: [V] what the script calls them.
        speaking_rate: tempo relative to the actor's own; greater is faster.
        sentence_silence: seconds between two sentences; paragraphs are twice as far apart.

    Returns:
        Tokens whose phonemes, pauses included, cover the whole clip.

    Raises:
        InputError: the script has no sentence, or names a voice that is not there.
    """
    import torch

    speaker = Speaker(text_to_tokens, torch.Generator().manual_seed(seed), emotion, voice, voice_names)
    lead, tail = (round(seconds * CODE_RATE / speaking_rate) for seconds in (LEAD_SECONDS, TAIL_SECONDS))
    speaker.say(script, speaking_rate, sentence_silence, lead, tail)
    return speaker.tokens(script.closing_marks)


class Speaker:
    """Says one script after the other, on one clock.

    Attributes:
        pieces: sentences so far.
        emotions: changes of emotion so far.
        voices: changes of voice so far.
        voice: [V] shares of the voices that speak now.
        frames: so far.
    """

    def __init__(
        self,
        model: TextToTokens,
        generator: torch.Generator,
        emotion: Emotion,
        voice: Shares,
        voice_names: Sequence[str],
    ) -> None:
        self.model = model
        self.generator = generator
        self.emotion = emotion
        self.pieces: list[Piece] = []
        self.emotions: list[EmotionChange] = []
        self.voice = voice
        self.voice_names = voice_names
        self.voices: list[VoiceChange] = []
        self.frames = 0

    def say(
        self, script: Script, speaking_rate: float, sentence_silence: float, lead: int, tail: int
    ) -> None:
        """Say a script after what was said.

        Args:
            script: what to say.
            speaking_rate: tempo.
            sentence_silence: seconds between two sentences.
            lead: frames of silence before it.
            tail: frames of silence after it.

        Raises:
            InputError: the script has no sentence.
        """
        items = list(script.timeline(sentence_silence, PARAGRAPH_FACTOR * sentence_silence))
        if not any(isinstance(item, Sentence) for item in items):
            raise InputError("there is nothing to say in the script. Write at least one sentence.")
        for sentence, before, after in _with_silences(items, speaking_rate, lead, tail):
            asked = sentence.emotion
            if asked is not None and (not self.emotions or self.emotions[-1].emotion != asked):
                self.emotions.append(EmotionChange(self._change(before), asked))
            if sentence.voice is not None:
                self._hand_over(sentence.voice.shares(self.voice_names), before)
            rate = speaking_rate * tempo(self.emotion if asked is None else asked)
            self.pieces.append(self._speak(sentence, before, after, rate))
            self.frames += len(self.pieces[-1].logits)

    def rest(self, frames: int) -> None:
        """Say nothing for some frames."""
        if frames > 0:
            silence = self.model.logits([label_index(EDGE)], np.array([frames]), self.generator)
            start, self.frames = self.frames, self.frames + frames
            edge = Interval(EDGE, start / CODE_RATE, self.frames / CODE_RATE)
            self.pieces.append(Piece(silence, (), (edge,), (), ()))

    def tokens(self, closing_marks: Sequence[str] = ()) -> Tokens:
        """All that was said; closing marks stand at the end."""
        end = self.frames / CODE_RATE
        closing = tuple(Interval(name, end, end) for name in closing_marks)
        return Tokens(
            logits=np.concatenate([piece.logits for piece in self.pieces]),
            label_set=self.model.label_set,
            words=tuple(word for piece in self.pieces for word in piece.words),
            phonemes=tuple(phoneme for piece in self.pieces for phoneme in piece.phonemes),
            emotions=tuple(self.emotions),
            inflections=tuple(inflection for piece in self.pieces for inflection in piece.inflections),
            marks=(*(mark for piece in self.pieces for mark in piece.marks), *closing),
            voices=tuple(self.voices),
        )

    def _hand_over(self, voice: Shares, before: int) -> None:
        """Let another voice speak from the next sentence on, which some frames of silence precede."""
        if voice != self.voice:
            self.voices.append(VoiceChange(self._change(before), voice))
            self.voice = voice

    def _change(self, before: int) -> float:
        """When a new emotion or voice sets in: in the middle of a silence, not long before it is heard."""
        if not self.pieces:
            return 0.0
        if before:
            return (self.frames + max(before / 2, before - CHANGE_SECONDS * CODE_RATE)) / CODE_RATE
        silence = self.pieces[-1].phonemes[-1]
        return (silence.start + silence.end) / 2

    def _speak(self, sentence: Sentence, before: int, after: int | None, speaking_rate: float) -> Piece:
        """One sentence; the first and last label are the silences around it."""
        runs = sentence_runs(sentence)
        labels = [label_index(EDGE), *(run.index for run in runs)]
        rates = _rates(sentence, runs, speaking_rate)
        voice = np.array(self.voice, np.float32) if len(self.voice) > 1 else None
        frames = self.model.durations(labels, self.generator, speaking_rate=rates, voice=voice)
        frames[0] = before
        if after is not None:
            frames[-1] = after
        ends = (self.frames + np.cumsum(frames)) / CODE_RATE
        starts = ends - frames / CODE_RATE
        names = [EDGE, *(run.label for run in runs)]
        words = word_times(sentence, runs, starts[1:], ends[1:])
        return Piece(
            logits=self.model.logits(labels, frames, self.generator),
            words=words,
            phonemes=tuple(
                Interval(name, float(start), float(end))
                for name, start, end in zip(names, starts, ends, strict=True)
                if end > start
            ),
            inflections=_inflections(sentence, words),
            marks=tuple(
                Interval(name, time.start, time.start)
                for word, time in zip(sentence.words, words, strict=True)
                for name in word.marks
            ),
        )


def _with_silences(
    items: list[Sentence | Pause], speaking_rate: float, lead: int, tail: int
) -> Iterator[tuple[Sentence, int, int | None]]:
    """Sentences with the frames of silence before and after each; None leaves the length to the model."""

    def frames(seconds: float) -> int:
        return round(seconds * CODE_RATE / speaking_rate)

    sentences = [position for position, item in enumerate(items) if isinstance(item, Sentence)]
    leading = items[: sentences[0]]
    before = lead + sum(frames(item.seconds) for item in leading if isinstance(item, Pause))
    for start, stop in zip(sentences, [*sentences[1:], len(items)], strict=True):
        sentence, pauses = items[start], items[start + 1 : stop]
        silence = sum(frames(item.seconds) for item in pauses if isinstance(item, Pause))
        last = stop == len(items)
        after = silence + tail if last else silence if pauses else None
        assert isinstance(sentence, Sentence)
        yield sentence, before, after
        before = 0


def _rates(sentence: Sentence, runs: Sequence[LabelRun], speaking_rate: float) -> float | FloatArray:
    """Tempo of every label [1 + runs] where words have one of their own; else that of all."""
    if all(word.prosody.rate == 1.0 for word in sentence.words):
        return speaking_rate
    rates: FloatArray = np.full(1 + len(runs), speaking_rate, np.float32)
    for word, (first, last) in zip(sentence.words, sentence.spans, strict=True):
        for place in _inside(runs, first, last):
            rates[1 + place] *= np.float32(word.prosody.rate)
    return rates


def _inside(runs: Sequence[Run], first: int, last: int) -> list[int]:
    """Which runs sound inside a range of a sentence's symbols."""
    return [i for i, run in enumerate(runs) if not run.is_pause and run.start < last and run.stop > first]


def _inflections(sentence: Sentence, times: Sequence[Interval]) -> tuple[Inflection, ...]:
    """Pitch and volume of the words that have their own."""
    return tuple(
        Inflection(time.start, time.end, word.prosody.pitch, word.prosody.volume)
        for word, time in zip(sentence.words, times, strict=True)
        if word.prosody.pitch or word.prosody.volume
    )


def sentence_runs(sentence: Sentence) -> list[LabelRun]:
    """Labels of a sentence: its first sound comes first, a silence last."""
    runs = read_symbols(sentence.symbols)
    runs = runs[1:] if runs and runs[0].is_pause else runs
    return runs if runs and runs[-1].is_pause else [*runs, LabelRun(EDGE, -1, -1)]


def word_times(
    sentence: Sentence, runs: Sequence[Run], starts: np.ndarray, ends: np.ndarray
) -> tuple[Interval, ...]:
    """When each written word is heard; a word without sound gets no time of its own."""
    words = []
    clock = float(starts[0])
    for word, (first, last) in zip(sentence.words, sentence.spans, strict=True):
        inside = _inside(runs, first, last)
        start, stop = (float(starts[inside[0]]), float(ends[inside[-1]])) if inside else (clock, clock)
        words.append(Interval(word.text, start, stop))
        clock = stop
    return tuple(words)
