"""Every picture as a PNG file, as it was drawn: nothing is lost as in a video, transparency neither."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from avgen.exports import Material
from avgen.media.ffmpeg import frames_encoder

CHUNK: Final = 8
"""Pictures drawn together."""


def write_frames(material: Material, path: Path) -> None:
    """Write 000001.png and so on into a new folder: RGB, on a transparent background RGBA.

    They are those that were drawn for the video, or drawn anew if that was drawn before.

    Raises:
        InputError: if the background's image cannot be read.
        StageError: if ffmpeg failed.
    """
    if material.drawn is not None and material.drawn.is_dir():
        material.drawn.replace(path)
        return
    config, avatar = material.config, material.load_avatar()
    size = config.width, config.height
    renderer = avatar.renderer(material.device, material.view, size, config.background)
    codes = avatar.settle(material.codes)
    with frames_encoder(path, size, config.fps, config.background.transparent) as encoder:
        for start in range(0, material.frames, CHUNK):
            tracks = codes.at(
                material.times[start : start + CHUNK], (*avatar.tracks, *avatar.optional_tracks)
            )
            encoder.write(renderer.render(tracks))
        encoder.finish()
