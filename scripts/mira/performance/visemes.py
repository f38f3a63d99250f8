"""What each phone asks of the mouth: values of a few gestures, each with a priority.

A viseme lists only the gestures a sound needs; those it leaves out stay with its neighbours, which is what
makes coarticulation. Values are face-unit weights; priority 1 is followed up to the gesture's own cut-off
frequency, higher ones more sharply, low ones give way.
"""

from __future__ import annotations

from typing import Final

from scripts.mira.phones import VOWELS

Ask = tuple[float, float]
"""(value, priority)."""
Viseme = dict[str, Ask]

CUTOFF_HZ: Final = {
    "jaw": 5.8,
    "smile": 4.0,
    "stretch": 5.0,
    "pucker": 5.0,
    "funnel": 5.5,
    "upper_up": 6.0,
    "lower_down": 6.0,
    "roll_lower": 6.0,
    "roll_upper": 6.0,
    "press": 6.0,
    "tongue": 7.0,
    "tip": 6.0,
    "forward": 6.0,
    "close": 9.0,
}
"""Gestures of the mouth and how fast each follows at priority 1."""
GESTURES: Final = tuple(CUTOFF_HZ)


def _viseme(**asks: float | Ask) -> Viseme:
    return {name: ask if isinstance(ask, tuple) else (ask, 1.0) for name, ask in asks.items()}


def _bilabial(jaw: Ask, press: float, lower: float, upper: float) -> Viseme:
    rolls = {"press": (press, 4.0), "roll_lower": (lower, 4.0), "roll_upper": (upper, 4.0)}
    open_lips = {"lower_down": (0.0, 3.0), "upper_up": (0.0, 3.0), "funnel": (0.0, 1.0)}
    return {"jaw": jaw, **rolls, **open_lips}


def _labiodental(jaw: float, upper: float, lower: float) -> Viseme:
    return _viseme(
        jaw=(jaw, 6.0),
        roll_lower=(0.5, 3.0),
        upper_up=(upper, 8.0),
        lower_down=(0.0, lower),
        funnel=(0.0, 2.0),
        pucker=(0.0, 0.1),
    )


