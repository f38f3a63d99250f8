"""Statistics of the people in synthesised conversations, beside figures from the literature.

python -m scripts.mira.listening_report work/conversations/mira --contact contact.npz \
    --out scripts/mira/LISTENING.md
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.pose import head_angles
from avgen.types import CODE_RATE
from scripts.mira.contact import Contact, load_contact
from scripts.mira.dataset import Passage, Passages
from scripts.mira.performance import measures
from scripts.mira.performance.listening import cues, turn_starts
from scripts.mira.performance.listening_measures import answers, looks, nods, roles
from scripts.mira.performance.speech import Speech, hear
from scripts.mira.performance.units import both_sides, lip_gaps

Array = NDArray[Any]
CLOSED: Final = 5e-4
"""Metres of lip gap that count as closed."""
QUIET: Final = -3.0
"""Loudness of an own track in which nothing is said."""
LATEST: Final = 1.5
"""Seconds in which a smile may be answered."""
NOTES: Final = """1. Argyle & Ingham 1972, Semiotica 6:32: share of time in which one looks at the other.
2. Kendon 1967, Acta Psychologica 26:22: speakers look away as a turn begins and back as it ends.
3. Dittmann & Llewellyn 1968, J. Personality and Social Psychology 9:79: nods and short answers come after the
   ends of clauses.
4. Ward & Tsukahara 2000, J. Pragmatics 32:1177: 110 ms of low pitch ask for a short answer.
5. Dimberg & Thunberg 1998, Scandinavian J. Psychology 39:39: a smile is answered after 0.3 to 0.4 s at the
   earliest, and more weakly than it was shown.
6. Nakano & Kitazawa 2010, Experimental Brain Research 205:577: listeners blink 0.25 to 0.5 s after pauses
   begin.
7. Bentivoglio et al. 1997, Movement Disorders 12:1028.
8. Torreira, Bögels & Levinson 2015, Frontiers in Psychology 6:284: a breath is taken before longer answers.

The figures for which no number stands beside are choices, not measurements of people. Three manners differ in
how readily and how far one nods and smiles (`MANNERS`): attentive 60%, reserved 20%, lively 20% of people.
"""


def measure(sides: Sequence[Passage], contact: Contact) -> dict[str, list[Array]]:
    """Samples of every measure, an array for each side; partners follow each other."""
    values: dict[str, list[Array]] = defaultdict(list)
    speeches = [hear(side.phones, side.mel, side.f0) for side in sides]
    for number, side in enumerate(sides):
        own, partner, other = speeches[number], speeches[number ^ 1], sides[number ^ 1]
        where, angles = roles(own, partner), head_angles(side.head).astype(float)
        channels = side.channels.astype(float)
        seen = looks(channels, angles)
        values["listening"].append(where.listening)
        values["nods"].append(nods(angles, where.listening))
        values["asked"].append(np.array(cues(partner)))
        values["looking, listening"].append(seen[where.listening])
        values["looking, speaking"].append(seen[where.speaking])
        values["looking at the start"].append(_around(seen, turn_starts(own), 0.0, 0.6))
        quiet = where.listening & (own.loudness < QUIET)
        values["closed"].append((lip_gaps(contact, channels).max(1) < CLOSED)[quiet])
        values["blinks"].append(np.array([len(measures.blink_times(channels))]))
        values["blinks after"].append(_blinks_after(channels, partner, where.listening))
        values["answers"].append(np.array([_short_answers(own)]))
        values["lag"].append(_smile_lag(channels, other.channels.astype(float), where.listening))
        values["tilt"].append(angles[where.listening, 2])
    return values


def _around(flags: Array, times: Sequence[float], start: float, end: float) -> Array:
    """Flags [N] from some seconds after the times to others."""
    spans = [slice(round((t + start) * CODE_RATE), round((t + end) * CODE_RATE)) for t in times]
    return np.concatenate([np.zeros(0, bool), *(flags[span] for span in spans)])


def _blinks_after(channels: Array, partner: Speech, listening: Array) -> Array:
    """Whether a blink comes within half a second after each phrase of a partner who is listened to."""
    times = measures.blink_times(channels)
    ends = [p.end for p in partner.phrases if listening[partner.frame(p.end - 0.1)]]
    return np.array([((times > end) & (times < end + 0.5)).any() for end in ends], bool)


def _short_answers(own: Speech) -> int:
    """Phrases that take no turn."""
    return sum(phrase.end - phrase.start < 0.8 for phrase in own.phrases)


def _smile_lag(own: Array, partner: Array, listening: Array) -> Array:
    """Seconds after which a listener's smile follows the partner's best, if both smile."""
    mine, theirs = (side[:, both_sides("mouthSmile")].mean(1) for side in (own, partner))
    if not listening.any() or min(np.ptp(mine[listening]), np.ptp(theirs[listening])) < 0.3:
        return np.zeros(0)
    steps = np.arange(round(LATEST * CODE_RATE))
    fit = [np.corrcoef(mine[listening], np.roll(theirs, lag)[listening])[0, 1] for lag in steps]
    return np.array([steps[int(np.argmax(fit))] / CODE_RATE])


def table(sides: Sequence[Passage], contact: Contact) -> str:
    """The report."""
    values = measure(sides, contact)
    pooled = {name: np.concatenate(parts) for name, parts in values.items()}
    found = answers(values["nods"], values["asked"], values["listening"])
    minutes = pooled["listening"].sum() / CODE_RATE / 60
    length = sum(len(side.mel) for side in sides) / CODE_RATE
    margin = f"{found.precision:.0%} ({found.chance_precision:.0%})"
    recall = f"{found.recall:.0%} ({found.chance_recall:.0%})"
    rows = [
        ("looks at the speaker, listening", f"{pooled['looking, listening'].mean():.0%}", "75% [1]"),
        ("looks at the listener, speaking", f"{pooled['looking, speaking'].mean():.0%}", "41% [1]"),
        ("the same in the first 0.6 s of a turn", f"{pooled['looking at the start'].mean():.0%}", "less [2]"),
        ("nods a minute of listening", f"{found.events / minutes:.1f}", ""),
        ("nods within 1 s after a cue (at random times)", margin, "most [3, 4]"),
        ("cues with a nod within 1 s (at random times)", recall, ""),
        ("short answers a minute of listening", f"{pooled['answers'].sum() / minutes:.1f}", ""),
        ("a smile is answered after, median", f"{np.median(pooled['lag']):.2f} s", "0.3 s and more [5]"),
        (
            "a blink within 0.5 s after the speaker's phrase",
            f"{pooled['blinks after'].mean():.0%}",
            "more [6]",
        ),
        ("blinks a minute", f"{60 * pooled['blinks'].sum() / length:.1f}", "17 at rest, 26 in talk [7]"),
        ("lips closed while listening in silence", f"{pooled['closed'].mean():.1%}", "but for breath [8]"),
        ("tilt of a listener's head, sd", f"{pooled['tilt'].std():.1f} degrees", ""),
    ]
    lines = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return (
        "# Conversations in figures\n\n"
        f"{len(sides) // 2} conversations, {length / 2:.0f} s. Made by "
        "`python -m scripts.mira.listening_report`.\n\n"
        "| measure | value | literature |\n| --- | --- | --- |\n" + lines + "\n\n" + NOTES
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("conversations", type=Path)
    parser.add_argument("--contact", type=Path, required=True)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    sides = Passages(args.conversations)
    text = table([sides[k] for k in range(min(2 * args.count, len(sides)))], load_contact(args.contact))
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
