"""What `avgen render` prints: plans, outcomes, and how to go on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from avgen.cli.terminal import cell, is_terminal, say

if TYPE_CHECKING:
    from avgen.jobs.driver import Options
    from avgen.jobs.planning import Outlook
    from avgen.jobs.report import Run
    from avgen.pipeline import ClipResult

EXIT_FAILED: Final = 3
EXIT_DISK: Final = 74
TABLE_ROWS: Final = 50
"""Of a longer run only what is not made is told clip by clip; the rest is in the report."""


def show_plan(outlooks: Sequence[Outlook], options: Options, as_json: bool) -> None:
    """Print what a run would do, with the time and space it would take."""
    from avgen.jobs.devices import worker_specs
    from avgen.jobs.estimate import estimate, measured_pace

    folder = outlooks[0].spec.output.parent
    pace = measured_pace(folder)
    todo = [outlook for outlook in outlooks if not outlook.done]
    costs = {outlook.spec.name: estimate(outlook.spec, outlook.missing, pace) for outlook in todo}
    workers = len(worker_specs(options.devices, options.workers, max(1, len(todo))))
    total = {
        "clips": len(outlooks),
        "done": len(outlooks) - len(todo),
        "video_seconds": round(sum(cost.duration for cost in costs.values()), 1),
        "work_seconds": round(sum(cost.seconds for cost in costs.values()), 1),
        "workers": workers,
        "disk_bytes": sum(cost.disk for cost in costs.values()),
        "free_bytes": _free(folder),
    }
    if as_json:
        rows = []
        for outlook in outlooks:
            cost = costs.get(outlook.spec.name)
            rows.append(
                {
                    "id": outlook.spec.name,
                    "output": str(outlook.spec.output),
                    "done": outlook.done,
                    "cached": outlook.cached,
                    "missing": outlook.missing,
                    "video_seconds": round(cost.duration, 1) if cost else outlook.duration,
                    "work_seconds": round(cost.seconds, 1) if cost else 0.0,
                    "disk_bytes": cost.disk if cost else 0,
                }
            )
        say(json.dumps({"plan": rows, "total": total}, indent=1))
        return
    for outlook in outlooks:
        if outlook.done:
            say(f"{outlook.spec.output}: done")
            continue
        cost = costs[outlook.spec.name]
        cached = f" (cached: {', '.join(outlook.cached)})" if outlook.cached else ""
        say(
            f"{outlook.spec.output}: would run {', '.join(outlook.missing)}{cached}: "
            f"about {cost.duration:.0f} s of video, {cost.seconds:.0f} s of work, {cost.disk / 1e6:.1f} MB"
        )
    say(
        f"{total['clips']} clips, {total['done']} done; to make: about {total['video_seconds']:.0f} s of "
        f"video, {total['work_seconds']:.0f} s of work on {workers} workers, "
        f"{total['disk_bytes'] / 1e6:.1f} MB of {total['free_bytes'] / 1e9:.1f} GB free",
        err=True,
    )


def show(run: Run, as_json: bool) -> None:
    """Print how a run ended: files to standard output, the rest to standard error."""
    if as_json:
        say(json.dumps(run.to_json(), indent=1))
    else:
        for result in run.results:
            if result.status in ("rendered", "unchanged"):
                say(result.output)
        many = len(run.results) > TABLE_ROWS
        if is_terminal(err=True) and len(run.results) > 1 and not many:
            _table(run.results)
        else:
            for result in run.results:
                if not many or result.status in ("failed", "stopped"):
                    say(_line(result), err=True)
    _say_what_is_left(run)


def exit_code(run: Run) -> int:
    """Return the code that the command ends with."""
    if run.disk_full:
        return EXIT_DISK
    if run.signal is not None:
        return 128 + run.signal
    return EXIT_FAILED if run.counts.get("failed") else 0


def _line(result: ClipResult) -> str:
    if result.status == "failed":
        return f"Error: {result.id}: {result.error}"
    if result.status == "stopped":
        return f"{result.id}: not made"
    how = (
        f"made in {sum(result.seconds.values()):.1f} s"
        if result.status == "rendered"
        else "was there already"
    )
    return f"{result.id}: {result.duration:.2f} s, {result.frames} frames, {how}"


def _table(results: Sequence[ClipResult]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("clip", "status", "video", "work", "from the cache", "worker", "attempts")
    for result in results:
        style = {"failed": "red", "stopped": "yellow", "rendered": "green"}.get(result.status, "")
        work = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in result.seconds.items())
        table.add_row(
            cell(result.id),
            f"[{style}]{result.status}[/]" if style else result.status,
            f"{result.duration:.1f} s" if result.duration else "",
            f"{work} s" if work else cell(result.error or ""),
            ", ".join(result.cached),
            result.worker,
            str(result.attempts or ""),
        )
    Console(stderr=True).print(table)


def _say_what_is_left(run: Run) -> None:
    from avgen.takes.layout import report_path

    counts = run.counts
    failed, stopped = counts.get("failed", 0), counts.get("stopped", 0)
    if run.disk_full:
        say(f"Error: {run.disk_full} Free some space and run the same command again.", err=True)
    elif run.signal is not None:
        say("Stopped. Run the same command again to go on from here.", err=True)
    if len(run.results) > 1:
        told = ", ".join(f"{number} {status}" for status, number in counts.items())
        report = report_path(Path(run.results[0].output).parent)
        say(f"{len(run.results)} clips: {told}, in {run.seconds:.1f} s. Report: {report}", err=True)
    if failed or stopped:
        again = f": {run.again}" if run.again else "."
        say(f"Run the same command again for those not made{again}", err=True)


def _free(folder: Path) -> int:
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free
