"""How an actor listens: held-out conversations with the partner heard, seen, both, neither, or another's.

    python -m scripts.evaluate.listening --conversations work/held_talk/mira --contact work/contact.npz \
        --out scripts/evaluate/LISTENING.md

Each conversation is drawn anew from its own phoneme times, beside what the synthesiser's person does in it.
What takes a turn is given; nods, "mm-hm" and gaze come by the rules of dialogues wherever there is a partner.
Errors are standard errors by jackknife over conversations.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import avgen
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.metrics.distribution import frechet_distance
from avgen.metrics.lips import CLOSED, SMILE_WIDENING, frame_f1, mouth_widening
from avgen.partner import PARTNER_FACE, PARTNER_TOKENS
from avgen.pose import head_angles
from avgen.stages.attention import own_turns
from avgen.text.labels import PAUSES
from avgen.types import CODE_RATE, FloatArray, Interval, Tokens
from scripts.evaluate.against_reference import NEAR, Take, reference_take
from scripts.evaluate.talks import Talk, draw, fitted, load, reply, spoken
from scripts.mira.contact import load_contact
from scripts.mira.dataset import Passage
from scripts.mira.performance.listening_measures import Answers, answers, looks, nods
from scripts.mira.phones import BILABIALS
from scripts.train.data import frame_labels

BOTH: Final = "heard and seen"
VARIANTS: Final = {
    "neither": (),
    "heard": (PARTNER_TOKENS,),
    "seen": (PARTNER_FACE,),
    BOTH: (PARTNER_TOKENS, PARTNER_FACE),
}
OTHERS: Final = "another's partner"
"""Both, of another conversation."""
REFERENCE: Final = "synthesiser"
SETTLED: Final = 0.35
"""Seconds from an own sound in which lips may still be, or already be, open."""


def short_answers(tokens: Tokens) -> NDArray[np.float64]:
    """Start, in seconds, of whatever is said that takes no turn."""
    turns, found = own_turns(tokens), list[Interval]()
    for one in tokens.phonemes:
        if one.label in PAUSES or any(start <= one.start < end for start, end in turns):
            continue
        if found and one.start - found[-1].end < SETTLED:
            found[-1] = replace(found[-1], end=one.end)
        else:
            found.append(one)
    return np.array([one.start for one in found])


@dataclass(frozen=True, slots=True)
class Found:
    """What one variant did, conversation by conversation.

    Attributes:
        smiling: [N] frames of each.
        closed: likewise.
        nods: seconds of each.
        said: seconds of the short answers of each.
        looking: [N] frames of each.
        face: [N, C] codes of each.
    """

    smiling: list[NDArray[np.bool_]]
    closed: list[NDArray[np.bool_]]
    nods: list[NDArray[np.float64]]
    said: list[NDArray[np.float64]]
    looking: list[NDArray[np.bool_]]
    face: list[FloatArray]


def see(
    takes: Sequence[Take], tokens: Sequence[Tokens], talks: Sequence[Talk], avatar: TexturedMesh
) -> Found:
    """Measure every frame of some takes, and what is said in them."""
    codec = avatar.codec
    angles = [head_angles(take.head).astype(np.float64) for take in takes]
    channels = [np.clip(codec.channels(take.face), 0, 1.1).astype(np.float64) for take in takes]
    return Found(
        [mouth_widening(avatar, take.face) > SMILE_WIDENING for take in takes],
        [codec.lip_gap(take.face) < CLOSED for take in takes],
        [nods(angle, talk.roles.listening) for angle, talk in zip(angles, talks, strict=True)],
        [while_listening(short_answers(one), talk) for one, talk in zip(tokens, talks, strict=True)],
        [looks(channel, angle) for channel, angle in zip(channels, angles, strict=True)],
        [take.face for take in takes],
    )


def while_listening(times: NDArray[np.float64], talk: Talk) -> NDArray[np.float64]:
    """Those of some times, in seconds, at which the partner has the floor."""
    frames = np.minimum((times * CODE_RATE).astype(int), len(talk.roles.listening) - 1)
    return times[talk.roles.listening[frames]]


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
    answered = answered_cues(found.nods, talks)
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


def answered_cues(events: Sequence[NDArray[np.float64]], talks: Sequence[Talk]) -> Answers:
    """How nods or short answers follow the partner's cues."""
    return answers(events, [talk.asked for talk in talks], [talk.roles.listening for talk in talks])


