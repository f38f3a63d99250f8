"""Styles in figures: what every emotion changes, what it leaves alone, and whether it can be read.

    python -m scripts.mira.style_report passages --contact contact.npz --out scripts/mira/STYLES.md
    python -m scripts.mira.style_report passages --contact contact.npz --actor mira --out flow_styles.md

With ``--actor`` the joint flow of an actor performs instead of the synthesiser.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.codec import BLINKS
from avgen.emotion import EMOTIONS, Emotion
from avgen.pose import head_angles
from avgen.types import CODE_RATE
from scripts.mira.contact import Contact, load_contact
from scripts.mira.dataset import Passage, Passages
from scripts.mira.performance.units import UNIT, both_sides
from scripts.mira.performance_report import measure
from scripts.mira.performers import FlowPerformer, Performer, Synthesiser

Array = NDArray[np.float64]
STYLES: Final = (
    *("neutral", "happy", "sad", "angry", "surprised"),
    *("happy:0.5,surprised:0.5", "energy:-1", "energy:1"),
)
FACES: Final = ("neutral", *EMOTIONS[:-1])
SEGMENT: Final = round(2 * CODE_RATE)
"""Frames that the reader sees at once."""
RIDGE: Final = 10.0
CLEAR: Final = 0.6
"""Least weight of an emotion that should be readable, and greatest weight of one that should not."""
LEARN_EVERY, TEST_EVERY = 4, 16
"""The reader learns from one training passage in so many and is tested on one of the others in so many."""


class EmotionReader:
    """Reads the emotion from two seconds of face and head by ridge regression, knowing no sound."""

    def __init__(self, segments: Array, emotions: Array) -> None:
        """Learn.

        Args:
            segments: [S, F] from `segments`.
            emotions: [S, 5].
        """
        self._mean, self._scale = segments.mean(0), segments.std(0) + 1e-3
        x = self._expand(segments)
        system = x.T @ x + RIDGE * np.eye(x.shape[1])
        self._weights = np.linalg.solve(system, x.T @ emotions)

    def __call__(self, segments: Array) -> Array:
        """Emotions [S, 5] as read from segments [S, F]."""
        read: Array = self._expand(segments) @ self._weights
        return read

    def _expand(self, segments: Array) -> Array:
        return np.c_[(segments - self._mean) / self._scale, np.ones(len(segments))]


def segments(passages: Iterable[Passage]) -> tuple[Array, Array]:
    """Two-second pieces of passages in which the emotion stays the same.

    Returns:
        Mean, deviation and mean speed of face channels and head angles [S, 168], and emotions [S, 5].
    """
    features, emotions = [], []
    for passage in passages:
        curves = np.c_[passage.channels, head_angles(passage.head)].astype(np.float64)
        speed = np.abs(np.gradient(curves, axis=0)) * CODE_RATE
        for start in range(0, len(curves) - SEGMENT + 1, SEGMENT):
            span = slice(start, start + SEGMENT)
            if np.ptp(passage.emotion[span], axis=0).max() == 0:
                features.append(np.r_[curves[span].mean(0), curves[span].std(0), speed[span].mean(0)])
                emotions.append(passage.emotion[start])
    return np.array(features), np.array(emotions, np.float64)


def named(emotions: Array) -> NDArray[np.int64]:
    """Index into FACES [S] of the face that emotions [S, 5] show most."""
    weights = np.clip(emotions[:, :-1], 0, 1)
    return np.argmax(np.c_[1 - weights.sum(1), weights], axis=1)


def reading(reader: EmotionReader, passages: Sequence[Passage]) -> str:
    """How well emotions of passages that the reader has not seen are read."""
    features, emotions = segments(passages)
    read = reader(features)
    right = named(read) == named(emotions)
    strongest = emotions[:, :-1].max(1)
    clear = (strongest >= CLEAR) | (strongest == 0)
    chance = np.bincount(named(emotions)[clear]).max() / clear.sum()
    energy = np.corrcoef(read[:, -1], emotions[:, -1])[0, 1]
    return (
        f"Of {len(right)} pieces of 2 s from passages that it has not seen, it names the strongest of the\n"
        f"five faces right in {100 * right.mean():.0f}%; of the {clear.sum()} without emotion or with at "
        f"least {CLEAR} of it, in\n{100 * right[clear].mean():.0f}% (always naming the commonest: "
        f"{100 * chance:.0f}%). The energy it reads correlates with the true one\nby {energy:.2f}.\n"
    )


def style_rows(passages: Sequence[Passage], contact: Contact) -> tuple[list[str], list[str]]:
    """How a style moves, and what its face wears: cells of two tables."""
    values = measure(passages, contact)
    pooled = {name: np.concatenate(arrays) for name, arrays in values.items()}
    seconds = sum(len(p.mel) for p in passages) / CODE_RATE
    shares = [f"{100 * pooled[name].mean():.1f}" for name in ("closed", "teeth", "sibilant", "pause")]
    moves = [
        f"{pooled['open a'].mean():.2f}",
        f"{1e3 * np.percentile(pooled['lip speed'], 99):.0f}",
        f"{60 * pooled['blinks'].sum() / seconds:.1f}",
        f"{100 * pooled['away'].mean():.0f}",
        "{:.1f}, {:.1f}, {:.1f}".format(*_within(passages).std(0)),
        f"{pooled['head speed'].mean():.1f}",
    ]
    channels = np.concatenate([p.channels for p in passages])
    units = ("mouthSmile", "cheekSquint", "mouthFrown", "browInnerUp", "browOuterUp", "browDown")
    worn = [f"{channels[:, both_sides(u)].mean():.2f}" for u in (*units, "noseSneer", "eyeWide")]
    lids = np.median(channels[:, [UNIT[name] for name in BLINKS]])
    worn += [f"{lids:.2f}", f"{pooled['angles'][:, 0].mean():+.1f}"]
    return shares + moves, worn


def _within(passages: Sequence[Passage]) -> Array:
    """Head angles [N, 3] less each passage's mean."""
    angles = [head_angles(p.head).astype(np.float64) for p in passages]
    return np.concatenate([a - a.mean(0) for a in angles])


