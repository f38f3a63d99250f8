"""A synthetic actor from a person: another actor's avatar on a new head, in new colours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import Actor, actor_folders, read_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.head import Head
from avgen.casting.person import PERSON_FILE, Person, read_person
from avgen.casting.recolour import Paint, recolour, recolour_hair
from avgen.casting.shapes import load_shapes
from avgen.casting.transfer import transfer
from avgen.errors import ActorError

Array = NDArray[np.float64]
Tensors = dict[str, NDArray[Any]]

DOMAIN: Final = "mira"
"""Actor on whose face places are known."""


@dataclass(frozen=True, slots=True)
class Donor:
    """A synthetic actor that others are made from.

    Attributes:
        actor: it.
        person: who it is.
    """

    actor: Actor
    person: Person

    def distance(self, person: Person) -> float:
        """How much would have to change to make this one into a person; less is better."""
        skin = np.abs(np.log(np.array(self.person.skin) / np.array(person.skin))).mean()
        hair = np.abs(np.log(np.array(self.person.hair.colour) / np.array(person.hair.colour))).mean()
        other = 0.0 if self.person.sex == person.sex else 0.5
        style = 0.0 if self.person.hair.style == person.hair.style else 10.0
        return float(skin + 0.3 * hair + other + style + abs(self.person.age - person.age) / 60)


def donors() -> list[Donor]:
    """Every synthetic actor that can be found."""
    found = []
    for folder in actor_folders().values():
        if (folder / PERSON_FILE).is_file():
            found.append(Donor(read_actor(folder), read_person(folder)))
    if not found:
        raise ActorError(f"there is no actor with a {PERSON_FILE} to make others from. Install avgen again.")
    return found


def load_donor(donor: Donor) -> tuple[Tensors, TexturedMesh]:
    """Avatar of a donor, as tensors and ready to pose."""
    tensors, metadata = read_tensors(donor.actor.components["avatar"].file)
    units, parts = (tuple(metadata[key].split()) for key in ("units", "parts"))
    return tensors, TexturedMesh.from_tensors(tensors, units, parts)


def domain() -> Array:
    """Mira's skin [V, 3] without a resting expression, decimetres, on which places are known."""
    space = load_shapes()
    space = replace(space, resting=np.zeros_like(space.resting))
    head = space.head(read_person(actor_folders()[DOMAIN]).shape)
    skin: Array = head.limit(head.rest)[space.groups["skin"]]
    return skin


def make_avatar(person: Person, donor: Donor) -> tuple[Tensors, Head]:
    """Avatar tensors of a person, made from a donor's; and the head."""
    space = load_shapes()
    tensors, avatar = load_donor(donor)
    base, head = space.head(donor.person.shape), space.head(person.shape)
    view = donor.actor.view()
    paint = Paint(avatar, donor.person, view.camera(512, 512))
    out = {**transfer(tensors, base, head), **recolour(paint, paint.ratio(person, domain()))}
    if person.hair.colour != donor.person.hair.colour:
        out |= recolour_hair(tensors, person.hair.colour, donor.person.hair.colour)
    return out, head


def out_folder(name: str) -> Path:
    """Where a new actor of a name goes: among the user's own, or here."""
    import os

    home = os.environ.get("AVGEN_HOME")
    return Path(home) / "actors" / name if home else Path(name)
