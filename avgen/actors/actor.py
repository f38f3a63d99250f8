"""Actor folders: what an actor is made of, and that its files are what its makers shipped."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from avgen.actors.cameras import CAMERAS, CAPTURED, read_cameras
from avgen.avatars.views import CameraChoice, View
from avgen.config import presets_folder
from avgen.documents import check_keys, load_yaml, unknown
from avgen.errors import ActorError, AvgenError, InputError
from avgen.files import sha256_file
from avgen.partner import PARTNER_FACE, PARTNER_TOKENS
from avgen.voices import NAME, Mix, Shares, Voice

_OF_BODIES: Final = ("body", "motion", "gesture_generator")
SLOTS: Final = ("text_to_tokens", "extractor", "flow", "head_vae", "vocoder", "avatar", *_OF_BODIES)
"""What an actor is made of, in the order of a clip's stages but for the last."""
OPTIONAL_SLOTS: Final = ("extractor", *_OF_BODIES)
"""What only recordings need, only views of the body, and only actors who move to sound that is there."""
DOWNLOADS: Final = {
    "wav2vec2": "wav2vec2_fairseq_base_ls960_asr_ls960.pth (MIT, 378 MB) from "
    "https://download.pytorch.org/torchaudio/models"
}
"""Published files that people fetch themselves, by the kind of component that is made of them."""
ACTOR_FILE: Final = "actor.yaml"
THUMBNAIL_FILE: Final = "thumbnail.png"
_TEXTS: Final = ("name", "title", "description", "licence", "consent", "language", "label_set")
_KEYS: Final = {*_TEXTS, "components", CAMERAS, "credits", "speech_gain_db", "voice", "voices"}
_OPTIONAL_KEYS: Final = {CAPTURED}
_OWN: Final = {"kind", "file", "sha256", "config"}
_OTHERS: Final = {"actor", "sha256"}
"""Keys of a component whose file lies in the actor's folder, and of one that is another actor's."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_GAIN: Final = (-40, 40)
_VOICE: Final = {"mean_pitch": (40, 600), "characters_per_second": (1, 60)}
"""Numbers of a voice, with the least and the greatest value of each."""


@dataclass(frozen=True, slots=True)
class Component:
    """One model or asset of an actor.

    Attributes:
        slot: the part it plays, one of SLOTS.
        kind: names its class.
        file: its weights.
        sha256: of the file.
        config: of the class.
    """

    slot: str
    kind: str
    file: Path
    sha256: str
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor folder, read but not loaded.

    Attributes:
        name: of the folder; names the actor on the command line.
        title: name as people read it.
        description: one sentence.
        licence: SPDX expression of the whole.
        consent: whose likeness it is and why it may be used.
        language: BCP 47 tag of what it speaks.
        label_set: meaning of its tokens.
        cameras: views it can be seen from, by name; the first is the default.
        voices: that it can speak with, by name, in the order in which its models know them.
        voice: that it speaks with where nothing else is asked for: a name, or a mix.
        credits: what it was made of, with licences.
        components: by slot.
        folder: where it lies.
        sha256: of its description.
        speech_gain_db: what the vocoder's sound is amplified by, to be as loud as people expect.
    """

    name: str
    title: str
    description: str
    licence: str
    consent: str
    language: str
    label_set: str
    cameras: Mapping[str, View]
    voices: Mapping[str, Voice]
    voice: str
    credits: tuple[str, ...]
    components: Mapping[str, Component]
    folder: Path
    sha256: str = ""
    speech_gain_db: float = 0.0

    @property
    def thumbnail(self) -> Path | None:
        """A small picture of the actor, if there is one in the folder."""
        file = self.folder / THUMBNAIL_FILE
        return file if file.is_file() else None

    @property
    def default_camera(self) -> str:
        """Name of the first camera."""
        return next(iter(self.cameras))

    @property
    def voice_names(self) -> tuple[str, ...]:
        """Names of its voices, in order."""
        return tuple(self.voices)

    @property
    def mean_pitches(self) -> tuple[float, ...]:
        """Hz about which the speech of each voice moves."""
        return tuple(voice.mean_pitch for voice in self.voices.values())

    @property
    def face_channels(self) -> int:
        """Channels in which its flow sees a partner's face; 0 if it does not."""
        return int(self._conditions.get(PARTNER_FACE, {}).get("channels", 0))

    @property
    def listens(self) -> bool:
        """Whether its flow has learnt to listen to a partner."""
        return not {PARTNER_TOKENS, PARTNER_FACE}.isdisjoint(self._conditions)

    @property
    def _conditions(self) -> Mapping[str, Any]:
        """What its flow may be told, by name."""
        found: Mapping[str, Any] = self.components["flow"].config.get("conditions", {})
        return found

    def shares(self, text: str = "") -> Shares:
        """Shares of its voices that a person asked for: a name, or a mix; nothing for the actor's own voice.

        Raises:
            InputError: for an unknown name, or what is no mix.
        """
        return Mix.parse(text or self.voice).shares(self.voices)

    def view(self, text: str | None = None) -> View:
        """View that a person asked for.

        Args:
            text: name of one of the cameras, or `yaw,pitch,distance,fov` about the default camera's target;
                None or nothing for the default camera.

        Raises:
            InputError: for an unknown name, or numbers out of range.
        """
        default = self.cameras[self.default_camera]
        if not text:
            return default
        choice = CameraChoice.parse(text)
        if choice.numbers is not None:
            return View(default.target, *choice.numbers, captured=default.captured)
        if choice.text not in self.cameras:
            raise InputError(f"camera: {unknown('camera', choice.text, self.cameras)}")
        return self.cameras[choice.text]


