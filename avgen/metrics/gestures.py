"""How trunk, arms and hands move: beats, strokes, rest, jerk, feet that slide, hands where no hand can be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from avgen.body.arms import arm_axes, arm_places
from avgen.body.channels import SIDES, arm
from avgen.body.gestures.clearance import FOREARM_BALLS, FOREARM_RADIUS, HAND_BALLS, out_of_trunk
from avgen.body.posing import pose
from avgen.body.skeleton import PLACE, Skeleton
from avgen.metrics.beats import SMOOTHING, Beats
from avgen.metrics.distribution import diversity
from avgen.types import CODE_RATE, FloatArray

Array = NDArray[np.float64]
STROKE_SPEED: Final = 0.35
"""Metres a second that a hand reaches in a stroke at the least."""
STROKE_GAP: Final = 0.4
"""Seconds between two strokes at the least: a preparation and its stroke are one gesture."""
SPEED_SMOOTHING: Final = 0.035
"""Deviation of the Gaussian over a hand's speed, seconds."""
BRAKING: Final = 2.0
"""Deceleration of a beat at the least, metres a second squared."""
BEAT_GAP: Final = 0.2
"""Seconds between two beats of one hand at the least."""
STILL_SPEED: Final = 0.2
STILL_SECONDS: Final = 1.0
"""Hands rest where both are slower than that, metres a second, for that long: longer than they are held."""
DEEP: Final = 0.005
"""Metres by which skin may sink into cloth, or hands into each other, unseen."""
_FEET: Final = ("foot.L", "foot.R", "toe1-1.L", "toe1-1.R")


