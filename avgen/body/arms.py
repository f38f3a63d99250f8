"""An arm's channels <-> its bones, and the channels that bring a hand where it is wanted.

All is written for a left arm; a right one is the left one of the mirror image.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from avgen.body.channels import (
    CLAVICLE_UP,
    DEVIATION,
    ELBOW,
    FLEXION,
    LIMITS,
    PRONATION,
    SHOULDER,
    arm,
)
from avgen.body.rotations import (
    Array,
    dot,
    frame,
    rotation_vector,
    transposed,
    turn,
    turn_about,
    twist,
    unit,
)
from avgen.body.skeleton import ARM_BONES, Skeleton

PRONATION_SHARES: Final = (0.25, 0.40, 0.35)
"""Of the forearm's turn, at lowerarm01, lowerarm02 and wrist."""
TWIST_SHARE: Final = 0.4
"""Of the upper arm's twist that its upper half takes."""
TIP_SHARE: Final = 0.6
"""Bend of a finger's last joint per bend of its middle one."""
CUPPING: Final = {"4": 0.12, "5": 0.19}
"""Bend of a metacarpal per bend of its finger's base."""
LEAST_REACH, MOST_REACH = 0.13, 0.985
"""Metres from shoulder to wrist at the least; share of the arm's length at the most."""
HANGING: Final = unit(np.array([0.0, -1.0, -0.25]))
"""Where a relaxed elbow hangs."""
_Y, _Z = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
_AT: Final = {name: k for k, name in enumerate(ARM_BONES)}
_ARM_LIMITS: Final = LIMITS[arm("L")].astype(np.float64)


@dataclass(frozen=True, eq=False)
class ArmAxes:
    """Joints and axes of a left arm at rest: places in metres, the rest unit vectors [3].

    Attributes:
        collar: head of the clavicle.
        shoulder: head of the upper arm.
        upper: length of the upper arm.
        fore: length of the forearm.
        upward: from shoulder to elbow.
        along: from elbow to wrist.
        hinge: about which the elbow bends.
        palm: out of the palm.
        pointing: from the wrist to the knuckles.
        flexor: about which the wrist bends towards the palm.
        bends: of thumb, index, middle, ring and little finger: about which they bend.
        opposing: about which the thumb comes across the palm.
        bend_at_rest: of the elbow, radians.
    """

    collar: Array
    shoulder: Array
    upper: float
    fore: float
    upward: Array
    along: Array
    hinge: Array
    palm: Array
    pointing: Array
    flexor: Array
    bends: tuple[Array, ...]
    opposing: Array
    bend_at_rest: float


@lru_cache(maxsize=32)
def arm_axes(skeleton: Skeleton, side: str) -> ArmAxes:
    """Axes of an arm; of the right one, those of its mirror image."""
    if side == "R":
        return arm_axes(skeleton.mirror, "L")

    def head(bone: str) -> Array:
        return skeleton.head(f"{bone}.L")

    shoulder, elbow, wrist = head("upperarm01"), head("lowerarm01"), head("wrist")
    upward, along = unit(elbow - shoulder), unit(wrist - elbow)
    knuckles = np.array([head(f"finger{f}-1") for f in range(2, 6)])
    tips = np.array([skeleton.tail(f"finger{f}-3.L") for f in range(2, 6)])
    pointing = unit(knuckles.mean(0) - wrist)
    palm = unit(np.cross(knuckles[3] - knuckles[0], pointing))
    thumb = unit(head("finger1-2") - head("finger1-1"))
    bends = (
        unit(np.cross(thumb, knuckles[3] - head("finger1-2"))),
        *(unit(np.cross(unit(tip - knuckle), palm)) for tip, knuckle in zip(tips, knuckles, strict=True)),
    )
    return ArmAxes(
        collar=head("clavicle"),
        shoulder=shoulder,
        upper=float(np.linalg.norm(elbow - shoulder)),
        fore=float(np.linalg.norm(wrist - elbow)),
        upward=upward,
        along=along,
        hinge=unit(np.cross(upward, along)),
        palm=palm,
        pointing=pointing,
        flexor=unit(np.cross(pointing, palm)),
        bends=bends,
        opposing=unit(0.9 * pointing + 0.45 * bends[0]),
        bend_at_rest=float(np.arccos(upward @ along)),
    )


@dataclass(frozen=True, eq=False)
class Reach:
    """What a left hand should do over T frames, as seen from the chest at rest.

    Attributes:
        wrist: [T, 3] where it is, metres.
        swivel: [T] by how much the elbow is out, radians from hanging straight down.
        palm: [T, 3] where the palm faces.
        pointing: [T, 3] where the fingers point.
    """

    wrist: Array
    swivel: Array
    palm: Array
    pointing: Array


