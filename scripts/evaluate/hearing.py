"""Measures of what is heard: consonants by frame and in order, and the lips that follow them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from avgen.metrics.lips import BILABIALS, CLOSED
from avgen.metrics.words import edit_distance
from avgen.text.labels import CONSONANTS, LABELS, PAUSES
from avgen.types import CODE_RATE, FloatArray, Interval

SOUNDS: Final = tuple(set(CONSONANTS) - {"T"})
"""Consonants that are told apart; taps count as t."""
VOWEL: Final = "vowel"
SHORTEST: Final = 2
"""Frames that a consonant lasts at least to count as heard."""
STILL: Final = 1.5e-3
"""Metres within which a lip gap around its median is rest."""


def sounds(labels: NDArray[np.integer]) -> NDArray[np.str_]:
    """Sound of every label index: taps as t, all vowels one, all pauses $."""
    names = {**dict.fromkeys(CONSONANTS, ""), **dict.fromkeys(PAUSES, "$")}
    plain = [names.get(label, VOWEL) or ("t" if label == "T" else label) for label in LABELS]
    return np.array(plain)[labels]


@dataclass(slots=True)
class Scores:
    """Counts over the clips of a voice.

    Attributes:
        clips: so far.
        edits: insertions, deletions and replacements that turn the consonants said into those heard.
        consonants: said.
        frames: of consonants.
        right: of these, heard as what they are.
        hits: frames of p, b and m heard as any of these.
        wrong: frames that are only said or only heard as any of these.
        bilabials: p, b and m said in clips with lips.
        closed: of these, those on which lips close.
    """

    COLUMNS: ClassVar = (
        *("clips", "consonants: edit errors", "consonant frames right", "p, b, m frames F1"),
        "p, b, m on which lips close",
    )
    clips: int = 0
    edits: int = 0
    consonants: int = 0
    frames: int = 0
    right: int = 0
    hits: int = 0
    wrong: int = 0
    bilabials: int = 0
    closed: int = 0

    def row(self) -> list[str]:
        """Cells of COLUMNS."""
        return [
            str(self.clips),
            f"{self.edits / max(1, self.consonants):.1%}",
            f"{self.right / max(1, self.frames):.1%}",
            f"{2 * self.hits / max(1, 2 * self.hits + self.wrong):.3f}",
            f"{self.closed / self.bilabials:.1%} of {self.bilabials}" if self.bilabials else "",
        ]


def score(
    found: Scores, phones: Sequence[Interval], heard: NDArray[np.str_], gap: FloatArray | None = None
) -> None:
    """Count what is heard of a clip.

    Args:
        found: gets the counts.
        phones: said.
        heard: [N] sounds.
        gap: [N] between the lips, in metres, if there are any.
    """
    said = at_frames(phones, len(heard))
    spoken = [phone for phone in phones if phone.label != "$"]
    inside = slice(int(spoken[0].start * CODE_RATE), int(spoken[-1].end * CODE_RATE))
    consonant = np.isin(said[inside], SOUNDS)
    found.clips += 1
    found.frames += int(consonant.sum())
    found.right += int((said == heard)[inside][consonant].sum())
    shut, heard_shut = (np.isin(part[inside], list(BILABIALS)) for part in (said, heard))
    found.hits += int((shut & heard_shut).sum())
    found.wrong += int((shut ^ heard_shut).sum())
    wanted = [phone.label for phone in phones if phone.label in SOUNDS]
    found.edits += edit_distance(wanted, consonants_of(heard))
    found.consonants += len(wanted)
    if gap is not None:
        touched = [gap[_near(phone)].min() < CLOSED for phone in phones if phone.label in BILABIALS]
        found.bilabials += len(touched)
        found.closed += sum(map(int, touched))


def consonants(labels: NDArray[np.integer]) -> list[str]:
    """Consonants of label indices [N] in order; those heard for a moment only are left out."""
    return consonants_of(sounds(labels))


def consonants_of(heard: NDArray[np.str_]) -> list[str]:
    """The same of sounds [N]."""
    runs = [(name, len(list(frames))) for name, frames in groupby(heard.tolist())]
    return [name for name, size in runs if name in SOUNDS and size >= SHORTEST]


def _near(phone: Interval) -> slice:
    """Frames of a phone and two on either side."""
    return slice(max(0, int(phone.start * CODE_RATE) - 2), int(phone.end * CODE_RATE) + 3)


def at_frames(phones: Sequence[Interval], count: int) -> NDArray[np.str_]:
    """Sound at the centre of every frame [count]; $ where there is none."""
    centres = (np.arange(count) + 0.5) / CODE_RATE
    out = np.full(count, "$", dtype=f"<U{len(VOWEL)}")
    for phone in phones:
        out[(centres >= phone.start) & (centres < phone.end)] = phone.label
    return out


def gap_moves(gap: FloatArray) -> float:
    """Share of frames in which lips [N] are not where they rest."""
    return float((np.abs(gap - np.median(gap)) > STILL).mean())
