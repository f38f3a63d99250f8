"""Several picture tracks of one size and length as one, by ffmpeg's filters: numbers only, no names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from avgen.media.ffmpeg import BT709, COMMON, SECONDS_PER_PIXEL, check_finished, run_ffmpeg
from avgen.media.formats import Encoding, picture_options

_DARK: Final = 34
"""Luma of who is before the camera."""


def side_by_side(count: int) -> str:
    """Return the filter graph that puts tracks beside each other, from left to right."""
    return "".join(f"[{track}:v]" for track in range(count)) + f"hstack=inputs={count}[all]"


def cut_between(count: int, shown: Sequence[tuple[int, int]], frames: int) -> str:
    """Return the filter graph that shows one track at a time.

    Args:
        count: number of tracks.
        shown: first frame, and track that is shown from there on, in order; the first from 0.
        frames: of each track.
    """
    spans = _spans(shown, frames)
    graph, below = [], "[0:v]"
    for track in range(1, count):
        when = spans.get(track, ["0"])
        above = "[all]" if track == count - 1 else f"[upto{track}]"
        graph.append(f"{below}[{track}:v]overlay=format=auto:enable='{'+'.join(when)}'{above}")
        below = above
    return ";".join(graph)


def over_shoulder(
    count: int,
    shown: Sequence[tuple[int, int]],
    frames: int,
    before: Mapping[int, int],
    size: tuple[int, int],
) -> str:
    """Return the filter graph of cuts in which somebody is before whoever is shown.

    Args:
        count: number of tracks.
        shown: as in `cut_between`.
        frames: of each track.
        before: number of the input that shows, brighter, where somebody is, by the track that is shown.
        size: (width, height) in pixels of the picture.
    """
    width, height = size
    graph = [cut_between(count, shown, frames).removesuffix("[all]") + "[cut0]"]
    for number, (track, silhouette) in enumerate(before.items()):
        when = "+".join(_spans(shown, frames)[track])
        last = number == len(before) - 1
        graph += [
            f"[{silhouette}:v]scale={width}:{height},gblur=sigma={height / 60:.2f},format=gray[mask{number}]",
            f"[cut{number}]split[below{number}][copy{number}]",
            f"[copy{number}]lutyuv=y={_DARK}:u=128:v=126[dark{number}]",
            f"[dark{number}][mask{number}]alphamerge[front{number}]",
            f"[below{number}][front{number}]overlay=format=auto:enable='{when}'"
            + ("[all]" if last else f"[cut{number + 1}]"),
        ]
    return ";".join(graph)


def _spans(shown: Sequence[tuple[int, int]], frames: int) -> dict[int, list[str]]:
    """When each track is shown, as ffmpeg has it."""
    spans: dict[int, list[str]] = {}
    for (start, track), (stop, _) in pairwise([*shown, (frames, 0)]):
        spans.setdefault(track, []).append(f"between(n,{start},{stop - 1})")
    return spans


def compose(
    tracks: Sequence[Path],
    graph: str,
    path: Path,
    frames: int,
    size: tuple[int, int],
    fps: int,
    encoding: Encoding,
) -> None:
    """Write a picture track that is made of others.

    Args:
        tracks: inputs of the graph, all of `frames` pictures.
        graph: filter graph whose output is `[all]`.
        path: file to write.
        frames: it has.
        size: (width, height) in pixels of the result.
        fps: pictures per second.
        encoding: format and quality of the result.

    Raises:
        OutputError: if the disk was full.
        StageError: if ffmpeg failed or wrote another number of frames.
    """
    arguments = [
        *COMMON,
        *(argument for track in tracks for argument in ("-i", str(track))),
        *("-filter_complex", f"{graph};[all]{BT709}[out]", "-map", "[out]", "-an"),
        *(*picture_options(encoding, fps), str(path)),
    ]
    seconds = SECONDS_PER_PIXEL * frames * size[0] * size[1]
    done = run_ffmpeg("compose", arguments, seconds=seconds)
    check_finished("compose", done.returncode, done.stderr, done.stdout, frames)
