"""`avgen export`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from avgen.cli.terminal import say
from avgen.exports import KINDS

if TYPE_CHECKING:
    from avgen.exports import Material
    from avgen.performer import Performer
    from avgen.takes.receipts import Receipt

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
    from avgen.errors import OutputError
    from avgen.exports import export_path, parse_exports
    from avgen.stages.record import write_exports
    from avgen.takes.receipts import foreign, read_receipt, write_receipt

    asked, open_material = parse_exports(kinds), _Opener()
    for video, wanted in _videos(takes, asked):
        receipt = read_receipt(video)
        material = open_material(video, receipt)
        paths = [export_path(video, kind) for kind in wanted]
        if not overwrite and (other := next((path for path in paths if foreign(path, receipt)), None)):
            raise OutputError(f"{other} exists and avgen did not write it. Move it, or give --overwrite.")
        made = write_exports(material, wanted, video)
        if receipt is not None:
            write_receipt(video, replace(receipt, files={**receipt.files, **made}))
        for path in paths:
            say(path)


class _Opener:
    """Opens what videos were made of; actors that several show are loaded once."""

    def __init__(self) -> None:
        self._performers: dict[str, Performer] = {}

    def __call__(self, video: Path, receipt: Receipt | None) -> Material:
        from avgen.performer import load_actor, open_scene, open_take

        if receipt is not None and is_scene(receipt):
            return open_scene(video)
        name = receipt.actor if receipt else ""
        if receipt and name not in self._performers:
            self._performers[name] = load_actor(name)
        return open_take(video, self._performers.get(name)).run.material(video)


def _videos(takes: tuple[str, ...], asked: tuple[str, ...]) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The videos of all arguments, and what to make of each; of a folder those that have a receipt."""
    from avgen.errors import InputError
    from avgen.exports import kinds_of
    from avgen.takes.folder import read_finished
    from avgen.takes.receipts import read_receipt

    for take in map(Path, takes):
        if take.is_dir():
            found = ((one.output, kinds_of(is_scene(one.receipt), asked)) for one in read_finished(take))
            yield from ((video, wanted) for video, wanted in found if wanted)
            continue
        receipt = read_receipt(take)
        wanted = kinds_of(receipt is not None and is_scene(receipt), asked)
        if wanted != asked:
            other = next(kind for kind in asked if kind not in wanted)
            raise InputError(f"{take}: {other} is of one person. Give the video of one, or their folder.")
        yield take, wanted


def is_scene(receipt: Receipt) -> bool:
    """Whether a video shows the people of a dialogue together."""
    from avgen.inputs.clips import Scene

    return receipt.road == Scene.road
