"""`avgen pick`."""

from __future__ import annotations

from pathlib import Path

import click

from avgen.cli.terminal import say


@click.command(epilog="Example: avgen pick out --best 1 -o picks.csv")
@click.argument("folder", metavar="DIR")
@click.option("--best", type=click.IntRange(1), default=1, show_default=True, help="Takes of each clip.")
@click.option("-o", "--output", metavar="FILE.csv", help="The picks, beside DIR.  [default: standard output]")
def pick(folder: str, best: int, output: str | None) -> None:
    """Pick the takes in DIR that avgen evaluate measured best, as a manifest.

    The score of a take, 0 to 100, weighs words understood (35), lips closed on p, b and m (25), sound (20),
    lips on time (10) and beats of face and head (10). Render the picks again, in any size, from the cache:
    avgen render picks.csv --preset high -o final
    """
    from avgen.errors import InputError, OutputError
    from avgen.files import write_whole
    from avgen.takes.folder import best_takes, read_finished
    from avgen.takes.picks import picks_csv

    takes = read_finished(Path(folder))
    if not any("score" in take.metrics for take in takes):
        raise InputError(f"{folder}: no take here has a score. Measure them first: avgen evaluate {folder}")
    chosen = best_takes(takes, best)
    for take in chosen:
        say(f"{take.output.name}: {take.metrics.get('score', 0.0):.1f}", err=True)
    if output is None:
        say(picks_csv(chosen), nl=False)
        return
    try:
        write_whole(Path(output), picks_csv(chosen))
    except OSError as error:
        raise OutputError(f"{output}: cannot be written: {error.strerror}.") from None
    say(output)
