"""What people take home besides the video: a table of kinds, each a function that writes one file."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from avgen.config import RenderConfig, unknown
from avgen.errors import InputError

if TYPE_CHECKING:
    from avgen.actors.actor import Actor
    from avgen.avatars.base import Avatar
    from avgen.avatars.views import View
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


@dataclass(frozen=True, slots=True)
class Export:
    """A kind of export.

    Attributes:
        write: its function `(material, path) -> None`, as `module:name`.
        suffix: of the file, which is named after the video otherwise; of a folder it ends in a slash.
        about: one line for people.
    """

    write: str
    suffix: str
    about: str


KINDS: Final[Mapping[str, Export]] = {
    "glb": Export(
        "avgen.exports.glb:write_glb", ".glb", "the moving mesh for Blender, Unity, the web (glTF 2.0)"
    ),
    "usdz": Export("avgen.exports.usd:write_usdz", ".usdz", "the same for USD programs; needs avgen[usd]"),
}
"""By the name that `--export` and `--to` take."""


def parse_exports(text: str | Iterable[str]) -> tuple[str, ...]:
    """Read `srt,wav`, or several of them.

    Raises:
        InputError: for an unknown kind.
    """
    texts = [text] if isinstance(text, str) else text
    names = [name.strip() for part in texts for name in part.split(",") if name.strip()]
    for name in names:
        if name not in KINDS:
            raise InputError(f"export: {unknown('kind', name, KINDS)}")
    return tuple(dict.fromkeys(names))


def export_path(video: Path, kind: str) -> Path:
    """Return where an export of a video lies."""
    return video.with_name(video.stem + KINDS[kind].suffix.rstrip("/"))


def write_export(kind: str, material: Material, path: Path) -> None:
    """Write one export.

    Args:
        kind: one of KINDS.
        material: what it is made of.
        path: file to write, or folder to fill.

    Raises:
        AvgenError: if it cannot be made.
    """
    module, name = KINDS[kind].write.split(":")
    function: Any = getattr(importlib.import_module(module), name)
    function(material, path)
