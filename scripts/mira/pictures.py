"""Captures as the fits and measurements read them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avgen.avatars.avatar import Avatar
from avgen.avatars.cameras import Camera
from avgen.avatars.codec import solve_contact
from scripts.mira.expressions import Capture, picture_file
from scripts.mira.geometry import METRES
from scripts.mira.pose import HeadPose

Array = NDArray[np.float32]

RESOLUTION = 512


@dataclass(frozen=True, slots=True)
class Picture:
    """A capture and the pose it shows.

    Attributes:
        rgba: [512, 512, 4] straight colour and coverage, 0..255; the mean of all its seeds.
        weights: [1, 53] unit weights.
        head: [1, 7] head pose.
        camera: it was taken with.
        note: the capture's settings.
        num_seeds: pictures averaged.
    """

    rgba: Array
    weights: Array
    head: Array
    camera: Camera
    note: dict[str, object]
    num_seeds: int = 1


def mean_picture(files: list[Path]) -> Array:
    """Mean [512, 512, 4] of pictures of one capture with other seeds: premultiplied, then straight again.

    Pictures are averaged as they are seen, after the tone curve, since the 8 bits of a file hold nothing
    else. More samples would be averaged before it; for noise of a few levels the curve is as good as straight
    (curvature times half the variance: less than a tenth of a level).
    """
    stack = np.stack([np.asarray(Image.open(file).convert("RGBA"), np.float32) for file in files])
    alpha = stack[..., 3:]
    colour = (stack[..., :3] * alpha).mean(0) / np.maximum(alpha.mean(0), 1e-3)
    return np.concatenate([colour, alpha.mean(0)], -1)


def head_pose(pose: HeadPose) -> Array:
    """Head pose [1, 7] as the run-time takes it."""
    angle = float(np.linalg.norm(pose.vector))
    axis = pose.vector / max(angle, 1e-9)
    shift = np.array(pose.shift) * METRES
    return np.r_[np.cos(angle / 2), np.sin(angle / 2) * axis, shift][None].astype(np.float32)


def load_pictures(folder: Path, kind: str, avatar: Avatar) -> list[Picture]:
    """Captures of a kind, sorted by name."""
    out = []
    for path in sorted(folder.glob("*.json")):
        note = json.loads(path.read_text())
        if note["kind"] != kind:
            continue
        channels = named_channels(note["channels"], avatar.codec.units)
        weights = solve_contact(channels, avatar.codec.units, avatar.codec.lips, avatar.codec.lids)
        files = [picture_file(folder, path.stem, 0), *sorted(folder.glob(f"{path.stem}.seed*.png"))]
        capture = Capture(**note)
        pose = head_pose(capture.pose)
        out.append(Picture(mean_picture(files), weights, pose, capture.camera, note, len(files)))
    return out


def named_channels(values: dict[str, float], units: tuple[str, ...]) -> Array:
    """Channels [1, 53] by name; a name ending in `_` sets Left and Right."""
    out = np.zeros((1, len(units)), np.float32)
    for name, value in values.items():
        names = (name[:-1] + "Left", name[:-1] + "Right") if name.endswith("_") else (name,)
        for each in names:
            out[0, units.index(each)] = value
    return out


def sample(image: Array, place: Array) -> Array:
    """Bilinear samples [n, channels] at pixel positions [n, 2]."""
    x = np.clip(place[:, 0] - 0.5, 0, image.shape[1] - 1.001)
    y = np.clip(place[:, 1] - 0.5, 0, image.shape[0] - 1.001)
    i, j = x.astype(int), y.astype(int)
    u, v = (x - i)[:, None], (y - j)[:, None]
    top = image[j, i] * (1 - u) + image[j, i + 1] * u
    return top * (1 - v) + (image[j + 1, i] * (1 - u) + image[j + 1, i + 1] * u) * v
