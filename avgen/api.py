"""The Python interface, of the same shape as `avgen render`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avgen.inputs.manifest import Row
    from avgen.pipeline import ClipResult


def render(
    *inputs: str | PathLike[str],
    output: str | PathLike[str] = "out",
    text: str | None = None,
    transcript: str | PathLike[str] | None = None,
    partner: str | PathLike[str] | None = None,
    speaker_channel: str | None = None,
    listen: Sequence[str | PathLike[str]] = (),
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
        partner: sound or video of the one whom the actor of the one clip talks with.
        speaker_channel: `left` or `right`, where recorded actors are heard; the other one is the partner's.
        listen: sound or video of people to whom the actor listens, one clip for each.
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
    rows = _rows(inputs, text, transcript, partner, speaker_channel, listen)
    how = actor, preset, settings, tuple(cameras), tuple(seeds) or (seed,), variations, Path(output)
    return _run(rows, how, exports, layouts, (force, overwrite, devices, workers))


def _rows(
    inputs: Sequence[str | PathLike[str]],
    text: str | None,
    transcript: str | PathLike[str] | None,
    partner: str | PathLike[str] | None,
    speaker_channel: str | None,
    listen: Sequence[str | PathLike[str]],
) -> tuple[Row, ...]:
    """The clips of files and of a script itself, and whom their actors talk with."""
    from avgen.inputs.clips import clean, split_script
    from avgen.inputs.manifest import Row, read_inputs, with_partner, with_speaker_channel, with_transcript

    rows = read_inputs([str(path) for path in inputs], listened=[str(path) for path in listen])
    if transcript is not None:
        rows = with_transcript(rows, str(transcript))
    if text is not None:
        rows += tuple(Row(clip) for clip in split_script(clean(text, "text"), "text", "text"))
    if speaker_channel is not None:
        rows = with_speaker_channel(rows, speaker_channel)
    return rows if partner is None else with_partner(rows, str(partner))


def _run(
    rows: tuple[Row, ...],
    how: tuple[str, str, Mapping[str, Any], tuple[str, ...], tuple[int, ...], int, Path],
    exports: Sequence[str],
    layouts: Sequence[str],
    options: tuple[str | None, bool, str, int | None],
) -> Sequence[ClipResult]:
    """Plan and make what is asked for."""
    from avgen.errors import OutputError
    from avgen.exports import parse_exports
    from avgen.jobs.devices import find_devices
    from avgen.jobs.driver import Options, run
    from avgen.jobs.planning import Request, check_texts, plan, survey
    from avgen.takes.cache import Cache, default_root

    force, overwrite, devices, workers = options
    found = find_devices(devices)
    device = found[0].split(":")[0]
    request = Request(rows, *how, device, exports=parse_exports(exports), layouts=tuple(layouts))
    cache = Cache(default_root())
    outlooks = survey(plan(request), cache, force)
    check_texts(outlooks)
    ways = Options(force, overwrite, devices=found, workers=workers)
    ended = run(outlooks, cache, lambda event: None, ways)
    if ended.disk_full:
        raise OutputError(ended.disk_full)
    if ended.signal is not None:
        raise KeyboardInterrupt
    return ended.results
