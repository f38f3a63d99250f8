"""The command line: one file per command, imported when it is named; heavy imports wait until it runs."""

from __future__ import annotations

import importlib
import logging
import os
import signal
from types import FrameType
from typing import Any, Final

import click

from avgen import __version__
from avgen.cli.terminal import fill_streams, say
from avgen.errors import AvgenError

# Matrices here are small: numpy's helper threads would only wait for work and take the cores from drawing.
# The variable is read once, when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


COMMANDS: Final = {
    "render": "Make videos of scripts, recordings, subtitles or whole manifests.",
    "read": "Show how texts will be read aloud, without making anything.",
    "status": "Tell what is done, running, failed or left, and why.",
    "export": "Make other files of takes: subtitles, sound, animation.",
    "evaluate": "Measure takes: speech, lips, motion, timing, and a score.",
    "pick": "Pick the takes with the best score, as a manifest.",
    "gallery": "Write a page to look through takes and pick among them.",
    "voices": "List an actor's voices, and hear them.",
    "actors": "Make, import, list, describe and check actors.",
    "cache": "List, check and clean what stages have computed.",
    "doctor": "Check whether everything works here.",
}
"""What each does, in a line; the command of a name is what its file calls so."""


class _Terminated(KeyboardInterrupt):
    """SIGTERM, so that temporary files are removed as after Ctrl-C."""


class _Commands(click.Group):
    """Imports commands by name, and turns errors and signals into the documented exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"avgen.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AvgenError as error:
            say(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt as error:
            say("Stopped. Run the same command again to go on from here.", err=True)
            ctx.exit(143 if isinstance(error, _Terminated) else 130)


class _StatusHandler(logging.Handler):
    """Shows the library's warnings among the status lines."""

    def emit(self, record: logging.LogRecord) -> None:
        say(f"{record.levelname.capitalize()}: {self.format(record)}", err=True)


def _terminate(signum: int, frame: FrameType | None) -> None:
    raise _Terminated


@click.group(
    cls=_Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "token_normalize_func": lambda name: name.replace("_", "-"),
        "max_content_width": 100,
    },
    epilog="Example: avgen render script.txt -o out",
)
@click.version_option(__version__, prog_name="avgen")
def main() -> None:
    """Text in, MP4 of a talking synthetic avatar out."""
    fill_streams()
    logger = logging.getLogger("avgen")
    if not any(isinstance(handler, _StatusHandler) for handler in logger.handlers):
        logger.addHandler(_StatusHandler(logging.WARNING))
    signal.signal(signal.SIGTERM, _terminate)
