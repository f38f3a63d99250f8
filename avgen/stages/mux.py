"""Waveform and picture track -> one file, its sound exactly as long as its picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from avgen.media import ffmpeg
from avgen.media.loudness import at_loudness
from avgen.media.soundtrack import soundtrack
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
    about = {
        "title": f"Synthetic video of {title}, made with avgen",
        "artist": f"{title} (synthetic actor)",
        **tags,
    }
    ffmpeg.mux(picture, samples, waveform.sample_rate, path, format, frames, about)
    return frames
