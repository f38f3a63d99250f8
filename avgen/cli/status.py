"""`avgen status`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from avgen.cli.terminal import cell, is_terminal, say

MAX_TRACE: Final = 1_000_000
"""Bytes of a traceback that are shown."""

if TYPE_CHECKING:
    from avgen.jobs.status import ClipStatus, FolderStatus


@click.command(epilog="Example: avgen status out --json")
@click.argument("folder", metavar="DIR")
@click.argument("clips", nargs=-1, metavar="[CLIP]...")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def status(folder: str, clips: tuple[str, ...], as_json: bool) -> None:
    """Tell what is done, running, failed or left in DIR, and why; of the named CLIPs alone if there are any.

    Works while a run is on and after a crash. Every file is compared with its receipt.
    """
    from dataclasses import replace

    from avgen.errors import InputError
    from avgen.jobs.status import folder_status

    found = folder_status(Path(folder))
    if clips:
        unknown = [name for name in clips if name not in {clip.clip for clip in found.clips}]
        if unknown:
            raise InputError(
                f"{folder}: there is no clip {unknown[0]!r}. List them with: avgen status {folder}"
            )
        found = replace(found, clips=tuple(clip for clip in found.clips if clip.clip in clips))
    if as_json:
        say(json.dumps(found.to_json(), indent=1))
        return
    _show(found, in_full=bool(clips))


def _show(found: FolderStatus, in_full: bool) -> None:
    if is_terminal() and not in_full:
        _table(found)
    else:
        for clip in found.clips:
            say(_line(clip))
            if in_full and clip.trace:
                say(_trace(Path(clip.trace)))
    counts = ", ".join(f"{number} {state}" for state, number in found.counts.items())
    run = f"process {found.pid} is making clips here" if found.running else "no run is on"
    left = f", about {found.seconds_left:.0f} s left" if found.seconds_left is not None else ""
    say(f"{found.folder}: {counts or 'no clips'}; {run}{left}", err=True)
    unfinished = {"failed", "stopped", "changed", "missing"} & found.counts.keys()
    if unfinished and found.command and not found.running:
        import shlex

        say(f"Go on with: avgen {shlex.join(found.command)}", err=True)


def _trace(path: Path) -> str:
    from avgen.files import read_start

    try:
        return read_start(path, MAX_TRACE).decode(errors="replace").rstrip()
    except OSError as error:
        return f"{path}: cannot be read: {error.strerror}"


def _line(clip: ClipStatus) -> str:
    details: list[str] = [clip.state]
    if clip.duration:
        details.append(f"{clip.duration:.2f} s")
    if clip.worker:
        details.append(f"{clip.worker}, attempt {clip.attempts}")
    if clip.state == "running":
        details.append(f"since {max(0.0, time.time() - clip.since):.0f} s")
    if clip.why:
        details.append(clip.why)
    return f"{clip.clip}: {', '.join(details)}"


def _table(found: FolderStatus) -> None:
    from rich.console import Console
    from rich.table import Table

    styles = {"done": "green", "failed": "red", "running": "cyan"}
    table = Table("clip", "state", "video", "worker", "attempt", "why")
    for clip in found.clips:
        table.add_row(
            cell(clip.clip),
            f"[{styles.get(clip.state, 'yellow')}]{clip.state}[/]",
            f"{clip.duration:.1f} s" if clip.duration else "",
            cell(clip.worker),
            cell(clip.attempts or ""),
            cell(clip.why),
        )
    Console().print(table)