def search_folders() -> tuple[Path, ...]:
    """Return the folders that may hold actors: `$AVGEN_HOME/actors`, then the packaged presets."""
    packaged = presets_folder() / "actors"
    home = os.environ.get("AVGEN_HOME")
    return (Path(home) / "actors", packaged) if home else (packaged,)


def actor_folders() -> dict[str, Path]:
    """Return every actor that can be found, by name; the user's own hide packaged ones."""
    found: dict[str, Path] = {}
    for folder in search_folders():
        for file in sorted(folder.glob(f"*/{ACTOR_FILE}")):
            found.setdefault(file.parent.name, file.parent)
    return found


def find_actor(name: str) -> Actor:
    """Read the actor of a name, or of a path to its folder; a plain name may be a folder that lies here.

    Raises:
        ActorError: if there is none, or its description is wrong.
    """
    if "/" in name or name.startswith("."):
        folder = Path(name)
        if not (folder / ACTOR_FILE).is_file():
            raise ActorError(f"{name}: there is no {ACTOR_FILE} in this folder.")
        return read_actor(folder)
    folders = actor_folders()
    if name in folders:
        return read_actor(folders[name])
    if (Path(name) / ACTOR_FILE).is_file():
        return read_actor(Path(name))
    raise ActorError(unknown("actor", name, folders) + " List them with: avgen actors list")


def read_actor(folder: Path) -> Actor:
    """Read and check an actor's description; its weights are not touched.

    Raises:
        ActorError: naming the file, the key, and what was expected.
    """
    path = folder / ACTOR_FILE
    try:
        values = load_yaml(path)
        check_keys(values, _KEYS | _OPTIONAL_KEYS, str(path))
    except AvgenError as error:
        raise ActorError(str(error)) from None
    missing = sorted(_KEYS - set(values))
    if missing:
        raise ActorError(f"{path}: missing: {', '.join(missing)}.")
    for key in _TEXTS:
        _check_text(path, key, values[key])
    if values["name"].strip() != folder.resolve().name:
        raise ActorError(
            f"{path}: name: expected {folder.resolve().name!r}, as its folder is called, "
            f"got {values['name']!r}. Rename one of them."
        )
    voices = _voices(path, values["voices"])
    components = _components(path, values["components"])
    _check_count(path, voices, components)
    cameras = read_cameras(path, values)
    if bodily := [name for name, view in cameras.items() if view.shows_body and "body" not in components]:
        raise ActorError(
            f"{path}: {CAMERAS}: {bodily[0]}: shows a body, and this actor has no body component."
        )
    return Actor(
        **{key: values[key].strip() for key in _TEXTS},
        cameras=cameras,
        voices=voices,
        voice=_default_voice(path, values["voice"], voices),
        credits=_texts(path, "credits", values["credits"]),
        components=components,
        folder=folder,
        sha256=sha256_file(path),
        speech_gain_db=_number(f"{path}: speech_gain_db", values["speech_gain_db"], *_GAIN),
    )


def damaged_files(actor: Actor) -> Iterator[str]:
    """Yield what is wrong with each component's file, one sentence per bad file, and where to fetch it."""
    for part, problem in _damaged(actor):
        yield f"{problem} {advice}." if (advice := _advice(actor, part)) else problem


def check_files(actor: Actor) -> None:
    """Refuse an actor with a missing or altered file.

    Raises:
        ActorError: naming the first such file and what to do.
    """
    for part, problem in _damaged(actor):
        advice = _advice(actor, part) or "Install avgen again, or restore the actor's folder"
        raise ActorError(
            f"actor {actor.name}: {problem} {advice}; then check with: avgen actors check {actor.name}"
        )


def _damaged(actor: Actor) -> Iterator[tuple[Component, str]]:
    for part in actor.components.values():
        if not part.file.is_file():
            yield part, f"{part.file}: the {part.slot} file is missing."
        elif (found := sha256_file(part.file)) != part.sha256:
            yield (
                part,
                f"{part.file}: the {part.slot} file is damaged or was changed: its SHA-256 begins with "
                f"{found[:12]}, {ACTOR_FILE} says {part.sha256[:12]}.",
            )


def _advice(actor: Actor, part: Component) -> str:
    """How to get the file of a component that is made of a published one; nothing for others."""
    if part.kind not in DOWNLOADS:
        return ""
    return f"Fetch {DOWNLOADS[part.kind]}, then: avgen actors import {part.kind} FILE --name {actor.name}"


