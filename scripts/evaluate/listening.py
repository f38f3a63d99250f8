"""How an actor listens: held-out conversations with the partner heard, seen, both, neither, or another's.

    python -m scripts.evaluate.listening --conversations work/held_talk/mira --contact work/contact.npz \
        --out scripts/evaluate/LISTENING.md

Each conversation is drawn anew from its own phoneme times, beside what the synthesiser's person does in it.
Errors are standard errors by jackknife over conversations.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import avgen
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.flow.avflow import AVFlow
from avgen.flow.head_vae import HeadVAE
from avgen.metrics.distribution import frechet_distance
from avgen.metrics.lips import CLOSED, SMILE_WIDENING, frame_f1, mouth_widening
from avgen.partner import PARTNER_FACE, PARTNER_TOKENS, Partner
from avgen.pose import head_angles
from avgen.stages.sample import finish
from avgen.text.labels import LABELS, PAUSES
from avgen.types import CODE_RATE, LOGIT, FloatArray
from scripts.evaluate.against_reference import NEAR, Take, reference_take
from scripts.mira.contact import Contact, load_contact
from scripts.mira.dataset import Passage, Passages
from scripts.mira.performance.listening import cues
from scripts.mira.performance.listening_measures import Answers, Roles, answers, looks, nods, roles
from scripts.mira.performance.speech import hear
from scripts.mira.phones import BILABIALS
from scripts.train.conversing import seen_face
from scripts.train.data import cues as cues_of
from scripts.train.data import frame_labels

VARIANTS: Final = {
    "neither": (),
    "heard": (PARTNER_TOKENS,),
    "seen": (PARTNER_FACE,),
    "heard and seen": (PARTNER_TOKENS, PARTNER_FACE),
}
OTHERS: Final = "another's partner"
"""Both, of another conversation."""
REFERENCE: Final = "synthesiser"
SETTLED: Final = 0.35
"""Seconds from an own sound in which lips may still be, or already be, open."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One side of a held-out conversation.

    Attributes:
        own: what the actor says, and how the synthesiser's person moves.
        partner: what is known of the partner.
        asked: the partner's cues, seconds.
        roles: who has the floor.
    """

    own: Passage
    partner: Partner
    asked: NDArray[np.float64]
    roles: Roles


def load(folder: Path, contact: Contact, count: int) -> list[Talk]:
    """The first conversations of a folder of scripts.mira.conversations."""
    sides = Passages(folder)
    found = []
    for number in range(0, min(2 * count, len(sides)), 2):
        own, other = sides[number], sides[number + 1]
        speech, theirs = (hear(side.phones, side.mel, side.f0) for side in (own, other))
        labels = frame_labels(other.phones, len(other.mel))
        logits = LOGIT * np.eye(len(LABELS), dtype=np.float32)[labels]
        odds = np.exp(logits)
        heard = (odds / odds.sum(1, keepdims=True)).astype(np.float32)
        partner = Partner(heard, seen_face(other, contact))
        found.append(Talk(own, partner, np.array(cues(theirs)), roles(speech, theirs)))
    return found


def draw(talk: Talk, partner: Partner, flow: AVFlow, head_vae: HeadVAE, voice: int, seed: int) -> Take:
    """The actor's side, told some of what is known of a partner."""
    told = partner.conditions()
    heard = cues_of(talk.own, frame_labels(talk.own.phones, len(talk.own.mel)), listens=bool(told))
    shares = np.zeros((len(heard.mel), flow.config.conditions["voice"].channels), np.float32)
    shares[:, voice] = 1
    given = {"tokens": heard.logits, "emotion": heard.emotion, "voice": shares, **told}
    drawn = flow.sample(given, seed)
    codes = finish(drawn, flow, head_vae, heard._replace(mel=drawn["mel"]))
    return Take(drawn["mel"], codes["face"], codes["head"])


def only(partner: Partner, names: Sequence[str]) -> Partner:
    """What is left of a partner."""
    return Partner(
        partner.tokens if PARTNER_TOKENS in names else None, partner.face if PARTNER_FACE in names else None
    )


def fitted(partner: Partner, frames: int) -> Partner:
    """A partner for as many frames, over again where they are more."""
    rows = np.arange(frames)
    parts = (None if x is None else x[rows % len(x)] for x in (partner.tokens, partner.face))
    return Partner(*parts)