def margins(found: Found, reference: Found, talks: Sequence[Talk]) -> list[str]:
    """Lines of a table: how nods and short answers follow cues, beside the synthesiser's."""
    lines = ["| answers | precision | recall | a minute | of the synthesiser's margins |", "| --- " * 5 + "|"]
    minutes = sum(talk.roles.listening.sum() for talk in talks) / CODE_RATE / 60
    for name in ("nods", "short answers"):
        kept = [f.nods if name == "nods" else f.said for f in (reference, found)]
        pair = [answered_cues(events, talks) for events in kept]
        above = [(a.precision - a.chance_precision, a.recall - a.chance_recall) for a in pair]
        for whose, one in zip((REFERENCE, BOTH), pair, strict=True):
            shares = " / ".join(f"{own / its:.0%}" for own, its in zip(above[1], above[0], strict=True))
            cells = [
                f"{name}, {whose}",
                f"{one.precision:.0%} ({one.chance_precision:.0%})",
                f"{one.recall:.0%} ({one.chance_recall:.0%})",
                f"{one.events / minutes:.1f}",
                shares if whose == BOTH else "",
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return lines


COLUMNS: Final = (
    *("partner", "smiles, F1", "while listening", "FD_e over neither's", "closures F1"),
    *("nods: precision", "recall", "a minute", "lips closed", "gaze, listening / speaking"),
)
NOTES: Final = """
In brackets: standard errors of F1, and chance for nods (as many at random times while listening). Precision:
nods within 1 s after a cue of the partner (a clause ends, or pitch has been low for 110 ms); recall: cues
with such a nod. Lips closed: frames within 0.5 mm while the partner has the floor, farther than .35 s from an
own sound. Gaze: share of frames on the partner. Short answers are the synthesiser's "mm-hm", "right" and ten
others, and avgen's "mm-hm"; the last column is what precision and recall exceed chance by, over what the
synthesiser's do. The synthesiser's own row is the yardstick; the paper's F1 of smiles, on its own data, are
.685 with and .611 without guidance, FD_e .845 and .861, closures .933 and .964.
"""


def main() -> None:
    """Draw every variant, measure, print and write the table."""
    args = parse()
    performer = avgen.load_actor(args.actor)
    avatar = performer.models["avatar"]
    talks = load(args.conversations, load_contact(args.contact), args.count)
    wanted = {name: [talk.told(*names) for talk in talks] for name, names in VARIANTS.items()}
    others = [talk.told(*VARIANTS[BOTH]) for talk in (*talks[1:], talks[0])]
    wanted[OTHERS] = [fitted(one, len(talk.own.mel)) for talk, one in zip(talks, others, strict=True)]
    replies = {
        name: [
            reply(talk, told, performer, args.voice, seed)
            for seed, (talk, told) in enumerate(zip(talks, some, strict=True))
        ]
        for name, some in wanted.items()
    }
    takes = {
        name: [
            draw(talk, tokens, told, performer, args.voice, seed)
            for seed, (talk, tokens, told) in enumerate(zip(talks, replies[name], some, strict=True))
        ]
        for name, some in wanted.items()
    }
    replies[REFERENCE] = [spoken(talk.own) for talk in talks]
    takes[REFERENCE] = [reference_take(talk.own, avatar) for talk in talks]
    found = {name: see(made, replies[name], talks, avatar) for name, made in takes.items()}
    lines = [
        line for name in found for line in rows(name, found[name], found[REFERENCE], found["neither"], talks)
    ]
    text = "\n\n".join(
        [
            f"# Listening\n\n{about(talks, args.count)}",
            "\n".join(["| " + " | ".join(COLUMNS) + " |", "| --- " * len(COLUMNS) + "|", *lines]),
            own_over_others(found),
            "\n".join(margins(found[BOTH], found[REFERENCE], talks)) + "\n" + NOTES,
        ]
    )
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


def about(talks: Sequence[Talk], count: int) -> str:
    """What was measured, and how."""
    seconds = sum(len(talk.own.mel) for talk in talks) / CODE_RATE
    return (
        f"{len(talks)} conversations, {seconds:.0f} s, of sentences that are in no training text. Made by "
        f"`python -m scripts.evaluate.listening --count {count}` on {platform.machine()}, "
        f"{os.cpu_count()} cores."
    )


def own_over_others(found: Mapping[str, Found]) -> str:
    """How much better smiles answer the own partner's than another's."""

    def gain(which: list[int]) -> float:
        told, other = (
            frame_f1(joined(found[REFERENCE].smiling, which), joined(found[name].smiling, which))
            for name in (BOTH, OTHERS)
        )
        return told - other

    value, error = jackknife(gain, len(found[BOTH].face))
    return f"Smiles, F1 with the own partner less that with another's: {value:.3f} ({error:.3f})."


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
