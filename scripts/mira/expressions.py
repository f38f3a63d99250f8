"""The capture set: which expressions, gazes and poses Mira is photographed in.

Values are channels (mouthClose and eyeBlink are closure fractions); a name ending in `_` sets both sides.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from avgen.avatars.camera import Camera, orbit
from avgen.avatars.views import Vector
from scripts.mira.geometry import METRES
from scripts.mira.look import studio
from scripts.mira.pose import HeadPose

Channels = dict[str, float]

SEAL = {"mouthClose": 1.0}
MOUTHS: dict[str, Channels] = {
    "rest": {},
    "ah": {"jawOpen": 0.50, "mouthLowerDown_": 0.10},
    "ee": {
        "jawOpen": 0.10,
        "mouthSmile_": 0.24,
        "mouthStretch_": 0.24,
        "mouthUpperUp_": 0.12,
        "mouthLowerDown_": 0.2,
    },
    "oo": {"jawOpen": 0.09, "mouthPucker": 0.80, "mouthFunnel": 0.10},
    "m": {**SEAL, "jawOpen": 0.06, "mouthPress_": 0.06, "mouthRollLower": 0.10, "mouthRollUpper": 0.08},
    "smile": {
        **{"mouthSmile_": 0.72, "cheekSquint_": 0.45, "eyeSquint_": 0.25, "jawOpen": 0.08},
        **{"mouthUpperUp_": 0.35, "mouthLowerDown_": 0.15},
    },
    "th": {"jawOpen": 0.19, "tongueOut": 0.55, "mouthLowerDown_": 0.12, "mouthUpperUp_": 0.10},
    "f": {"jawOpen": 0.185, "mouthRollLower": 1.0, "mouthUpperUp_": 0.22},
    "ae": {
        **{"jawOpen": 0.42, "mouthStretch_": 0.18, "mouthSmile_": 0.10},
        **{"mouthUpperUp_": 0.10, "mouthLowerDown_": 0.10},
    },
    "oh": {"jawOpen": 0.28, "mouthPucker": 0.55, "mouthFunnel": 0.12},
    "wide": {"jawOpen": 0.70, "mouthLowerDown_": 0.05},
    "sh": {
        **{"jawOpen": 0.045, "mouthFunnel": 0.28, "mouthPucker": 0.42},
        **{"mouthUpperUp_": 0.10, "mouthLowerDown_": 0.15},
    },
    "uh": {"jawOpen": 0.26, "mouthLowerDown_": 0.05},
    "s": {
        **{"jawOpen": 0.04, "mouthStretch_": 0.20, "jawForward": 0.05},
        **{"mouthUpperUp_": 0.10, "mouthLowerDown_": 0.22},
    },
    "p": {**SEAL, "jawOpen": 0.25, "mouthPress_": 0.14, "mouthRollLower": 0.14, "mouthRollUpper": 0.12},
    "l": {"jawOpen": 0.20, "tongueTip": 1.0, "tongueOut": 0.12},
    "closed smile": {**SEAL, "mouthSmile_": 0.55, "cheekSquint_": 0.30, "mouthDimple_": 0.10},
    "aw": {"jawOpen": 0.36, "mouthPucker": 0.22, "mouthFunnel": 0.20},
    "w": {"jawOpen": 0.05, "mouthPucker": 0.88, "mouthFunnel": 0.05},
    "laugh": {"jawOpen": 0.55, "mouthSmile_": 0.75, "cheekSquint_": 0.5, "mouthUpperUp_": 0.2},
    "er": {"jawOpen": 0.20, "mouthPucker": 0.22, "mouthFunnel": 0.12},
    "frown": {**SEAL, "mouthFrown_": 0.45, "mouthShrugLower": 0.15},
}
EYES: dict[str, Channels] = {
    "ahead": {},
    "left": {"eyeLookOutLeft": 0.8, "eyeLookInRight": 0.8},
    "blink": {"eyeBlink_": 1.05},
    "down": {"eyeLookDown_": 0.9},
    "right": {"eyeLookInLeft": 0.8, "eyeLookOutRight": 0.8},
    "half": {"eyeBlink_": 0.5},
    "up": {"eyeLookUp_": 0.9},
    "down right": {"eyeLookDown_": 0.6, "eyeLookInLeft": 0.5, "eyeLookOutRight": 0.5},
    "wide": {"eyeWide_": 0.5},
    "up left": {"eyeLookUp_": 0.5, "eyeLookOutLeft": 0.5, "eyeLookInRight": 0.5},
}
BROWS: tuple[Channels, ...] = (
    {},
    {"browInnerUp": 0.6, "browOuterUp_": 0.5},
    {},
    {"browDown_": 0.6, "noseSneer_": 0.15},
    {"browInnerUp": 0.8},
    {},
    {"browOuterUpLeft": 0.6},
)
HAIR_YAWS = (0.0, *(s * y for y in (27.0, 13.5, 6.75, 3.375, 5.0625) for s in (1.0, -1.0)))
HAIR_PITCHES = (0.0, 10.0, -10.0, 5.0, -5.0, 2.5, -2.5)
"""Closest where heads mostly are."""
SIDE_AZIMUTHS = (-25.0, 25.0)
"""The light falls on the hair from elsewhere than in front, so side cameras have pictures of their own."""
SIDE_YAWS, SIDE_PITCHES = (0.0, 10.0, -10.0, 5.0, -5.0), (5.0, -5.0, 0.0)
DRAWN, HELD_OUT = (Path(__file__).parent / f"{name}_captures.json" for name in ("drawn", "heldout"))
"""Lists of captures drawn from performances (scripts/mira/drawn.py): for fitting, and only for measuring."""
NUM_SKIN = 40
NUM_ORBIT = 12
DISTANCE = 1.25
"""Metres from the camera to what it looks at."""
PITCH = float(np.degrees(np.arcsin(0.01 / DISTANCE)))
"""Degrees by which it looks down."""
HEAD_TARGET: Vector = (0.0, 0.640, 0.040)
FACE_TARGET: Vector = (0.0, 0.655, 0.060)
"""World metres: where most captures look, and the close-up."""
NEAR_FOCAL = 8.6
"""Of the close-up, in units of half the sensor's width."""
CLOSE_FOCAL = 157.0
"""Fills the picture with the head: sharper textures than the portrait's 108 mm."""
HAIR_FOCAL = 138.0
"""Shows all of the hair at any pose of the set."""
COARSE_SAMPLES, FINE_SAMPLES = 10, 64
"""Captures that show detail or are measured against have more; denoising blurs those of few samples."""
WIDE_EVERY = 5
"""One skin picture in so many is a portrait, which also shows the shirt."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One path-traced picture.

    Attributes:
        name: file stem.
        kind: "skin" (hair hidden from the camera), "hair" (everything else held out) or "full".
        channels: of the face.
        yaw: pose in degrees, as in `HeadPose`.
        pitch: likewise.
        roll: likewise.
        shift: of the head in metres, world axes.
        focal: focal length in millimetres.
        azimuth: degrees by which the camera circles its target to the viewer's right.
        target: what the camera looks at, world metres.
        samples: Cycles samples per pixel.
        seed: of the sampler.
    """

    name: str
    kind: str
    channels: Channels = field(default_factory=dict)
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    focal: float = CLOSE_FOCAL
    azimuth: float = 0.0
    target: tuple[float, float, float] = HEAD_TARGET
    samples: int = COARSE_SAMPLES
    seed: int = 0

    @property
    def pose(self) -> HeadPose:
        """Of the head."""
        x, y, z = (value / METRES for value in self.shift)
        return HeadPose(self.yaw, self.pitch, self.roll, (x, y, z))

    @property
    def camera(self) -> Camera:
        """That takes the picture."""
        focal = self.focal / (studio.SENSOR_WIDTH / 2)
        return orbit(self.azimuth, PITCH, DISTANCE, focal, self.target)


