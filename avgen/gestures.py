"""How a body speaks along, as people write it: `none`, `calm`, `lively`, `formal`, or how much: `0.7`."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from avgen.errors import InputError

_NONE: Final = "none"
_EXAMPLE: Final = "Write for example none, calm, lively, formal or 0.7."
NATURAL: Final = "natural"
AMOUNTS: Final = {"calm": 0.3, "lively": 0.9, "formal": 0.5}
"""How much each manner gestures."""
MARK: Final = "avgen:gesture "
"""Before the act, in the name of a script's mark."""
ACTS: Final = {
    "point": ("you", "me", "there"),
    "count": ("1", "2", "3", "4", "5"),
    "shrug": ("",),
    "hands": ("rest", "move"),
}
"""What a script can ask for, `[point you]`: the words in brackets, and what may follow each."""


class Gestures(NamedTuple):
    """Gestures of hands, and how the body moves with them.

    Attributes:
        amount: from 0, no gesture at all, to 1, one on nearly every accent.
        manner: a name of AMOUNTS, or `natural`, whose size and pace follow the amount.
    """

    amount: float = 0.6
    manner: str = NATURAL

    @classmethod
    def parse(cls, text: str) -> Gestures:
        """Read a manner, or an amount from 0 to 1.

        Raises:
            InputError: for anything else.
        """
        plain = text.strip().lower()
        if plain == _NONE:
            return cls(0.0)
        if plain in AMOUNTS:
            return cls(AMOUNTS[plain], plain)
        if not re.fullmatch(r"\d(\.\d{0,9})?|\.\d{1,9}", plain) or float(plain) > 1:
            raise InputError(
                f"gestures: expected a manner or an amount from 0 to 1, got {text!r}. {_EXAMPLE}"
            )
        return cls(float(plain))

    def __str__(self) -> str:
        """Text that `parse` reads again; equal gestures give equal text."""
        return self.manner if self.manner in AMOUNTS else f"{self.amount:g}" if self.amount else _NONE

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self.amount > 0


USUAL: Final = Gestures()
"""Where nobody asks for anything else."""


def parse_act(text: str) -> str:
    """Read what a script asks of the body, without its brackets; `ACTS` has all.

    Raises:
        InputError: for anything else.
    """
    words = text.lower().split()
    name, detail = words[0] if words else "", " ".join(words[1:])
    if name not in ACTS or detail not in ACTS[name]:
        known = ", ".join(
            f"[{act} {which}]".replace(" ]", "]") for act, all_ in ACTS.items() for which in all_
        )
        raise InputError(f"expected one of {known}.")
    return f"{name} {detail}".rstrip()
