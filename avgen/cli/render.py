"""`avgen render`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from avgen.cli.terminal import say
from avgen.inputs.clips import LAYOUTS
from avgen.stages.table import STAGE_NAMES

if TYPE_CHECKING:
    from avgen.jobs.driver import Options
    from avgen.jobs.machines import Machines
    from avgen.jobs.planning import Outlook, Request

COMMAND = "avgen.command"
"""Where the context keeps the arguments as they were given."""


class _Render(click.Command):
    """A plain `--force` means from the first stage on; only `--force=STAGE` takes a value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options, rest = args, []
        if "--" in args:
            options, rest = args[: args.index("--")], args[args.index("--") :]
        ctx.meta[COMMAND] = ("render", *args)
        options = [f"--force={STAGE_NAMES[0]}" if arg == "--force" else arg for arg in options]
        return super().parse_args(ctx, options + rest)


@click.command(cls=_Render, epilog="Example: avgen render script.txt --preset draft --seed 7 -o out")
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option(
    *("-o", "--output"),
    default="out",
    show_default=True,
    metavar="DIR|FILE",
    help="Folder of the results, or the .mp4, .webm or .mov file of a single clip.",
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
@click.option("--seed", type=int, help="Another seed is another take.  [default: 0]")
@click.option("--seeds", metavar="N,N,...", help="One take for each of these seeds.")
@click.option(
    "--variations", type=int, default=1, show_default=True, help="Takes with this and the following seeds."
)
@click.option(
    "--steps",
    type=int,
    help="Evaluations of the flow: more are finer and slower; 1 draws no take, but the mean of all.",
)
@click.option("--temperature", type=float, help="Scale of the noise: below 1 calmer, above 1 wilder takes.")
@click.option("--guidance-scale", type=float, help="How much text and emotion count: 1 is as trained.")
@click.option(
    "--emotion",
    metavar="NAME:WEIGHT,...",
    help="How it is said: happy:0.7,surprised:0.2; auto hears it in a recording.",
)
@click.option("--voice", metavar="NAME|NAME:SHARE,...", help="Who is heard: ada, or ada:0.6,ben:0.4.")
@click.option(
    "--gestures",
    metavar="MANNER|AMOUNT",
    help="How the body speaks along where it is seen: none, calm, lively, formal, or 0 to 1.  [default: 0.6]",
)
@click.option(
    "--style",
    metavar="PART:STRENGTH,...",
    help="How strongly upper-face, lower-face, lip-closing and eyelids move, 0 to 2: eyelids:0.8.",
)
@click.option("--speaking-rate", type=float, help="Tempo: 1.2 is a fifth faster.")
@click.option("--sentence-silence", type=float, help="Pause after a sentence, in seconds.")
@click.option(
    "--lexicon", metavar="FILE.csv", help="How words are said: word, spoken or /IPA/, part of speech."
)
@click.option("--transcript", metavar="FILE", help="What is said in the recording; auto: recognise it.")
@click.option(
    "--partner", metavar="FILE", help="Sound or video of the one whom the actor of the one INPUT talks with."
)
@click.option(
    "--speaker-channel",
    type=click.Choice(["left", "right"]),
    help="On which channel of each recording the actor speaks; the other one is the partner's.",
)
@click.option(
    "--listen",
    multiple=True,
    metavar="FILE",
    help="Instead of an INPUT: sound or video of somebody to whom the actor listens.",
)
@click.option(
    "--sound", type=click.Choice(["own", "both"]), help="The actor's, or with the partner's.  [default: own]"
)
@click.option("--strict", is_flag=True, help="Blanks that nobody filled in, such as {name}, are an error.")
@click.option("--fps", type=int, help="Pictures per second, 24 to 60.")
@click.option("--size", metavar="512|WxH", help="Picture size in pixels, 64 to 2160, even.")
@click.option(
    "--camera",
    multiple=True,
    metavar="NAME|YAW,PITCH,DISTANCE,FOV",
    help="View: avgen actors info shows the names. Numbers are degrees right, degrees up, metres, and "
    "degrees across the shorter side. Give it again for another view of the same take.",
)
@click.option(
    "--layout",
    "layouts",
    multiple=True,
    type=click.Choice(LAYOUTS),
    help="How people of a dialogue share a picture; give it again for another.  [default: side-by-side]",
)
@click.option(
    "--mix",
    type=click.Choice(["stereo", "mono"]),
    help="Of a dialogue's voices: each from its seat, or not.  [default: stereo]",
)
@click.option("--turn-gap", type=float, help="Seconds after which the next person most often speaks.")
@click.option(
    "--background",
    metavar="NAME|#RRGGBB|FILE",
    help="gradient, a colour, a .png or .jpg file, or transparent (.webm and .mov).",
)
@click.option(
    "--format",
    type=click.Choice(["mp4", "webm", "mov"]),
    help="H.264 and AAC, VP9 and Opus, or ProRes 4444 and PCM.  [default: the preset's, or as -o ends]",
)
@click.option(
    "--loudness", type=float, help="Of the sound, in LUFS: -16 for the web.  [default: as the actor speaks]"
)
@click.option(
    "--export",
    "exports",
    multiple=True,
    metavar="KIND,...",
    help="Also make these files beside each video: avgen export --help lists them.",
)
@click.option(
    "--burn-subtitles", is_flag=True, help="Also make a copy of each video with its words in the picture."
)
@click.option(
    "--force",
    type=click.Choice(STAGE_NAMES),
    metavar="[=STAGE]",
    help=f"Make anew, from a stage on: {', '.join(STAGE_NAMES)}.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that avgen did not write.")
@click.option("--wait", is_flag=True, help="Wait for another run in the same folder.")
@click.option(
    "--input-format",
    type=click.Choice(["txt", "csv", "jsonl"]),
    help="What standard input is.  [default: what it looks like]",
)
@click.option(
    "--devices",
    default="auto",
    show_default=True,
    metavar="cpu|cuda:0,1|auto",
    help="Where to compute; auto takes every GPU, else the CPU.",
)
@click.option("--workers", type=int, help="Clips made at once.  [default: one per GPU, or per CPU core]")
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where the workers are: on this machine, or on the nodes of a Ray cluster.",
)
@click.option(
    "--address", metavar="HOST:PORT|auto", help="Of the Ray cluster.  [default: a new one on this machine]"
)
@click.option("--shard", metavar="K/N", help="Make the K-th of N shares of the takes, for job arrays.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, in what time and space.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def render(**given: Any) -> None:
    """Make a video of an actor who speaks each INPUT.

    INPUT is a .txt file in UTF-8 (lines of --- split it into several clips; if lines begin with names,
    MIRA: Hello, people talk to each other), a recording, - for standard input, or a manifest: .csv or .jsonl
    with the columns id, one of text, text_file, audio and listen, and, as wanted, transcript, partner,
    speaker_channel, actor, seed or seeds, preset, camera, output (a file name with {id}, {seed}, {camera})
    and any setting; or with dialogue, speaker and text. What is there already and still as asked is not made
    again.

    Machines that share a file system can work on one folder together: as a job array, in which each task
    makes its share, or as a Ray cluster, to whose nodes one run hands its clips. With Slurm:

    \b
      sbatch --array=1-8 --wrap 'avgen render night.csv --shard $SLURM_ARRAY_TASK_ID/8'
      srun ray symmetric-run --address $HEAD:6379 --min-nodes $SLURM_NNODES -- \\
        avgen render night.csv --engine ray --address auto

    Output, actors and cache ($AVGEN_CACHE_DIR) must have the same paths on all of them.
    """  # noqa: D301 click reads \b as: do not wrap
    from avgen.cli import results
    from avgen.jobs.machines import find_machines
    from avgen.jobs.planning import check_texts, plan, survey
    from avgen.jobs.report import Run
    from avgen.jobs.shard import parse_shard
    from avgen.takes.cache import Cache, default_root

    ctx, as_json = click.get_current_context(), bool(given["as_json"])
    share = parse_shard(given["shard"]) if given["shard"] else None
    machines = find_machines(given["engine"], given["address"], given["devices"])
    specs = plan(_request(given, machines.device))
    if share is not None and not (specs := share.select(specs)):
        say(f"Share {given['shard']} has no clips: there are fewer takes than shares.", err=True)
        results.show(Run((), 0.0), as_json)
        return
    store = Cache(default_root())
    outlooks = survey(specs, store, given["force"])
    check_texts(outlooks, given["strict"])
    options = _options(given, ctx.meta[COMMAND], machines, outlooks, share.name if share else "")
    if given["dry_run"]:
        results.show_plan(outlooks, options, as_json)
        return

    from avgen.cli.progress import progress
    from avgen.jobs.driver import run

    with progress(len(outlooks)) as observe:
        ended = run(outlooks, store, observe, options)
    results.show(ended, as_json)
    ctx.exit(results.exit_code(ended))


def _request(given: Mapping[str, Any], device: str) -> Request:
    """What the options ask for."""
    from avgen.config import SETTINGS
    from avgen.exports import parse_exports
    from avgen.inputs.manifest import read_inputs, with_partner, with_speaker_channel, with_transcript
    from avgen.jobs.planning import Request

    if not (given["inputs"] or given["listen"]):
        raise click.MissingParameter(param_hint="INPUT...", param_type="argument")
    rows = read_inputs(given["inputs"], sys.stdin.buffer, given["input_format"], given["listen"])
    if given["transcript"]:
        rows = with_transcript(rows, given["transcript"])
    if given["speaker_channel"]:
        rows = with_speaker_channel(rows, given["speaker_channel"])
    if given["partner"]:
        rows = with_partner(rows, given["partner"])
    return Request(
        rows=rows,
        actor=given["actor"],
        preset=given["preset"],
        settings={
            name: given[name] for name in sorted(SETTINGS | {"size"}) if name in given and name != "camera"
        },
        cameras=given["camera"],
        seeds=_seeds(given["seed"], given["seeds"], given["variations"]),
        variations=given["variations"],
        output=Path(given["output"]),
        device=device,
        exports=parse_exports((*given["exports"], *(("subtitled",) if given["burn_subtitles"] else ()))),
        layouts=given["layouts"],
    )


def _options(
    given: Mapping[str, Any],
    command: tuple[str, ...],
    machines: Machines,
    outlooks: Sequence[Outlook],
    share: str,
) -> Options:
    """How the run goes."""
    from avgen.jobs.driver import Options

    return Options(
        given["force"],
        given["overwrite"],
        given["wait"],
        machines.devices,
        given["workers"],
        command=command,
        share=share,
        engine=machines.engine(given["workers"], sum(not outlook.done for outlook in outlooks)),
    )


def _seeds(seed: int | None, seeds: str | None, variations: int) -> tuple[int, ...]:
    from avgen.errors import InputError
    from avgen.inputs.manifest import parse_seeds

    if seeds is None:
        return (seed or 0,)
    if seed is not None or variations != 1:
        raise InputError("--seeds names every take; leave out --seed and --variations.")
    return parse_seeds(seeds)
