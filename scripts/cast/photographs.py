"""Photographs of people who do not exist, drawn by the run-time's renderer, with what is true of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera, orbit
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.codec import solve_contact
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.background import Background
from avgen.pose import head_turned

Array = NDArray[np.float64]

MIDDLE = (0.0, 0.655, 0.06)
"""Metres: the middle of everybody's face."""
FACE_HEIGHT = 0.24
PHOTO = "photo"
"""Kind of the captures that actors are made from as from photographs, and the beginning of their names."""
EXPRESSIONS = (
    *("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthPucker", "mouthStretchLeft", "mouthStretchRight"),
    *("browInnerUp", "browDownLeft", "browDownRight", "browOuterUpLeft", "browOuterUpRight"),
    *("eyeBlinkLeft", "eyeBlinkRight", "eyeWideLeft", "eyeWideRight", "cheekSquintLeft", "cheekSquintRight"),
    *("mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight"),
    *("mouthFrownLeft", "mouthFrownRight", "eyeSquintLeft", "eyeSquintRight"),
)


@dataclass(frozen=True, slots=True)
class Pose:
    """How somebody is photographed: degrees (pitch down), metres, the face's share of the height."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    distance: float = 1.25
    face: float = 0.5

    def head(self) -> NDArray[np.float32]:
        """Head pose [1, 7]."""
        return head_turned(self.yaw, -self.pitch, self.roll)

    def camera(self) -> Camera:
        """The camera, straight ahead."""
        return orbit(0, 0, self.distance, 2 * self.distance * self.face / FACE_HEIGHT, MIDDLE)

    @classmethod
    def random(cls, rng: np.random.Generator, yaw: float = 15.0) -> Pose:
        """A pose as portraits have them, with a standard deviation of the yaw in degrees."""
        angles = rng.normal(0, yaw), rng.normal(0, 6), rng.normal(0, 4)
        return cls(*angles, float(np.exp(rng.normal(np.log(1.2), 0.4))), rng.uniform(0.4, 0.65))


def expression(avatar: TexturedMesh, rng: np.random.Generator, strength: float) -> NDArray[np.float32]:
    """Unit weights [1, U] of a face in which a few things happen, to an extent of 0 to 1."""
    units = avatar.codec.units
    channels = np.zeros((1, len(units)), np.float32)
    for name in rng.choice(EXPRESSIONS, 4, replace=False):
        value = strength * rng.uniform(0, 0.6)
        twin = name.replace("Left", "Right") if "Left" in name else name.replace("Right", "Left")
        for each in (name, twin):
            channels[0, units.index(each)] = value
    return solve_contact(channels, units, avatar.codec.lips, avatar.codec.lids)


def take(
    avatar: TexturedMesh, pose: Pose, weights: NDArray[np.float32], size: int = 512, colour: str = "#8a8f94"
) -> tuple[NDArray[np.uint8], Posed]:
    """Picture [size, size, 3] of an avatar, and how it is posed."""
    posed = avatar.pose_weights(weights, pose.head())
    renderer = NumbaRenderer(avatar, pose.camera(), (size, size), Background.parse(colour))
    return renderer.render_posed(posed)[0], posed
