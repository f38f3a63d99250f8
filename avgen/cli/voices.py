"""`avgen voices`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import click

from avgen.cli.terminal import say

SENTENCE: Final = "Hello. This is how I sound when I read something to you, and it takes only a moment."
"""What a sample says."""
KINDS: Final = ("wav", "flac", "mp3")
"""Exports that are sound alone."""
_actor = click.option(
    "--actor", default="mira", show_default=True, metavar="NAME|DIR", help="Whose voices: avgen actors list."
)


@click.group(epilog="Example: avgen voices list")
def voices() -> None:
    """List an actor's voices, and hear them."""


@voices.command("list", epilog="Example: avgen voices list --json")
@_actor
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def list_voices(actor: str, as_json: bool) -> None:
    """List the voices of an actor.

    A * marks the one that speaks where no other is asked for.
    """
    from avgen.actors.actor import find_actor

    found = find_actor(actor)
    if as_json:
        rows = [{"name": name, **voice._asdict()} for name, voice in found.voices.items()]
        say(json.dumps({"actor": found.name, "voice": found.voice, "voices": rows}, indent=1))
        return
    width = max(map(len, found.voices))
    for name, voice in found.voices.items():
        mark = "*" if name == found.voice else " "
        say(f"{mark} {name:<{width}}  {voice.mean_pitch:4.0f} Hz  {voice.description}")


@voices.command(epilog="Example: avgen voices sample ada -o ada.wav")
@click.argument("name", metavar="NAME|NAME:SHARE,...")
@click.option("-o", "--output", required=True, metavar="FILE", help="A .wav, .flac or .mp3 file.")
@_actor
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def sample(name: str, output: str, actor: str, overwrite: bool) -> None:
    """Speak a sentence with a voice or a mix.

    Sound alone is made, no pictures: it takes a few seconds.
    """
    from avgen.errors import InputError, OutputError
    from avgen.performer import load_actor

    path = Path(output)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise InputError(f"{output}: expected a file that ends in {', '.join(f'.{kind}' for kind in KINDS)}.")
    if path.exists() and not overwrite:
        raise OutputError(f"{output} exists. Move it, or give --overwrite.")
    take = load_actor(actor).speak(SENTENCE, voice=name)
    try:
        take.export(kind, path)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written: {error.strerror}.") from None
    say(output)
