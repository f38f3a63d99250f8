"""A synthetic actor from a person: another actor's avatar on a new head, in new colours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import Actor, actor_folders, read_actor
from avgen.actors.components import BODY
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.bodies import dressed_body
from avgen.casting.folder import Profile, new_folder, write_actor
from avgen.casting.person import PERSON_FILE, Colour, Person, read_person
from avgen.casting.recolour import Paint, recolour, recolour_hair
from avgen.casting.shapes import load_shapes
from avgen.casting.transfer import moved_hair, thinned_hair, transfer
from avgen.casting.words import Words
from avgen.config import presets_folder
from avgen.voices import Voice

Array = NDArray[np.float64]
Tensors = dict[str, NDArray[Any]]

DOMAIN: Final = "mira"
"""Actor on whose face places are known, and with whose speech and movement new actors are made."""
HAIR_PICTURES: Final = 40
"""Most pictures of the hair that a made actor has, to be small."""
PLAIN_CUT: Final = "crew"
"""Clothes whose texture is all of one cloth."""
BARE: Final = ("receding",)
"""Ways to wear hair that show the scalp, which others' skin has under hair alone."""
DYED: Final = 2.0
"""What another hue of the clothes counts: a dyed cloth keeps some of its colour."""
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

    @property
    def plain(self) -> bool:
        """Whether skin and clothes can become anybody's: a beard, lapels and bare necks would show."""
        return self.person.wear.cut == PLAIN_CUT and not self.person.beard

    def distance(self, person: Person) -> float:
        """How much would have to change to make this skin and these clothes a person's; less is better."""
        dyed = np.log(np.array(self.person.wear.colour) / np.array(person.wear.colour)).std()
        other = 0.5 if self.person.sex != person.sex else 0.0
        return _apart(self.person.skin, person.skin) + DYED * float(dyed) + other

    def hair_distance(self, person: Person) -> float:
        """How much would have to change to make this hair a person's; endless for another style."""
        other_style = float("inf") if self.person.hair.style != person.hair.style else 0.0
        return _apart(self.person.hair.colour, person.hair.colour) + other_style


def _apart(one: Colour, other: Colour) -> float:
    return float(np.abs(np.log(np.array(one) / np.array(other))).mean())


def donors() -> list[Donor]:
    """Every synthetic actor that ships with avgen: made ones would lose a little more each time."""
    folders = sorted(file.parent for file in presets_folder().glob(f"actors/*/{PERSON_FILE}"))
    return [Donor(read_actor(folder), read_person(folder)) for folder in folders]


def hair_styles(known: Sequence[Donor]) -> dict[str, str]:
    """Return the styles of hair that anybody can wear, and the sex of whoever does."""
    return {one.person.hair.style: one.person.sex for one in known if one.person.hair.style not in BARE}


def nearest(person: Person, known: Sequence[Donor]) -> tuple[Donor, Donor]:
    """Return whose skin and clothes, and whose hair, need least change to be a person's."""
    donor = min((one for one in known if one.plain), key=lambda one: one.distance(person))
    return donor, min(known, key=lambda one: one.hair_distance(person))


def domain() -> Array:
    """Mira's skin [V, 3] without a resting expression, decimetres, on which places are known."""
    space = load_shapes()
    space = replace(space, resting=np.zeros_like(space.resting))
    head = space.head(read_person(actor_folders()[DOMAIN]).shape)
    skin: Array = head.limit(head.rest)[space.groups["skin"]]
    return skin


def make_avatar(person: Person, donor: Donor, wearer: Donor) -> tuple[Tensors, dict[str, str]]:
    """Avatar of a person.

    Args:
        person: who it is to be.
        donor: whose skin and clothes are changed into the person's.
        wearer: whose hair is.

    Returns:
        Tensors of the avatar, and the metadata of their file.
    """
    space = load_shapes()
    tensors, names = read_tensors(donor.actor.components["avatar"].file)
    units, parts = (tuple(names[key].split()) for key in ("units", "parts"))
    avatar = TexturedMesh.from_tensors(tensors, units, parts)
    base, head = space.head(donor.person.shape), space.head(person.shape)
    paint = Paint(avatar, donor.person, donor.actor.view().camera(512, 512))
    out = {**transfer(tensors, base, head), **recolour(paint, paint.ratio(person, domain()))}
    if wearer.actor.name != donor.actor.name:
        theirs, _ = read_tensors(wearer.actor.components["avatar"].file)
        skin = slice(0, len(space.groups["skin"]))
        before, after = (one["mesh.rest"][skin].astype(np.float64) for one in (theirs, out))
        out |= {name: value for name, value in theirs.items() if name.startswith("hair.")}
        out |= moved_hair(theirs, before, after)
    out |= thinned_hair(out, HAIR_PICTURES)
    if person.hair.colour != wearer.person.hair.colour:
        out |= recolour_hair(out, person.hair.colour, wearer.person.hair.colour)
    return out, names


def make_body(person: Person, donor: Actor, tensors: Tensors, names: Mapping[str, str]) -> Tensors:
    """Body of a person.

    Args:
        person: who it is to be.
        donor: the actor whose avatar was changed into the person's.
        tensors: of the person's avatar.
        names: metadata of its file.
    """
    units, parts = (tuple(names[key].split()) for key in ("units", "parts"))
    avatar, mira = TexturedMesh.from_tensors(tensors, units, parts), read_actor(actor_folders()[DOMAIN])
    theirs, hers = (read_tensors(actor.components[BODY].file)[0] for actor in (donor, mira))
    camera = mira.cameras["medium"].camera(512, 512)
    return dressed_body(person, avatar, theirs, hers, read_person(mira.folder), camera)


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
    person = words.person(hair_styles(known), load_shapes().targets.names, seed)
    voice = voice or fitting_voice(speaker.voices, person.sex, person.age)
    speaker.shares(voice)
    donor, wearer = nearest(person, known)
    tensors, names = make_avatar(person, donor, wearer)
    body = make_body(person, donor.actor, tensors, names)
    credits = (*donor.actor.credits, f"Shape and colours: made by avgen from words and the seed {seed}")
    consent = f"None is needed. {name.capitalize()} is fully synthetic, and nobody's likeness."
    about = f"A synthetic {person.sex} of {person.age}; nobody's likeness, nobody's voice."
    profile = Profile(name, about, donor.actor.licence, consent, voice, credits, person)
    write_actor(folder, profile, speaker, tensors, names, body)
    return folder


def fitting_voice(voices: Mapping[str, Voice], sex: str, age: int) -> str:
    """Name of the first voice whose description is of a sex, and of an age if there is one."""
    period = "young" if age < YOUNG else "older" if age > OLDER else ""
    same = [name for name, voice in voices.items() if sex in re.findall(r"\w+", voice.description)]
    fitting = [name for name in same if period and period in voices[name].description]
    return next(iter((*fitting, *same)), "")
