"""How somebody who listens answers a speaker's cues, by rule: with nods, and now and then 'mm-hm'."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from avgen.emotion import Emotion
from avgen.inputs.dialogues import AGREES, NODS
from avgen.stages.tokenize import Speaker, TextToTokens
from avgen.text import read_script
from avgen.text.labels import LABEL_SETS
from avgen.types import CODE_RATE, Interval, Tokens
from avgen.voices import Shares

ANSWER_SECONDS: Final = (0.15, 0.35)
"""From a cue to the answer, least and most."""
ANSWERED: Final = 0.95
"""Share of cues that are answered, by whoever has the room to."""
SAID: Final = 0.35
"""Share of answers that are heard; all of them are nods."""
APART_SECONDS: Final = 1.0
"""Between two answers, and from a nod that the script asks for."""
ROOM_SECONDS: Final = (0.2, 1.0)
"""Before and after the start of an answer in which one says nothing else, and the clip does not end."""
ROOM_TO_SPEAK_SECONDS: Final = 1.8
"""After the start of one that is heard."""
MM_HM: Final = "[Mm-hm](/mhˈm/)."
"""What is said: the lips stay closed, and it is some 10 dB softer than speech."""
Hum = Callable[[int], Tokens]
"""Says 'mm-hm', each time otherwise, by a seed."""


def hum(model: TextToTokens, emotion: Emotion, voice: Shares, voice_names: Sequence[str]) -> Hum:
    """Return how somebody says 'mm-hm'; arguments as those of `Speaker`."""
    import torch

    script = read_script(MM_HM)

    def say(seed: int) -> Tokens:
        speaker = Speaker(model, torch.Generator().manual_seed(seed), emotion, voice, voice_names)
        speaker.say(script, 1.0, 0.0, 0, 0)
        return speaker.tokens()

    return say


def answer(tokens: Tokens, cues: Iterable[float], seed: int, hum: Hum | None = None) -> Tokens:
    """Let somebody answer cues who says nothing then, and will not soon.

    Args:
        tokens: of the one who listens.
        cues: seconds, in order, at which others invite an answer.
        seed: of the choice; every cue has a chance of its own.
        hum: with which some answers are heard.

    Returns:
        Tokens with marks AGREES, and what is said in place of silence.
    """
    silent = LABEL_SETS[tokens.label_set].silent
    sounds = [one for one in tokens.phonemes if one.label not in silent]
    ahead = np.array([*(one.start for one in sounds), np.inf])
    busy = [(one.start - ROOM_SECONDS[1], one.end + ROOM_SECONDS[0]) for one in sounds]
    asked = (one.start for one in tokens.marks if one.label == NODS)
    busy += [(nod - APART_SECONDS, nod + APART_SECONDS) for nod in asked]
    end = len(tokens.logits) / CODE_RATE - ROOM_SECONDS[1]
    marks, said, last = list(tokens.marks), list[tuple[int, Tokens]](), -APART_SECONDS
    for cue in cues:
        chance = np.random.default_rng([seed, round(cue * CODE_RATE)])
        answered, heard = chance.random(2)
        start = cue + chance.uniform(*ANSWER_SECONDS)
        free = last + APART_SECONDS <= start < end and not any(a < start < b for a, b in busy)
        if not free or answered >= ANSWERED:
            continue
        last = start
        marks.append(Interval(AGREES, start, start))
        if hum is not None and heard < SAID and ahead[ahead > start].min() > start + ROOM_TO_SPEAK_SECONDS:
            said.append((round(start * CODE_RATE), hum(int(chance.integers(1 << 62)))))
    marks.sort(key=lambda mark: mark.start)
    return _saying(replace(tokens, marks=tuple(marks)), said)


def _saying(tokens: Tokens, said: Sequence[tuple[int, Tokens]]) -> Tokens:
    """Tokens in which something is said in place of silence, from some frame on."""
    logits, phonemes, words = tokens.logits.copy(), list(tokens.phonemes), list(tokens.words)
    for frame, one in said:
        logits[frame : frame + len(one.logits)] = one.logits
        start, length = frame / CODE_RATE, len(one.logits) / CODE_RATE
        phonemes = [*_without(phonemes, start, start + length), *_later(one.phonemes, start)]
        words += _later(one.words, start)
    return replace(
        tokens,
        logits=logits,
        phonemes=tuple(sorted(phonemes, key=lambda one: one.start)),
        words=tuple(sorted(words, key=lambda one: one.start)),
    )


def _without(phonemes: Iterable[Interval], start: float, end: float) -> Iterator[Interval]:
    """What of some phonemes lies outside an interval."""
    for one in phonemes:
        if one.end <= start or one.start >= end:
            yield one
            continue
        if one.start < start:
            yield Interval(one.label, one.start, start)
        if one.end > end:
            yield Interval(one.label, end, one.end)


def _later(some: Iterable[Interval], seconds: float) -> Iterator[Interval]:
    return (Interval(one.label, one.start + seconds, one.end + seconds) for one in some)
