"""One task's share of a run, for job arrays whose tasks write to one folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from avgen.errors import InputError
from avgen.stages.spec import ClipSpec

MAX_SHARDS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Shard:
    """The K-th of N shares.

    Attributes:
        number: K, from 1.
        count: N.
    """

    number: int
    count: int

    @property
    def name(self) -> str:
        """The share as file names spell it, such as `2-of-8`."""
        return f"{self.number}-of-{self.count}"

    def select(self, specs: Sequence[ClipSpec]) -> tuple[ClipSpec, ...]:
        """Return the share of a plan: every N-th take by id and seed, whatever the order of the rows.

        Pictures of one take from several cameras stay together, because they share its sound and motion, and
        so do the clips of a dialogue.
        """
        takes = sorted({(spec.work, spec.seed) for spec in specs})
        mine = set(takes[self.number - 1 :: self.count])
        return tuple(spec for spec in specs if (spec.work, spec.seed) in mine)


def parse_shard(text: str) -> Shard:
    """Read `K/N`.

    Raises:
        InputError: unless K is from 1 to N.
    """
    match = re.fullmatch(r"(\d{1,5})/(\d{1,5})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]) <= MAX_SHARDS:
        raise InputError(f"shard: expected K/N with K from 1 to N, such as 2/8, got {text!r}.")
    return Shard(int(match[1]), int(match[2]))
