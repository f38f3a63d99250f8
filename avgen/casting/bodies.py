"""Bodies of made actors: Mira's, clothes and all, in another shape and other colours.

What a morph target does to a body's points and bones is linear, and few ways to be larger, older or of
another sex account for all of them: principal components of the targets' displacements ship with avgen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.body import NUM_FEATURES, Body
from avgen.avatars.mesh.body_lighting import BodyLighting
from avgen.avatars.mesh.storage import read_tensors
from avgen.body.channels import ELBOW, SIDES, arm
from avgen.body.skeleton import Skeleton
from avgen.casting.body_colours import PARTS, SKIN, Lit, darkness
from avgen.casting.person import Person
from avgen.casting.shapes import both_sides
from avgen.config import presets_folder
from avgen.types import FloatArray

Tensors = dict[str, NDArray[Any]]

BODIES_FILE: Final = "people/bodies.safetensors"
"""Under the presets; scripts/mira/pack_bodies.py makes it."""
SHAPED: Final = ("body.points", "skeleton.heads", "skeleton.tails", "skeleton.trunk")
"""Tensors of a body that depend on its shape, in the order of the components' columns."""
COLLAR: Final = 0.075
"""Metres to each side of the middle in which the bust's collar is drawn over the seam."""
RAISED: Final = 1.4
"""Radians of an elbow that lifts the forearm."""
TOP_EDGE, BELOW_FOOT, BELOW_HIP = 0.86, 0.09, 0.22
"""Metres: upper edge of views of the body; of the lower one, below the lowest joint, and below the hips."""


@dataclass(frozen=True, slots=True)
class BodyShapes:
    """How Mira's body changes with morph targets.

    Attributes:
        names: of the targets that change it.
        shares: [T, R] of the components in each target's displacement.
        components: [R, L] metres of the tensors SHAPED, end to end.
        dark: [V, 3] factor on the tint of dark skin, whose palms are paler.
    """

    names: tuple[str, ...]
    shares: FloatArray
    components: FloatArray
    dark: FloatArray

    def change(self, shape: Mapping[str, float], base: Mapping[str, float]) -> FloatArray:
        """[L] metres from one shape, weights of targets by name, to another."""
        weights = dict.fromkeys(self.names, 0.0)
        for sign, targets in ((1, shape), (-1, base)):
            for name, weight in targets.items():
                for each in both_sides(name):
                    if each in weights:
                        weights[each] += sign * weight
        moved: FloatArray = (np.array(list(weights.values())) @ self.shares @ self.components).astype(
            np.float32
        )
        return moved


@cache
def load_bodies() -> BodyShapes:
    """What ships of it.

    Raises:
        ActorError: the file is damaged.
    """
    tensors, names = read_tensors(presets_folder() / BODIES_FILE)
    steps, scale = tensors["bodies.components"], tensors["bodies.scale"].astype(np.float32)
    return BodyShapes(
        tuple(names["targets"].split()),
        tensors["bodies.shares"].astype(np.float32),
        steps.astype(np.float32) * scale[:, None],
        tensors["bodies.dark"].astype(np.float32),
    )


def shaped(tensors: Tensors, shape: Mapping[str, float], base: Mapping[str, float]) -> Tensors:
    """Tensors of Mira's body in another shape.

    Args:
        tensors: of hers.
        shape: weights of morph targets by name.
        base: hers.
    """
    change, out, start = load_bodies().change(shape, base), dict(tensors), 0
    for name in SHAPED:
        value = tensors[name]
        stop = start + value.size
        out[name] = (value + change[start:stop].reshape(value.shape)).astype(np.float32)
        start = stop
    return out


def dressed_body(
    person: Person, avatar: TexturedMesh, donor: Tensors, mira: Tensors, known: Person, camera: Camera
) -> Tensors:
    """Tensors of a person's body, in Mira's clothes but of the person's shape and colours.

    Args:
        person: who.
        avatar: of the person's head.
        donor: body of the actor whose avatar that was.
        mira: Mira's body.
        known: Mira.
        camera: from which its light is looked at.
    """
    middle = avatar.mesh.rest[avatar.mesh.faces].mean(1)
    collar = (avatar.mesh.part == avatar.part("collar")) & (np.abs(middle[:, 0]) < COLLAR)
    kept = donor["bust.kept"] | collar.astype(np.uint8)
    out = shaped(mira, person.shape, known.shape) | {"bust.kept": kept}
    body = Body.from_tensors(out)
    features = _features(avatar.embodied(body), body, camera)
    by_part = {
        part: features[:, body.material == k].reshape(-1, NUM_FEATURES) for k, part in enumerate(PARTS)
    }
    lit, tint = Lit(known, Body.from_tensors(mira).gains, by_part), mira["body.tint"].astype(np.float32)
    gains = lit.gains_for(person)
    for k, part in enumerate(PARTS):
        mine = body.material == k
        if part == SKIN:
            tint[mine] *= load_bodies().dark[mine] ** darkness(person)
        elif mine.any():
            tint[mine] = lit.tint_for(tint[mine], gains, part, part)
    return out | {"body.gains": gains, "body.tint": tint.astype(np.float16)}


def _features(avatar: TexturedMesh, body: Body, camera: Camera) -> FloatArray:
    """Light features [T, V, NUM_FEATURES] of a body that stands there, and that holds up its forearms."""
    code, fingers = body.resting
    raised = code.copy()
    for side in SIDES:
        raised[arm(side)][ELBOW] = RAISED
    codes, both = np.stack([code, raised]), np.stack([fingers, fingers])
    still = np.tile(np.array([1, 0, 0, 0, 0, 0, 0], np.float32), (2, 1))
    weights = np.zeros((2, len(avatar.codec.units)), np.float32)
    posed = avatar.pose_figure(body, weights, still, codes, both)
    lighting, every = BodyLighting(avatar, body, camera), np.ones(len(body.points), bool)
    return np.stack([lighting.features(posed, frame, every) for frame in range(2)])


def body_cameras(skeleton: Skeleton) -> dict[str, Any]:
    """Cameras that show a body, as in actor.yaml: from the waist up, from the knees up, and all of it."""
    return {
        name: {
            "target": [0.0, round(TOP_EDGE - half_height, 3), depth],
            "yaw": 0.0,
            "pitch": 0.5,
            "distance": distance,
            "extent": {"half_width": half_width, "half_height": round(half_height, 3)},
        }
        for name, (half_width, half_height, depth, distance) in framings(skeleton).items()
    }


def framings(skeleton: Skeleton) -> dict[str, tuple[float, float, float, float]]:
    """Half the width and height that named cameras show, depth of their target and distance, metres."""
    floor = float(skeleton.heads[:, 1].min()) - BELOW_FOOT
    knee = float(skeleton.head("lowerleg01.L")[1])
    waist = float(skeleton.head("root")[1]) - BELOW_HIP
    return {
        "medium": (0.46, (TOP_EDGE - waist) / 2, 0.05, 2.6),
        "american": (0.48, (TOP_EDGE - knee) / 2, 0.05, 3.2),
        "full": (0.48, (TOP_EDGE - floor) / 2, 0.0, 4.2),
    }
