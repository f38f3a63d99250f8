"""A new actor's folder: its own avatar, everything else by reference to the actor that it speaks with."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from avgen.actors.actor import ACTOR_FILE, THUMBNAIL_FILE, Actor, actor_folders
from avgen.actors.cameras import EXTENT
from avgen.actors.components import AVATAR, BODY
from avgen.avatars.mesh.storage import write_tensors
from avgen.body.skeleton import Skeleton
from avgen.casting.bodies import body_cameras
from avgen.casting.person import PERSON_FILE, Person
from avgen.casting.sheet import draw_sheet
from avgen.documents import load_yaml
from avgen.errors import InputError, OutputError
from avgen.files import part_file, publish, sha256_file
from avgen.media.png import encode_png

AVATAR_FILE: Final = "avatar.safetensors"
BODY_FILE: Final = "body.safetensors"
SHEET_FILE: Final = "sheet.png"
Tensors = Mapping[str, NDArray[Any]]
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_SHARED: Final = ("language", "label_set", "cameras", "captured", "speech_gain_db", "voices")
"""What a new actor has of the one that it speaks with."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is said of a new actor.

    Attributes:
        name: of the actor and its folder.
        description: one sentence.
        licence: SPDX expression.
        consent: whose likeness it is and why it may be used.
        voice: of those of the actor that it speaks with; nothing for that actor's own.
        credits: what it was made of, with licences.
        person: if it is a synthetic one.
    """

    name: str
    description: str
    licence: str
    consent: str
    voice: str
    credits: tuple[str, ...]
    person: Person | None = field(default=None)


def new_folder(name: str) -> Path:
    """Return where a new actor goes: among the user's own (`$AVGEN_HOME/actors`), or here.

    Raises:
        InputError: for a name that is none, or is taken.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r}: expected a name of small letters, digits and hyphens, such as anna, at most 32."
        )
    home = os.environ.get("AVGEN_HOME")
    folder = Path(home) / "actors" / name if home else Path(name)
    if folder.exists():
        raise InputError(f"{folder}: is there already. Choose another name, or remove it.")
    if name in actor_folders():
        raise InputError(f"{name}: there is an actor of this name already. Choose another one.")
    return folder


def write_actor(
    folder: Path,
    profile: Profile,
    speaker: Actor,
    tensors: Tensors,
    names: dict[str, str],
    body: Tensors | None = None,
) -> None:
    """Write an actor's folder, which is there only when it is whole.

    Args:
        folder: where.
        profile: what is said of the actor.
        speaker: the actor whose speech and movement it has.
        tensors: of its avatar.
        names: metadata of the avatar's file.
        body: tensors of what is below the neck, if there is anything.

    Raises:
        OutputError: if it cannot be written.
    """
    try:
        with part_file(folder.parent, folder.name) as part:
            part.mkdir()
            write_tensors(part / AVATAR_FILE, tensors, names)
            sheet = draw_sheet(tensors, names, speaker)
            (part / SHEET_FILE).write_bytes(encode_png(sheet))
            thumbnail = sheet[: len(sheet), : len(sheet)]
            (part / THUMBNAIL_FILE).write_bytes(encode_png(np.ascontiguousarray(thumbnail)))
            own, cameras = {AVATAR: _component("textured_mesh", part / AVATAR_FILE)}, {}
            if body is not None:
                write_tensors(part / BODY_FILE, body, {})
                own[BODY] = _component("skinned", part / BODY_FILE)
                cameras = body_cameras(Skeleton.from_tensors(body))
            _write_yaml(part / ACTOR_FILE, describe(profile, speaker, own, cameras))
            if profile.person:
                _write_yaml(part / PERSON_FILE, profile.person.as_dict())
            publish(part, folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}.") from None


def describe(
    profile: Profile, speaker: Actor, own: Mapping[str, Any], cameras: Mapping[str, Any]
) -> dict[str, Any]:
    """Description of an actor, as in its actor.yaml.

    Args:
        profile: what is said of it.
        speaker: the actor whose speech and movement it has.
        own: components of its own, by slot.
        cameras: that show its body, if it has one.
    """
    theirs = load_yaml(speaker.folder / ACTOR_FILE)
    borrowed = {
        slot: {"actor": speaker.name, "sha256": part.sha256}
        for slot, part in speaker.components.items()
        if slot not in (AVATAR, BODY, *own)
    }
    shared: dict[str, Any] = {key: theirs[key] for key in _SHARED if key in theirs}
    shared["cameras"] = {name: values for name, values in theirs["cameras"].items() if EXTENT not in values}
    shared["cameras"] |= cameras
    return {
        "name": profile.name,
        "title": profile.name.capitalize(),
        "description": profile.description,
        "licence": profile.licence,
        "consent": profile.consent,
        "credits": list(profile.credits),
        **shared,
        "voice": profile.voice or speaker.voice,
        "components": {**borrowed, **own},
    }


def _component(kind: str, file: Path) -> dict[str, Any]:
    return {"kind": kind, "file": file.name, "sha256": sha256_file(file), "config": {}}


def _write_yaml(path: Path, values: Mapping[str, Any]) -> None:
    text = yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, width=100)
    path.write_text(text, encoding="utf-8")
