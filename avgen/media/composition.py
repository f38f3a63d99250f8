"""Several picture tracks of one size and length as one, by ffmpeg's filters: numbers only, no names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from avgen.media.ffmpeg import BT709, COMMON, SECONDS_PER_PIXEL, check_finished, run_ffmpeg
from avgen.media.formats import Encoding, picture_options


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
    spans: dict[int, list[str]] = {track: [] for track in range(1, count)}
    for (start, track), (stop, _) in pairwise([*shown, (frames, 0)]):
        if track:
            spans[track].append(f"between(n,{start},{stop - 1})")
    graph, below = [], "[0:v]"
    for track, when in spans.items():
        above = "[all]" if track == count - 1 else f"[upto{track}]"
        graph.append(f"{below}[{track}:v]overlay=format=auto:enable='{'+'.join(when) or '0'}'{above}")
        below = above
    return ";".join(graph)


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
