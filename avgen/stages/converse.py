"""Dialogue -> Tokens of one of its people: own turns at their times, silence while others speak.

All turns are timed alike for everybody, so that the people's clips fit together; each clip is then one
timeline, drawn in one run of the flow: blinks, gaze and posture go on through turns, and nothing is joined.
What a listener answers to, the others' tokens, is known here, and nowhere earlier: 'mm-hm' and nods follow
the ends of the others' clauses, and are no words, for they take no turn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from avgen.emotion import Emotion
from avgen.inputs.dialogues import NODS
from avgen.speech.cues import clause_ends
from avgen.stages.acts import amused
from avgen.stages.answers import answer, hum
from avgen.stages.tokenize import LEAD_SECONDS, PARAGRAPH_FACTOR, Speaker, TextToTokens
from avgen.text import Script
from avgen.text.labels import PAUSES
from avgen.types import CODE_RATE, Interval, Tokens
from avgen.voices import Shares

if TYPE_CHECKING:
    import torch

TAIL_SECONDS: Final = 1.0
"""Silence after the last turn."""
SPREAD_SECONDS: Final = 0.5
SPREAD: Final = 0.5
"""Of gaps: a log-normal distribution about the mode, of this scale and deviation (`draw_gap`)."""
HARD_SECONDS: Final = 0.4
"""By which an answer that is no simple yes comes later."""
INTERRUPTION_SECONDS: Final = (0.35, 0.7)
"""By which an interruption is early; like any turn, it comes after the middle of the one before it."""
_HARD: Final = re.compile(
    r"\W*(no|not|well|um|uh|hmm?|actually|honestly|i don['’]t|i['’]m not)\b", re.IGNORECASE
)
_QUESTION: Final = re.compile(r"\?[\"”’')\]]*\s*$")


class Person(NamedTuple):
    """Who speaks."""

    text_to_tokens: TextToTokens
    """The actor's network."""
    voice: Shares
    """[V] shares of the voices that speak before the first mark."""
    voice_names: Sequence[str]
    """[V] what the script calls them."""


class SpokenTurn(NamedTuple):
    """A turn, read."""

    person: int
    """Who says it."""
    script: Script | None
    """What is said; None for a nod alone."""
    interrupts: bool
    """Whether it begins before the turn before it ends."""


class Conversation(NamedTuple):
    """A dialogue, read, as one of its people knows it."""

    people: Sequence[Person]
    """All who take part."""
    turns: Sequence[SpokenTurn]
    """In order."""
    me: int
    """Whose tokens are wanted."""
    seed: int
    """Of rhythms and gaps, the same for all."""


def converse(
    conversation: Conversation,
    *,
    emotion: Emotion,
    speaking_rate: float,
    sentence_silence: float,
    turn_gap: float,
) -> Tokens:
    """Turn a dialogue into the tokens of one person; those of all are equally long.

    Args:
        conversation: what is said, by whom, and whose tokens are wanted.
        emotion: where a turn has no mark.
        speaking_rate: tempo; gaps are shorter as well.
        sentence_silence: seconds between two sentences of a turn; two turns of one person are twice as far
            apart.
        turn_gap: as in RenderConfig.

    Raises:
        InputError: a turn has no sentence, or names a voice that is not there.
    """
    import torch

    people = [Speaker(one[0], torch.Generator(), emotion, *one[1:]) for one in conversation.people]
    begun = 0
    over = round(LEAD_SECONDS * CODE_RATE / speaking_rate)
    before: SpokenTurn | None = None
    marks: list[Interval] = []
    for number, turn in enumerate(conversation.turns):
        speaker = people[turn.person]
        if turn.script is None:
            if turn.person == conversation.me:
                marks.append(_moment(NODS, over))
            continue
        speaker.generator = torch.Generator().manual_seed(conversation.seed + number)
        gap = 0.0
        if before is not None and before.person == turn.person:
            gap = PARAGRAPH_FACTOR * sentence_silence
        elif before is not None:
            gap = draw_gap(before, turn, turn_gap, speaker.generator)
        wanted = over + round(gap * CODE_RATE / speaking_rate)
        begun = max(wanted, (begun + over) // 2, speaker.frames)
        speaker.say(turn.script, speaking_rate, sentence_silence, begun - speaker.frames, 0)
        if turn.person == conversation.me:
            marks += [_moment(name, speaker.frames) for name in turn.script.closing_marks]
        before, over = turn, max(over, speaker.frames)
    me = people[conversation.me]
    me.rest(over + round(TAIL_SECONDS * CODE_RATE) - me.frames)
    tokens = me.tokens()
    marks = sorted((*tokens.marks, *marks), key=lambda mark: mark.start)
    tokens = amused(replace(tokens, marks=tuple(marks)), emotion)
    return replace(_attentive(tokens, people, conversation, emotion), words=tokens.words)


def _attentive(
    tokens: Tokens, people: Sequence[Speaker], conversation: Conversation, emotion: Emotion
) -> Tokens:
    """Tokens of one who answers the ends of the others' clauses."""
    me = conversation.me
    said = (one.tokens().phonemes for number, one in enumerate(people) if number != me and one.pieces)
    cues = sorted(cue for phonemes in said for cue in clause_ends(phonemes, PAUSES))
    person = conversation.people[me]
    return answer(tokens, cues, conversation.seed + me, hum(person[0], emotion, *person[1:]))


def _moment(name: str, frame: int) -> Interval:
    return Interval(name, frame / CODE_RATE, frame / CODE_RATE)


def draw_gap(before: SpokenTurn, turn: SpokenTurn, turn_gap: float, generator: torch.Generator) -> float:
    """Draw the seconds from the end of a turn to another person's next one; below 0 they overlap.

    Gaps are skewed, most often about 0.2 s (Stivers et al. 2009, PNAS 106:10587, in ten languages; Heldner
    and Edlund 2010, J. Phonetics 38:555; Levinson and Torreira 2015, Frontiers in Psychology 6:731). With
    the mode at 0.2 s, 6% of turns here begin early, by less than 0.2 s: fewer than in free talk, for scripts
    are written to be understood. Answers that refuse or hesitate come later (Kendrick and Torreira 2015,
    Discourse Processes 52:255; Roberts, Torreira and Levinson 2015, Frontiers in Psychology 6:509).

    Args:
        before: the turn that ends.
        turn: the one that follows.
        turn_gap: mode of the distribution, in seconds.
        generator: of the drawing.
    """
    import torch

    if turn.interrupts:
        least, most = INTERRUPTION_SECONDS
        return -(least + (most - least) * float(torch.rand((), generator=generator)))
    skewed = float((SPREAD * torch.randn((), generator=generator) + SPREAD**2).exp())
    hard = HARD_SECONDS if before.script and turn.script and is_hard(before.script, turn.script) else 0.0
    return turn_gap + SPREAD_SECONDS * (skewed - 1) + hard


def is_hard(question: Script, answer: Script) -> bool:
    """Tell whether an answer refuses or hesitates, by how it begins."""
    asked, said = question.sentences, answer.sentences
    return bool(asked and said and _QUESTION.search(asked[-1].text) and _HARD.match(said[0].text))
