"""Render settings: YAML presets become a checked, frozen dataclass."""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from avgen.avatars.views import CameraChoice
from avgen.emotion import NEUTRAL, format_emotion, parse_emotion
from avgen.errors import InputError

ENCODER_SPEEDS: Final = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower")
BACKGROUNDS: Final = ("gradient", "transparent")
"""What a background can be besides a colour and an image file."""
IMAGE_SUFFIXES: Final = (".png", ".jpg", ".jpeg")
FORMATS: Final = ("mp4", "webm", "mov")
"""What a file can be, named by its suffix."""
RENDERERS: Final = ("numba", "pytorch3d")


@dataclass(frozen=True, slots=True)
class RenderConfig:
    """Everything a preset or a command-line option can set for a clip.

    Attributes:
        steps: evaluations of the joint flow; more are finer and slower.
        temperature: scale of the flow's starting noise.
        guidance_scale: how much tokens and emotion count in the flow; 1 is as trained.
        emotion: `neutral`, or weights like `happy:0.7,surprised:0.2`, where the script has no mark.
        speaking_rate: tempo relative to the actor's own; greater is faster.
        sentence_silence: pause after a sentence, in seconds.
        fps: video frames per second.
        width: picture width in pixels, even.
        height: picture height in pixels, even.
        camera: name of one of the actor's cameras, or `yaw,pitch,distance,fov` (degrees, degrees, metres,
            degrees across the picture's shorter side).
        background: `gradient`, `transparent`, `#rrggbb`, or the path of a PNG or JPEG file.
        renderer: `numba` (CPU) or `pytorch3d` (CUDA).
        format: `mp4` (H.264, AAC), `webm` (VP9, Opus) or `mov` (ProRes 4444, PCM); the last two can be
            transparent.
        crf: constant rate factor of x264, translated for VP9; smaller is better and larger.
        encoder_speed: x264 preset, translated for VP9.
    """

    steps: int = 7
    temperature: float = 1.0
    guidance_scale: float = 1.0
    emotion: str = NEUTRAL
    speaking_rate: float = 1.0
    sentence_silence: float = 0.35
    fps: int = 30
    width: int = 512
    height: int = 512
    camera: str = "portrait"
    background: str = "gradient"
    renderer: str = "numba"
    format: str = "mp4"
    crf: int = 20
    encoder_speed: str = "veryfast"

    def __post_init__(self) -> None:
        _check_whole("steps", self.steps, 1, 200)
        _check_number("temperature", self.temperature, 0.0, 2.0)
        _check_number("guidance_scale", self.guidance_scale, 0.0, 5.0)
        parse_emotion(self.emotion)
        _check_number("speaking_rate", self.speaking_rate, 0.5, 2.0)
        _check_number("sentence_silence", self.sentence_silence, 0.0, 10.0)
        _check_whole("fps", self.fps, 24, 60)
        _check_side("width", self.width)
        _check_side("height", self.height)
        object.__setattr__(self, "camera", CameraChoice.parse(self.camera).text)
        _check_background(self.background)
        _check_choice("renderer", self.renderer, RENDERERS)
        _check_choice("format", self.format, FORMATS)
        _check_whole("crf", self.crf, 0, 40)
        _check_choice("encoder_speed", self.encoder_speed, ENCODER_SPEEDS)

    def override(self, values: Mapping[str, Any]) -> RenderConfig:
        """Return a copy with the given settings replaced; None leaves a setting as it is.

        Args:
            values: fields by name, and `size` for width and height.

        Raises:
            InputError: for an unknown setting or a value out of range.
        """
        check_keys(values, {field.name for field in dataclasses.fields(self)} | {"size"}, "settings")
        changes = {name: value for name, value in values.items() if value is not None}
        if "size" in changes:
            changes["width"], changes["height"] = parse_size(changes.pop("size"))
        if "emotion" in changes:
            changes["emotion"] = format_emotion(parse_emotion(str(changes["emotion"])))
        return dataclasses.replace(self, **changes)


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


def is_image(background: str) -> bool:
    """Tell whether a background is the path of an image file."""
    return background.lower().endswith(IMAGE_SUFFIXES)


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
    keys = {field.name for field in dataclasses.fields(RenderConfig)} - {"width", "height"} | {"size"}
    check_keys(values, keys, str(path))
    try:
        return RenderConfig().override(values)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def load_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file whose top level is a mapping.

    Raises:
        InputError: with the line, if the file is not that.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{path}: line {line}: not valid YAML: {error.problem}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid YAML: {error}.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from None
    if not isinstance(values, dict):
        raise InputError(f"{path}: expected lines of `key: value`, got {type(values).__name__}.")
    return values


def check_keys(values: Mapping[Any, Any], known: Iterable[str], source: str) -> None:
    """Refuse keys that nobody reads.

    Raises:
        InputError: naming the key and the nearest known one.
    """
    known = sorted(known)
    for key in values:
        if key not in known:
            raise InputError(f"{source}: " + unknown("key", str(key), known))


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Say that a name is not known, and which known one is nearest, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known) or 'none'}."
    return f"unknown {what} {name!r}. {hint}"


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


def _check_background(value: object) -> None:
    if not isinstance(value, str):
        raise InputError(f"background: expected a text, got {value!r}.")
    if value in BACKGROUNDS or is_image(value) or re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        return
    if value.startswith("#"):
        raise InputError(f"background: expected a colour like #20304a, got {value!r}.")
    raise InputError(
        f"background: expected {', '.join(BACKGROUNDS)}, a colour like #20304a, or an image file "
        f"({', '.join(IMAGE_SUFFIXES)}), got {value!r}."
    )


def _check_choice(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"{name}: " + unknown(name, str(value), known))
