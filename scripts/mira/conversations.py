"""Training passages of conversations: two people with voices of their own who take turns and listen.

    python -m scripts.mira.conversations work/conversations/mira --corpora work/corpora \\
        --answers work/answers --voices mira,ada,leo --contact contact.npz --count 200

Two passages that follow each other are the two sides of one conversation, equally long: that of the first
voice, then that of a partner with any voice. Turns follow each other at the gaps of `avgen.stages.converse`;
listeners say short answers ("mm-hm"), of corpora of their own, after the cues of
`scripts.mira.performance.listening`.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from avgen.emotion import EMOTIONS
from avgen.stages.converse import INTERRUPTION_SECONDS, SPREAD, SPREAD_SECONDS
from avgen.types import CODE_RATE, FloatArray
from scripts.mira.contact import Contact, load_contact
from scripts.mira.dataset import (
    Passage,
    Recording,
    join,
    recordings,
    silence,
    trim,
    write_shard,
)
from scripts.mira.performance.listening import MANNERS, Manner, cues, react, show, smiles
from scripts.mira.performance.speech import Speech, hear
from scripts.mira.performance.synthesise import perform
from scripts.mira.phones import EDGE, Phone, is_pause

logger = logging.getLogger(__name__)
Rng = np.random.Generator

TURNS: Final = (4, 9)
UTTERANCES: Final = (1, 3)
"""Fewest and most turns of a conversation, and utterances of a turn."""
LEAD_SECONDS: Final = (0.25, 1.2)
TAIL_SECONDS: Final = (0.7, 1.8)
TURN_GAP: Final = 0.2
INTERRUPTIONS: Final = 0.05
WITHIN_TURN: Final = (0.05, 0.55)
"""Silence between utterances of a turn, seconds."""
ANSWER_DELAY: Final = (0.2, 0.5)
"""From a cue to a short answer, seconds."""
ROOM: Final = 1.0
"""Seconds before an own turn in which nothing else is said."""
MOVED: Final = 0.7
"""Share of conversations with emotions, and of turns in them that have one."""
FELT: Final = {"happy": 0.6, "surprised": 0.2, "sad": 0.1, "angry": 0.1}
"""Shares of the emotions among these turns."""
LASTING: Final = 0.3
"""Share of emotions that last until the next own turn; others end with the turn."""
STYLES: Final = {"attentive": 0.6, "reserved": 0.2, "lively": 0.2}
SHARD_SIDES: Final = 80
VALID_EVERY: Final = 12
"""One conversation in this many is for validation."""
NAMED_PAUSE: Final = 0.4
"""Longest part of a long pause that carries the name of its punctuation, seconds."""


class Voice(NamedTuple):
    """What somebody can say."""

    name: str
    utterances: Sequence[Recording]
    answers: Sequence[Recording]


class Placed(NamedTuple):
    """Something that is said from some frame on."""

    start: int
    recording: Recording

    @property
    def stop(self) -> int:
        """Frame after its last."""
        return self.start + len(self.recording.mel)


@dataclass(frozen=True, slots=True)
class Side:
    """One person's part of a conversation.

    Attributes:
        recording: what the person says, silence included.
        emotion: [N, 5].
        answered: cues of the partner, in seconds, that the person answered aloud.
        manner: how the person listens.
    """

    recording: Recording
    emotion: FloatArray
    answered: tuple[float, ...]
    manner: Manner

    @property
    def speech(self) -> Speech:
        """As the performance hears it."""
        return hear(self.recording.phones, np.asarray(self.recording.mel, np.float32), self.recording.f0)


def talk(voices: tuple[Voice, Voice], rng: Rng) -> tuple[Side, Side]:
    """Draw a conversation."""
    placed, frames = _take_turns(voices, rng)
    tracks = [_lay(own, frames, rng) for own in placed]
    names = rng.choice(list(STYLES), 2, p=list(STYLES.values()))
    sides = []
    for me, name in enumerate(names):
        heard = cues(
            hear(tracks[1 - me].phones, np.asarray(tracks[1 - me].mel, np.float32), tracks[1 - me].f0)
        )
        said, answered = _answers(voices[me], placed[me], heard, MANNERS[name].agree, frames, rng)
        track = _lay([*placed[me], *said], frames, rng) if said else tracks[me]
        sides.append((track, answered, MANNERS[name]))
    moved = rng.random() < MOVED
    return tuple(  # type: ignore[return-value]
        Side(track, _feel(own, frames, moved, rng), answered, manner)
        for own, (track, answered, manner) in zip(placed, sides, strict=True)
    )


def _take_turns(voices: tuple[Voice, Voice], rng: Rng) -> tuple[list[list[Placed]], int]:
    """What each says in turn, and the frames of the whole."""
    placed: list[list[Placed]] = [[], []]
    person, over, begun = int(rng.integers(2)), round(rng.uniform(*LEAD_SECONDS) * CODE_RATE), 0
    for _ in range(int(rng.integers(*TURNS, endpoint=True))):
        turn = _turn(voices[person], rng)
        gap = TURN_GAP + SPREAD_SECONDS * (np.exp(SPREAD * rng.standard_normal() + SPREAD**2) - 1)
        if rng.random() < INTERRUPTIONS:
            gap = -rng.uniform(*INTERRUPTION_SECONDS)
        free = placed[person][-1].stop if placed[person] else 0
        begun = max(over + round(gap * CODE_RATE), (begun + over) // 2, free, 0)
        placed[person].append(Placed(begun, turn))
        over = max(over, placed[person][-1].stop)
        person = 1 - person
    return placed, over + round(rng.uniform(*TAIL_SECONDS) * CODE_RATE)


def _turn(voice: Voice, rng: Rng) -> Recording:
    """Some utterances of a voice with short pauses between them."""
    parts: list[Recording] = []
    for _ in range(int(rng.integers(*UTTERANCES, endpoint=True))):
        said = trim(voice.utterances[int(rng.integers(len(voice.utterances)))])
        if parts:
            parts.append(silence(said, rng.uniform(*WITHIN_TURN), rng))
        parts.append(said)
    return join(parts)


def _answers(
    voice: Voice, own: Sequence[Placed], heard: Sequence[float], probability: float, frames: int, rng: Rng
) -> tuple[list[Placed], tuple[float, ...]]:
    """Short answers after cues, where nothing else is said, and the cues that they answer."""
    said, answered = list[Placed](), list[float]()
    room = round(ROOM * CODE_RATE)
    for cue in heard:
        if rng.random() > probability:
            continue
        answer = trim(voice.answers[int(rng.integers(len(voice.answers)))])
        one = Placed(round((cue + rng.uniform(*ANSWER_DELAY)) * CODE_RATE), answer)
        if one.stop < frames and all(
            one.stop + room < other.start or other.stop + room < one.start for other in (*own, *said)
        ):
            said.append(one)
            answered.append(cue)
    return said, tuple(answered)


def _lay(placed: Sequence[Placed], frames: int, rng: Rng) -> Recording:
    """What is said, with silence before, between and after it."""
    parts: list[Recording] = []
    now = 0
    for one in sorted(placed):
        if one.start > now:
            parts.append(silence(one.recording, (one.start - now) / CODE_RATE, rng))
        parts.append(one.recording)
        now = max(one.start, now) + len(one.recording.mel)
    if frames > now:
        parts.append(silence(placed[-1].recording, (frames - now) / CODE_RATE, rng))
    return join(parts)


def _feel(own: Sequence[Placed], frames: int, moved: bool, rng: Rng) -> FloatArray:
    """Emotion [N, 5] of a person: some of the own turns have one."""
    track = np.zeros((frames, len(EMOTIONS)), np.float32)
    lead = round(0.3 * CODE_RATE)
    for one, after in zip(own, [*(o.start for o in own[1:]), frames], strict=True):
        if not moved or rng.random() > MOVED:
            continue
        row = np.zeros(len(EMOTIONS), np.float32)
        row[EMOTIONS.index(str(rng.choice(list(FELT), p=list(FELT.values()))))] = rng.uniform(0.5, 1.0)
        end = after - lead if rng.random() < LASTING else min(one.stop + lead, after)
        track[max(one.start - lead, 0) : end] = row
    return track


def perform_sides(sides: tuple[Side, Side], contact: Contact, seed: int) -> tuple[Passage, Passage]:
    """Both people of a conversation: each reacts to what the other says and shows.

    Expressions that only answer the other's are not answered again.
    """
    streams = np.random.default_rng([seed, 1]).spawn(4)
    speeches = [side.speech for side in sides]
    grins = [
        smiles(speech, side.manner, rng) for speech, side, rng in zip(speeches, sides, streams, strict=False)
    ]
    passages = []
    for me, (side, rng) in enumerate(zip(sides, streams[2:], strict=True)):
        other = 1 - me
        shown = show(sides[other].emotion.astype(np.float64), grins[other])
        reactions = react(speeches[me], speeches[other], shown, grins[me], side.manner, side.answered, rng)
        emotion = side.emotion.astype(np.float64)
        performance = perform(speeches[me], contact, 2 * seed + me, emotion, reactions)
        passages.append(
            Passage(
                text=side.recording.text,
                seed=2 * seed + me,
                phones=tuple(unnamed(side.recording.phones, rng)),
                mel=np.asarray(side.recording.mel, np.float32),
                f0=side.recording.f0,
                channels=performance.channels,
                head=performance.head,
                emotion=side.emotion,
            )
        )
    return passages[0], passages[1]


def unnamed(phones: Sequence[Phone], rng: Rng) -> Iterator[Phone]:
    """Phones in which long pauses are silence as in tokens of dialogues, often after the sentence's mark."""
    for phone in phones:
        if not is_pause(phone.name) or phone.duration < 2 * NAMED_PAUSE:
            yield phone
            continue
        turn = phone.start + (rng.uniform(0, NAMED_PAUSE) if rng.random() < 0.5 else 0.0)
        yield replace(phone, end=turn)
        yield Phone(EDGE, 0, turn, phone.end)


