"""`avgen render`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

STAGE_CHOICES = ("tokenize", "sample", "vocode", "render", "mux")


class _Render(click.Command):
    """A plain `--force` means from the first stage on; only `--force=STAGE` takes a value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options, rest = args, []
        if "--" in args:
            options, rest = args[: args.index("--")], args[args.index("--") :]
        options = [f"--force={STAGE_CHOICES[0]}" if arg == "--force" else arg for arg in options]
        return super().parse_args(ctx, options + rest)


@click.command(cls=_Render, epilog="Example: avgen render script.txt --preset draft --seed 7 -o out")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    *("-o", "--output"),
    default="out",
    show_default=True,
    metavar="DIR|FILE.mp4",
    help="Folder of the results, or the file of a single clip.",
)
@click.option(
    "--actor", default="mira", show_default=True, metavar="NAME|DIR", help="Who speaks: avgen actors list."
)
@click.option(
    "--preset",
    default="standard",
    show_default=True,
    metavar="NAME|FILE",
    help="draft, standard, high or a .yaml.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another take.")
@click.option(
    "--variations", type=int, default=1, show_default=True, help="Takes with this and the following seeds."
)
@click.option("--steps", type=int, help="Steps of the flow: more is finer and slower.")
@click.option("--temperature", type=float, help="Scale of the noise: below 1 calmer, above 1 wilder takes.")
@click.option("--guidance-scale", type=float, help="How much text and emotion count: 1 is as trained.")
@click.option("--emotion", metavar="NAME:WEIGHT,...", help="How it is said: happy:0.7,surprised:0.2.")
@click.option("--speaking-rate", type=float, help="Tempo: 1.2 is a fifth faster.")
@click.option("--sentence-silence", type=float, help="Pause after a sentence, in seconds.")
@click.option("--fps", type=int, help="Pictures per second, 24 to 60.")
@click.option("--size", metavar="512|WxH", help="Picture size in pixels, 64 to 2160, even.")
@click.option("--camera", help="View: avgen actors info shows the names.")
@click.option("--background", metavar="NAME|#RRGGBB", help="gradient, or a colour.")
@click.option("--renderer", type=click.Choice(["numba", "pytorch3d"]), help="On the CPU, or with CUDA.")
@click.option(
    "--force",
    type=click.Choice(STAGE_CHOICES),
    metavar="[=STAGE]",
    help=f"Make anew, from a stage on: {', '.join(STAGE_CHOICES)}.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that avgen did not write.")
@click.option("--wait", is_flag=True, help="Wait for another run in the same folder.")
@click.option("--dry-run", is_flag=True, help="Say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def render(
    inputs: tuple[str, ...],
    output: str,
    actor: str,
    preset: str,
    seed: int,
    variations: int,
    force: str | None,
    overwrite: bool,
    wait: bool,
    dry_run: bool,
    as_json: bool,
    **settings: Any,
) -> None:
    """Make a video of an actor who speaks each INPUT.

    INPUT is a .txt file in UTF-8, or - for standard input; lines of --- split it into several clips. What is
    there already and still as asked is not made again.
    """
    from avgen.cache import Cache, default_root
    from avgen.config import load_preset
    from avgen.jobs.plan import Request, check_texts, foresee, plan
    from avgen.script import read_clips

    config = load_preset(preset).override(settings)
    clips = read_clips(inputs, sys.stdin.buffer)
    specs = plan(Request(clips, actor, config, seed, variations, Path(output)))
    store = Cache(default_root())
    check_texts(specs, store)
    if dry_run:
        _show_plan([asdict(foresee(spec, store, force)) for spec in specs], as_json)
        return

    from avgen.cli.progress import progress
    from avgen.jobs.driver import run

    with progress(len(specs)) as listen:
        results = run(specs, store, listen, force=force, overwrite=overwrite, wait=wait)
    _show_results([asdict(result) for result in results], as_json)
    if any(result.status == "failed" for result in results):
        click.get_current_context().exit(3)


def _show_plan(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"plan": rows}, indent=1))
        return
    for row in rows:
        if row["done"]:
            click.echo(f"{row['output']}: done")
        else:
            cached = f" (cached: {', '.join(row['cached'])})" if row["cached"] else ""
            click.echo(f"{row['output']}: would run {', '.join(row['missing'])}{cached}")


def _show_results(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"clips": rows}, indent=1))
        return
    for row in rows:
        if row["status"] == "failed":
            click.echo(f"Error: {row['id']}: {row['error']}", err=True)
            continue
        click.echo(row["output"])
        spent = sum(row["seconds"].values())
        how = f"made in {spent:.1f} s" if row["status"] == "rendered" else "was there already"
        click.echo(f"{row['id']}: {row['duration']:.2f} s, {row['frames']} frames, {how}", err=True)
    failed = sum(row["status"] == "failed" for row in rows)
    if failed:
        click.echo(
            f"{failed} of {len(rows)} clips failed. Run the same command again for those alone.", err=True
        )
