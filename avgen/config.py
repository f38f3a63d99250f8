"""Render settings: YAML presets become a checked, frozen dataclass."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from avgen.avatars.views import CameraChoice
from avgen.background import STUDIO, Background
from avgen.documents import check_keys, load_yaml, unknown
from avgen.emotion import NEUTRAL, EmotionChoice, parse_choice
from avgen.errors import InputError
from avgen.gestures import USUAL, Gestures
from avgen.style import PLAIN, Style
from avgen.voices import Mix

ENCODER_SPEEDS: Final = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower")
FORMATS: Final = ("mp4", "webm", "mov")
"""What a file can be, named by its suffix."""
SOUNDS: Final = ("own", "both")
"""Whose sound is in the video of an actor who talks with somebody in a file."""
MIXES: Final = ("stereo", "mono")
"""How the voices of a dialogue sound together."""


@dataclass(frozen=True, slots=True)
class RenderConfig:
    """Everything a preset or a command-line option can set for a clip.

    Attributes:
        steps: evaluations of the joint flow; more are finer and slower. One gives the mean of all takes, as
            regression does: for recordings, whose sound it need not make.
        temperature: scale of the flow's starting noise.
        guidance_scale: how much conditions count in the flow; 1 is as trained.
        emotion: where the script has no mark; `auto` hears it in a recording.
        voice: that speaks where the script has no mark: one of the actor's by name, or a mix such as
            `ada:0.6,ben:0.4`; empty for the actor's own. A recording has its own voice.
        gestures: how much, and in what manner, a body speaks along where the view shows it: `none`, `calm`,
            `lively`, `formal`, or an amount from 0 to 1.
        style: how strongly parts of the face move; another one samples nothing anew.
        speaking_rate: tempo relative to the actor's own; greater is faster.
        sentence_silence: pause after a sentence, in seconds.
        turn_gap: seconds after which the next person of a dialogue most often speaks; below 0 before the end.
        fps: video frames per second.
        width: picture width in pixels, even.
        height: picture height in pixels, even.
        camera: one of the actor's cameras by name, or `yaw,pitch,distance,fov` (degrees, degrees, metres,
            degrees across the picture's shorter side); empty for the actor's first.
        background: what lies behind the actor.
        lexicon: path of a CSV file that says how words are said; empty for none besides the actor's own.
        format: `mp4` (H.264, AAC), `webm` (VP9, Opus) or `mov` (ProRes 4444, PCM); the last two can be
            transparent.
        crf: constant rate factor of x264, translated for VP9; smaller is better and larger.
        encoder_speed: x264 preset, translated for VP9.
        loudness: of the whole sound in LUFS (EBU R 128); 0 leaves it as the actor speaks.
        mix: of several voices: `stereo`, each heard from its seat, or `mono`.
        sound: of an actor who talks with somebody in a file: the actor's `own`, or that of `both`.
    """

    steps: int = 7
    temperature: float = 1.0
    guidance_scale: float = 1.0
    emotion: EmotionChoice = NEUTRAL
    voice: str = ""
    gestures: Gestures = USUAL
    style: Style = PLAIN
    speaking_rate: float = 1.0
    sentence_silence: float = 0.35
    turn_gap: float = 0.2
    fps: int = 30
    width: int = 512
    height: int = 512
    camera: str = ""
    background: Background = STUDIO
    lexicon: str = ""
    format: str = "mp4"
    crf: int = 20
    encoder_speed: str = "veryfast"
    loudness: float = 0.0
    mix: str = "stereo"
    sound: str = "own"

    def __post_init__(self) -> None:
        _check_whole("steps", self.steps, 1, 200)
        _check_number("temperature", self.temperature, 0.0, 2.0)
        _check_number("guidance_scale", self.guidance_scale, 0.0, 5.0)
        _check_number("speaking_rate", self.speaking_rate, 0.5, 2.0)
        _check_number("sentence_silence", self.sentence_silence, 0.0, 10.0)
        _check_number("turn_gap", self.turn_gap, -1.0, 10.0)
        _check_whole("fps", self.fps, 24, 60)
        _check_side("width", self.width)
        _check_side("height", self.height)
        _check_choice("format", self.format, FORMATS)
        if not isinstance(self.lexicon, str):
            raise InputError(f"lexicon: expected the path of a .csv file, got {self.lexicon!r}.")
        _check_whole("crf", self.crf, 0, 40)
        _check_choice("encoder_speed", self.encoder_speed, ENCODER_SPEEDS)
        _check_choice("mix", self.mix, MIXES)
        _check_choice("sound", self.sound, SOUNDS)
        if self.loudness != 0:
            _check_number("loudness", self.loudness, -40.0, -5.0)

    def override(self, values: Mapping[str, Any]) -> RenderConfig:
        """Return a copy with the given settings replaced; None leaves a setting as it is.

        Args:
            values: fields by name, and `size` for width and height, as people write them.

        Raises:
            InputError: for an unknown setting or a value out of range.
        """
        check_keys(values, SETTINGS | {"size"}, "settings")
        changes = {name: value for name, value in values.items() if value is not None}
        if "size" in changes:
            changes["width"], changes["height"] = parse_size(changes.pop("size"))
        for name, parse in _PARSERS.items():
            if name in changes:
                changes[name] = parse(changes[name])
        return dataclasses.replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as what JSON can hold."""
        values = {name: getattr(self, name) for name in sorted(SETTINGS)}
        return values | {name: str(values[name]) for name in _PARSERS}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RenderConfig:
        """Restore what `to_json` made.

        Raises:
            InputError: if it is something else.
        """
        return cls().override({name: value for name, value in values.items() if value != ""})


