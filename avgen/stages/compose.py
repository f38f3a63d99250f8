"""The clips of a dialogue's people -> one video in which they are together."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from avgen.errors import StageError
from avgen.exports import Material
from avgen.inputs.dialogues import LAUGHS, NODS
from avgen.media.composition import compose as compose_tracks
from avgen.media.composition import cut_between, over_shoulder, side_by_side
from avgen.media.ffmpeg import mux as ffmpeg_mux
from avgen.media.ffmpeg import mux_arguments, samples_input
from avgen.media.formats import Encoding, mux_options
from avgen.media.loudness import at_loudness, limit
from avgen.media.soundtrack import soundtrack
from avgen.stages.shots import Shot, find_shots
from avgen.stages.shoulder import Performed, silhouettes
from avgen.types import FloatArray, Tokens, Waveform

SEAT_PAN: Final = 0.4
"""How far to the side the outer people are heard, of 1."""


class Contribution(NamedTuple):
    """What one person's clip made."""

    tokens: Tokens
    """What is said and when."""
    waveform: Waveform
    """The voice."""
    picture: Path
    """The picture track."""
    performed: Callable[[], Performed]
    """Gives what is needed to draw the person again."""


def compose(
    parts: Sequence[Contribution],
    *,
    layout: str,
    fps: int,
    width: int,
    height: int,
    format: str,
    crf: int,
    encoder_speed: str,
    path: Path,
) -> None:
    """Write the picture track of people who are together.

    Args:
        parts: what each made, from left to right.
        layout: one of `avgen.inputs.clips.LAYOUTS`.
        fps: pictures per second.
        width: of each person's picture, pixels.
        height: of each person's picture, pixels.
        format: of the track.
        crf: as in RenderConfig.
        encoder_speed: as in RenderConfig.
        path: file to write.

    Raises:
        StageError: if the clips differ in length, or ffmpeg failed.
    """
    frames = common_frames(parts, fps)
    size = scene_size(layout, len(parts), width, height)
    encoding = Encoding(format, crf=crf, speed=encoder_speed)
    tracks = [part.picture for part in parts]
    if layout == "side-by-side":
        compose_tracks(tracks, side_by_side(len(parts)), path, frames, size, fps, encoding)
        return
    shots = _shots(parts, frames / fps)
    shown = [(round(shot.start * fps), shot.person) for shot in shots]
    if layout == "cut":
        compose_tracks(tracks, cut_between(len(parts), shown, frames), path, frames, size, fps, encoding)
        return
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=path.name) as folder:
        fronts = silhouettes([part.performed for part in parts], shots, size, fps, Path(folder))
        before = {person: len(tracks) + number for number, person in enumerate(fronts)}
        graph = over_shoulder(len(parts), shown, frames, before, size)
        compose_tracks([*tracks, *fronts.values()], graph, path, frames, size, fps, encoding)


def _shots(parts: Sequence[Contribution], seconds: float) -> tuple[Shot, ...]:
    """Who is seen when."""
    acts = (
        Shot(person, mark.start)
        for person, part in enumerate(parts)
        for mark in part.tokens.marks
        if mark.label in (NODS, LAUGHS)
    )
    return find_shots([part.tokens.words for part in parts], seconds, acts)


def mux_scene(
    picture: Path,
    parts: Sequence[Contribution],
    *,
    fps: int,
    format: str,
    loudness: float,
    mix: str,
    path: Path,
    tags: Mapping[str, str],
) -> int:
    """Write a file of a composed picture track and all voices.

    Args:
        picture: track that `compose` wrote.
        parts: what each person's clip made, from left to right.
        fps: pictures per second.
        format: of the track and the file.
        loudness: of the sound, as in RenderConfig.
        mix: of the voices, as in RenderConfig.
        path: file to write.
        tags: metadata of the file.

    Returns:
        Number of pictures.

    Raises:
        StageError: if the clips differ in length, or ffmpeg failed.
    """
    frames = common_frames(parts, fps)
    rate = parts[0].waveform.sample_rate
    voices = mixed([part.waveform for part in parts], frames, fps, mix)
    samples, channels = at_loudness(voices, rate, loudness), voices.shape[1]
    sound, options = samples_input(rate, channels=channels), mux_options(format, channels=channels)
    ffmpeg_mux(mux_arguments(picture, path, sound, options, tags), frames, samples)
    return frames


def mixed(voices: Sequence[Waveform], frames: int, fps: int, mix: str) -> FloatArray:
    """Samples [S, 2], or in mono [S, 1], of voices from left to right; peaks are held down.

    Each is as loud as alone, in stereo heard from its seat.

    Args:
        voices: of one sample rate.
        frames: pictures of the clip.
        fps: pictures per second.
        mix: as in RenderConfig.
    """
    places = np.linspace(-SEAT_PAN, SEAT_PAN, len(voices)) if len(voices) > 1 else np.zeros(1)
    angles = (places + 1) * np.pi / 4
    gains = np.sqrt(2) * np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    gains = gains if mix == "stereo" else np.ones((len(voices), 1), np.float32)
    tracks = [soundtrack(voice, frames, fps) for voice in voices]
    together = np.zeros((len(tracks[0]), gains.shape[1]), np.float32)
    for track, row in zip(tracks, gains, strict=True):
        for channel, gain in enumerate(row):
            together[:, channel] += gain * track
    return limit(together, voices[0].sample_rate)


def scene_size(layout: str, people: int, width: int, height: int) -> tuple[int, int]:
    """Return (width, height) in pixels of people together, each of whose pictures has a size."""
    return (people * width if layout == "side-by-side" else width, height)


def of_scene(name: str, layout: str, people: Mapping[str, Material]) -> Material:
    """Return what exports of a dialogue's scene are made of.

    Args:
        name: of the scene.
        layout: of `avgen.inputs.clips.LAYOUTS`.
        people: what each person's exports are made of, by name of the role, from left to right.
    """
    first = next(iter(people.values()))
    size = scene_size(layout, len(people), first.config.width, first.config.height)
    return replace(first, name=name, size=size, people=people)


def common_frames(parts: Sequence[Contribution], fps: int) -> int:
    """Return the number of pictures that every person's clip has.

    Raises:
        StageError: if they differ.
    """
    counts = {max(1, round(part.waveform.duration * fps)) for part in parts}
    if len(counts) > 1:
        raise StageError(f"compose failed: its people's clips have {sorted(counts)} frames.")
    return counts.pop()
