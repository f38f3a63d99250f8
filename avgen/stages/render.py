"""Codes -> an encoded picture track, drawn in chunks, so that memory does not grow with the clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.base import Avatar, Renderer
from avgen.avatars.views import View
from avgen.background import Background
from avgen.errors import StageError
from avgen.media.ffmpeg import PictureEncoder, frames_encoder
from avgen.media.formats import Encoding
from avgen.tracks import Codes

CHUNK_FRAMES: Final = 16
"""Pictures drawn and handed on together, at most."""
CHUNK_BYTES: Final = 1 << 26
"""Memory that a chunk may take; a few chunks wait for the encoder at a time."""


def render(
    codes: Codes,
    avatar: Avatar,
    *,
    device: str,
    view: View,
    width: int,
    height: int,
    background: Background,
    fps: int,
    format: str,
    crf: int,
    encoder_speed: str,
    path: Path,
    frames: Path | None,
    advance: Callable[[int, int], None],
    chunk: int | None,
) -> None:
    """Draw a clip and encode it as it is drawn.

    Args:
        codes: of the clip.
        avatar: of the actor.
        device: that draws.
        view: from where.
        width: of the pictures, pixels.
        height: of the pictures, pixels.
        background: behind the actor.
        fps: pictures per second.
        format: of the track, one of `avgen.config.FORMATS`.
        crf: as in RenderConfig.
        encoder_speed: as in RenderConfig.
        path: file to write.
        frames: new folder for the same pictures as PNG files, if they are wanted.
        advance: told how many pictures of how many are drawn.
        chunk: pictures drawn together; None for what suits their size.

    Raises:
        StageError: if the codes lack a track that the avatar needs, or ffmpeg failed.
    """
    renderer = avatar.renderer(device, view, (width, height), background)
    encoding = Encoding(format, background.transparent, crf, encoder_speed)
    total = codes.num_pictures(fps)
    done = 0
    with ExitStack() as stack:
        encoders = [stack.enter_context(PictureEncoder(path, (width, height), fps, encoding))]
        if frames is not None:
            files = frames_encoder(frames, (width, height), fps, background.transparent)
            encoders.append(stack.enter_context(files))
        for pictures in draw(codes, avatar, renderer, fps, chunk or chunk_frames(width, height)):
            for encoder in encoders:
                encoder.write(pictures)
            done += len(pictures)
            advance(done, total)
        for encoder in encoders:
            encoder.finish()


def draw(
    codes: Codes, avatar: Avatar, renderer: Renderer, fps: int, chunk: int
) -> Iterator[NDArray[np.uint8]]:
    """Yield the clip's pictures in chunks [<= chunk, H, W, 3 or 4].

    Each shows its middle: sound and picture stay together within half a picture at any rate and length.

    Args:
        codes: of the clip.
        avatar: whose codes they are.
        renderer: of it, for the wanted view, size and background.
        fps: pictures per second.
        chunk: pictures drawn together.

    Raises:
        StageError: if the codes lack such a track.
    """
    if missing := [name for name in avatar.tracks if name not in codes.tracks]:
        raise StageError(
            f"render failed: the actor's flow makes no {', '.join(missing)}, which it is drawn by."
        )
    settled, total = avatar.settle(codes), codes.num_pictures(fps)
    for start in range(0, total, chunk):
        centres = (np.arange(start, min(start + chunk, total)) + 0.5) / fps
        tracks: Mapping[str, NDArray[np.float32]] = settled.at(
            centres, (*avatar.tracks, *avatar.optional_tracks)
        )
        yield renderer.render(tracks)


def chunk_frames(width: int, height: int) -> int:
    """Return how many pictures of a size are drawn together; large ones in fewer."""
    return min(max(CHUNK_BYTES // (4 * width * height), 1), CHUNK_FRAMES)