SETTINGS: Final = frozenset(field.name for field in dataclasses.fields(RenderConfig))
"""Names of everything that can be set."""
_PARSERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "emotion": lambda value: parse_choice(str(value)),
    "voice": lambda value: str(Mix.parse(str(value))) if value != "" else "",
    "gestures": lambda value: Gestures.parse(str(value)),
    "style": lambda value: Style.parse(str(value)),
    "background": Background.parse,
    "camera": lambda value: CameraChoice.parse(value).text,
}
"""Values that people write as text."""


def parse_size(text: str | int) -> tuple[int, int]:
    """Read `512` or `1280x720` as (width, height) in pixels.

    Raises:
        InputError: if the text is neither form; the range is RenderConfig's to check.
    """
    match = re.fullmatch(r"(\d{1,5})(?:[xX](\d{1,5}))?", str(text).strip())
    if match is None:
        raise InputError(f"size: expected pixels like 512 or 1280x720, got {str(text)!r}.")
    width = int(match[1])
    return width, int(match[2]) if match[2] else width


def presets_folder() -> Path:
    """Return the folder of packaged presets: inside an installed avgen, beside it in a source tree."""
    package = Path(__file__).parent
    installed = package / "presets"
    return installed if installed.is_dir() else package.parent / "presets"


def preset_names() -> tuple[str, ...]:
    """Return the names of the packaged presets, sorted."""
    return tuple(sorted(path.stem for path in presets_folder().glob("*.yaml")))


def load_preset(name: str) -> RenderConfig:
    """Load a packaged preset by name, or a preset file by a path that ends in .yaml.

    Raises:
        InputError: if there is no such preset, or a key or value in it is wrong.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise InputError(f"{name}: there is no such preset file.")
    else:
        path = presets_folder() / f"{name}.yaml"
        if name not in preset_names():
            raise InputError(unknown("preset", name, preset_names()) + " A file of your own ends in .yaml.")
    values = load_yaml(path)
    check_keys(values, SETTINGS - {"width", "height"} | {"size"}, str(path))
    for name in ("lexicon", "background"):  # files are named from beside the preset
        if isinstance(value := values.get(name), str) and (name == "lexicon" or Background(value).image):
            values[name] = str(path.parent / value)
    try:
        return RenderConfig().override(values)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _check_whole(name: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InputError(f"{name}: expected a whole number from {least} to {most}, got {value!r}.")


def _check_number(name: str, value: object, least: float, most: float) -> None:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise InputError(f"{name}: expected a number from {least} to {most}, got {value!r}.")
    if not least <= value <= most:
        raise InputError(f"{name}: expected a number from {least} to {most}, got {value!r}.")


def _check_side(name: str, value: object) -> None:
    _check_whole(name, value, 64, 2160)
    if int(str(value)) % 2:
        raise InputError(f"{name}: expected an even number of pixels, got {value!r}.")


def _check_choice(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"{name}: " + unknown(name, str(value), known))
