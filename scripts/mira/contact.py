"""Where Mira's face touches itself: lips, eyelids and the lower lip against the upper incisors.

All lengths are in metres, all are affine in the 53 unit weights w: gap = g0 + G w. Measured on the smooth
surface that is rendered. Run as a script to write `$MIRA_WORK/contact.npz`.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avgen.casting.transfer import LIP_MARGIN
from scripts.mira.geometry import METRES, Head, load_head

Array = NDArray[np.float64]

LOWER_LIP_MIDDLE = (540, 534, 523)
"""Rim vertices that meet the incisors in f and v."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Distances that contact is solved for, in metres.

    Attributes:
        units: the 53 unit names that the last axis of the matrices counts.
        lip_x: [J] position of the lip stations.
        g0: [J] lip gap at rest; positive is open.
        G: [J, 53] change of the gap per unit.
        lid_gap: [2] opening between the lids at rest, left and right.
        lid: [2, 53] change of it per unit.
        fv_gap: height of the lower lip's rim above the upper incisors' edge at rest.
        fv: [53] change of it per unit.
        fv_forward: [1 + 53] the rim's distance in front of that edge at rest, and its change per unit.
        margin: overlap of a full lip closure.
    """

    units: list[str]
    lip_x: Array
    g0: Array
    G: Array
    lid_gap: Array
    lid: Array
    fv_gap: float
    fv: Array
    fv_forward: Array
    margin: float = LIP_MARGIN


def incisor_edge(head: Head) -> Array:
    """Middle of the upper incisors' biting edge, decimetres."""
    vertices = head.teeth("upper").part.vertices
    front = vertices[np.abs(vertices[:, 0]) < 0.08]
    lowest = front[front[:, 1] < front[:, 1].min() + 0.01]
    return np.array([0.0, lowest[:, 1].mean(), lowest[:, 2].max()])


def measure_contact(head: Head) -> Contact:
    """Contact constants of a head."""
    rest, deltas = head.limit(head.rest), head.limit(head.deltas)
    lid_gap, lid = head.lid_gaps()
    edge = incisor_edge(head)
    lip = list(LOWER_LIP_MIDDLE)
    return Contact(
        units=head.units,
        lip_x=head.rims.station_x * METRES,
        g0=head.rims.gap(rest) * METRES,
        G=head.rims.gap(deltas).T * METRES,
        lid_gap=lid_gap * METRES,
        lid=lid * METRES,
        fv_gap=float(rest[lip, 1].mean() - edge[1]) * METRES,
        fv=deltas[:, lip, 1].mean(1) * METRES,
        fv_forward=np.r_[rest[lip, 2].mean() - edge[2], deltas[:, lip, 2].mean(1)] * METRES,
    )


def load_contact(path: Path) -> Contact:
    """Read what `main` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        values = {name: stored[name] for name in stored.files}
    values["units"] = [str(name) for name in values["units"]]
    values["fv_gap"], values["margin"] = float(values["fv_gap"]), float(values["margin"])
    return Contact(**values)


def main() -> None:
    """Write contact.npz."""
    path = Path(os.environ["MIRA_WORK"]) / "contact.npz"
    np.savez(path, **asdict(measure_contact(load_head())))


if __name__ == "__main__":
    main()
