"""Captures of a person in the layout of Audio2Photoreal's dataset, read and heard once.

A person's folder holds, of every scene, sceneNN_audio.wav (48 kHz; the first channel is the person's, the
second the partner's), and at 30 frames per second sceneNN_body_pose.npy [T, 104],
sceneNN_face_expression.npy [T, 256] and sceneNN_missing_face_frames.npy, the numbers of frames whose face is
unknown. Of the scenes that have faces, in the order of their paths, the last four are for tests, the two
before for validation, the others for training.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import soundfile
import torch
import yaml
from numpy.typing import NDArray
from torchaudio.functional import resample

from avgen.errors import InputError
from avgen.files import part_file, publish, sha256_file
from avgen.released.wav2vec2 import convert
from avgen.speech.measures import pitch
from avgen.speech.mel import LOG_FLOOR
from avgen.speech.wav2vec2 import Wav2Vec2Config, Wav2Vec2Extractor
from avgen.stages.extract import extract, speech_mel
from avgen.stages.listen import heard
from avgen.text.labels import BLANK, CHARACTERS
from avgen.tracks import Track
from avgen.types import CODE_RATE, HOP_SIZE, SAMPLE_RATE, FloatArray, Waveform

SIZES: Final = Wav2Vec2Config()
FRAME_RATE: Final = 30
SOUND_RATE: Final = 48_000
POSE_PARAMETERS: Final = 104
FACE_CODES: Final = 256
TEST_SCENES: Final = 4
VALID_SCENES: Final = 2
VERSION: Final = 2
"""Raised when the same captures are heard in another way."""
_AUDIO: Final = "_audio.wav"
_SECONDS_APART: Final = 1.0
"""By which sound and motion may differ in length; the longer one is cut."""
_ARRAYS: Final = ("mel", "tokens", "face", "pose", "pitch", "partner", "present")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scene:
    """Files of one scene."""

    audio: Path

    def beside(self, what: str) -> Path:
        """Its file of some kind."""
        return self.audio.with_name(f"{self.audio.name.removesuffix(_AUDIO)}_{what}.npy")

    @property
    def files(self) -> list[Path]:
        """All of them."""
        kinds = ("body_pose", "face_expression", "missing_face_frames")
        return [self.audio, *(self.beside(kind) for kind in kinds if self.beside(kind).exists())]


class Split(NamedTuple):
    """Scenes, or what was captured in them, by what they are for."""

    train: list[Any]
    valid: list[Any]
    test: list[Any]


class Capture(NamedTuple):
    """A stretch of a scene in which everything is known, at the code rate."""

    mel: FloatArray
    """[N, 80] natural-log mel, silence where the person does not speak."""
    tokens: NDArray[np.float16]
    """[N, 29] probabilities of the letters."""
    face: FloatArray
    """[N, 256]."""
    pose: FloatArray
    """[N, 104]."""
    pitch: NDArray[np.float16]
    """[N] Hz, 0 where unvoiced."""
    partner: NDArray[np.float16]
    """[N, 29] probabilities of the letters that the partner says; zeros if there is none."""

    @property
    def spoken(self) -> NDArray[np.bool_]:
        """[N] where the person speaks."""
        return np.asarray(self.mel.max(1) > LOG_FLOOR + 0.1)


def load_ear(published: Path, file: Path) -> Wav2Vec2Extractor:
    """The extractor of torchaudio's published file, which is converted into another, its sizes beside it."""
    config = asdict(convert(published, file, SIZES))
    file.with_suffix(".yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return Wav2Vec2Extractor.load(config, file)


def find_scenes(folder: Path) -> Split:
    """Find a person's scenes with faces.

    Raises:
        InputError: there are too few for the split, or one has no pose.
    """
    scenes = [Scene(path) for path in sorted(folder.glob(f"scene*{_AUDIO}"))]
    scenes = [scene for scene in scenes if scene.beside("face_expression").exists()]
    least = TEST_SCENES + VALID_SCENES + 1
    if len(scenes) < least:
        raise InputError(
            f"{folder}: expected at least {least} scenes, each with sceneNN{_AUDIO} and "
            f"sceneNN_face_expression.npy, found {len(scenes)}."
        )
    for scene in scenes:
        if not scene.beside("body_pose").exists():
            raise InputError(f"{scene.beside('body_pose')}: there is no such file.")
    held = len(scenes) - TEST_SCENES
    return Split(scenes[: held - VALID_SCENES], scenes[held - VALID_SCENES : held], scenes[held:])


def hear(scene: Scene, extractor: Wav2Vec2Extractor, folder: Path) -> Path:
    """Write what is heard and seen in a scene at the code rate, unless it was before.

    Args:
        scene: to hear.
        extractor: that hears it.
        folder: of the result.

    Returns:
        The file, for `captures`.

    Raises:
        InputError: naming a file of the scene that does not hold what it should.
    """
    target = folder / f"{scene.audio.name.removesuffix(_AUDIO)}.npz"
    made_of = np.array(
        [str(VERSION), extractor.config.source_sha256, *(sha256_file(file) for file in scene.files)]
    )
    if target.exists():
        with np.load(target) as stored:
            if np.array_equal(stored["made_of"], made_of):
                return target
    face = _frames(scene.beside("face_expression"), FACE_CODES)
    pose = _frames(scene.beside("body_pose"), POSE_PARAMETERS)
    sound, other = _sounds(scene.audio)
    lengths = (len(face) / FRAME_RATE, len(pose) / FRAME_RATE, len(sound.samples) / SAMPLE_RATE)
    if max(lengths) - min(lengths) > _SECONDS_APART:
        told = ", ".join(f"{seconds:.2f}" for seconds in lengths)
        raise InputError(f"{scene.audio}: face, pose and sound last {told} s: expected the same.")
    frames = int(min(lengths) * CODE_RATE)
    tokens = extract(sound, extractor)
    likely = torch.from_numpy(tokens.logits).softmax(-1).numpy()
    at = (np.arange(frames, dtype=np.float64) + 0.5) * (FRAME_RATE / CODE_RATE) - 0.5
    missing = _missing(scene, len(face))
    values: dict[str, Any] = {
        "made_of": made_of,
        "mel": speech_mel(sound, extractor, tokens)[:frames].astype(np.float16),
        "tokens": likely[:frames].astype(np.float16),
        "face": Track(face).at(at).astype(np.float16),
        "pose": Track(pose).at(at),
        "pitch": pitch(sound.samples)[:frames].astype(np.float16),
        "partner": (np.zeros_like(likely) if other is None else heard(other, extractor))[:frames].astype(
            np.float16
        ),
        "present": Track(missing[:, None].astype(np.float32)).at(at)[:, 0] == 0,
    }
    with part_file(folder, target.name) as part:
        with part.open("wb") as file:
            np.savez(file, **values)
        publish(part, target)
    logger.info("%s: %.1f s, %.1f%% of the face", target.name, min(lengths), 100 * values["present"].mean())
    return target


def captures(files: Sequence[Path]) -> Iterator[Capture]:
    """Yield the stretches of scenes in which the face is known."""
    for path in files:
        with np.load(path) as stored:
            arrays = {name: stored[name] for name in _ARRAYS}
        start = 0
        for present, run in groupby(arrays["present"]):
            stop = start + len(list(run))
            if present:
                part = {name: arrays[name][start:stop] for name in Capture._fields}
                yield Capture(**{**part, "mel": _single(part["mel"]), "face": _single(part["face"])})
            start = stop


def _single(values: NDArray[Any]) -> FloatArray:
    return values.astype(np.float32)


def pace(parts: Sequence[Capture]) -> float:
    """Letters and spaces heard per second of speech."""
    silent = CHARACTERS.index(BLANK)
    found = [part.tokens.argmax(1) for part in parts]
    letters = sum(int(((best[1:] != best[:-1]) & (best[1:] != silent)).sum()) for best in found)
    return letters / max(1.0, sum(int(part.spoken.sum()) for part in parts) / CODE_RATE)


def mean_pitch(parts: Sequence[Capture], usual: float) -> float:
    """Hz about which the person's voice moves; the usual one where none is heard."""
    voiced = np.concatenate([part.pitch[part.pitch > 0] for part in parts]).astype(np.float64)
    return float(np.exp(np.log(voiced).mean())) if len(voiced) else usual


def _sounds(path: Path) -> tuple[Waveform, Waveform | None]:
    """The channels of the person and of the partner at 22,050 Hz."""
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise InputError(f"{path}: cannot be read as sound: {error}") from None
    if rate != SOUND_RATE or not len(samples) or not np.isfinite(samples).all():
        raise InputError(
            f"{path}: expected finite samples at {SOUND_RATE} Hz, got {len(samples)} at {rate} Hz."
        )
    channels = resample(torch.from_numpy(samples.T.copy()), SOUND_RATE, SAMPLE_RATE).numpy()
    padded = np.pad(channels, ((0, 0), (0, -channels.shape[1] % HOP_SIZE)))
    return Waveform(padded[0]), Waveform(padded[1]) if len(padded) > 1 else None


def _frames(path: Path, channels: int) -> FloatArray:
    values = _array(path)
    if values.ndim != 2 or values.shape[1] != channels or not len(values) or values.dtype.kind != "f":
        raise InputError(
            f"{path}: expected numbers [T, {channels}], got {values.dtype} {list(values.shape)}."
        )
    if not np.isfinite(values).all():
        raise InputError(f"{path}: expected finite numbers.")
    return _single(values)


def _missing(scene: Scene, frames: int) -> NDArray[np.bool_]:
    """[T] frames without a face: a list of their numbers, or of all frames whether they are."""
    path, missing = scene.beside("missing_face_frames"), np.zeros(frames, bool)
    if not path.exists():
        return missing
    values = _array(path).ravel()
    if values.dtype == bool and len(values) == frames:
        return values
    if len(values) and (values.dtype.kind not in "iuf" or values.min() < 0 or values.max() >= frames):
        raise InputError(f"{path}: expected numbers of frames below {frames}.")
    missing[values.astype(np.int64)] = True
    return missing


def _array(path: Path) -> NDArray[Any]:
    """An array of numbers; nothing else is read from such a file."""
    try:
        values: NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: cannot be read as an array: {error}") from None
    return values
