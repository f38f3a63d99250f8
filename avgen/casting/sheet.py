"""A sheet of pictures that shows what an actor looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import Actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.codec import solve_contact
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.background import Background
from avgen.pose import head_turned

SIZE: Final = 320
"""Pixels of a picture's side."""
CAMERA: Final = "close-up"
"""The default one, where an actor has none of this name."""
POSES: Final[tuple[tuple[dict[str, float], float], ...]] = (
    ({}, 0.0),
    ({"jawOpen": 0.45}, 0.0),
    ({"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "cheekSquintLeft": 0.5, "cheekSquintRight": 0.5}, 0.0),
    ({"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}, 0.0),
    ({}, -20.0),
    ({}, 20.0),
)
"""Weights of face units, and degrees of the head to its left: rest, ah, a smile, closed eyes, both sides."""


def draw_sheet(
    tensors: Mapping[str, NDArray[Any]], names: Mapping[str, str], speaker: Actor
) -> NDArray[np.uint8]:
    """Pictures [SIZE, 6 * SIZE, 3] of an avatar in POSES, as an actor's camera CAMERA shows it.

    Args:
        tensors: of the avatar.
        names: metadata of its file.
        speaker: the actor.
    """
    units = names["units"].split()
    avatar = TexturedMesh.from_tensors(tensors, tuple(units), tuple(names["parts"].split()))
    size = SIZE, SIZE
    view = speaker.cameras.get(CAMERA, speaker.view())
    renderer = NumbaRenderer(avatar, view.camera(*size), size, Background())
    pictures = []
    for values, yaw in POSES:
        weights = np.zeros((1, len(units)), np.float32)
        weights[0, [units.index(name) for name in values]] = list(values.values())
        weights = solve_contact(weights, tuple(units), avatar.codec.lips, avatar.codec.lids)
        pictures.append(renderer.render_posed(avatar.pose_weights(weights, head_turned(yaw)))[0])
    return np.ascontiguousarray(np.concatenate(pictures, 1))
