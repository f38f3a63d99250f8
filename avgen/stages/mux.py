"""Waveform and picture track -> one file, its sound exactly as long as its picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from avgen.inputs.partners import CHANNELS
from avgen.media.decoding import input_options
from avgen.media.ffmpeg import mux as ffmpeg_mux
from avgen.media.ffmpeg import mux_arguments, samples_input
from avgen.media.formats import mux_options, sound_rate
from avgen.media.loudness import CEILING, at_loudness, measure_file
from avgen.media.soundtrack import soundtrack
from avgen.speech.audio import check_recording
from avgen.stages.compose import mixed
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
    sound_file: Path | None = None,
    channel: str = "",
    partner_sound: Waveform | None = None,
    sound: str = "own",
    mix: str = "stereo",
) -> int:
    """Write a file of a picture track and its sound.

    Args:
        waveform: speech of the clip, which the picture is as long as.
        picture: track that `render` wrote.
        fps: pictures per second.
        format: of the track and the file.
        loudness: of the sound, as in RenderConfig.
        title: of the actor, as people read it.
        path: file to write.
        tags: further metadata of the file.
        sound_file: recording that the waveform is of; it keeps its own rate, and one or two channels.
        channel: of the recording, if the waveform is of that alone, and the partner on the other.
        partner_sound: of whom the actor talks with, if there is somebody.
        sound: whose is in the file, as in RenderConfig.
        mix: of both, as in RenderConfig.

    Returns:
        Number of pictures.

    Raises:
        InputError: if the recording cannot be read any more.
        StageError: if the picture track does not last as long as the sound, or ffmpeg failed.
    """
    frames = max(1, round(waveform.duration * fps))
    samples, rate = None, waveform.sample_rate
    if sound == "both" and partner_sound is not None and not channel:
        samples = at_loudness(mixed([waveform, partner_sound], frames, fps, mix), rate, loudness)
        source = samples_input(rate, samples.shape[1])
        options = mux_options(format, channels=samples.shape[1])
    elif sound_file is None:
        samples = at_loudness(soundtrack(waveform, frames, fps), rate, loudness)
        source, options = samples_input(rate), mux_options(format)
    else:
        alone, source = channel if sound == "own" else "", input_options(sound_file)
        options = _as_recorded(sound_file, format, loudness, frames / fps, alone)
    artist = {"artist": f"{title} (synthetic actor)"}
    about = {"title": f"Synthetic video of {title}, made with avgen", **artist, **tags}
    ffmpeg_mux(mux_arguments(picture, path, source, options, about), frames, samples)
    return frames


def _as_recorded(
    sound_file: Path, file_format: str, loudness: float, seconds: float, channel: str
) -> list[str]:
    """Options by which a recording, or a channel of it, lasts some seconds, at its own rate."""
    found = check_recording(sound_file)
    rate, channels = sound_rate(file_format, found.sample_rate), 1 if channel else min(found.channels, 2)
    filters = [f"pan=mono|c0=c{CHANNELS.index(channel)}"] if channel else []
    if loudness:
        gain = loudness - measure_file(sound_file, filters)
        filters.append(f"volume={gain:.2f}dB,alimiter=limit={CEILING:.4f}:level=false")
    filters += [f"apad=whole_dur={seconds:.6f}", f"atrim=end={seconds:.6f}"]
    return ["-af", ",".join(filters), *mux_options(file_format, rate, channels)]
