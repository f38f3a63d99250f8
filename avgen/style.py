"""Styles as people write them (`upper-face:1.2,lip-closing:1.1`): how strongly parts of a face move."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from avgen.errors import InputError

_PLAIN: Final = "none"
_EXAMPLE: Final = "Write for example upper-face:1.2,lower-face:0.9 or none."
MOST: Final = 2.0
"""Greatest strength."""


class Style(NamedTuple):
    """Strengths of parts of a face, from 0 (still) to 2; 1 is as the flow drew it.

    Attributes:
        upper_face: brows, and what wrinkles nose and cheeks.
        lower_face: jaw, mouth, cheeks and tongue, but for closing the lips.
        lip_closing: how firmly lips close on p, b and m.
        eyelids: wide and narrow eyes; a blink closes them at any strength.
    """

    upper_face: float = 1.0
    lower_face: float = 1.0
    lip_closing: float = 1.0
    eyelids: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Style:
        """Read `none`, or parts with strengths.

        Raises:
            InputError: for an unknown or repeated part, or a strength out of range.
        """
        if text.strip().lower() in ("", _PLAIN):
            return cls()
        strengths: dict[str, float] = {}
        for part in text.split(","):
            name, _, number = (piece.strip() for piece in part.lower().partition(":"))
            field = name.replace("-", "_")
            if field not in cls._fields:
                known = ", ".join(map(_written, cls._fields))
                raise InputError(f"style: unknown part {name!r} in {text!r}. Known: {known}. {_EXAMPLE}")
            if field in strengths:
                raise InputError(f"style: {name} stands twice in {text!r}. {_EXAMPLE}")
            if not re.fullmatch(r"\d{1,3}(\.\d{0,9})?|\.\d{1,9}", number) or float(number) > MOST:
                raise InputError(
                    f"style: {name}: expected a strength from 0 to {MOST:g}, got {number!r} in {text!r}. "
                    f"{_EXAMPLE}"
                )
            strengths[field] = float(number)
        return cls(**strengths)

    def __str__(self) -> str:
        """Text that `parse` reads again; equal styles give equal text."""
        pairs = zip(self._fields, self, strict=True)
        return ",".join(f"{_written(name)}:{value:g}" for name, value in pairs if value != 1.0) or _PLAIN

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return self != PLAIN


PLAIN: Final = Style()


def _written(field: str) -> str:
    return field.replace("_", "-")
