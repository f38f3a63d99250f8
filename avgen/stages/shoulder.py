"""The layout `over-shoulder`: who listens is before the camera, from behind, dark and out of focus."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.base import Avatar
from avgen.avatars.views import View
from avgen.background import Background
from avgen.media.ffmpeg import PictureEncoder
from avgen.media.formats import Encoding
from avgen.stages.render import chunk_frames, draw
from avgen.stages.shots import Shot
from avgen.tracks import Codes

BEHIND_DEGREES: Final = 150.0
"""By which a camera goes round whoever listens, to be behind the inner shoulder."""
BEHIND_ZOOM: Final = 1.1
"""How much larger than in the actor's own first view the listener is."""
BEHIND_ASIDE: Final = 1.04
"""Where the listener's head is, of the way from the middle of the picture to its side."""
BEHIND_RAISED: Final = 0.17
"""By which that camera looks higher, of half its picture: backs end below the shoulders."""
SILHOUETTE_SHARE: Final = 4
"""Sides of a silhouette, in those of the picture: it is out of focus anyway."""
_SILHOUETTE: Final = Encoding(crf=12, speed="ultrafast")
_OPACITY: Final = 0.96


class Performed(NamedTuple):
    """Who may be seen from behind."""

    codes: Codes
    """Of the clip."""
    avatar: Avatar
    """Whose codes they are."""
    view: View
    """The actor's own first one."""
    device: str
    """That draws."""


def listener_of(person: int, people: int) -> int:
    """Return the seat of who is before the camera while a person is seen: the neighbour on the inner side."""
    return person - 1 if person > (people - 1) / 2 else person + 1


def silhouettes(
    people: Sequence[Callable[[], Performed]],
    shots: Sequence[Shot],
    size: tuple[int, int],
    fps: int,
    folder: Path,
) -> dict[int, Path]:
    """Draw those from behind who are before somebody.

    Args:
        people: gives each person, from left to right.
        shots: who is seen.
        size: (width, height) in pixels of the picture.
        fps: pictures per second.
        folder: to write to.

    Returns:
        Picture tracks, brighter where the listener is, by the person who is seen.
    """
    found = {}
    for person in sorted({shot.person for shot in shots}):
        listener = listener_of(person, len(people))
        found[person] = folder / f"{person}.mp4"
        _write(people[listener](), listener < person, size, fps, found[person])
    return found


def _write(who: Performed, on_left: bool, size: tuple[int, int], fps: int, path: Path) -> None:
    """Write the track of one silhouette."""
    width, height = (max(side // SILHOUETTE_SHARE // 2 * 2, 16) for side in size)
    with PictureEncoder(path, (width, height), fps, _SILHOUETTE) as encoder:
        for opacity in _opacities(who, on_left, (width, height), fps):
            grey = (opacity * np.float32(_OPACITY)).astype(np.uint8)
            encoder.write(np.repeat(grey[..., None], 3, axis=-1))
        encoder.finish()


def _opacities(who: Performed, on_left: bool, size: tuple[int, int], fps: int) -> Iterator[NDArray[np.uint8]]:
    """Yield chunks [T, H, W] of how opaque the person is from behind."""
    view = behind(who.view, on_left, size[0] / size[1])
    renderer = who.avatar.renderer(who.device, view, size, Background.parse("transparent"))
    for pictures in draw(who.codes, who.avatar, renderer, fps, chunk_frames(*size)):
        yield pictures[..., 3]


def behind(view: View, on_left: bool, aspect: float) -> View:
    """Return a view of the same actor over the shoulder.

    Args:
        view: from the front.
        on_left: whether the actor is in the left of the picture, or in the right.
        aspect: width of the picture over its height.
    """
    side = -1.0 if on_left else 1.0
    yaw = side * BEHIND_DEGREES
    half = view.distance * math.tan(math.radians(view.field_of_view) / 2) / BEHIND_ZOOM
    aside = -side * BEHIND_ASIDE * half * max(aspect, 1.0)
    x, y, z = view.target
    right = math.cos(math.radians(yaw)), -math.sin(math.radians(yaw))
    return replace(
        view,
        target=(x + aside * right[0], y + BEHIND_RAISED * half, z + aside * right[1]),
        yaw=yaw,
        field_of_view=2 * math.degrees(math.atan(half / view.distance)),
        captured=None,
        fits=False,
    )