VISEMES: Final[dict[str, Viseme]] = {
    "ɑ": _viseme(jaw=0.50, lower_down=0.10),
    "a": _viseme(jaw=0.50, lower_down=0.10),
    "ɒ": _viseme(jaw=0.45, pucker=0.12, funnel=0.12),
    "æ": _viseme(jaw=0.42, stretch=0.18, smile=0.10, upper_up=0.10, lower_down=0.10),
    "ʌ": _viseme(jaw=0.32, lower_down=0.08),
    "ɐ": _viseme(jaw=0.26, lower_down=0.05),
    "ə": _viseme(jaw=(0.16, 0.35), lower_down=(0.05, 0.2)),
    "ᵊ": _viseme(jaw=(0.10, 0.2)),
    "ᵻ": _viseme(jaw=(0.11, 0.3), stretch=(0.1, 0.2)),
    "ɛ": _viseme(jaw=0.30, stretch=0.15, smile=0.08, lower_down=0.10, upper_up=0.05),
    "e": _viseme(jaw=0.24, stretch=0.20, smile=0.14, lower_down=0.10),
    "ɪ": _viseme(jaw=0.16, stretch=0.16, smile=0.10, lower_down=0.12, upper_up=0.05),
    "i": _viseme(jaw=0.10, smile=0.24, stretch=0.24, upper_up=0.12, lower_down=0.20),
    "ɜ": _viseme(jaw=0.20, pucker=0.22, funnel=0.12),
    "ɚ": _viseme(jaw=0.16, pucker=0.20, funnel=0.10),
    "ɔ": _viseme(jaw=0.36, pucker=0.22, funnel=0.20),
    "o": _viseme(jaw=0.28, pucker=0.55, funnel=0.12),
    "ʊ": _viseme(jaw=0.16, pucker=0.52, funnel=0.12),
    "u": _viseme(jaw=0.09, pucker=(0.80, 1.5), funnel=(0.10, 1.5)),
    "w": _viseme(jaw=0.05, pucker=(0.88, 5.0), funnel=(0.05, 2.0)),
    "j": _viseme(jaw=(0.08, 0.6), smile=(0.18, 0.4), stretch=(0.2, 0.4)),
    "ɹ": _viseme(jaw=(0.10, 0.6), pucker=(0.32, 0.6), funnel=(0.20, 0.6), tip=(0.3, 0.4)),
    "l": _viseme(jaw=(0.16, 0.5), tongue=(0.10, 0.5), tip=(0.85, 2.5)),
    "t": _viseme(jaw=(0.07, 1.5), tongue=(0.06, 0.5), tip=(0.60, 2.0)),
    "d": _viseme(jaw=(0.08, 1.2), tongue=(0.06, 0.5), tip=(0.60, 2.0)),
    "n": _viseme(jaw=(0.09, 0.8), tongue=(0.06, 0.5), tip=(0.65, 2.0)),
    "ɾ": _viseme(jaw=(0.12, 0.4), tongue=(0.06, 0.3), tip=(0.60, 1.5)),
    "k": _viseme(jaw=(0.13, 0.3)),
    "ɡ": _viseme(jaw=(0.13, 0.3)),
    "ŋ": _viseme(jaw=(0.13, 0.3)),
    "x": _viseme(jaw=(0.13, 0.3)),
    "h": _viseme(jaw=(0.14, 0.05)),
    "ʔ": _viseme(jaw=(0.10, 0.03)),
    "s": _viseme(
        jaw=(0.035, 5.0),
        stretch=(0.20, 0.6),
        upper_up=(0.10, 0.8),
        lower_down=(0.22, 0.8),
        pucker=(0.0, 0.08),
        forward=0.05,
        tip=(0.25, 1.0),
    ),
    "z": _viseme(
        jaw=(0.04, 4.0),
        stretch=(0.18, 0.6),
        upper_up=(0.10, 0.8),
        lower_down=(0.22, 0.8),
        pucker=(0.0, 0.08),
        forward=0.05,
        tip=(0.25, 1.0),
    ),
    "ʃ": _viseme(jaw=(0.045, 4.0), funnel=(0.28, 2.0), pucker=(0.42, 2.0), upper_up=0.10, lower_down=0.15),
    "ʒ": _viseme(jaw=(0.05, 3.0), funnel=(0.26, 2.0), pucker=(0.40, 2.0), upper_up=0.10, lower_down=0.15),
    "θ": _viseme(
        jaw=(0.25, 3.0), tongue=(0.68, 3.0), tip=(0.05, 2.0), lower_down=(0.16, 0.8), upper_up=(0.1, 0.5)
    ),
    "ð": _viseme(
        jaw=(0.22, 2.0), tongue=(0.62, 2.5), tip=(0.05, 1.5), lower_down=(0.14, 0.6), upper_up=(0.08, 0.3)
    ),
    "f": _labiodental(0.18, 0.24, 5.0),
    "v": _labiodental(0.17, 0.22, 4.0),
    "p": _bilabial((0.05, 1.0), 0.14, 0.14, 0.12),
    "b": _bilabial((0.06, 1.0), 0.08, 0.10, 0.08),
    "m": _bilabial((0.06, 0.8), 0.06, 0.10, 0.08),
}
SAME_AS: Final = {"T": "ɾ", "r": "ɹ", "ɨ": "ᵻ", "S": "s"}
TWO_PARTS: Final = {
    "A": ("e", "ɪ", 0.55),
    "I": ("ɑ", "ɪ", 0.55),
    "O": ("o", "u", 0.55),
    "W": ("æ", "ʊ", 0.55),
    "Y": ("ɔ", "ɪ", 0.55),
    "Q": ("ɜ", "ʊ", 0.55),
    "ʧ": ("t", "ʃ", 0.35),
    "ʤ": ("d", "ʒ", 0.35),
}
"""Sounds of two visemes, and the share of time at which the second begins."""
VOWEL_DEFAULTS: Final = _viseme(
    pucker=(0.0, 0.25),
    funnel=(0.0, 0.25),
    stretch=(0.0, 0.15),
    smile=(0.0, 0.15),
    upper_up=(0.04, 0.2),
    lower_down=(0.04, 0.2),
    roll_lower=(0.0, 0.5),
    roll_upper=(0.0, 0.5),
    press=(0.0, 0.5),
    tongue=(0.0, 0.5),
    tip=(0.0, 0.5),
)
"""What vowels ask of the gestures they do not list."""
LABIODENTAL_HOLD: Final = {
    "jaw": 0.185,
    "roll_lower": 1.0,
    "upper_up": 0.22,
    "lower_down": 0.0,
    "press": 0.0,
    "funnel": 0.0,
    "tongue": 0.0,
}
"""Lower lip under the upper incisors, held in the middle of f and v."""


def viseme(symbol: str) -> Viseme:
    """Asks of one sound; a rare vowel moves like a schwa, a rare consonant asks nothing."""
    symbol = SAME_AS.get(symbol, symbol)
    asks = VISEMES.get(symbol, VISEMES["ə"] if symbol in VOWELS else {})
    return VOWEL_DEFAULTS | asks if symbol in VOWELS else asks
