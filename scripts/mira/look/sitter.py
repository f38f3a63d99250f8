"""Who is photographed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avgen.casting.person import Person
from scripts.mira.geometry import Head
from scripts.mira.look import bun, styles
from scripts.mira.look.strands import Skin, Strands, load_hair


@dataclass(frozen=True, slots=True)
class Sitter:
    """A person in front of the camera.

    Attributes:
        person: colours, clothes, age.
        head: shape.
        hair: strands by name, at rest.
    """

    person: Person
    head: Head
    hair: dict[str, Strands]

    @classmethod
    def seat(cls, person: Person, head: Head, store: Path) -> Sitter:
        """Sitter whose hair is grown on first use, and kept in a file."""
        if not store.exists():
            np.savez(
                store,
                **{
                    f"{name}_{field}": getattr(strands, field)
                    for name, strands in _grow(person.hair.style, head).items()
                    for field in Strands.__slots__
                },
            )
        return cls(person, head, load_hair(store))


def _grow(style: str, head: Head) -> dict[str, Strands]:
    if style == "bun":
        return {"hair": bun.grow_hair(head), "baby": bun.grow_baby_hairs(head), "bun": bun.grow_bun()}
    return {"hair": styles.grow(style, Skin(head))}
