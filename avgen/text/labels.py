"""Label sets: what a token frame can be; and how phoneme symbols become labels.

A label of `phonemes` is a phoneme, with its stress if it is a vowel ("æ2"), or a kind of pause. Symbols are
those of the English front end (Kokoro / misaki notation); rare ones are read as their nearest American
neighbour. Those of `wav2vec2-characters` are the outputs of torchaudio's WAV2VEC2_ASR_BASE_960H.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from avgen.errors import InputError

LABEL_SET: Final = "phonemes"
EDGE: Final = "$"
"""Silence at the edge of a sentence, and any silence that was asked for."""
BORDER: Final = " "
"""The border between two words: usually no time at all, sometimes a short pause."""
PAUSES: Final = (EDGE, BORDER, ",", ".", "?", "!")
VOWELS: Final = tuple("AIOWYiuæɑɐɔəɛɜɪʊʌᵊᵻ")
CONSONANTS: Final = tuple("pbtdkɡfvθðszʃʒʧʤmnŋlɹwjhT")
LABELS: Final = PAUSES + CONSONANTS + tuple(f"{vowel}{stress}" for vowel in VOWELS for stress in range(3))

_INDEX: Final = {label: index for index, label in enumerate(LABELS)}
_STRESS: Final = {"ˈ": 2, "ˌ": 1}
_FOLD: Final = {
    **{";": ",", ":": ",", "—": ",", "…": ".", '"': " ", "(": " ", ")": " ", "“": " ", "”": " "},
    **{
        "ɚ": "ɜ",
        "Q": "O",
        "ɾ": "T",
        "ʔ": "t",
        "ɒ": "ɑ",
        "a": "ɑ",
        "e": "A",
        "o": "O",
        "ɨ": "ɪ",
        "y": "i",
        "ɯ": "u",
        "ɤ": "ʌ",
        "ø": "ɜ",
        "œ": "ɜ",
    },
    **{"r": "ɹ", "g": "ɡ", "x": "k", "ɬ": "l", "ɫ": "l", "ʍ": "w", "c": "k", "ɲ": "n", "β": "v", "ç": "h"},
    **{
        "χ": "h",
        "ɣ": "ɡ",
        "ʁ": "ɹ",
        "ɖ": "d",
        "ʈ": "t",
        "ɳ": "n",
        "ɽ": "ɾ",
        "ɻ": "ɹ",
        "ɟ": "ʤ",
        "ʎ": "j",
        "ʝ": "j",
    },
    **{
        "q": "k",
        "ɕ": "ʃ",
        "ʂ": "ʃ",
        "ʣ": "z",
        "ʦ": "s",
        "ʥ": "ʤ",
        "ʨ": "ʧ",
        "ᵝ": "v",
        "ɸ": "f",
        "ɥ": "w",
        "ɰ": "w",
    },
    **{"ɴ": "ŋ", "ʋ": "v"},
}
_SILENT: Final = frozenset("ːʰʲ↓→↗↘\u0303")
_RANK: Final = (".", "?", "!", ",", EDGE, BORDER)


@dataclass(frozen=True, slots=True)
class LabelSet:
    """What the frames of an actor's tokens can be.

    Attributes:
        name: as in actor.yaml.
        labels: D of them, in the order of the logits.
        silent: labels of frames in which nobody need be heard.
        edge_frames: frames beside the others that still belong to speech.
        sharp: whether a flow is told one label a frame; else how likely each is.
    """

    name: str
    labels: tuple[str, ...]
    silent: tuple[str, ...]
    edge_frames: int
    sharp: bool

    def index(self, label: str) -> int:
        """Position of a label."""
        return self.labels.index(label)


BLANK: Final = "-"
"""Of characters: nothing new, within a letter or beside it."""
SPACE: Final = "|"
"""Of characters: the border between two words."""
PHONEMES: Final = LabelSet(LABEL_SET, LABELS, PAUSES, edge_frames=3, sharp=True)
"""Breath and echo belong to a sound."""
CHARACTERS: Final = LabelSet(
    "wav2vec2-characters",
    (BLANK, SPACE, *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"),
    (BLANK, SPACE),
    edge_frames=26,
    sharp=False,
)
"""A letter is heard for a frame or two somewhere in its sound, up to 0.3 s from where that begins or ends."""
LABEL_SETS: Final = {one.name: one for one in (PHONEMES, CHARACTERS)}


@dataclass(frozen=True, slots=True)
class LabelRun:
    """One label and the symbols it was read from: symbols[start:stop]."""

    label: str
    start: int
    stop: int

    @property
    def index(self) -> int:
        """Position of the label in LABELS."""
        return _INDEX[self.label]

    @property
    def is_pause(self) -> bool:
        """Whether it is silence rather than a sound."""
        return self.label in PAUSES


def label_index(name: str, stress: int = 0) -> int:
    """Position in LABELS of a symbol.

    Args:
        name: phoneme or pause symbol.
        stress: 0 none, 1 secondary, 2 primary; ignored for everything but vowels.

    Raises:
        InputError: the symbol is no phoneme of the set.
    """
    name = _FOLD.get(name, name)
    label = f"{name}{stress}" if name in VOWELS else name
    if label not in _INDEX:
        raise InputError(
            f"{name!r} is not a phoneme of the label set {LABEL_SET!r}; it has {' '.join(LABELS[:32])}"
        )
    return _INDEX[label]


def read_symbols(symbols: Sequence[str]) -> list[LabelRun]:
    """Labels of a sentence's phoneme symbols.

    A stress mark joins the vowel after it, a length mark the sound before it, and neighbouring pauses
    become one, named by the strongest among them.

    Args:
        symbols: phonemes, stress marks, spaces between words, and punctuation.

    Returns:
        Runs that cover the symbols in order.
    """
    runs: list[LabelRun] = []
    stress, start = 0, 0
    for position, symbol in enumerate(symbols):
        if symbol in _STRESS:
            stress = _STRESS[symbol]
            continue
        if symbol in _SILENT and runs:
            runs[-1] = LabelRun(runs[-1].label, runs[-1].start, position + 1)
            start = position + 1
            continue
        label = LABELS[label_index(symbol, stress)]
        stress = 0 if symbol in VOWELS or _FOLD.get(symbol) in VOWELS else stress
        run = LabelRun(label, start, position + 1)
        if runs and run.is_pause and runs[-1].is_pause:
            before = runs.pop()
            run = LabelRun(min(before.label, label, key=_RANK.index), before.start, run.stop)
        runs.append(run)
        start = position + 1
    return runs
