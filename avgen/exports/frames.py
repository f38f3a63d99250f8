"""Every picture as a PNG file, drawn anew: nothing is lost as in a video, transparency neither."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from avgen.exports import Material
from avgen.media.ffmpeg import PictureEncoder
from avgen.media.formats import Encoding

CHUNK: Final = 8
"""Pictures drawn together."""


def write_frames(material: Material, path: Path) -> None:
    """Write 000001.png and so on into a new folder: RGB, on a transparent background RGBA.

    Raises:
        InputError: if the background's image cannot be read.
        StageError: if ffmpeg failed.
    """
    config, avatar = material.config, material.load_avatar()
    size = config.width, config.height
    renderer = avatar.renderer(material.device, material.view, size, config.background)
    codes = avatar.settle(material.codes)
    path.mkdir()
    encoding = Encoding("png", config.background.transparent)
    pattern = Path(str(path.absolute()).replace("%", "%%")) / "%06d.png"
    with PictureEncoder(pattern, size, config.fps, encoding) as encoder:
        for start in range(0, material.frames, CHUNK):
            tracks = codes.at(
                material.times[start : start + CHUNK], (*avatar.tracks, *avatar.optional_tracks)
            )
            encoder.write(renderer.render(tracks))
        encoder.finish()