@dataclass(frozen=True, slots=True)
class Found:
    """What one variant did, conversation by conversation.

    Attributes:
        smiling: [N] frames of each.
        closed: likewise.
        nods: seconds of each.
        looking: [N] frames of each.
        face: [N, C] codes of each.
    """

    smiling: list[NDArray[np.bool_]]
    closed: list[NDArray[np.bool_]]
    nods: list[NDArray[np.float64]]
    looking: list[NDArray[np.bool_]]
    face: list[FloatArray]


def see(takes: Sequence[Take], talks: Sequence[Talk], avatar: TexturedMesh) -> Found:
    """Measure every frame of some takes."""
    codec = avatar.codec
    angles = [head_angles(take.head).astype(np.float64) for take in takes]
    channels = [np.clip(codec.channels(take.face), 0, 1.1).astype(np.float64) for take in takes]
    return Found(
        [mouth_widening(avatar, take.face) > SMILE_WIDENING for take in takes],
        [codec.lip_gap(take.face) < CLOSED for take in takes],
        [nods(angle, talk.roles.listening) for angle, talk in zip(angles, talks, strict=True)],
        [looks(channel, angle) for channel, angle in zip(channels, angles, strict=True)],
        [take.face for take in takes],
    )


def jackknife(measure: Callable[[list[int]], float], count: int) -> tuple[float, float]:
    """A measure of all conversations, and its standard error."""
    everything = list(range(count))
    left_out = np.array([measure(everything[:k] + everything[k + 1 :]) for k in everything])
    error = np.sqrt((count - 1) / count * np.square(left_out - left_out.mean()).sum())
    return measure(everything), float(error)


def joined(parts: Sequence[NDArray[np.bool_]], which: Sequence[int]) -> NDArray[np.bool_]:
    """Frames of some conversations."""
    return np.concatenate([parts[k] for k in which])


def bilabials(passage: Passage) -> NDArray[np.bool_]:
    """Frames [N] within NEAR of p, b and m."""
    centre = (np.arange(len(passage.mel)) + 0.5) / CODE_RATE
    inside = np.zeros(len(centre), bool)
    for phone in passage.phones:
        if phone.name in BILABIALS:
            inside |= (centre >= phone.start) & (centre < phone.end)
    return np.convolve(inside, np.ones(2 * NEAR + 1), "same") > 0


def silent(passage: Passage) -> NDArray[np.bool_]:
    """Frames [N] farther than SETTLED from every own sound."""
    labels = frame_labels(passage.phones, len(passage.mel))
    reach = round(SETTLED * CODE_RATE)
    return np.convolve(labels >= len(PAUSES), np.ones(2 * reach + 1), "same") < 0.5


def rows(name: str, found: Found, reference: Found, alone: Found, talks: Sequence[Talk]) -> list[str]:
    """One variant's line of the table."""
    everything = list(range(len(talks)))

    def smiles(which: list[int]) -> float:
        return frame_f1(joined(reference.smiling, which), joined(found.smiling, which))

    def listening_smiles(which: list[int]) -> float:
        where = joined([talk.roles.listening for talk in talks], which)
        return frame_f1(joined(reference.smiling, which)[where], joined(found.smiling, which)[where])

    near = joined([bilabials(talk.own) for talk in talks], everything)
    lips = frame_f1(joined(reference.closed, everything)[near], joined(found.closed, everything)[near])
    distance = frechet_distance(np.concatenate(reference.face), np.concatenate(found.face))
    apart = frechet_distance(np.concatenate(reference.face), np.concatenate(alone.face))
    still = joined([t.roles.listening & silent(t.own) for t in talks], everything)
    looking = joined(found.looking, everything)
    listening, speaking = (joined([t.roles[k] for t in talks], everything) for k in (0, 1))
    answered = answered_cues(found, talks)
    all_smiles, some_smiles = (jackknife(one, len(talks)) for one in (smiles, listening_smiles))
    cells = [
        name,
        f"{all_smiles[0]:.3f} ({all_smiles[1]:.3f})",
        f"{some_smiles[0]:.3f} ({some_smiles[1]:.3f})",
        f"{distance / apart:.2f}" if apart else "",
        f"{lips:.3f}",
        f"{answered.precision:.0%} ({answered.chance_precision:.0%})",
        f"{answered.recall:.0%} ({answered.chance_recall:.0%})",
        f"{60 * answered.events / (listening.sum() / CODE_RATE):.1f}",
        f"{joined(found.closed, everything)[still].mean():.1%}",
        f"{looking[listening].mean():.0%} / {looking[speaking].mean():.0%}",
    ]
    return ["| " + " | ".join(cells) + " |"]


