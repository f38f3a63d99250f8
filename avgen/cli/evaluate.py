"""`avgen evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from avgen.cli.terminal import cell, is_terminal, say

if TYPE_CHECKING:
    from avgen.metrics.evaluation import Evaluation


PIPED_WIDTH: Final = 160


@click.command(epilog="Example: avgen evaluate out")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...")
@click.option("--reference", metavar="DIR", help="Folder of files of the same names to measure against.")
@click.option("-o", "--output", metavar="FILE.json", help="Also write the measures of all folders here.")
@click.option("--json", "as_json", is_flag=True, help="Print the measures as JSON.")
def evaluate(folders: tuple[str, ...], reference: str | None, output: str | None, as_json: bool) -> None:
    """Measure the videos in each DIR that avgen render made: speech, lips, motion, timing.

    The sound is taken from the videos themselves; face and head from the cache. The measures are also written
    to DIR/.avgen/run/evaluation.json, by which avgen gallery sorts. Word errors and speech quality need
    pip install 'avgen[evaluate]'.
    """
    from avgen.actors.components import Models
    from avgen.errors import OutputError
    from avgen.files import write_whole
    from avgen.metrics.evaluation import evaluate as measure
    from avgen.metrics.rendered import read_rendered
    from avgen.takes.cache import Cache, default_root
    from avgen.takes.layout import evaluation_path

    cache, models = Cache(default_root()), dict[str, Models]()
    wanted = {r.name: r for r in read_rendered(Path(reference), cache, models)} if reference else None
    found = {}
    for folder in folders:
        files_of_it = read_rendered(Path(folder), cache, models, _stage_seconds(Path(folder)))
        found[folder] = measure(files_of_it, wanted, lambda name: say(f"{name}: measuring", err=True))
    files = {evaluation_path(Path(folder)): one.to_json() for folder, one in found.items()}
    everything = {"folders": {folder: one.to_json() for folder, one in found.items()}}
    if output:
        files[Path(output)] = everything
    for path, content in files.items():
        try:
            write_whole(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror}.") from None
    if as_json:
        say(json.dumps(everything, indent=1, ensure_ascii=False))
        return
    for folder, evaluation in found.items():
        _show(folder, evaluation)


def _stage_seconds(folder: Path) -> dict[str, dict[str, float]]:
    """Seconds that each stage of each clip took when it last ran, by the folder's journal."""
    from avgen.takes.journal import read_journal

    found: dict[str, dict[str, float]] = {}
    for event in read_journal(folder):
        if event["event"] == "made":
            found.setdefault(event["file"], {}).update(event["seconds"])
    return found


def _show(folder: str, evaluation: Evaluation) -> None:
    """Print the summary as a table, and below it what could not be measured."""
    from rich.console import Console
    from rich.table import Table

    from avgen.metrics.evaluation import METRICS

    table = Table(title=f"{cell(folder)}: {len(evaluation.clips)} files", title_justify="left")
    table.add_column("measure")
    table.add_column("value", justify="right")
    table.add_column("meaning")
    for name, value in evaluation.summary.items():
        table.add_row(name, f"{value:.3f}", METRICS[name])
    Console(width=None if is_terminal() else PIPED_WIDTH).print(table)
    for name, reasons in evaluation.missing.items():
        for reason in reasons:
            say(f"{name}: {reason}." if name else f"{reason}.", err=True)
