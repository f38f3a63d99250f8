"""`avgen gallery`."""

from __future__ import annotations

from pathlib import Path

import click

from avgen.cli.terminal import say


@click.command(epilog="Example: avgen gallery out")
@click.argument("folder", metavar="DIR")
@click.option("-o", "--output", metavar="FILE.html", help="The page.  [default: DIR/gallery.html]")
@click.option("--open", "show", is_flag=True, help="Show it in the browser.")
def gallery(folder: str, output: str | None, show: bool) -> None:
    """Write a page to look through the takes in DIR and to pick among them.

    The page refers to the videos by relative paths and to nothing else: it works from the disk, without a
    network. It filters by text, seed and camera, sorts by what avgen evaluate measured, and saves the picks
    as a manifest: avgen render picks.csv --preset high -o final
    """
    from avgen.errors import OutputError
    from avgen.files import write_whole
    from avgen.gallery.page import build_page, is_ours
    from avgen.takes.folder import read_failures, read_finished

    takes = read_finished(Path(folder))
    page = Path(output) if output else Path(folder, "gallery.html")
    if page.exists() and not is_ours(page):
        raise OutputError(f"{page}: avgen did not write this page. Move it, or choose another with -o.")
    failures = read_failures(Path(folder))
    text = build_page(takes, failures, Path(folder).resolve().name, page.parent)
    try:
        write_whole(page, text)
    except OSError as error:
        raise OutputError(f"{page}: cannot be written: {error.strerror}.") from None
    say(page)
    say(f"{len(takes)} takes of {len({take.receipt.clip for take in takes})} clips", err=True)
    if show:
        click.launch(str(page))