def clavicle(angles: Array) -> Array:
    """Turns [T, 3, 3] of a left clavicle raised and brought forwards by angles [T, 2]."""
    up, forwards = angles[:, 0], angles[:, 1]
    return turn_about(_Y, -forwards) @ turn_about(_Z, up)


def girdle(axes: ArmAxes, wrist: Array) -> Array:
    """How the shoulder girdle helps a hand to places [T, 3]: radians up and forwards [T, 2]."""
    aim = wrist - axes.shoulder
    lift = np.clip((aim[:, 1] + 0.20) / 0.50, 0, 1)
    ahead = np.clip((aim[:, 2] - 0.25) / 0.30, 0, 1)
    across = np.clip((0.06 - wrist[:, 0]) / 0.20, 0, 1)
    return np.stack([0.30 * lift, 0.15 * ahead + 0.18 * across], 1)


def bend_arm(axes: ArmAxes, wrist: Array, swivel: Array, raised: Array) -> tuple[Array, Array]:
    """Bring the wrist of a left arm to places as near as it can.

    Args:
        axes: of the arm.
        wrist: [T, 3] where it should be, metres.
        swivel: [T] by how much the elbow is out, radians.
        raised: [T, 2] of the shoulder girdle, up and forwards; `girdle` says what helps.

    Returns:
        Rotation vectors of the shoulder and flexion of the elbow [T, 4], within its limits, and the forearm's
        turn [T, 3, 3] as seen from the chest.
    """
    turned = clavicle(raised)
    aim = wrist - (axes.collar + turned @ (axes.shoulder - axes.collar))
    length = np.clip(np.linalg.norm(aim, axis=1), LEAST_REACH, MOST_REACH * (axes.upper + axes.fore))
    aim = unit(aim)
    on_line = (axes.upper**2 - axes.fore**2 + length**2) / (2 * length)
    beside = np.sqrt(np.maximum(axes.upper**2 - on_line**2, 1e-8))
    down = unit(HANGING - aim * (aim @ HANGING)[:, None])
    out = np.cross(aim, down)
    swivelled = np.cos(swivel)[:, None] * down + np.sin(swivel)[:, None] * out
    elbow = on_line[:, None] * aim + beside[:, None] * swivelled
    fore = length[:, None] * aim - elbow
    upper = frame(elbow, np.cross(elbow, fore)) @ frame(axes.upward, axes.hinge).T
    bend = np.arccos(np.clip(dot(unit(elbow), unit(fore)), -1, 1)) - axes.bend_at_rest
    bend = np.clip(bend, *_ARM_LIMITS[ELBOW])
    shoulder = rotation_vector(transposed(turned) @ upper)
    return np.column_stack([shoulder, bend]), upper @ turn_about(axes.hinge, bend)


def solve(axes: ArmAxes, wish: Reach, raised: Array) -> Array:
    """Channels [T, 9] that bring a hand closest to what it should do, within their limits.

    Args:
        axes: of the arm.
        wish: what the hand should do.
        raised: [T, 2] of the shoulder girdle, up and forwards.
    """
    bent, forearm = bend_arm(axes, wish.wrist, wish.swivel, raised)
    hand = frame(wish.pointing, wish.palm) @ frame(axes.pointing, axes.palm).T
    turned = transposed(forearm) @ hand
    pronation = np.clip(twist(turned, axes.along), *_ARM_LIMITS[PRONATION])
    left = rotation_vector(transposed(turn_about(axes.along, pronation)) @ turned)
    channels = np.column_stack([bent, pronation, left @ axes.flexor, left @ axes.palm, raised])
    limited: Array = np.clip(channels, _ARM_LIMITS[:, 0], _ARM_LIMITS[:, 1])
    return limited


def arm_places(axes: ArmAxes, channels: Array) -> tuple[Array, Array, Array]:
    """Where elbow and wrist are, and where the fingers point, [T, 3] each, of channels [T, 9] of a left arm.

    As seen from the chest at rest: metres, and a unit vector.
    """
    turned = clavicle(channels[:, CLAVICLE_UP:])
    upper = turned @ turn(channels[:, SHOULDER])
    elbow = axes.collar + turned @ (axes.shoulder - axes.collar) + axes.upper * upper @ axes.upward
    fore = upper @ turn_about(axes.hinge, channels[:, ELBOW])
    hand = fore @ turn_about(axes.along, channels[:, PRONATION]) @ _bent_wrist(axes, channels)
    return elbow, elbow + axes.fore * fore @ axes.along, hand @ axes.pointing


def _bent_wrist(axes: ArmAxes, channels: Array) -> Array:
    return turn(channels[:, FLEXION, None] * axes.flexor + channels[:, DEVIATION, None] * axes.palm)


