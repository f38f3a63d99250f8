"""Clips whose actors talk with somebody who is heard, or seen, in a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from avgen.errors import InputError
from avgen.inputs.clips import Clip, Listening, Part, Recording, Scene
from avgen.inputs.partners import other_channel, read_partner
from avgen.partner import MOST_MISSING
from avgen.speech.audio import check_recording


def talking(clip: Clip, partner: Path) -> Clip:
    """Return a clip whose actor talks with somebody in a file; both begin at the same moment.

    Raises:
        InputError: if that cannot be, or the file is shorter than a recording.
    """
    source = clip.source
    if isinstance(source, Listening | Part | Scene):
        raise InputError("partner: expected a script, subtitles or a recording of one person beside it.")
    if source.partner is not None:
        raise InputError("partner: with speaker_channel the other channel is the partner. Leave out one.")
    found = read_partner(partner)
    if isinstance(source, Recording):
        seconds = check_recording(source.path).seconds
        if found.seconds < seconds - MOST_MISSING:
            raise InputError(
                f"{partner}: the partner's file lasts {found.seconds:.1f} s, and the recording {seconds:.1f} "
                "s. Give one that is as long."
            )
    return replace(clip, source=replace(source, partner=found))


def on_channel(clip: Clip, channel: str) -> Clip:
    """Return the clip of a recording with the actor's speech on one channel, and the partner's on the other.

    Raises:
        InputError: if it is none, or has not two channels.
    """
    source = clip.source
    if not isinstance(source, Recording):
        raise InputError("speaker_channel: expected a recording, the actor's speech on one of its channels.")
    partner = other_channel(source.path, source.sha256, channel)
    return replace(clip, source=replace(source, channel=channel, partner=partner))


def listening(name: str, path: Path, where: str) -> Clip:
    """Return the clip of an actor who listens to somebody in a file.

    Raises:
        InputError: if the file cannot be used.
    """
    return Clip(name, Listening(read_partner(path), where))