def _components(path: Path, values: Any) -> dict[str, Component]:
    if not isinstance(values, dict):
        raise ActorError(f"{path}: components: expected a mapping of {', '.join(SLOTS)}.")
    try:
        check_keys(values, SLOTS, f"{path}: components")
    except AvgenError as error:
        raise ActorError(str(error)) from None
    missing = [slot for slot in SLOTS if slot not in (*values, *OPTIONAL_SLOTS)]
    if missing:
        raise ActorError(f"{path}: components: missing: {', '.join(missing)}.")
    return {slot: _component(path, slot, values[slot]) for slot in SLOTS if slot in values}


def _component(path: Path, slot: str, values: Any) -> Component:
    where = f"{path}: components: {slot}"
    if not isinstance(values, dict) or set(values) not in (_OWN, _OTHERS):
        raise ActorError(
            f"{where}: expected exactly kind, file, sha256 and config; or actor and sha256, "
            "for the same part of another actor."
        )
    if not re.fullmatch(r"[0-9a-f]{64}", str(values["sha256"])):
        raise ActorError(f"{where}: sha256: expected 64 hexadecimal digits, got {values['sha256']!r}.")
    if set(values) == _OTHERS:
        return _others_component(where, slot, str(values["actor"]), values["sha256"])
    file = str(values["file"])
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors", file):
        raise ActorError(f"{where}: file: expected the name of a .safetensors file beside it, got {file!r}.")
    if not isinstance(values["config"], dict):
        raise ActorError(f"{where}: config: expected a mapping, got {values['config']!r}.")
    return Component(slot, str(values["kind"]), path.parent / file, values["sha256"], values["config"])


def _others_component(where: str, slot: str, name: str, sha256: str) -> Component:
    """Return the part that another actor has of its own, if it is the one that was meant."""
    folder = actor_folders().get(name)
    if folder is None:
        raise ActorError(f"{where}: {unknown('actor', name, actor_folders())}")
    values = load_yaml(folder / ACTOR_FILE).get("components", {})
    if not isinstance(values, dict) or not isinstance(values.get(slot), dict) or "actor" in values[slot]:
        raise ActorError(f"{where}: actor {name} has no {slot} of its own.")
    part = _component(folder / ACTOR_FILE, slot, values[slot])
    if part.sha256 != sha256:
        raise ActorError(
            f"{where}: this actor was made with another version of {name}. To go on with the present one, "
            f"write its sha256 here: {part.sha256}"
        )
    return part


def _voices(path: Path, values: Any) -> dict[str, Voice]:
    if not isinstance(values, dict) or not values:
        raise ActorError(f"{path}: voices: expected a mapping of names to voices, got {values!r}.")
    return {name: _voice(path, name, values[name]) for name in values}


def _voice(path: Path, name: Any, values: Any) -> Voice:
    where = f"voices: {name}"
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ActorError(
            f"{path}: voices: expected names of small letters, digits and hyphens, got {name!r}."
        )
    if not isinstance(values, dict) or values.keys() != {*_VOICE, "description"}:
        raise ActorError(f"{path}: {where}: expected exactly {', '.join(_VOICE)} and description.")
    _check_text(path, f"{where}: description", values["description"])
    numbers = {key: _number(f"{path}: {where}: {key}", values[key], *span) for key, span in _VOICE.items()}
    return Voice(**numbers, description=values["description"].strip())


def _default_voice(path: Path, value: Any, voices: Mapping[str, Voice]) -> str:
    if not isinstance(value, str):
        raise ActorError(f"{path}: voice: expected the name of one of its voices, or a mix, got {value!r}.")
    try:
        mix = Mix.parse(value)
        mix.shares(voices)
    except InputError as error:
        raise ActorError(f"{path}: voice: {error}") from None
    return str(mix)


def _check_count(path: Path, voices: Mapping[str, Voice], components: Mapping[str, Component]) -> None:
    """Refuse other voices than its models were trained with, as far as their configurations tell."""
    conditions = components["flow"].config.get("conditions")
    condition = conditions.get("voice") if isinstance(conditions, dict) else None
    known = {
        "flow": condition.get("channels") if isinstance(condition, dict) else None,
        "text_to_tokens": components["text_to_tokens"].config.get("num_voices"),
    }
    for slot, count in known.items():
        if count not in (None, 0, len(voices)):
            raise ActorError(
                f"{path}: voices: expected as many as the {slot} knows, in its order: {count!r}, "
                f"got {len(voices)}: {', '.join(voices)}."
            )


def _number(where: str, value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ActorError(f"{where}: expected a number from {least} to {most}, got {value!r}.")
    return float(value)


def _texts(path: Path, key: str, values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not values:
        raise ActorError(f"{path}: {key}: expected a list of texts, got {values!r}.")
    for value in values:
        _check_text(path, key, value)
    return tuple(values)


def _check_text(path: Path, key: str, value: Any) -> None:
    """Refuse what is no text, or holds characters that neither people nor programs expect in one."""
    if not isinstance(value, str) or not value.strip():
        raise ActorError(f"{path}: {key}: expected a text, got {value!r}.")
    if control := _CONTROL.search(value):
        raise ActorError(f"{path}: {key}: expected a text without control characters, got {control[0]!r}.")