def answered_cues(found: Found, talks: Sequence[Talk]) -> Answers:
    """Nods after the partner's cues."""
    return answers(found.nods, [talk.asked for talk in talks], [talk.roles.listening for talk in talks])


COLUMNS: Final = (
    *("partner", "smiles, F1", "while listening", "FD_e over neither's", "closures F1"),
    *("nods: precision", "recall", "a minute", "lips closed", "gaze, listening / speaking"),
)
NOTES: Final = """
In brackets: standard errors of F1, and chance for nods (as many at random times while listening). Precision:
nods within 1 s after a cue of the partner (a clause ends, or pitch has been low for 110 ms); recall: cues
with such a nod. Lips closed: frames within 0.5 mm while the partner has the floor, farther than .35 s from an
own sound. Gaze: share of frames on the partner. The synthesiser's own row is the yardstick; the paper's F1 of
smiles, on its own data, are .685 with and .611 without guidance, FD_e .845 and .861, closures .933 and .964.
"""


def main() -> None:
    """Draw every variant, measure, print and write the table."""
    args = parse()
    performer = avgen.load_actor(args.actor)
    flow, head_vae, avatar = (performer.models[slot] for slot in ("flow", "head_vae", "avatar"))
    talks = load(args.conversations, load_contact(args.contact), args.count)
    voice = performer.actor.voice_names.index(args.voice)
    wanted = {name: [only(talk.partner, names) for talk in talks] for name, names in VARIANTS.items()}
    moved = [*talks[1:], talks[0]]
    wanted[OTHERS] = [
        fitted(other.partner, len(talk.own.mel)) for talk, other in zip(talks, moved, strict=True)
    ]
    takes = {
        name: [
            draw(talk, partner, flow, head_vae, voice, seed)
            for seed, (talk, partner) in enumerate(zip(talks, partners, strict=True))
        ]
        for name, partners in wanted.items()
    }
    takes[REFERENCE] = [reference_take(talk.own, avatar) for talk in talks]
    found = {name: see(made, talks, avatar) for name, made in takes.items()}
    lines = [
        line for name in found for line in rows(name, found[name], found[REFERENCE], found["neither"], talks)
    ]
    count = len(talks)

    def gain(which: list[int]) -> float:
        told, other = (
            frame_f1(joined(found[REFERENCE].smiling, which), joined(found[name].smiling, which))
            for name in ("heard and seen", OTHERS)
        )
        return told - other

    value, error = jackknife(gain, count)
    seconds = sum(len(talk.own.mel) for talk in talks) / CODE_RATE
    apart = max(
        float(np.abs(a.mel - b.mel).max())
        for a, b in zip(takes["neither"], takes["heard and seen"], strict=True)
    )
    about = (
        f"# Listening\n\n{count} conversations, {seconds:.0f} s, of sentences that are in no training text. "
        f"Made by `python -m scripts.evaluate.listening --count {args.count}` on {platform.machine()}, "
        f"{os.cpu_count()} cores."
    )
    extra = (
        f"Smiles, F1 with the own partner less that with another's: {value:.3f} ({error:.3f}). Greatest "
        f"difference of the log mel with and without a partner: {apart:.2g}."
    )
    head = "| " + " | ".join(COLUMNS) + " |"
    text = (
        "\n\n".join([about, "\n".join([head, "| --- " * len(COLUMNS) + "|", *lines]), extra]) + "\n" + NOTES
    )
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


def parse() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--voice", default="mira")
    parser.add_argument("--conversations", type=Path, required=True, help="folder of passages, held out")
    parser.add_argument("--contact", type=Path, required=True, help="contact.npz of the actor")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--out", type=Path, help="markdown file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
