"""`avgen export`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from avgen.cli.terminal import say
from avgen.exports import KINDS

_LIST = "\n".join(f"  {name:<11}{kind.about}" for name, kind in KINDS.items())


@click.command(
    epilog="Example: avgen export out/talk.mp4 --to srt,arkit",
    help=f"""Make other files of each TAKE: a video that avgen made, or a folder of them.

    They lie beside the video and are made from what the cache holds; nothing is sampled again.

    \b
{_LIST}
    """,
)
@click.argument("takes", nargs=-1, required=True, metavar="TAKE...")
@click.option("--to", "kinds", multiple=True, required=True, metavar="KIND,...", help="What to make.")
@click.option("--overwrite", is_flag=True, help="Replace files that avgen did not write.")
def export(takes: tuple[str, ...], kinds: tuple[str, ...], overwrite: bool) -> None:
    """Make other files of takes."""
    from avgen.errors import InputError, OutputError
    from avgen.exports import export_path, parse_exports
    from avgen.inputs.clips import Scene
    from avgen.performer import Performer, load_actor, open_take
    from avgen.pipeline import write_exports
    from avgen.takes.receipts import foreign, read_receipt, write_receipt

    wanted = parse_exports(kinds)
    performers: dict[str, Performer] = {}
    for video in _videos(takes):
        receipt = read_receipt(video)
        if receipt and receipt.road == Scene.road:
            raise InputError(
                f"{video}: files beside a scene are made with it: the same avgen render with --export."
            )
        name = receipt.actor if receipt else ""
        if receipt and name not in performers:
            performers[name] = load_actor(name)
        take = open_take(video, performers.get(name))
        paths = [export_path(video, kind) for kind in wanted]
        if not overwrite and (other := next((path for path in paths if foreign(path, receipt)), None)):
            raise OutputError(f"{other} exists and avgen did not write it. Move it, or give --overwrite.")
        made = write_exports(take.run.material(video), wanted, video)
        if receipt is not None:
            write_receipt(video, replace(receipt, files={**receipt.files, **made}))
        for path in paths:
            say(path)


def _videos(takes: tuple[str, ...]) -> Iterator[Path]:
    """The videos of all arguments; of a folder those that have a receipt, scenes aside."""
    from avgen.inputs.clips import Scene
    from avgen.takes.folder import read_finished

    for take in map(Path, takes):
        if take.is_dir():
            yield from (one.output for one in read_finished(take) if one.receipt.road != Scene.road)
        else:
            yield take
