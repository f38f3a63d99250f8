"""The file in which the one is heard, and perhaps seen, whom an actor talks with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from avgen.errors import InputError
from avgen.files import sha256_file, sha256_text

CHANNELS: Final = ("left", "right")
"""Of a recording of two people, one on each."""
FEATURES_SUFFIX: Final = ".smirk.safetensors"
"""Of a file beside a partner's that has features of the face (`avgen.stages.faces`)."""


@dataclass(frozen=True, slots=True)
class PartnerFile:
    """Where the partner is heard and seen.

    Attributes:
        path: sound or video.
        sha256: of its content, and of its features', when it was planned.
        seconds: it lasts.
        is_heard: whether it has sound.
        is_seen: whether it has pictures.
        channel: of CHANNELS, if the partner is on one alone; empty for all of the sound.
        features: a file of features of the face beside it, if there is one.
    """

    path: Path
    sha256: str
    seconds: float
    is_heard: bool = True
    is_seen: bool = False
    channel: str = ""
    features: Path | None = None

    @property
    def digest(self) -> str:
        """Hash of what is heard and seen."""
        return sha256_text(f"{self.sha256}:{self.channel}")

    def to_json(self) -> dict[str, Any]:
        """Return it as what JSON can hold; paths are absolute."""
        features = str(self.features.absolute()) if self.features else None
        return {**asdict(self), "path": str(self.path.absolute()), "features": features}

    @classmethod
    def from_json(cls, values: Mapping[str, Any] | None) -> PartnerFile | None:
        """Restore what `to_json` made; None stays None."""
        if values is None:
            return None
        features = Path(values["features"]) if values["features"] else None
        return cls(**{**values, "path": Path(values["path"]), "features": features})


def read_partner(path: Path) -> PartnerFile:
    """Check a partner's file, and hash it.

    Raises:
        InputError: it is missing, or neither sound nor video, or too short or too long.
    """
    from avgen.media.pictures import probe_video
    from avgen.speech.audio import SUFFIXES, check_recording

    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: expected sound or video of the partner ({', '.join(SUFFIXES)}).")
    video = probe_video(path)
    is_heard = video is None or video.has_sound
    seconds = video.seconds if video and not is_heard else check_recording(path).seconds
    features = path.with_suffix(FEATURES_SUFFIX)
    found = PartnerFile(
        *(path, hash_of(path, features), seconds),
        is_heard=is_heard,
        is_seen=video is not None,
    )
    return replace(found, features=features) if features.is_file() else found


def hash_of(path: Path, features: Path | None) -> str:
    """Hash of a partner's file, and of its features' if they are there."""
    if features is None or not features.is_file():
        return sha256_file(path)
    return sha256_text(f"{sha256_file(path)}:{sha256_file(features)}")


def other_channel(path: Path, sha256: str, channel: str) -> PartnerFile:
    """Return the partner who is on the other channel of a recording.

    Args:
        path: of the recording.
        sha256: of its content.
        channel: of CHANNELS: the actor's own.

    Raises:
        InputError: it has not two channels.
    """
    from avgen.speech.audio import check_recording

    found = check_recording(path)
    if channel not in CHANNELS:
        raise InputError(f"speaker_channel: expected left or right, got {channel[:40]!r}.")
    if found.channels != 2:
        raise InputError(
            f"{path}: --speaker-channel needs two channels, and there are {found.channels} here: the actor's "
            "speech on one, the partner's on the other."
        )
    other = CHANNELS[1 - CHANNELS.index(channel)]
    return PartnerFile(path, sha256, found.seconds, channel=other)
