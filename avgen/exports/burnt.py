"""A copy of a video with its words in the picture."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from avgen.errors import InputError
from avgen.exports import Material
from avgen.exports.subtitles import write_ass
from avgen.media.ffmpeg import SECONDS_PER_PIXEL, check_finished, run_ffmpeg
from avgen.media.formats import Encoding, picture_options

_FONT_FOUND: Final = re.compile(rb"fontselect: \(.*\) -> ")
_CUES: Final = "cues.ass"


def write_subtitled(material: Material, path: Path) -> None:
    """Write the video again, its words drawn at the bottom; the sound is the same.

    Letters come from a font of this machine that is like Arial, so that other machines may draw others.

    Raises:
        InputError: if there is no font here.
        StageError: if ffmpeg failed.
    """
    config = material.config
    width, height = material.picture_size
    encoding = Encoding("mp4", crf=config.crf, speed=config.encoder_speed)
    with tempfile.TemporaryDirectory() as folder:
        write_ass(material, Path(folder, _CUES))
        done = run_ffmpeg(
            "subtitled",
            [
                *("-hide_banner", "-nostdin", "-loglevel", "info", "-nostats"),
                *("-progress", "pipe:1", "-y", "-i", str(material.video.absolute())),
                # No name of the user's is ever part of a filter: hence this one, and the folder.
                *("-map", "0:v:0", "-map", "0:a:0", "-vf", f"subtitles={_CUES}", "-c:a", "copy"),
                *(*picture_options(encoding, config.fps), "-fflags", "+bitexact", "-movflags", "+faststart"),
                str(path.absolute()),
            ],
            seconds=SECONDS_PER_PIXEL * width * height * material.frames,
            folder=Path(folder),
        )
    check_finished("subtitled", done.returncode, _errors(done), done.stdout, material.frames)
    if not _FONT_FOUND.search(done.stderr):
        raise InputError(
            f"{material.name}: subtitled needs a font, and there is none on this machine. Install one, such "
            "as DejaVu Sans or Liberation Sans."
        )


def _errors(done: subprocess.CompletedProcess[bytes]) -> bytes:
    """What ffmpeg said, if it failed: it talks about fonts in any case."""
    return done.stderr if done.returncode else b""
