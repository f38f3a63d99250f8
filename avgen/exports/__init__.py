"""What people take home besides the video: a table of kinds, each a function that writes one file."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from avgen.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from avgen.actors.actor import Actor
    from avgen.avatars.base import Avatar
    from avgen.avatars.views import View
    from avgen.config import RenderConfig
    from avgen.tracks import Codes
    from avgen.types import Tokens, Waveform


@dataclass(frozen=True)
class Material:
    """What exports are made of: a take and its video.

    Attributes:
        name: of the clip.
        actor: who performs.
        config: how it was rendered.
        view: from where.
        tokens: what is said and when.
        codes: speech and motion.
        waveform: the sound.
        load_avatar: loads the actor's avatar, for exports that need it.
        video: the finished video.
        drawn: folder of its pictures as PNG files, where they were drawn just now; an export may take it.
        recorded: whether the voice is a recorded one.
        device: that draws.
        people: of a dialogue's scene: what each person's exports are made of, by name of the role.
        size: (width, height) in pixels of a scene.
    """

    name: str
    actor: Actor
    config: RenderConfig
    view: View
    tokens: Tokens
    codes: Codes
    waveform: Waveform
    load_avatar: Callable[[], Avatar]
    video: Path
    drawn: Path | None = None
    recorded: bool = False
    device: str = "cpu"
    people: Mapping[str, Material] = field(default_factory=dict)
    size: tuple[int, int] = (0, 0)

    @property
    def picture_size(self) -> tuple[int, int]:
        """(width, height) in pixels of the video."""
        return self.size if self.people else (self.config.width, self.config.height)

    @property
    def frames(self) -> int:
        """Number of pictures of the video."""
        return max(1, round(self.waveform.duration * self.config.fps))

    @property
    def seconds(self) -> float:
        """Length of the video."""
        return self.frames / self.config.fps

    @property
    def times(self) -> NDArray[np.float64]:
        """Seconds [T] at which the pictures show the clip: the middle of each."""
        import numpy as np

        return (np.arange(self.frames) + 0.5) / self.config.fps


@dataclass(frozen=True, slots=True)
class Export:
    """A kind of export.

    Attributes:
        write: its function `(material, path) -> None`, as `module:name`.
        suffix: of the file, which is named after the video otherwise; of a folder it ends in a slash.
        about: one line for people.
        of_words: whether it needs to know what is said.
        of_mp4: whether it is made from an MP4 video.
        of_one: whether it shows one person, and there is none of a dialogue's scene.
        package: that an extra of avgen installs for it.
        extra: its name.
    """

    write: str
    suffix: str
    about: str
    of_words: bool = False
    of_mp4: bool = False
    of_one: bool = False
    package: str = ""
    extra: str = ""


KINDS: Final[Mapping[str, Export]] = {
    "srt": Export("avgen.exports.subtitles:write_srt", ".srt", "Subtitles, SubRip.", of_words=True),
    "vtt": Export(
        "avgen.exports.subtitles:write_vtt", ".vtt", "Subtitles for web pages, WebVTT.", of_words=True
    ),
    "ass": Export(
        "avgen.exports.subtitles:write_ass",
        ".ass",
        "Subtitles whose words light up as spoken.",
        of_words=True,
    ),
    "words": Export(
        "avgen.exports.words:write_words",
        ".words.json",
        "When each word and phoneme is heard.",
        of_words=True,
        of_one=True,
    ),
    "subtitled": Export(
        "avgen.exports.burnt:write_subtitled",
        ".subtitled.mp4",
        "The video with subtitles in the picture.",
        of_words=True,
        of_mp4=True,
    ),
    "wav": Export("avgen.exports.sound:write_wav", ".wav", "The sound at 48 kHz, 16 bits."),
    "flac": Export("avgen.exports.sound:write_flac", ".flac", "The same, compressed without loss."),
    "mp3": Export("avgen.exports.sound:write_mp3", ".mp3", "The same as MP3."),
    "arkit": Export(
        "avgen.exports.arkit:write_arkit",
        ".arkit.csv",
        "Face and head as Live Link Face has it.",
        of_one=True,
    ),
    "frames": Export(
        "avgen.exports.frames:write_frames", ".frames/", "A folder of PNG files, one a picture.", of_one=True
    ),
    "c2pa": Export(
        "avgen.exports.credentials:write_c2pa",
        ".c2pa.mp4",
        "The video with signed content credentials.",
        of_mp4=True,
        package="c2pa",
        extra="credentials",
    ),
    "glb": Export(
        "avgen.exports.glb:write_glb",
        ".glb",
        "The moving mesh for Blender, Unity, the web (glTF 2.0).",
        of_one=True,
    ),
    "usdz": Export(
        "avgen.exports.usd:write_usdz",
        ".usdz",
        "The same for USD programs.",
        of_one=True,
        package="pxr",
        extra="usd",
    ),
}
"""By the name that `--export` and `--to` take."""


def parse_exports(text: str | Iterable[str]) -> tuple[str, ...]:
    """Read `srt,wav`, or several of them.

    Raises:
        InputError: for an unknown kind.
    """
    from avgen.documents import unknown

    texts = [text] if isinstance(text, str) else text
    names = [name.strip() for part in texts for name in part.split(",") if name.strip()]
    for name in names:
        if name not in KINDS:
            raise InputError(f"export: {unknown('kind', name, KINDS)}")
    return tuple(dict.fromkeys(names))


def export_path(video: Path, kind: str) -> Path:
    """Return where an export of a video lies."""
    return video.with_name(video.stem + KINDS[kind].suffix.rstrip("/"))


def check_export(kind: str, name: str, config: RenderConfig, has_words: bool) -> None:
    """Refuse what cannot be made, before any work.

    Args:
        kind: one of KINDS.
        name: of the clip, for messages.
        config: how it is rendered.
        has_words: whether what is said is known.

    Raises:
        InputError: if the export needs something else.
    """
    export = KINDS[kind]
    if export.of_words and not has_words:
        raise InputError(
            f"{name}: {kind} needs the words of a text, and this clip is made from a recording. Give what is "
            "said in it with --transcript."
        )
    if export.of_mp4 and config.format != "mp4":
        raise InputError(f"{name}: {kind} needs an .mp4 video, and this one is .{config.format}.")
    if export.package and importlib.util.find_spec(export.package) is None:
        raise InputError(f"{kind} needs an extra. Install it with: pip install 'avgen[{export.extra}]'")


def kinds_of(several: bool, kinds: Iterable[str]) -> tuple[str, ...]:
    """Return those kinds of exports that there are of one person, or of several together."""
    return tuple(kind for kind in kinds if not (several and KINDS[kind].of_one))


def synthetic(recorded: bool) -> str:
    """Return what of a clip nobody is or said."""
    return "Synthetic face" if recorded else "Synthetic voice and face"


def write_export(kind: str, material: Material, path: Path) -> None:
    """Write one export.

    Args:
        kind: one of KINDS.
        material: what it is made of.
        path: file to write, or folder to fill.

    Raises:
        AvgenError: if it cannot be made.
    """
    check_export(kind, material.name, material.config, bool(material.tokens.words))
    module, name = KINDS[kind].write.split(":")
    function: Any = getattr(importlib.import_module(module), name)
    function(material, path)
