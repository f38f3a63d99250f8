"""What lies behind the actor, as people name it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from avgen.errors import InputError

GRADIENT: Final = "gradient"
TRANSPARENT: Final = "transparent"
IMAGE_SUFFIXES: Final = (".png", ".jpg", ".jpeg")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Background:
    """A soft studio gradient, a colour, an image that covers the picture, or nothing.

    Attributes:
        name: `gradient`, `transparent`, `#rrggbb`, or the path of a PNG or JPEG file.
    """

    name: str = GRADIENT

    @classmethod
    def parse(cls, text: object) -> Background:
        """Read what a person wrote; whether an image file is there is not looked at.

        Raises:
            InputError: if it is none of the four.
        """
        if not isinstance(text, str):
            raise InputError(f"background: expected a text, got {text!r}.")
        found = cls(text)
        if text in (GRADIENT, TRANSPARENT) or found.image is not None or found.colour is not None:
            return found
        if text.startswith("#"):
            raise InputError(f"background: expected a colour like #20304a, got {text!r}.")
        raise InputError(
            f"background: expected {GRADIENT}, {TRANSPARENT}, a colour like #20304a, or an image file "
            f"({', '.join(IMAGE_SUFFIXES)}), got {text!r}."
        )

    @property
    def transparent(self) -> bool:
        """Whether pictures have opacity."""
        return self.name == TRANSPARENT

    @property
    def image(self) -> Path | None:
        """The image file, if it is one."""
        return Path(self.name) if self.name.lower().endswith(IMAGE_SUFFIXES) else None

    @property
    def colour(self) -> tuple[int, int, int] | None:
        """Red, green and blue in 0..255, if it is one colour."""
        if not _COLOUR.fullmatch(self.name):
            return None
        red, green, blue = (int(self.name[k : k + 2], 16) for k in (1, 3, 5))
        return red, green, blue

    def __str__(self) -> str:
        """The name."""
        return self.name


STUDIO: Final = Background()
"""What is there where nothing else is asked for."""
