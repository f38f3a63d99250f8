"""The Python interface, of the same shape as `avgen render`."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avgen.inputs.manifest import Row
    from avgen.jobs.driver import Options
    from avgen.jobs.planning import Request
    from avgen.pipeline import ClipResult


def render(
    *inputs: str | PathLike[str],
    output: str | PathLike[str] = "out",
    text: str | None = None,
    transcript: str | PathLike[str] | None = None,
    actor: str = "mira",
    preset: str = "standard",
    seed: int = 0,
    seeds: Sequence[int] = (),
    variations: int = 1,
    cameras: Sequence[str] = (),
    layouts: Sequence[str] = (),
    exports: Sequence[str] = (),
    force: str | None = None,
    overwrite: bool = False,
    devices: str = "auto",
    workers: int | None = None,
    **settings: Any,
) -> Sequence[ClipResult]:
    """Make videos of an actor who speaks the given scripts.

    Args:
        *inputs: paths of scripts (.txt), recordings and manifests (.csv, .jsonl).
        output: a folder, or an .mp4, .webm or .mov file for a single clip.
        text: a script itself, instead of files or beside them; its clip is called "text".
        transcript: path of what is said in the input, if that is one recording; `auto` to recognise it.
        actor: name or folder.
        preset: name, or path of a .yaml file.
        seed: of the first variation.
        seeds: one take for each, instead of `seed` and `variations`.
        variations: number of seeds.
        cameras: one picture of every take for each.
        layouts: how people of a dialogue share a picture, of `avgen.inputs.clips.LAYOUTS`.
        exports: kinds of files to make beside each video, of `avgen.exports.KINDS`.
        force: stage from which everything is made anew.
        overwrite: replace files that avgen did not write.
        devices: `cpu`, `auto`, or GPUs like `cuda:0,1`.
        workers: clips made at once, each in a process of its own; None for what suits the devices.
        **settings: fields of `avgen.config.RenderConfig`, or `size`, that replace the preset's.

    Returns:
        One result per clip, in order; `status` is "rendered", "unchanged" or "failed".

    Raises:
        AvgenError: if the request is wrong, or nothing more can be written.
        KeyboardInterrupt: after Ctrl-C; what is finished stays.
    """
    from avgen.exports import parse_exports
    from avgen.jobs.devices import find_devices
    from avgen.jobs.driver import Options
    from avgen.jobs.planning import Request

    found = find_devices(devices)
    request = Request(
        *(_rows(inputs, text, transcript), actor, preset, settings, tuple(cameras)),
        *(tuple(seeds) or (seed,), variations, Path(output), found[0].split(":")[0]),
        exports=parse_exports(exports),
        layouts=tuple(layouts),
    )
    return _run(request, Options(force, overwrite, devices=found, workers=workers))


def _rows(
    inputs: Sequence[str | PathLike[str]], text: str | None, transcript: str | PathLike[str] | None
) -> tuple[Row, ...]:
    """The clips of files and of a script itself."""
    from avgen.inputs.clips import clean, split_script
    from avgen.inputs.manifest import Row, read_inputs, with_transcript

    rows = read_inputs([str(path) for path in inputs])
    if transcript is not None:
        rows = with_transcript(rows, str(transcript))
    if text is None:
        return rows
    return rows + tuple(Row(clip) for clip in split_script(clean(text, "text"), "text", "text"))


def _run(request: Request, options: Options) -> Sequence[ClipResult]:
    """Plan and make what is asked for."""
    from avgen.errors import OutputError
    from avgen.jobs.driver import run
    from avgen.jobs.planning import check_texts, plan, survey
    from avgen.takes.cache import Cache, default_root

    cache = Cache(default_root())
    outlooks = survey(plan(request), cache, options.force)
    check_texts(outlooks)
    ended = run(outlooks, cache, lambda event: None, options)
    if ended.disk_full:
        raise OutputError(ended.disk_full)
    if ended.signal is not None:
        raise KeyboardInterrupt
    return ended.results
