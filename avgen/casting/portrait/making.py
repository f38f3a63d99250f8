"""An actor from photographs: read, understood, and written with the consent that it was made with."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from avgen.actors.actor import actor_folders, read_actor
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.ahead import compiled_ahead
from avgen.casting.folder import Profile, new_folder, write_actor
from avgen.casting.making import DOMAIN, domain, fitting_voice, make_body
from avgen.casting.person import read_person
from avgen.casting.portrait.landmarks import FRONTAL_YAW, find_face
from avgen.casting.portrait.likeness import Photo, make_likeness
from avgen.casting.portrait.matte import person_matte
from avgen.casting.portrait.reading import read_portrait
from avgen.casting.portrait.verdict import weaknesses
from avgen.casting.words import MACROS, USUAL_AGE, Words, figure_macros
from avgen.errors import InputError

MOST_PHOTOS: Final = 8
LONGEST_CONSENT: Final = 500
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Made:
    """An actor that was made from photographs.

    Attributes:
        folder: of the actor.
        weaknesses: what is weak about it, and which picture would help.
    """

    folder: Path
    weaknesses: tuple[str, ...]


def make_from_photos(
    name: str,
    files: Sequence[Path],
    consent: str,
    voice: str,
    tell: Callable[[str], None],
    figure: Words | None = None,
) -> Made:
    """Make an actor who looks like the person in photographs; they are not kept.

    Args:
        name: of the actor.
        files: pictures of one person.
        consent: who agreed to what; it stands in the actor's description, and in every clip.
        voice: one of Mira's; nothing for one that fits the figure, or hers. Nobody's voice is imitated.
        tell: is told what is done.
        figure: of the body: woman or man, and of which age, build and ancestry; None for a bust.

    Raises:
        InputError: without consent, for a picture that cannot be used, a word that says nothing of a body, or
            a name that is none or is taken.
    """
    consent = checked_consent(consent)
    macros = figure_macros(figure) if figure else None
    folder, speaker = new_folder(name), read_actor(actor_folders()[DOMAIN])
    if figure:
        voice = voice or fitting_voice(speaker.voices, figure.like, figure.age or USUAL_AGE)
    speaker.shares(voice)
    with compiled_ahead():
        tell("faces")
        photos = read_photos(files)
        tensors, names = read_tensors(speaker.components["avatar"].file)
        person, camera = read_person(speaker.folder), speaker.view().camera(512, 512)
        made = make_likeness(photos, tensors, names, person, domain(), camera, tell)
        body = None
        if macros:
            tell("body")
            shape = {key: value for key, value in person.shape.items() if not key.startswith(MACROS)}
            whole = replace(made.person, shape={**shape, **macros})
            body = make_body(whole, speaker, made.tensors, names)
    tell("folder")
    about = "An actor made from photographs of a person who agreed; the voice is not theirs."
    licence = f"{speaker.licence} AND LicenseRef-likeness"
    credits = (*speaker.credits, "Shape, skin and hair: from photographs, used as the consent says")
    profile = Profile(name, about, licence, consent, voice, credits)
    write_actor(folder, profile, speaker, made.tensors, names, body)
    return Made(folder, tuple(weaknesses(photos, made)))


def checked_consent(text: str) -> str:
    """Return what was agreed to, without blanks around it.

    Raises:
        InputError: it is empty, too long, or holds control characters.
    """
    text = text.strip()
    if len(re.findall(r"\w", text)) < 3:
        raise InputError(
            "--consent: an actor from photographs is somebody's likeness. Say who agreed to what, such as: "
            '--consent "Anna Maier agreed on 2026-11-30 to training videos for her company"'
        )
    if len(text) > LONGEST_CONSENT or _CONTROL.search(text):
        raise InputError(f"--consent: expected one line of at most {LONGEST_CONSENT} characters.")
    return text


def read_photos(files: Sequence[Path]) -> list[Photo]:
    """Read photographs of one person, the most frontal first.

    Raises:
        InputError: too many, one that cannot be used, or none from the front.
    """
    if len(files) > MOST_PHOTOS:
        raise InputError(f"--photo: expected at most {MOST_PHOTOS} pictures, got {len(files)}.")
    photos = []
    for file in files:
        image = read_portrait(file)
        face = find_face(image, str(file))
        photos.append(Photo(file.name, image, face, person_matte(image)))
    photos.sort(key=lambda photo: abs(photo.face.yaw))
    first, yaw = photos[0], abs(photos[0].face.yaw)
    if yaw > FRONTAL_YAW:
        raise InputError(
            f"{first.name}: the head is turned by {yaw:.0f} degrees. Add a picture that shows the face from "
            f"the front, within {FRONTAL_YAW:.0f} degrees."
        )
    return photos