def report(folder: Path, contact: Contact, performer: Performer, who: str) -> str:
    """The report on one performer."""
    train = Passages(folder, "train")
    reader = EmotionReader(*segments(train[i] for i in range(0, len(train), LEARN_EVERY)))
    unseen = [train[i] for i in range(2, len(train), TEST_EVERY)]
    held = list(Passages(folder, "valid"))
    moves, wears, reads = [], [], []
    for style in STYLES:
        emotion = Emotion.parse(style)
        takes = [performer(p, emotion, 5000 + i) for i, p in enumerate(held)]
        moving, wearing = style_rows(takes, contact)
        moves.append([style, *moving])
        wears.append([style, *wearing])
        counts = np.bincount(named(reader(segments(takes)[0])), minlength=len(FACES))
        reads.append([style, *(f"{100 * c / counts.sum():.0f}" for c in counts)])
    minutes = sum(len(p.mel) for p in held) / CODE_RATE / 60
    move_head = "style,p b m sealed %,f v on the incisors %,s z closed %,pauses closed %,stressed æ: jaw,"
    move_head += "lip speed p99 mm/s,blinks a minute,gaze away %,head sd: pitch yaw roll °,head speed °/s"
    wear_head = "style,smile,cheeks,frown,inner brows up,outer brows up,brows down,nose,lids wide,"
    wear_head += "lid closure,head pitch °"
    return (
        f"# Styles in figures\n\n{len(held)} held-out passages, {minutes:.1f} minutes, each performed in "
        f"every style at full weight by {who}.\nMade by `python -m scripts.mira.style_report`. Gaze away is "
        f"3 degrees and more off the viewer; sad eyes rest\n2.5 degrees lower.\n\n"
        f"How it moves:\n\n{_table(move_head, moves)}\n"
        f"What the face wears, mean weights (lid closure: median), and the head's mean pitch:\n\n"
        f"{_table(wear_head, wears)}\n"
        f"What a linear reader names it, % of pieces of 2 s:\n\n"
        f"{_table('style,' + ','.join(FACES), reads)}\n"
        f"The reader is a ridge regression on means, deviations and speeds, and learnt from the\n"
        f"synthesiser's passages. {reading(reader, unseen)}"
    )


def _table(head: str, rows: Sequence[Sequence[str]]) -> str:
    titles = head.split(",")
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("passages", type=Path)
    parser.add_argument("--contact", type=Path, required=True)
    parser.add_argument("--actor", help="perform with this actor's joint flow")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    contact = load_contact(args.contact)
    performer = FlowPerformer(args.actor) if args.actor else Synthesiser(contact)
    who = f"the joint flow of `{args.actor}`" if args.actor else "the synthesiser"
    args.out.write_text(report(args.passages, contact, performer, who), encoding="utf-8")


if __name__ == "__main__":
    main()