@dataclass(frozen=True)
class BodyMotion:
    """The motion of one body over N code frames.

    Attributes:
        skeleton: of the person.
        body: [N, 30].
        hands: [N, 32].
    """

    skeleton: Skeleton
    body: FloatArray
    hands: FloatArray

    @cached_property
    def places(self) -> FloatArray:
        """[N, J, 3] joints in the room, metres."""
        return pose(self.skeleton, self.body, self.hands)[1]

    @cached_property
    def wrists(self) -> FloatArray:
        """[N, 2, 3] metres: left, right."""
        return self.places[:, [PLACE[f"wrist.{side}"] for side in SIDES]]

    @cached_property
    def speed(self) -> Array:
        """[N] metres a second of the faster hand."""
        velocity = np.gradient(self.wrists.astype(np.float64), axis=0) * CODE_RATE
        fastest = np.linalg.norm(velocity, axis=-1).max(1)
        smooth: Array = gaussian_filter1d(fastest, SPEED_SMOOTHING * CODE_RATE)
        return smooth

    @cached_property
    def beats(self) -> Beats:
        """Frames at which a hand brakes hardest: what goes with accents (Pouw and Dixon 2019).

        A hand is slow in many places, at rest above all; minima of its speed are no beats.
        """
        velocity = np.gradient(self.wrists.astype(np.float64), axis=0) * CODE_RATE
        speed = gaussian_filter1d(np.linalg.norm(velocity, axis=-1), SMOOTHING, axis=0)
        braking = -np.gradient(speed, axis=0) * CODE_RATE
        gap = round(BEAT_GAP * CODE_RATE)
        found = [find_peaks(one, height=BRAKING, distance=gap)[0] for one in braking.T]
        beats: Beats = np.unique(np.concatenate(found)).astype(np.int64)
        return beats

    @property
    def code(self) -> FloatArray:
        """[N, 62] both tracks side by side."""
        return np.concatenate([self.body, self.hands], axis=1)

    @property
    def minutes(self) -> float:
        """Length."""
        return len(self.body) / CODE_RATE / 60

    @property
    def strokes(self) -> int:
        """Number of gestures: peaks of the faster hand's speed."""
        peaks, _ = find_peaks(self.speed, height=STROKE_SPEED, distance=round(STROKE_GAP * CODE_RATE))
        return len(peaks)

    @cached_property
    def resting(self) -> NDArray[np.bool_]:
        """[N] whether both hands rest."""
        still = self.speed < STILL_SPEED
        edges = np.flatnonzero(np.diff(np.concatenate([[False], still, [False]]).astype(np.int8)))
        out = np.zeros(len(still), bool)
        for start, stop in edges.reshape(-1, 2):
            out[start:stop] = stop - start >= STILL_SECONDS * CODE_RATE
        return out

    @property
    def jerk(self) -> float:
        """Root mean square of the hands' jerk, metres a second cubed."""
        jerk = np.diff(self.wrists.astype(np.float64), n=3, axis=0) * CODE_RATE**3
        return float(np.sqrt(np.square(jerk).sum(-1).mean())) if len(jerk) else 0.0

    @property
    def foot_slide(self) -> float:
        """Mean speed of feet and toes, millimetres a second: they stand still."""
        feet = self.places[:, [PLACE[name] for name in _FEET]].astype(np.float64)
        return float(1e3 * CODE_RATE * np.linalg.norm(np.diff(feet, axis=0), axis=-1).mean())

    @cached_property
    def collisions(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """[N] whether a hand or forearm is in the trunk, and whether the hands are in each other."""
        in_trunk = np.zeros(len(self.body), bool)
        balls: list[list[tuple[Array, float]]] = []
        for side in SIDES:
            axes = arm_axes(self.skeleton, side)
            elbow, wrist, pointing = arm_places(axes, self.body[:, arm(side)].astype(np.float64))
            hand = [(wrist + along * pointing, radius) for along, radius in HAND_BALLS]
            fore = [(elbow + share * (wrist - elbow), FOREARM_RADIUS) for share in FOREARM_BALLS]
            trunk = self.skeleton.trunk if side == "L" else self.skeleton.mirror.trunk
            for points, radius in (*hand, *fore):
                in_trunk |= np.linalg.norm(out_of_trunk(trunk, points, radius), axis=1) > DEEP
            flip = (1.0, 1.0, 1.0) if side == "L" else (-1.0, 1.0, 1.0)
            balls.append([(points * flip, radius) for points, radius in hand])
        touching = np.zeros(len(self.body), bool)
        for points, radius in balls[0]:
            for others, thick in balls[1]:
                touching |= np.linalg.norm(points - others, axis=1) < radius + thick - DEEP
        return in_trunk, touching

    def measures(self) -> dict[str, float]:
        """Measures of this motion alone, by the names of `avgen evaluate`."""
        in_trunk, touching = self.collisions
        return {
            "gestures_per_minute": self.strokes / self.minutes,
            "hands_resting": float(self.resting.mean()),
            "hands_in_trunk": float(in_trunk.mean()),
            "hands_touching": float(touching.mean()),
            "foot_slide": self.foot_slide,
            "hand_jerk": self.jerk,
            "diversity_body": diversity(self.code),
        }


def accent_speed(
    speeds: list[Array],
    accents: list[Array],
    strongest: float = 0.33,
    before: float = 0.30,
    after: float = 0.05,
) -> float:
    """Speed of hands about strong accents over that about other clips' accents at the same seconds.

    Args:
        speeds: [N] metres a second of every clip.
        accents: [A, 2] times in seconds and strengths of every clip's accents.
        strongest: share of a clip's accents that count as strong.
        before: seconds before an accent's beat from which on speed counts: strokes end on it.
        after: seconds after it until which it counts.
    """
    strong = []
    for one in accents:
        least = np.quantile(one[:, 1], 1 - strongest) if len(one) else 0.0
        strong.append(one[one[:, 1] >= least, 0])

    def about(speed: Array, times: Array) -> list[float]:
        spans = [(int((t - before) * CODE_RATE), int((t + after) * CODE_RATE) + 1) for t in times]
        return [float(speed[a:b].mean()) for a, b in spans if a >= 0 and b <= len(speed)]

    own = [v for speed, times in zip(speeds, strong, strict=True) for v in about(speed, times)]
    count = len(speeds)
    others = [
        v
        for k in range(count)
        for shift in range(1, count)
        for v in about(speeds[k], strong[(k + shift) % count])
    ]
    return float(np.mean(own) / np.mean(others))
