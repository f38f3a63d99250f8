"""A head of MakeHuman's mesh: its control vertices, what face units do to them, and where its lips meet.

Everything here is in decimetres on the mesh's axes (X to the actor's left, Y up, Z out of the face).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from avgen.casting.surface import LimitStencil

Array = NDArray[np.float64]
Index = NDArray[np.int64]

METRES: Final = 0.1
"""Metres per decimetre."""
ANCHORS: Final = ("helper-l-eye", "helper-r-eye", "helper-upper-teeth")
"""Groups whose mean lies in the same place for everybody, so that cameras, lights and neck fit."""
LIP_OVERLAP: Final = 0.0015
"""How far the sealed lips overlap."""
SEAL_REACH: Final = 0.06
"""Distance over which sealing the lips fades out."""
SEAL_ROUNDS: Final = 4
"""The smooth surface follows the control vertices only approximately."""
BEYOND_CORNER: Final = 0.0405
"""From the last station of the lips to where their corner needs no sealing."""
LIMBUS: Final = float(np.radians(29.5))
"""Polar angle at which the cornea leaves the sclera."""
CORNEA_RADIUS: Final = 0.66
CORNEA_CENTRE: Final = float(np.cos(LIMBUS) - np.sqrt(CORNEA_RADIUS**2 - np.sin(LIMBUS) ** 2))
"""Centre of the corneal sphere on the eye's axis, in ball radii."""


@dataclass(frozen=True, slots=True)
class LipRims:
    """Rim vertices of both lips, from the actor's right to her left.

    Attributes:
        upper: [n] vertex indices.
        lower: [J] vertex indices; these are the stations at which the gap is measured.
        blend: [J, n] weights that interpolate the upper rim at the stations.
        station_x: [J] x of the stations at rest.
    """

    upper: Index
    lower: Index
    blend: Array
    station_x: Array

    @classmethod
    def at(cls, rest: Array, upper: Index, lower: Index) -> LipRims:
        """Rims of given vertices on a head [V, 3] at rest."""
        station_x = rest[lower, 0]
        blend = np.stack([np.interp(station_x, rest[upper, 0], one) for one in np.eye(len(upper))], 1)
        return cls(upper, lower, blend, station_x)

    def gap(self, points: Array) -> Array:
        """Vertical lip distance [..., J] of points or displacements [..., V, 3]; positive is open."""
        gap: Array = points[..., self.upper, 1] @ self.blend.T - points[..., self.lower, 1]
        return gap


@dataclass(frozen=True, slots=True)
class Head:
    """A head at rest and how it moves.

    Attributes:
        rest: [V, 3] control vertices at rest.
        deltas: [U, V, 3] displacement of every face unit at weight 1.
        units: names of the face units.
        limit: map from control vertices to points of the smooth surface.
        rims: where the lips meet.
        groups: sorted vertices of the mesh's named parts, and of `mouth`, which sealing the lips moves.
    """

    rest: Array
    deltas: Array
    units: list[str]
    limit: LimitStencil
    rims: LipRims
    groups: Mapping[str, Index]

    def unit(self, name: str) -> int:
        """Index of a face unit."""
        return self.units.index(name)

    def vertices(self, weights: Array) -> Array:
        """Control vertices [V, 3] under unit weights [U]."""
        return self.rest + np.tensordot(weights, self.deltas, 1)

    def weights(self, **values: float) -> Array:
        """Unit weights [U] by name; a name ending in `_` sets Left and Right."""
        out = np.zeros(len(self.units))
        for name, value in values.items():
            names = (name[:-1] + "Left", name[:-1] + "Right") if name.endswith("_") else (name,)
            for each in names:
                out[self.unit(each)] = value
        return out

    def eye_sphere(self, side: str) -> tuple[Array, float]:
        """Centre [3] and radius of the `l` or `r` eyeball, fitted to the back of the mesh's helper eye."""
        points = self.rest[self.groups[f"helper-{side}-eye"]]
        back = points[points[:, 2] < np.percentile(points[:, 2], 60)]
        system = np.c_[2 * back, np.ones(len(back))]
        solution = np.linalg.lstsq(system, (back**2).sum(1), rcond=None)[0]
        centre = solution[:3]
        return centre, 0.985 * float(np.sqrt(solution[3] + centre @ centre))

    def eye_frames(self) -> NDArray[np.float32]:
        """Eyes at rest, looking straight ahead.

        Returns:
            [2, 4, 3] per eye ball centre, cornea centre, axis, and (ball radius, cornea radius, cosine of the
            limbus); metres.
        """
        ahead = np.array([0.0, 0.0, 1.0])
        frames = []
        for side in "lr":
            centre, radius = self.eye_sphere(side)
            sizes = [radius * METRES, radius * METRES * CORNEA_RADIUS, np.cos(LIMBUS)]
            cornea = centre + ahead * CORNEA_CENTRE * radius
            frames.append([centre * METRES, cornea * METRES, ahead, sizes])
        return np.array(frames, np.float32)

    def lid_gaps(self) -> tuple[Array, Array]:
        """Opening [2] between the lash lines at each pupil, and its change [2, U] per unit."""
        gaps, rates = [], []
        for side in "lr":
            centre = self.rest[self.groups[f"helper-{side}-eye"]].mean(0)
            lines = []
            for strip in (2, 1):
                lash = self.groups[f"helper-{side}-eyelashes-{strip}"]
                lash = lash[np.abs(self.rest[lash, 0] - centre[0]) < 0.05]
                distance = np.linalg.norm((self.rest[lash] - centre)[:, 1:], axis=1)
                edge = lash[np.argsort(distance)[:4]]
                lines.append((self.rest[edge, 1].mean(), self.deltas[:, edge, 1].mean(1)))
            (upper, upper_rate), (lower, lower_rate) = lines
            gaps.append(upper - lower)
            rates.append(upper_rate - lower_rate)
        return np.array(gaps), np.array(rates)


