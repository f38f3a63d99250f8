"""Waveform and picture track -> one file, its sound exactly as long as its picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from avgen.media.decoding import input_options
from avgen.media.ffmpeg import mux as ffmpeg_mux
from avgen.media.ffmpeg import mux_arguments, samples_input
from avgen.media.formats import mux_options, sound_rate
from avgen.media.loudness import CEILING, at_loudness, measure_file
from avgen.media.soundtrack import soundtrack
from avgen.speech.audio import check_recording
from avgen.types import Waveform


def mux(
    waveform: Waveform,
    picture: Path,
    *,
    fps: int,
    format: str,
    loudness: float,
    title: str,
    path: Path,
    tags: Mapping[str, str],
) -> int:
    """Write a file of a picture track and its sound.

    Args:
        waveform: speech of the clip.
        picture: track that `render` wrote.
        fps: pictures per second.
        format: of the track and the file.
        loudness: of the sound, as in RenderConfig.
        title: of the actor, as people read it.
        path: file to write.
        tags: further metadata of the file.

    Returns:
        Number of pictures.

    Raises:
        StageError: if the picture track does not last as long as the sound, or ffmpeg failed.
    """
    frames = max(1, round(waveform.duration * fps))
    samples = at_loudness(soundtrack(waveform, frames, fps), waveform.sample_rate, loudness)
    sound, options = samples_input(waveform.sample_rate), mux_options(format)
    ffmpeg_mux(mux_arguments(picture, path, sound, options, _about(title, tags)), frames, samples)
    return frames


def mux_recording(
    waveform: Waveform,
    picture: Path,
    sound_file: Path,
    *,
    fps: int,
    format: str,
    loudness: float,
    title: str,
    path: Path,
    tags: Mapping[str, str],
) -> int:
    """Write a file of a picture track and a recording, which keeps its own rate and one or two channels.

    Args:
        waveform: the recording as the actor's models know it, which the picture is as long as.
        picture: track that `render` wrote.
        sound_file: the recording.
        fps: pictures per second.
        format: of the track and the file.
        loudness: of the sound, as in RenderConfig.
        title: of the actor, as people read it.
        path: file to write.
        tags: further metadata of the file.

    Returns:
        Number of pictures.

    Raises:
        InputError: if the recording cannot be read any more.
        StageError: if ffmpeg failed.
    """
    frames = max(1, round(waveform.duration * fps))
    found = check_recording(sound_file)
    rate, channels = sound_rate(format, found.sample_rate), min(found.channels, 2)
    filters = [f"apad=whole_dur={frames / fps:.6f}", f"atrim=end={frames / fps:.6f}"]
    if loudness:
        gain = loudness - measure_file(sound_file).integrated
        filters.insert(0, f"volume={gain:.2f}dB,alimiter=limit={CEILING:.4f}:level=false")
    options = ["-af", ",".join(filters), *mux_options(format, rate, channels)]
    arguments = mux_arguments(picture, path, input_options(sound_file), options, _about(title, tags))
    ffmpeg_mux(arguments, frames)
    return frames


def _about(title: str, tags: Mapping[str, str]) -> dict[str, str]:
    return {
        "title": f"Synthetic video of {title}, made with avgen",
        "artist": f"{title} (synthetic actor)",
        **tags,
    }
