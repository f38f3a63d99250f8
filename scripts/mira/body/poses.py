"""Poses that bodies are photographed in: hands anywhere in gesture space, from several sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avgen.avatars.views import Extent, View
from avgen.body.arms import Reach, arm_axes, girdle, solve
from avgen.body.channels import BODY_CHANNELS, HAND_CHANNELS, SIDES, arm, hand
from avgen.body.skeleton import Skeleton
from avgen.casting.bodies import TOP_EDGE, framings
from avgen.types import FloatArray

FIT_SEED, HELD_SEED = 51, 2026
WAYS = (
    # palm, pointing, of the left hand
    ((-0.4, 0.9, 0.1), (0.3, -0.1, 1.0)),  # offering
    ((-1.0, 0.0, 0.1), (-0.1, 0.35, 1.0)),  # beating
    ((0.0, -1.0, 0.1), (-0.3, 0.0, 1.0)),  # calming
    ((-0.2, 0.0, 1.0), (-0.1, 1.0, 0.2)),  # warding off
    ((0.2, 0.0, -1.0), (-1.0, 0.5, 0.1)),  # pointing to oneself
    ((-0.5, 0.1, -0.9), (-0.8, 0.2, 0.7)),  # framing
)
HANGING = ((-1.0, 0.0, -0.35), (-0.05, -1.0, 0.15))
SHAPES = (
    (
        (-0.15, -0.1, -0.05, 0),
        (-0.18, 0.08, -0.08),
        (-0.12, 0.02, -0.05),
        (-0.10, -0.03, -0.03),
        (-0.1, -0.12, 0),
    ),
    ((0.10, 0.05, 0.15, 0.15), (0.10, 0.02, 0.25), (0.22, 0, 0.32), (0.30, -0.02, 0.36), (0.32, -0.04, 0.36)),
    (
        (0.42, 0.18, 0.30, 0.25),
        (0.62, 0.0, 0.62),
        (0.35, 0.02, 0.45),
        (0.30, -0.02, 0.40),
        (0.25, -0.06, 0.36),
    ),
    ((0.35, 0.25, 0.40, 0.3), (-0.12, 0.0, -0.05), (1.05, 0, 1.25), (1.10, 0, 1.30), (1.10, 0, 1.25)),
    ((0.45, 0.20, 0.45, 0.3), (0.85, 0, 1.05), (0.95, 0, 1.15), (1.0, 0, 1.2), (1.0, 0, 1.15)),
)
"""Open, relaxed, pinching, pointing, loosely closed: angles of the thumb, then of the other fingers."""
FACES: tuple[dict[str, float], ...] = (
    {},
    {"jawOpen": 0.35},
    {"mouthSmile_": 0.5},
    {"mouthPucker": 0.6, "jawOpen": 0.1},
    {"eyeBlink_": 1.0},
)
NEAR = View((0.0, 0.30, 0.25), 0.0, 2.0, 2.2, 1.0, extent=Extent(0.34, 0.34))
"""Looks at the hands."""


@dataclass(frozen=True)
class Pose:
    """What a picture shows, and from where.

    Attributes:
        name: of the picture.
        channels: of the face, by name.
        head: [7] pose.
        body: [30] code.
        hands: [32] code.
        view: of the camera.
        hair: whether it is seen.
    """

    name: str
    channels: dict[str, float]
    head: FloatArray
    body: FloatArray
    hands: FloatArray
    view: View
    hair: bool


def views(skeleton: Skeleton) -> list[View]:
    """From the waist up in front and from both sides, and all of a person."""
    out = []
    for name, yaw in (("medium", 0.0), ("medium", -18.0), ("medium", 18.0), ("full", 0.0)):
        half_width, half_height, depth, distance = framings(skeleton)[name]
        target = (0.0, TOP_EDGE - half_height, depth)
        out.append(View(target, yaw, 0.5, distance, 1.0, extent=Extent(half_width, half_height)))
    return out


def pose(skeleton: Skeleton, rng: np.random.Generator, resting: bool) -> tuple[FloatArray, FloatArray]:
    """Codes [30] and [32] of a body at random; at rest, one hand hangs."""
    body = np.zeros(len(BODY_CHANNELS), np.float32)
    hands = np.zeros(len(HAND_CHANNELS), np.float32)
    body[:12] = rng.normal(0, [0.02, 0.004, 0.015, *[0.03, 0.05, 0.025] * 3])
    body[1] = -abs(body[1])
    root = skeleton.head("root")[1]
    idle = rng.integers(2) if resting else 2
    for k, side in enumerate(SIDES):
        axes = arm_axes(skeleton, side)
        palm, pointing = HANGING if k == idle else WAYS[rng.integers(len(WAYS))]
        place = rng.uniform([0.06, 0.10, 0.22], [0.36, 0.42, 0.40])
        wrist = np.array([0.25, -0.04, 0.07]) if k == idle else place
        swivel = rng.uniform(0.25, 0.7)
        way = (np.array([v]) + rng.normal(0, 0.15, (1, 3)) for v in (palm, pointing))
        where = wrist[None] + np.array([0, root, 0])
        body[arm(side)] = solve(axes, Reach(where, np.array([swivel]), *way), girdle(axes, where))[0]
        share = rng.uniform(0, 0.5)
        first, second = (np.concatenate(SHAPES[n]) for n in rng.integers(len(SHAPES), size=2))
        hands[hand(side)] = (1 - share) * first + share * second
    return body, hands


def poses(skeleton: Skeleton, held_out: bool, count: int) -> list[Pose]:
    """Poses to fit to, without hair and partly close to the hands; or those to measure by."""
    rng = np.random.default_rng(HELD_SEED if held_out else FIT_SEED)
    cameras = views(skeleton)
    if not held_out:
        cameras = [cameras[0], NEAR, cameras[1], cameras[3], NEAR, cameras[2]]
    out = []
    for k in range(count):
        body, hands = pose(skeleton, rng, resting=k % 4 == 3)
        turn = rng.normal(0, 0.04, 3)
        head = np.r_[1, turn, 0, 0, 0].astype(np.float32)
        head[:4] /= np.linalg.norm(head[:4])
        name = f"{'held' if held_out else 'fit'}_{k:02d}"
        face = FACES[int(rng.integers(len(FACES)))]
        out.append(Pose(name, face, head, body, hands, cameras[k % len(cameras)], held_out))
    return out
