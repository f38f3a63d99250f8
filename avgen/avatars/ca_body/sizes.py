"""Sizes of a codec avatar; the defaults are those of the published ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from avgen.errors import ActorError

SMALLEST: Final = 4
"""Texels along the side of the smallest map of every network."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the shapes of all networks follow from."""

    uv: int = 1024
    """Texels along the side of the decoded maps; the texture has twice as many."""
    face_vertices: int = 7306
    """Of the face's own geometry."""
    pose: int = 104
    """Parameters of a pose, of which the first ROOT place the whole body."""
    face: int = 256
    embedding: int = 1024
    """What the body's encoder makes."""

    def __post_init__(self) -> None:
        if self.uv not in (128, 256, 512, 1024):
            raise ActorError(f"ca_body: uv: expected 128, 256, 512 or 1024, got {self.uv!r}.")

    @property
    def body(self) -> int:
        """Side of the maps that the body's decoder begins with."""
        return self.uv // 16

    @staticmethod
    def levels(side: int) -> int:
        """How often the smallest map doubles to reach a side."""
        return (side // SMALLEST).bit_length() - 1


ROOT: Final = 6
"""Translation and Euler angles of the root, which the decoder does not see."""
