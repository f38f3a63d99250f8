"""Folds of cloth where a body bends: elbows, waist, knees, and above the shoes."""

from __future__ import annotations

import numpy as np

from avgen.body.channels import SIDES
from scripts.mira.body.figure import ARM_BONES, LEG_BONES, Figure, limb_share
from scripts.mira.body.pieces import Array, Piece

ELBOW, KNEE, WAIST, BREAK = (0.75, 0.42, 0.030), (0.8, 0.60, 0.028), (1.0, 0.75, 0.030), (0.7, 0.55, 0.040)
"""Decimetres: reach of the folds, from one to the next, and their height."""


def _waves(away: Array, phase: Array, kind: tuple[float, float, float]) -> Array:
    """Heights [V] of folds at a distance from where a body bends; sharp valleys, round ridges."""
    reach, length, height = kind
    wave = np.cos(2 * np.pi * away / length + phase)
    return height * np.exp(-((away / reach) ** 2)) * (wave - 0.4 * wave**2)


def _around(across: Array) -> Array:
    """Azimuth [V] of points [V, 3] about a limb."""
    return np.arctan2(across[:, 2], across[:, 0])


def _limb_folds(
    figure: Figure,
    cloth: Piece,
    bones: tuple[str, ...],
    ends: tuple[str, str],
    joint: str,
    kind: tuple[float, float, float],
) -> Array:
    """Heights [V] of folds about a joint of both limbs, strongest on its inner side."""
    out = np.zeros(len(cloth.points))
    for side in SIDES:
        first, last, middle = (figure.head(f"{bone}.{side}") for bone in (*ends, joint))
        axis = (last - first) / np.linalg.norm(last - first)
        away = (cloth.points - middle) @ axis
        across = (cloth.points - middle) - np.outer(away, axis)
        around = _around(across)
        phase = 1.1 * np.sin(around) + 0.7 * np.sin(2 * around + 1) + (0.8 if side == "L" else 0.0)
        inner = 0.55 + 0.45 * np.cos(around - np.pi / 2)
        out += limb_share(cloth.weights, bones, side) * inner * _waves(away, phase, kind)
    return out


def folded_top(figure: Figure, cloth: Piece) -> Piece:
    """A top with folds at elbows and waist."""
    waist = figure.head("spine04")[1]
    x, y, z = cloth.points.T
    arms = sum(limb_share(cloth.weights, ARM_BONES, side) for side in SIDES)
    slant = 1.3 * np.sin(1.7 * x + 0.6) + 1.1 * np.abs(x) + 0.8 * np.sin(2.3 * z)
    trunk = (1 - arms) * (0.45 + 0.55 * np.clip(np.abs(x) / 1.0, 0, 1)) * _waves(y - waist, slant, WAIST)
    return cloth.pushed(
        trunk + _limb_folds(figure, cloth, ARM_BONES, ("upperarm01", "wrist"), "lowerarm01", ELBOW)
    )


def folded_trousers(figure: Figure, cloth: Piece) -> Piece:
    """Trousers with folds at the knees and where they rest on the shoes."""
    ends = "upperleg01", "foot"
    knees = _limb_folds(figure, cloth, LEG_BONES, ends, "lowerleg01", KNEE)
    return cloth.pushed(knees + _limb_folds(figure, cloth, LEG_BONES, ends, "foot", BREAK))
