"""The bones that move a body, as data: names, parents, and where a person's joints are at rest.

A choice of 70 of the 163 bones of MakeHuman's standard rig (CC0): those that the body code moves. At rest
every bone's rotation is the identity, whatever way it points; metres, X to the actor's left, Y up, Z to the
front.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.body.channels import SIDES
from avgen.body.rotations import Array

ARM_CHAIN: Final = ("clavicle", "upperarm01", "upperarm02", "lowerarm01", "lowerarm02", "wrist")
LEG_CHAIN: Final = ("upperleg01", "upperleg02", "lowerleg01", "lowerleg02", "foot", "toe1-1")
METACARPALS: Final = tuple(f"metacarpal{k}" for k in range(1, 5))
FINGER_BONES: Final = tuple(f"finger{finger}-{joint}" for finger in range(1, 6) for joint in range(1, 4))
ARM_BONES: Final = (*ARM_CHAIN, *METACARPALS, *FINGER_BONES)
"""One arm's 25 bones, without their side; finger1 is the thumb."""


def _parents() -> dict[str, str]:
    """Every bone's parent, in order; the root has none."""
    spine = ("root", "spine05", "spine04", "spine03", "spine02", "spine01", "neck01", "head")
    out = dict(zip(spine, ("", *spine), strict=False))
    for side in SIDES:
        arm = dict(zip(ARM_CHAIN, ("", *ARM_CHAIN), strict=False)) | dict.fromkeys(METACARPALS, "wrist")
        for finger in range(1, 6):
            base = "wrist" if finger == 1 else f"metacarpal{finger - 1}"
            for joint in range(1, 4):
                arm[f"finger{finger}-{joint}"] = base if joint == 1 else f"finger{finger}-{joint - 1}"
        leg = dict(zip(LEG_CHAIN, ("", *LEG_CHAIN), strict=False))
        for limb, top in ((arm, "spine01"), (leg, "root")):
            out |= {f"{bone}.{side}": f"{parent}.{side}" if parent else top for bone, parent in limb.items()}
    return out


_PARENTS: Final = _parents()
BONES: Final = tuple(_PARENTS)
"""Names of the J = 70 bones; a parent comes before its children."""
PLACE: Final[Mapping[str, int]] = {name: k for k, name in enumerate(BONES)}
PARENTS: Final = np.array([PLACE[parent] if parent else -1 for parent in _PARENTS.values()])
"""[J] index of every bone's parent; -1 for the root."""
CHEST_BONE: Final = "spine01"
"""The bone that carries neck and shoulders, and a bust."""


def _levels() -> list[NDArray[np.int64]]:
    depth = np.zeros(len(BONES), int)
    for k, parent in enumerate(PARENTS):
        depth[k] = depth[parent] + 1 if parent >= 0 else 0
    return [np.flatnonzero(depth == d) for d in range(1, depth.max() + 1)]


_LEVELS: Final = _levels()


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A person's bones at rest.

    Attributes:
        heads: [J, 3] where every bone begins: the joint about which it turns.
        tails: [J, 3] where it ends.
        trunk: [K, 4] sections of the clothed trunk from below: height, half the width, front, back. Hands and
            forearms stay out of it.
    """

    heads: Array
    tails: Array
    trunk: Array

    def head(self, bone: str) -> Array:
        """Where a bone begins [3]."""
        head: Array = self.heads[PLACE[bone]]
        return head

    def tail(self, bone: str) -> Array:
        """Where a bone ends [3]."""
        tail: Array = self.tails[PLACE[bone]]
        return tail

    @cached_property
    def offsets(self) -> Array:
        """[J, 3] from the head of every bone's parent to its own."""
        offsets: Array = self.heads - self.heads[np.maximum(PARENTS, 0)]
        return offsets

    @cached_property
    def mirror(self) -> Skeleton:
        """The mirror image: its left arm is the right one of this."""
        sides = str.maketrans("LR", "RL")
        order = [PLACE[f"{n[:-1]}{n[-1].translate(sides)}" if n[-2:] in (".L", ".R") else n] for n in BONES]
        flip, trunk = np.array([-1.0, 1, 1]), self.trunk
        return Skeleton(self.heads[order] * flip, self.tails[order] * flip, trunk)

    def forward(self, local: Array, shift: Array) -> tuple[Array, Array]:
        """Forward kinematics.

        Args:
            local: [T, J, 3, 3] rotation of every bone on top of its parent's.
            shift: [T, 3] of the root, metres.

        Returns:
            Rotations [T, J, 3, 3] and heads [T, J, 3] of all bones in the room. A point p of the mesh at rest
            that a bone carries is then at `rotation @ (p - heads) + position`.
        """
        rotation, position = np.empty_like(local), np.empty((*local.shape[:2], 3))
        rotation[:, 0], position[:, 0] = local[:, 0], self.heads[0] + shift
        for level in _LEVELS:
            parent = PARENTS[level]
            rotation[:, level] = rotation[:, parent] @ local[:, level]
            carried = np.einsum("tjab,jb->tja", rotation[:, parent], self.offsets[level])
            position[:, level] = position[:, parent] + carried
        return rotation, position

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """What a file holds of it: `skeleton.heads`, `skeleton.tails`, `skeleton.trunk`."""
        parts = {"heads": self.heads, "tails": self.tails, "trunk": self.trunk}
        return {f"skeleton.{name}": value.astype(np.float32) for name, value in parts.items()}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> Skeleton:
        """Restore what `tensors` made.

        Raises:
            KeyError: one is missing.
            ValueError: one has not the shape that this version's bones need, or is not finite.
        """
        heads, tails, trunk = (
            tensors[f"skeleton.{name}"].astype(np.float64) for name in ("heads", "tails", "trunk")
        )
        if heads.shape != (len(BONES), 3) or tails.shape != heads.shape or trunk.shape[1:] != (4,):
            raise ValueError(f"skeleton of {len(heads)} bones; expected {len(BONES)}")
        if not all(np.isfinite(values).all() for values in (heads, tails, trunk)):
            raise ValueError("skeleton with numbers that are not finite")
        return cls(heads, tails, trunk)