def arm_turns(axes: ArmAxes, channels: Array, fingers: Array) -> Array:
    """Turns [T, 25, 3, 3] of a left arm's bones on top of their parents', of channels [T, 9] and [T, 16]."""
    out = np.empty((len(channels), len(ARM_BONES), 3, 3))
    out[:] = np.eye(3)
    out[:, _AT["clavicle"]] = clavicle(channels[:, CLAVICLE_UP:])
    full = turn(channels[:, SHOULDER])
    later = turn_about(axes.upward, (1 - TWIST_SHARE) * twist(full, axes.upward))
    out[:, _AT["upperarm01"]], out[:, _AT["upperarm02"]] = full @ transposed(later), later
    first, second, last = (
        turn_about(axes.along, share * channels[:, PRONATION]) for share in PRONATION_SHARES
    )
    out[:, _AT["lowerarm01"]] = turn_about(axes.hinge, channels[:, ELBOW]) @ first
    out[:, _AT["lowerarm02"]] = second
    out[:, _AT["wrist"]] = last @ _bent_wrist(axes, channels)
    _bend_fingers(axes, fingers, out)
    return out


def _bend_fingers(axes: ArmAxes, fingers: Array, out: Array) -> None:
    across, base, middle, tip = fingers[:, :4].T
    bend = axes.bends[0]
    out[:, _AT["finger1-1"]] = turn_about(axes.opposing, across) @ turn_about(bend, base)
    out[:, _AT["finger1-2"]], out[:, _AT["finger1-3"]] = turn_about(bend, middle), turn_about(bend, tip)
    for k, axis in enumerate(axes.bends[1:]):
        name = str(k + 2)
        base, side, middle = fingers[:, 4 + 3 * k : 7 + 3 * k].T
        out[:, _AT[f"finger{name}-1"]] = turn_about(axes.palm, side) @ turn_about(axis, base)
        out[:, _AT[f"finger{name}-2"]] = turn_about(axis, middle)
        out[:, _AT[f"finger{name}-3"]] = turn_about(axis, TIP_SHARE * middle)
        if name in CUPPING:
            out[:, _AT[f"metacarpal{k + 1}"]] = turn_about(axis, CUPPING[name] * np.maximum(base, 0))


def read_arm(axes: ArmAxes, turns: Array) -> tuple[Array, Array]:
    """Channels [T, 9] and fingers [T, 16] of a left arm's turns [T, 25, 3, 3]: the inverse of `arm_turns`."""

    def at(bone: str) -> Array:
        return turns[:, _AT[bone]]

    girdle_turn = at("clavicle")
    up = np.arctan2(girdle_turn[:, 1, 0], girdle_turn[:, 1, 1])
    forwards = -np.arctan2(girdle_turn[:, 0, 2], girdle_turn[:, 2, 2])
    shoulder = rotation_vector(at("upperarm01") @ at("upperarm02"))
    bend = _angle_about(axes.hinge, axes.along, at("lowerarm01"))
    unbent = transposed(turn_about(axes.hinge, bend)) @ at("lowerarm01")
    pronation = twist(unbent @ at("lowerarm02"), axes.along) / sum(PRONATION_SHARES[:2])
    bent = turn_about(axes.along, -PRONATION_SHARES[2] * pronation) @ at("wrist")
    wrist = rotation_vector(bent)
    channels = [shoulder, bend, pronation, wrist @ axes.flexor, wrist @ axes.palm, up, forwards]
    return np.column_stack(channels), _read_fingers(axes, at)


def _read_fingers(axes: ArmAxes, at: Callable[[str], Array]) -> Array:
    bend = axes.bends[0]
    across = _angle_about(axes.opposing, bend, at("finger1-1"))
    base = turn_about(axes.opposing, -across) @ at("finger1-1")
    out = [across, twist(base, bend), twist(at("finger1-2"), bend), twist(at("finger1-3"), bend)]
    for k, axis in enumerate(axes.bends[1:]):
        first = at(f"finger{k + 2}-1")
        side = _angle_about(axes.palm, axis, first)
        base = turn_about(axes.palm, -side) @ first
        out += [twist(base, axis), side, twist(at(f"finger{k + 2}-2"), axis)]
    return np.column_stack(out)


def _angle_about(axis: Array, vector: Array, turns: Array) -> Array:
    """By how much rotations [T, 3, 3] turn a vector [3] about a unit axis [3], radians."""
    moved = turns @ vector
    flat = vector - axis * (axis @ vector)
    moved = moved - axis * (moved @ axis)[:, None]
    return np.arctan2(np.cross(flat, moved) @ axis, moved @ flat)