def build(out: Path, voices: Sequence[Voice], contact: Contact, seed: int, count: int) -> None:
    """Write the conversations that are missing.

    Args:
        out: folder of passages.
        voices: who may talk; the first of them does in every conversation.
        contact: the actors' distances.
        seed: conversation k is drawn and performed with seed + k.
        count: of conversations.
    """
    out.mkdir(parents=True, exist_ok=True)
    for shard, start in enumerate(range(0, 2 * count, SHARD_SIDES)):
        path = out / f"passages_{shard:03d}.npz"
        if path.exists():
            continue
        passages: list[Passage] = []
        valid: list[bool] = []
        for number in range(start // 2, min(start + SHARD_SIDES, 2 * count) // 2):
            rng = np.random.default_rng([seed, number])
            partner = voices[int(rng.integers(len(voices)))]
            passages += perform_sides(talk((voices[0], partner), rng), contact, seed + number)
            valid += [number % VALID_EVERY == VALID_EVERY - 1] * 2
        write_shard(path, passages, valid)
        logger.info("%s: %.2f h", path.name, sum(len(p.mel) for p in passages) / CODE_RATE / 3600)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder of passages, of the first voice's name")
    parser.add_argument("--corpora", type=Path, required=True, help="aligned corpora by name")
    parser.add_argument("--answers", type=Path, required=True, help="aligned corpora of short answers")
    parser.add_argument("--voices", required=True, help="names; the first talks in all of them")
    parser.add_argument("--contact", type=Path, required=True, help="contact.npz of the actor")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=200)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    voices = [
        Voice(name, recordings(args.corpora / name), recordings(args.answers / name))
        for name in args.voices.split(",")
    ]
    build(args.out, voices, load_contact(args.contact), args.seed, args.count)


if __name__ == "__main__":
    main()
