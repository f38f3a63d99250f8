"""The command line: one file per command; heavy imports wait until a command runs."""

from __future__ import annotations

import logging
import os
import signal
from types import FrameType
from typing import Any

import click

from avgen import __version__
from avgen.cli.actors import actors
from avgen.cli.cache import cache
from avgen.cli.doctor import doctor
from avgen.cli.evaluate import evaluate
from avgen.cli.export import export
from avgen.cli.gallery import gallery
from avgen.cli.pick import pick
from avgen.cli.read import read
from avgen.cli.render import render
from avgen.cli.status import status
from avgen.cli.terminal import fill_streams, say
from avgen.errors import AvgenError

# Matrices here are small: numpy's helper threads would only wait for work and take the cores from drawing.
# The variable is read once, when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class _Terminated(KeyboardInterrupt):
    """SIGTERM, so that temporary files are removed as after Ctrl-C."""


class _Commands(click.Group):
    """Turns errors and signals into the documented exit codes."""

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


for _command in (render, read, status, export, gallery, evaluate, pick, actors, cache, doctor):
    main.add_command(_command)
