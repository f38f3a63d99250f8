"""The command line as users know it: a change here is a change of the interface."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from avgen import __version__
from avgen.cli import main

SURFACE = {
    "actors check": ["name"],
    "actors import": ["--id", "--name", "path", "system"],
    "actors info": ["--json", "name"],
    "actors list": ["--json"],
    "actors make": [
        *("--age", "--ancestry", "--build", "--consent", "--eyes", "--hair", "--like", "--photo", "--random"),
        *("--skin", "--voice", "--wear", "name"),
    ],
    "cache gc": ["--max-size"],
    "cache ls": ["--json"],
    "cache verify": [],
    "doctor": ["--actor"],
    "evaluate": ["--json", "--output", "--reference", "folders"],
    "export": ["--overwrite", "--to", "takes"],
    "gallery": ["--open", "--output", "folder"],
    "pick": ["--best", "--output", "folder"],
    "read": ["--json", "--lexicon", "--strict", "inputs"],
    "render": [
        *("--actor", "--address", "--background", "--burn-subtitles", "--camera", "--devices", "--dry-run"),
        *(
            "--emotion",
            "--engine",
            "--export",
            "--force",
            "--format",
            "--fps",
            "--gestures",
            "--guidance-scale",
        ),
        *("--input-format", "--json", "--layout", "--lexicon", "--listen", "--loudness", "--mix", "--output"),
        *(
            "--overwrite",
            "--partner",
            "--preset",
            "--seed",
            "--seeds",
            "--sentence-silence",
            "--shard",
            "--size",
        ),
        *(
            "--sound",
            "--speaker-channel",
            "--speaking-rate",
            "--steps",
            "--strict",
            "--style",
            "--temperature",
        ),
        *("--transcript", "--turn-gap", "--variations", "--voice", "--wait", "--workers", "inputs"),
    ],
    "status": ["--json", "clips", "folder"],
    "voices list": ["--actor", "--json"],
    "voices sample": ["--actor", "--output", "--overwrite", "name"],
}


def commands(group: click.Group = main, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command


def test_surface_is_frozen() -> None:
    found = {
        name: sorted(max(parameter.opts, key=len) for parameter in command.params)
        for name, command in commands()
    }
    assert found == SURFACE


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[name for name, _ in commands()])
def test_help_describes_everything_and_ends_with_an_example(name: str, command: click.Command) -> None:
    for parameter in command.params:
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name
    result = CliRunner().invoke(main, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert result.stdout.rstrip().splitlines()[-1].strip().startswith(f"Example: avgen {name}")


def test_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).stdout == f"avgen, version {__version__}\n"
