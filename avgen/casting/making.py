"""A synthetic actor from a person: another actor's avatar on a new head, in new colours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import Actor, actor_folders, read_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.folder import Profile, new_folder, write_actor
from avgen.casting.person import PERSON_FILE, Person, read_person
from avgen.casting.recolour import Paint, recolour, recolour_hair
from avgen.casting.shapes import load_shapes
from avgen.casting.transfer import thinned_hair, transfer
from avgen.casting.words import Words
from avgen.errors import ActorError
from avgen.voices import Voice

Array = NDArray[np.float64]
Tensors = dict[str, NDArray[Any]]

DOMAIN: Final = "mira"
"""Actor on whose face places are known, and with whose speech and movement new actors are made."""
HAIR_PICTURES: Final = 40
"""Most pictures of the hair that a made actor has, to be small."""
YOUNG, OLDER = 30, 55
"""Ages below and above which a voice is chosen that is said to be young, or older."""


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


def domain() -> Array:
    """Mira's skin [V, 3] without a resting expression, decimetres, on which places are known."""
    space = load_shapes()
    space = replace(space, resting=np.zeros_like(space.resting))
    head = space.head(read_person(actor_folders()[DOMAIN]).shape)
    skin: Array = head.limit(head.rest)[space.groups["skin"]]
    return skin


def make_avatar(person: Person, donor: Donor) -> tuple[Tensors, dict[str, str]]:
    """Avatar tensors of a person, made from a donor's; and the metadata of their file."""
    space = load_shapes()
    tensors, names = read_tensors(donor.actor.components["avatar"].file)
    units, parts = (tuple(names[key].split()) for key in ("units", "parts"))
    avatar = TexturedMesh.from_tensors(tensors, units, parts)
    base, head = space.head(donor.person.shape), space.head(person.shape)
    view = donor.actor.view()
    paint = Paint(avatar, donor.person, view.camera(512, 512))
    out = {**transfer(tensors, base, head), **recolour(paint, paint.ratio(person, domain()))}
    out |= thinned_hair(out, HAIR_PICTURES)
    if person.hair.colour != donor.person.hair.colour:
        out |= recolour_hair(out, person.hair.colour, donor.person.hair.colour)
    return out, names


def make_synthetic(name: str, words: Words, seed: int, voice: str = "") -> Path:
    """Make an actor who is nobody.

    Args:
        name: of the actor.
        words: what is asked for.
        seed: of chance, for the rest.
        voice: one of Mira's; nothing for one that fits.

    Returns:
        The actor's folder.

    Raises:
        InputError: for an unknown word, or a name that is none or is taken.
    """
    folder, speaker, known = new_folder(name), read_actor(actor_folders()[DOMAIN]), donors()
    styles = {donor.person.hair.style: donor.person.sex for donor in known}
    person = words.person(styles, load_shapes().targets.names, seed)
    voice = voice or fitting_voice(speaker.voices, person.sex, person.age)
    speaker.shares(voice)
    donor = min(known, key=lambda one: one.distance(person))
    tensors, names = make_avatar(person, donor)
    credits = (*donor.actor.credits, f"Shape and colours: made by avgen from words and the seed {seed}")
    consent = f"None is needed. {name.capitalize()} is fully synthetic, and nobody's likeness."
    about = f"A synthetic {person.sex} of {person.age}; nobody's likeness, nobody's voice."
    profile = Profile(name, about, donor.actor.licence, consent, voice, credits, person)
    write_actor(folder, profile, speaker, tensors, names)
    return folder


def fitting_voice(voices: Mapping[str, Voice], sex: str, age: int) -> str:
    """Name of the first voice whose description is of a sex, and of an age if there is one."""
    period = "young" if age < YOUNG else "older" if age > OLDER else ""
    same = [name for name, voice in voices.items() if sex in re.findall(r"\w+", voice.description)]
    fitting = [name for name in same if period and period in voices[name].description]
    return next(iter((*fitting, *same)), "")