def _skin() -> list[Capture]:
    """Mouths in turn, crossed with eyes and brows, poses spread evenly; the first is neutral."""
    rng = np.random.default_rng(7)
    yaws = np.linspace(-30, 30, NUM_SKIN)
    rng.shuffle(yaws)
    mouths, eyes = list(MOUTHS.items()), list(EYES.items())
    captures = [Capture("skin_00_rest", "skin", focal=studio.FOCAL_LENGTH)]
    for i in range(1, NUM_SKIN):
        mouth, channels = mouths[i % len(mouths)]
        _, gaze = eyes[(i + i // len(eyes) * 3) % len(eyes)]
        brow = BROWS[i % len(BROWS)]
        gain = 1.0 if i < len(mouths) else float(rng.uniform(0.5, 1.1))
        mixed = {k: v if k == "mouthClose" else v * gain for k, v in channels.items()}
        pitch, roll = float(rng.uniform(-10, 10)), float(rng.uniform(-7, 7) * (i % 3 == 0))
        mixed = {**mixed, **brow, **gaze}
        focal = CLOSE_FOCAL if i % WIDE_EVERY else studio.FOCAL_LENGTH
        name = f"skin_{i:02d}_{mouth.replace(' ', '_')}"
        captures.append(Capture(name, "skin", mixed, float(yaws[i]), pitch, roll, focal=focal))
    return captures


def _orbit() -> list[Capture]:
    """Pictures from the side: lights and view meet at other angles than when the head turns.

    In the last two the head turns further away from the camera.
    """
    rng = np.random.default_rng(8)
    captures = []
    for i, azimuth in enumerate(np.tile([-25.0, 25.0, -14.0, 14.0], NUM_ORBIT // 4)):
        name, channels = list(MOUTHS.items())[(2 * i + 1) % len(MOUTHS)]
        gaze = list(EYES.values())[(3 * i) % len(EYES)]
        yaw, pitch = rng.uniform(-14, 14), rng.uniform(-7, 7)
        stem = f"skin_orbit_{i:02d}_{name.replace(' ', '_')}"
        focal = studio.FOCAL_LENGTH if i >= NUM_ORBIT - 2 else CLOSE_FOCAL
        pose = float(yaw), float(pitch)
        captures.append(Capture(stem, "skin", channels | gaze, *pose, focal=focal, azimuth=float(azimuth)))
    away = zip(("left", "right"), (captures[8], captures[5]), (14.0, -14.0), strict=True)
    return captures + [replace(c, name=f"skin_far_{side}", yaw=yaw, pitch=0.0) for side, c, yaw in away]


def _hair() -> list[Capture]:
    return [
        Capture(
            f"hair_{yaw:+.0f}_{pitch:+.0f}", "hair", {}, yaw, pitch, focal=HAIR_FOCAL, samples=FINE_SAMPLES
        )
        for pitch in HAIR_PITCHES
        for yaw in HAIR_YAWS
    ]


def _side_hair() -> list[Capture]:
    return [
        Capture(
            f"hair_side_{azimuth:+.0f}_{yaw:+.0f}_{pitch:+.0f}",
            "hair",
            yaw=yaw,
            pitch=pitch,
            focal=HAIR_FOCAL,
            azimuth=azimuth,
            samples=FINE_SAMPLES,
        )
        for pitch in SIDE_PITCHES
        for yaw in SIDE_YAWS
        for azimuth in SIDE_AZIMUTHS
    ]


def _tests() -> list[Capture]:
    """Whole pictures that nothing is fitted to."""

    def test(name: str, channels: Channels, yaw: float, pitch: float, roll: float = 0.0) -> Capture:
        focal = studio.FOCAL_LENGTH
        return Capture(f"test_{name}", "full", channels, yaw, pitch, roll, focal=focal, samples=FINE_SAMPLES)

    gaze = EYES["down right"]
    return [
        test("rest", {}, 3, -2),
        test("ah", MOUTHS["ah"] | {"eyeLookOutLeft": 0.4, "eyeLookInRight": 0.4}, -12, 3, 3),
        test("smile", MOUTHS["smile"] | {"browInnerUp": 0.2}, 20, -4),
        test("m", MOUTHS["m"] | {"eyeBlink_": 0.3}, -6, 5, -4),
        test("oo", MOUTHS["oo"] | {"browInnerUp": 0.4}, 14, 0),
        test("f", MOUTHS["f"] | gaze, 8, -6, 2),
        test("blink", {"eyeBlink_": 1.05, "jawOpen": 0.15}, 10, 2),
        test("ee", MOUTHS["ee"] | EYES["left"], -22, -3, 5),
    ]


def load_captures(file: Path) -> list[Capture]:
    """Captures of a list in JSON."""
    return [Capture(**entry) for entry in json.loads(file.read_text())]


def capture_set() -> list[Capture]:
    """Everything, ordered so that the pictures taken so far are useful at any time."""
    skin, hair, tests = _skin(), _hair(), _tests()
    views = [replace(tests[1], name=f"test_view_{a:+.0f}", yaw=0.0, azimuth=a) for a in (-25.0, 25.0)]
    near: dict[str, Any] = {"focal": round(NEAR_FOCAL * studio.SENSOR_WIDTH / 2, 3), "target": FACE_TARGET}
    tests += [
        *views,
        replace(tests[0], name="test_near_rest", **near),
        replace(tests[2], name="test_near_smile", yaw=-4.0, pitch=3.0, roll=2.0, **near),
    ]
    columns = zip_longest(skin[::3], skin[1::3], skin[2::3], hair[::2], hair[1::2], tests)
    order = [c for row in columns for c in row if c is not None]
    return order + _orbit() + _side_hair() + load_captures(DRAWN)
