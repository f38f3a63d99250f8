"""The gesture synthesiser: what is heard and a seed -> the body code of a clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from avgen.body.arms import arm_axes
from avgen.body.channels import (
    BODY_CHANNELS,
    CLAVICLE_UP,
    FLEXION,
    HAND_CHANNELS,
    SIDES,
    TRUNK,
    arm,
    hand,
    within_limits,
)
from avgen.body.gestures.clearance import clear, reached
from avgen.body.gestures.curves import RATE, STRIDE, coarse_times, smooth, upsample
from avgen.body.gestures.hearing import Hearing
from avgen.body.gestures.manner import Manner, manner_of
from avgen.body.gestures.moves import hand_way, play
from avgen.body.gestures.planning import Plan, plan
from avgen.body.gestures.poses import SHAPE
from avgen.body.gestures.posture import trunk_motion
from avgen.body.skeleton import Skeleton
from avgen.gestures import Gestures
from avgen.types import CODE_RATE, FloatArray

CUTOFF_SECONDS: Final = 0.027
"""Deviation of the last smoothing: -3 dB at 5 Hz; of what people do with arms hardly anything is faster."""
WRIST_DRAG: Final = 0.25
MOST_DRAG: Final = 0.25
"""Radians by which the wrist trails, per metre a second that the hand rises, and at most."""


@dataclass(frozen=True, slots=True)
class Performance:
    """What a body does in a clip.

    Attributes:
        body: [N, 30].
        hands: [N, 32].
        plan: whose strokes these are.
    """

    body: FloatArray
    hands: FloatArray
    plan: Plan


def plan_of(hearing: Hearing, gestures: Gestures, emotion: FloatArray, seed: int) -> Plan:
    """The plan of a performance; arguments as of `perform`."""
    manner = manner_of(gestures)

    def manner_at(seconds: float) -> Manner:
        return manner.felt(emotion[min(max(int(seconds * CODE_RATE), 0), hearing.frames - 1)])

    return plan(hearing, manner_at, np.random.default_rng(seed).spawn(1)[0])


def perform(
    skeleton: Skeleton, hearing: Hearing, gestures: Gestures, emotion: FloatArray, seed: int
) -> Performance:
    """Let a body speak along; where nothing is said it listens. The same seed gives the same performance.

    Args:
        skeleton: of the person.
        hearing: of the clip.
        gestures: how much and in what manner.
        emotion: [N, E] weights of the emotions.
        seed: non-negative.
    """
    streams = np.random.default_rng(seed).spawn(6)
    frames, time = hearing.frames, coarse_times(hearing.frames)
    planned = plan_of(hearing, gestures, emotion, seed)
    felt = emotion[np.minimum(STRIDE * np.arange(len(time)), frames - 1)].astype(np.float64)
    arms = (arm_axes(skeleton, "L"), arm_axes(skeleton, "R"))
    ways = [
        hand_way(side, planned, axes, frames / CODE_RATE, rng)
        for side, axes, rng in zip(SIDES, arms, streams[1:3], strict=True)
    ]
    keys = tuple(play(way, planned.beats, time, rng) for way, rng in zip(ways, streams[3:5], strict=True))
    clear(skeleton, arms, (keys[0], keys[1]))
    body = np.zeros((len(time), len(BODY_CHANNELS)))
    hands = np.zeros((len(time), len(HAND_CHANNELS)))
    body[:, : len(TRUNK)], shoulders = trunk_motion(hearing, planned, time, felt, streams[5])
    for k, (side, axes, key) in enumerate(zip(SIDES, arms, keys, strict=True)):
        channels = reached(axes, key)
        rising = smooth(np.gradient(key[:, 1:2], axis=0) * RATE, 0.05)[:, 0]
        channels[:, FLEXION] += np.clip(WRIST_DRAG * rising, -MOST_DRAG, MOST_DRAG)
        channels[:, CLAVICLE_UP] += shoulders[:, k]
        body[:, arm(side)], hands[:, hand(side)] = channels, key[:, SHAPE]
    coarse = smooth(np.concatenate([body, hands], 1), CUTOFF_SECONDS)
    code = within_limits(upsample(coarse, frames))
    return Performance(code[:, : len(BODY_CHANNELS)], code[:, len(BODY_CHANNELS) :], planned)
