"""Codes -> Codes, some parts of the face moving more or less: the take stays, its manner changes."""

from __future__ import annotations

from avgen.avatars.base import Avatar
from avgen.stages.checks import check_array
from avgen.style import Style
from avgen.tracks import Codes


def restyle(codes: Codes, avatar: Avatar, *, style: Style) -> Codes:
    """Strengthen or weaken parts of the face.

    Args:
        codes: of the take.
        avatar: of the actor, whose codes they are.
        style: strengths.

    Raises:
        InputError: if the avatar's face has no such parts.
        StageError: if a track changed its shape, or is not finite any more.
    """
    styled = avatar.restyle(codes, style)
    for name, track in styled.tracks.items():
        check_array("style", name, track.values, codes[name].shape)
    return styled
