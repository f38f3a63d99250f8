"""Face, head and eyes of a clip as Live Link Face writes them: 52 ARKit units and nine angles per picture."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

import numpy as np

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.skinning import HeadTurn
from avgen.errors import InputError
from avgen.exports import Material
from avgen.partner import ARKIT_UNITS
from avgen.types import FloatArray

ANGLES: Final = tuple(
    f"{part}{angle}" for part in ("Head", "LeftEye", "RightEye") for angle in ("Yaw", "Pitch", "Roll")
)
HEADER: Final = (
    "Timecode",
    "BlendShapeCount",
    *(name[0].upper() + name[1:] for name in ARKIT_UNITS),
    *ANGLES,
)


@dataclass(frozen=True, slots=True)
class FaceMotion:
    """What an .arkit.csv file holds.

    Attributes:
        units: [T, 52] weights in [0, 1], in the order of ARKIT_UNITS.
        angles: [T, 3, 3] of head, left eye and right eye: yaw to the actor's left, pitch down, roll to the
            actor's left shoulder, radians. Eyes turn within the head.
    """

    units: FloatArray
    angles: FloatArray


def write_arkit(material: Material, path: Path) -> None:
    """Write a row for every picture of the video.

    Weights are held to 1: a lid or a mouth that needs more to close is closed at 1. Where the actor has more
    units than ARKit (the tip of the tongue), they are left out, and so is where the head is.

    Raises:
        InputError: if the actor's face does not move by ARKit units.
    """
    motion = face_motion(material)
    fps = material.config.fps
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(HEADER)
        for frame, values in enumerate(np.concatenate([motion.units, motion.angles.reshape(-1, 9)], 1)):
            rows.writerow(
                [
                    timecode(frame, fps),
                    len(values),
                    *(f"{round(float(value), 6) + 0.0:.6f}" for value in values),
                ]
            )


def face_motion(material: Material) -> FaceMotion:
    """Return the weights and angles of every picture.

    Raises:
        InputError: if the actor's face does not move by ARKit units.
    """
    avatar = material.load_avatar()
    if not isinstance(avatar, TexturedMesh) or not set(ARKIT_UNITS) <= set(avatar.codec.units):
        raise InputError(
            f"{material.name}: arkit needs an actor whose face moves by ARKit units, and that of "
            f"{material.actor.name} does not."
        )
    tracks = avatar.settle(material.codes).at(material.times, ("face", "head"))
    weights = avatar.codec.unit_weights(tracks["face"])
    parts, _ = avatar.rigid.motions(weights)
    head = HeadTurn.from_poses(tracks["head"], avatar.mesh.pivot).matrices
    angles = np.stack([_angles(head), _angles(parts[:, 0]), _angles(parts[:, 1])], axis=1)
    columns = [avatar.codec.unit(name) for name in ARKIT_UNITS]
    return FaceMotion(np.clip(weights[:, columns], 0, 1), angles.astype(np.float32))


def read_arkit(path: Path) -> FaceMotion:
    """Read what `write_arkit` or Live Link Face wrote; columns are found by their names.

    Raises:
        InputError: naming the line that is wrong.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            values = np.array(list(_rows(file, path)), np.float32)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read: {error}.") from None
    if not len(values):
        raise InputError(f"{path}: there are no rows in this file.")
    return FaceMotion(values[:, : len(ARKIT_UNITS)], values[:, len(ARKIT_UNITS) :].reshape(-1, 3, 3))


def timecode(frame: int, fps: int) -> str:
    """Hours, minutes, seconds, frames of the second and thousandths of a frame."""
    seconds, rest = divmod(frame, fps)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{rest:02}.000"


def _rows(file: TextIO, path: Path) -> Iterator[list[float]]:
    """The 61 numbers of every row."""
    reader = csv.reader(file)
    places = {name.lower(): place for place, name in enumerate(next(reader, []))}
    if missing := [name for name in (*ARKIT_UNITS, *ANGLES) if name.lower() not in places]:
        raise InputError(f"{path}: line 1: expected the columns of Live Link Face; {missing[0]} is missing.")
    columns = [places[name.lower()] for name in (*ARKIT_UNITS, *ANGLES)]
    for cells in reader:
        try:
            values = [float(cells[column]) for column in columns]
        except (ValueError, IndexError):
            values = [math.nan]
        if not all(map(math.isfinite, values)):
            raise InputError(f"{path}: line {reader.line_num}: expected {len(columns)} numbers.")
        yield values


def _angles(turns: FloatArray) -> FloatArray:
    """Yaw, pitch and roll [T, 3], as in FaceMotion, of matrices [T, 3, 3] Y(yaw) X(pitch) Z(-roll)."""
    yaw = np.arctan2(turns[:, 0, 2], turns[:, 2, 2])
    pitch = -np.arcsin(np.clip(turns[:, 1, 2], -1, 1))
    roll = -np.arctan2(turns[:, 1, 0], turns[:, 1, 1])
    return np.stack([yaw, pitch, roll], axis=1)