AnyHead = TypeVar("AnyHead", bound=Head)


def kabsch(source: Array, target: Array) -> tuple[Array, Array]:
    """Rotation R and translation t with target ~ source R^T + t (Kabsch 1976)."""
    a, b = source.mean(0), target.mean(0)
    u, _, vt = np.linalg.svd((source - a).T @ (target - b))
    sign = np.sign(np.linalg.det(vt.T @ u.T))
    rotation = vt.T @ np.diag([1, 1, sign]) @ u.T
    return rotation, b - rotation @ a


def turn_about_z(points: Array, centre: Array, angle: float, weight: Array) -> Array:
    """Points [V, 3] turned about an axis along Z, each by its weight [V] of the angle (radians)."""
    d = points - centre
    c, s = np.cos(angle * weight), np.sin(angle * weight)
    return np.stack([d[:, 0] * c - d[:, 1] * s, d[:, 0] * s + d[:, 1] * c, d[:, 2]], 1) + centre


def tongue_tip(rest: Array, tongue: Index) -> Array:
    """Displacement [V, 3] of the unit `tongueTip`: the tongue's front rises to the ridge behind the teeth."""
    z = rest[tongue, 2]
    start = z.min() + 0.25
    lift = np.clip((z - start) / (z.max() - start), 0, 1) ** 2
    delta = np.zeros_like(rest)
    delta[tongue, 1] = 0.13 * lift
    delta[tongue, 2] = -0.03 * lift
    return delta


def seal_lips(head: AnyHead) -> AnyHead:
    """The head with its lips just touching: each lip moves by half the gap, fading over 6 mm.

    The mesh's lips gape 0.6-2 mm towards the corners.
    """
    region = head.groups["mouth"]
    drop = head.deltas[head.unit("jawOpen"), :, 1]
    rims, rest = head.rims, head.rest.copy()
    upper, lower = rims.upper, rims.lower
    for _ in range(SEAL_ROUNDS):
        x = rest[region, 0]
        stations = [rims.station_x[0] - BEYOND_CORNER, *rims.station_x, rims.station_x[-1] + BEYOND_CORNER]
        gap = np.interp(x, stations, [0, *(rims.gap(head.limit(rest)) + LIP_OVERLAP), 0])
        upper_drop, lower_drop = (np.interp(x, rest[rim, 0], drop[rim]) for rim in (upper, lower))
        lowness = np.clip((drop[region] - upper_drop) / np.minimum(lower_drop - upper_drop, -0.03), 0, 1)
        upper_y, lower_y = (np.interp(x, rest[rim, 0], rest[rim, 1]) for rim in (upper, lower))
        rim_y = np.where(lowness > 0.5, lower_y, upper_y)
        fade = np.exp(-(((rest[region, 1] - rim_y) / SEAL_REACH) ** 2))
        rest[region, 1] += gap / 2 * (2 * lowness - 1) * fade
    return replace(head, rest=rest)
