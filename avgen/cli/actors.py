"""`avgen actors`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from avgen.cli.terminal import say

if TYPE_CHECKING:
    from avgen.casting.words import Words
    from avgen.released.audio2photoreal import Line


@click.group(epilog="Example: avgen actors list")
def actors() -> None:
    """Make, import, list, describe and check actors."""


@actors.command("list", epilog="Example: avgen actors list --json")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def list_actors(as_json: bool) -> None:
    """List every actor that can be found."""
    from avgen.actors.actor import actor_folders, read_actor
    from avgen.errors import ActorError

    found = []
    for folder in actor_folders().values():
        try:
            found.append(read_actor(folder))
        except ActorError as error:
            say(f"Warning: {error}", err=True)
    if as_json:
        rows = [
            {
                "name": one.name,
                "description": one.description,
                "folder": str(one.folder),
                "thumbnail": str(one.thumbnail) if one.thumbnail else None,
            }
            for one in found
        ]
        say(json.dumps({"actors": rows}, indent=1))
        return
    for actor in found:
        say(f"{actor.name}: {actor.description}" + (f" {actor.thumbnail}" if actor.thumbnail else ""))


@actors.command(epilog="Example: avgen actors info mira")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def info(name: str, as_json: bool) -> None:
    """Show licence, credits, cameras, voices and components."""
    from avgen.actors.actor import Actor, find_actor

    def row(actor: Actor, slot: str) -> dict[str, Any]:
        part = actor.components[slot]
        size = part.file.stat().st_size if part.file.is_file() else 0
        return {"slot": slot, "kind": part.kind, "file": part.file.name, "bytes": size, "sha256": part.sha256}

    actor = find_actor(name)
    about = {
        "name": actor.name,
        "title": actor.title,
        "description": actor.description,
        "licence": actor.licence,
        "consent": actor.consent,
        "language": actor.language,
        "tokens": actor.label_set,
        "cameras": list(actor.cameras),
        "voices": list(actor.voices),
        "folder": str(actor.folder),
    }
    parts = [row(actor, slot) for slot in actor.components]
    if as_json:
        say(json.dumps({**about, "credits": actor.credits, "components": parts}, indent=1))
        return
    for key, value in about.items():
        say(f"{key + ':':<13}{', '.join(value) if isinstance(value, list) else value}")
    say("credits:")
    for line in actor.credits:
        say(f"  - {line}")
    say("components:")
    for part in parts:
        say(
            f"  {part['slot']:<15}{part['kind']:<15}{part['bytes'] / 1e6:7.2f} MB  "
            f"sha256 {part['sha256'][:16]}  {part['file']}"
        )


@actors.command(epilog="Example: avgen actors check mira")
@click.argument("name")
def check(name: str) -> None:
    """Compare every file of an actor with its SHA-256."""
    from avgen.actors.actor import damaged_files, find_actor
    from avgen.actors.components import check_kinds
    from avgen.actors.released import remarks
    from avgen.errors import ActorError

    actor = find_actor(name)
    check_kinds(actor)
    problems = list(damaged_files(actor))
    if problems:
        raise ActorError(f"actor {actor.name}: " + "\n".join(problems))
    say(f"{actor.name}: {len(actor.components)} components, all files are whole")
    for remark in remarks(actor):
        say(f"{actor.name}: {remark}")


@actors.command(epilog="Example: avgen actors make anna --like woman --age 50 --hair :grey")
@click.argument("name")
@click.option(
    *("--photo", "photos"),
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Picture of a person; several of the same person are used together.",
)
@click.option("--consent", default="", metavar="TEXT", help="With --photo: who agreed to what.")
@click.option("--like", default="", metavar="woman|man", help="A synthetic person, nobody's likeness.")
@click.option("--random", "seed", type=int, metavar="SEED", help="Chance for what is not said.  [default: 0]")
@click.option("--age", type=int, metavar="YEARS", help="18 to 90.")
@click.option(
    "--ancestry", default="", metavar="NAME|MIX", help="african, asian, european, or shares of them."
)
@click.option("--build", default="", metavar="NAME", help="slim, average, heavy or muscular.")
@click.option(
    "--skin", default="", metavar="NAME|#RRGGBB", help="fair, light, medium, olive, tan, brown, dark."
)
@click.option("--eyes", default="", metavar="NAME|#RRGGBB", help="dark, brown, hazel, green, blue or grey.")
@click.option("--hair", default="", metavar="STYLE:COLOUR", help="Such as bun:grey, bun or :black.")
@click.option(
    "--wear", default="", metavar="NAME|#RRGGBB", help="Colour of the clothes: navy, white, rust ..."
)
@click.option("--voice", default="", metavar="NAME|MIX", help="avgen voices list.  [default: one that fits]")
def make(
    name: str, photos: tuple[Path, ...], consent: str, seed: int | None, voice: str, **words: Any
) -> None:
    """Make an actor of your own: a synthetic person, or from photographs.

    The folder is made in $AVGEN_HOME/actors, or here; sheet.png in it shows what the actor looks like.
    Photographs show somebody who has agreed to it; what they agreed to stands in the actor and in every
    clip. They are not kept, and no voice is imitated. With --like woman or man (and --age, --build,
    --ancestry) such an actor has a body, too.
    """
    from avgen.casting.making import make_synthetic
    from avgen.casting.words import Words

    if photos:
        if seed is not None:
            raise click.UsageError("--random is for synthetic people: leave it out beside --photo.")
        folder = _from_photos(name, photos, consent, voice, Words(**words) if any(words.values()) else None)
    elif consent:
        raise click.UsageError("--consent goes with --photo: a synthetic person is nobody's likeness.")
    else:
        folder = make_synthetic(name, Words(**words), seed or 0, voice)
    say(f"{folder}: made. See {folder / 'sheet.png'}, then: avgen render script.txt --actor {name}")


@actors.command("import", epilog="Example: avgen actors import audio2photoreal downloads --id PXB184")
@click.argument("system", type=click.Choice(["audio2photoreal", "wav2vec2"]))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--id", "identity", default="", metavar="ID", help="Whom: PXB184, RLW104, TXB805 or GQS883.")
@click.option("--name", default="", help="Of the actor.  [default: the ID in small letters]")
def import_released(system: str, path: Path, identity: str, name: str) -> None:
    """Make an actor of the files that others released, which lie in PATH.

    Nothing in the files is run. The folder is made in $AVGEN_HOME/actors, or here; stopped, the same command
    goes on where it was. With wav2vec2, PATH is torchaudio's file, and the actor --name, whose extractor is
    made of it, is there already.
    """
    if system == "wav2vec2":
        from avgen.released.wav2vec2 import restore

        if not name or identity:
            raise click.UsageError("wav2vec2 needs the --name of the actor, and no --id.")
        say(f"{restore(path, name)}: written. Check with: avgen actors check {name}")
        return
    from avgen.released.audio2photoreal import import_actor

    def tell(line: Line) -> None:
        say(f"{line.state:<10}{line.file}" + (f": {line.note}" if line.note else ""), err=True)

    if not identity:
        raise click.UsageError(
            "audio2photoreal needs the --id of a person: PXB184, RLW104, TXB805 or GQS883."
        )
    folder = import_actor(path, identity, name or identity.lower(), tell)
    say(f"{folder}: made. See: avgen actors info {folder}")


def _from_photos(name: str, photos: tuple[Path, ...], consent: str, voice: str, figure: Words | None) -> Path:
    """Make an actor from photographs, and say what is weak about it."""
    from avgen.casting.portrait.making import make_from_photos

    def tell(step: str) -> None:
        say(f"{name}: {step}", err=True)

    made = make_from_photos(name, photos, consent, voice, tell, figure)
    for sentence in made.weaknesses:
        say(f"Weak: {sentence}", err=True)
    return made.folder
