"""Held-out conversations, and an actor's side of them drawn as in a dialogue."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.emotion import NEUTRAL
from avgen.partner import PARTNER_FACE, PARTNER_TOKENS, Partner
from avgen.performer import Performer
from avgen.speech.cues import clause_ends
from avgen.stages.answers import answer, hum
from avgen.stages.attention import own_turns
from avgen.stages.sample import finish
from avgen.text.labels import EDGE, LABEL_SET, LABELS, PAUSES, label_index
from avgen.types import CODE_RATE, LOGIT, Interval, Tokens
from scripts.evaluate.against_reference import Take
from scripts.mira.contact import Contact
from scripts.mira.dataset import Passage, Passages
from scripts.mira.performance.listening import cues
from scripts.mira.performance.listening_measures import Roles, roles
from scripts.mira.performance.speech import hear
from scripts.train.conversing import seen_face
from scripts.train.data import cues as cues_of
from scripts.train.data import frame_labels


class Told(NamedTuple):
    """What an actor is told of a partner."""

    partner: Partner
    invites: tuple[float, ...]
    """Seconds at which the rule of dialogues hears the partner invite an answer."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One side of a held-out conversation.

    Attributes:
        own: what the actor says, and how the synthesiser's person moves.
        turns: what of that takes a turn, as a script has it.
        partner: what is known of the partner.
        invites: of the partner, as in Told.
        asked: the partner's cues, seconds.
        roles: who has the floor.
    """

    own: Passage
    turns: Tokens
    partner: Partner
    invites: tuple[float, ...]
    asked: NDArray[np.float64]
    roles: Roles

    def told(self, *names: str) -> Told:
        """Some of what is known of the partner."""
        tokens, face = self.partner.tokens, self.partner.face
        known = Partner(tokens if PARTNER_TOKENS in names else None, face if PARTNER_FACE in names else None)
        return Told(known, self.invites if PARTNER_TOKENS in names else ())


def load(folder: Path, contact: Contact, count: int) -> list[Talk]:
    """The first conversations of a folder of scripts.mira.conversations."""
    sides = Passages(folder)
    found = []
    for number in range(0, min(2 * count, len(sides)), 2):
        own, other = sides[number], sides[number + 1]
        speech, theirs = (hear(side.phones, side.mel, side.f0) for side in (own, other))
        said = spoken(other)
        odds = np.exp(said.logits)
        partner = Partner((odds / odds.sum(1, keepdims=True)).astype(np.float32), seen_face(other, contact))
        found.append(
            Talk(
                own,
                scripted(spoken(own)),
                partner,
                clause_ends(said.phonemes, PAUSES),
                np.array(cues(theirs)),
                roles(speech, theirs),
            )
        )
    return found


def spoken(passage: Passage) -> Tokens:
    """What somebody says in a passage, as the stages of a clip know it."""
    return timed(frame_labels(passage.phones, len(passage.mel)))


def timed(labels: NDArray[np.int64]) -> Tokens:
    """Tokens of labels [N]."""
    edges = np.flatnonzero(np.diff(labels, prepend=-1, append=-1))
    runs = (
        Interval(LABELS[labels[first]], first / CODE_RATE, stop / CODE_RATE)
        for first, stop in pairwise(edges.tolist())
    )
    logits = LOGIT * np.eye(len(LABELS), dtype=np.float32)[labels]
    return Tokens(logits, LABEL_SET, words=(), phonemes=tuple(runs))


def scripted(tokens: Tokens) -> Tokens:
    """What of somebody's tokens takes a turn; in dialogues short answers are given by rule."""
    time = (np.arange(len(tokens.logits)) + 0.5) / CODE_RATE
    takes = np.zeros(len(time), bool)
    for start, end in own_turns(tokens):
        takes |= (time >= start) & (time < end)
    return timed(np.where(takes, tokens.logits.argmax(1), label_index(EDGE)))


def reply(talk: Talk, told: Told, actor: Performer, voice: str, seed: int) -> Tokens:
    """What the actor says and nods, as in a dialogue."""
    shares = actor.actor.shares(voice)
    says = hum(actor.models["text_to_tokens"], NEUTRAL, shares, actor.actor.voice_names)
    return answer(talk.turns, told.invites, seed, says)


def draw(talk: Talk, tokens: Tokens, told: Told, actor: Performer, voice: str, seed: int) -> Take:
    """The actor's side, told some of what is known of a partner."""
    flow, shares, known = actor.models["flow"], actor.actor.shares(voice), told.partner.conditions()
    heard = cues_of(talk.own, tokens.logits.argmax(1), listens=bool(known))
    track = np.tile(np.array(shares, np.float32), (len(tokens.logits), 1))
    given = {"tokens": heard.logits, "emotion": heard.emotion, "voice": track, **known}
    drawn = flow.sample(given, seed)
    cues = heard._replace(mel=drawn["mel"])
    codes = finish(drawn, flow, actor.models["head_vae"], cues, tokens, seed)
    return Take(drawn["mel"], codes["face"], codes["head"])


def fitted(told: Told, frames: int) -> Told:
    """What is told of a partner for as many frames, over again where they are more."""
    length, rows = len(told.partner.tokens if told.partner.tokens is not None else ()), np.arange(frames)
    parts = (None if x is None else x[rows % len(x)] for x in (told.partner.tokens, told.partner.face))
    again = range(-(-frames // length))
    return Told(Partner(*parts), tuple(time + k * length / CODE_RATE for k in again for time in told.invites))
