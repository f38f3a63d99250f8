"""Captures as the fits and measurements read them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.codec import solve_contact
from scripts.mira.expressions import Capture
from scripts.mira.geometry import METRES
from scripts.mira.pose import HeadPose

Array = NDArray[np.float32]

RESOLUTION = 512


@dataclass(frozen=True, slots=True)
class Picture:
    """A capture and the pose it shows.

    Attributes:
        rgba: [512, 512, 4] straight colour and coverage, 0..255.
        weights: [1, 53] unit weights.
        head: [1, 7] head pose.
        camera: it was taken with.
        note: the capture's settings.
    """

    rgba: Array
    weights: Array
    head: Array
    camera: Camera
    note: dict[str, Any]


def head_pose(pose: HeadPose) -> Array:
    """Head pose [1, 7] as the run-time takes it."""
    angle = float(np.linalg.norm(pose.vector))
    axis = pose.vector / max(angle, 1e-9)
    shift = np.array(pose.shift) * METRES
    return np.r_[np.cos(angle / 2), np.sin(angle / 2) * axis, shift][None].astype(np.float32)


def load_pictures(folder: Path, kind: str, avatar: TexturedMesh) -> list[Picture]:
    """Captures of a kind, sorted by name."""
    out = []
    for path in sorted(folder.glob("*.json")):
        note = json.loads(path.read_text())
        if note["kind"] != kind:
            continue
        channels = named_channels(note["channels"], avatar.codec.units)
        weights = solve_contact(channels, avatar.codec.units, avatar.codec.lips, avatar.codec.lids)
        rgba = np.asarray(Image.open(path.with_suffix(".png")).convert("RGBA"), np.float32)
        capture = Capture(**note)
        out.append(Picture(rgba, weights, head_pose(capture.pose), capture.camera, note))
    return out


def named_channels(values: dict[str, float], units: tuple[str, ...]) -> Array:
    """Channels [1, 53] by name; a name ending in `_` sets Left and Right."""
    out = np.zeros((1, len(units)), np.float32)
    for name, value in values.items():
        names = (name[:-1] + "Left", name[:-1] + "Right") if name.endswith("_") else (name,)
        for each in names:
            out[0, units.index(each)] = value
    return out
