"""Subtitles -> Tokens: every cue spoken at its own time, faster where it would not fit."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from avgen.emotion import Emotion
from avgen.stages.tokenize import Speaker, TextToTokens
from avgen.text import Script
from avgen.types import CODE_RATE, Tokens
from avgen.voices import Shares

FASTEST: Final = 1.5
"""How much faster than asked a cue is spoken at most, to end before the next one starts."""
SILENCE_SECONDS: Final = 0.12
"""Between two sentences of a cue."""
TAIL_SECONDS: Final = 0.5
"""Silence after the last cue."""
SLACK_FRAMES: Final = 3
"""By which a cue may run over without anybody noticing."""

_log = logging.getLogger(__name__)


class SpokenCue(NamedTuple):
    """A cue, read."""

    start: float
    """Seconds at which it starts."""
    script: Script
    """What is said."""
    where: str
    """Its file and line, for messages."""


def dub(
    cues: Sequence[SpokenCue],
    text_to_tokens: TextToTokens,
    *,
    seed: int,
    emotion: Emotion,
    voice: Shares,
    voice_names: Sequence[str],
    speaking_rate: float,
) -> Tokens:
    """Turn cues into tokens in which each starts on time.

    A cue that would run into the next one is spoken faster, up to FASTEST; if that does not do, the next one
    starts late, and a warning says so.

    Args:
        cues: in order.
        text_to_tokens: the actor's network.
        seed: of the durations.
        emotion: where the cues have no mark.
        voice: [V] shares of the voices that speak before the first mark.
        voice_names: [V] what the cues call them.
        speaking_rate: tempo where there is time.

    Returns:
        Tokens from time 0 to a little after the last cue.
    """
    import torch

    generator = torch.Generator()
    speaker = Speaker(text_to_tokens, generator, emotion, voice, voice_names)
    for number, cue in enumerate(cues):
        lead = max(round(cue.start * CODE_RATE) - speaker.frames, 0)
        following = cues[number + 1].start if number + 1 < len(cues) else math.inf
        room = following * CODE_RATE - speaker.frames - lead
        rhythm = torch.Generator().manual_seed(seed + number)
        trial = Speaker(text_to_tokens, rhythm, emotion, speaker.voice, voice_names)
        trial.say(cue.script, speaking_rate, SILENCE_SECONDS, 0, 0)
        faster = min(max(trial.frames / max(room, 1.0), 1.0), FASTEST)
        before = speaker.frames + lead
        generator.manual_seed(seed + number)
        tail = 0 if following < math.inf else round(TAIL_SECONDS * CODE_RATE)
        speaker.say(cue.script, speaking_rate * faster, SILENCE_SECONDS, lead, tail)
        if speaker.frames - before > room + SLACK_FRAMES:
            _log.warning(
                "%s: this subtitle takes %.1f s at its fastest and has %.1f s; the next one starts late",
                *(cue.where, (speaker.frames - before) / CODE_RATE, room / CODE_RATE),
            )
    return speaker.tokens(cues[-1].script.closing_marks)
