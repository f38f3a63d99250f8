"""What the command line prints: nothing that steers the terminal, and nothing that breaks a run."""

from __future__ import annotations

import errno
import os
import re
import sys
from typing import Final

import click

from avgen.errors import OutputError

_STEERING: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]|\r(?!\n)")
"""C0 and C1 controls but tabs and line ends, and what is left of bytes that are no UTF-8."""


def printable(text: object) -> str:
    r"""Return a text whose control characters are spelt out as `\u001b`, in JSON still the same text."""
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", str(text))


def cell(text: object) -> str:
    """Return a text for a rich table or a progress line, in which nothing is markup."""
    from rich.markup import escape

    return escape(printable(text))


def say(text: object, err: bool = False, nl: bool = True) -> None:
    """Print: results to standard output, all else to standard error.

    Args:
        text: to be printed; names and texts in it may come from anywhere.
        err: to standard error, where nobody may be listening any more: that is no reason to stop.
        nl: end the line.

    Raises:
        click.exceptions.Exit: if whoever read standard output has closed it.
        OutputError: if standard output cannot be written, as on a full disk.
    """
    try:
        click.echo(printable(text), err=err, nl=nl)
    except OSError as error:
        _drop(2 if err else 1)
        if err:
            return
        if error.errno == errno.EPIPE:
            raise click.exceptions.Exit(1) from None
        raise OutputError(f"standard output cannot be written: {error.strerror}.") from None


def is_terminal(err: bool = False) -> bool:
    """Tell whether people look at standard output, or at standard error."""
    stream = sys.stderr if err else sys.stdout
    return stream is not None and stream.isatty()


def fill_streams() -> None:
    """Open closed standard streams, lest the next file that is opened be taken for one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _drop(stream: int) -> None:
    """Send what is left for a broken stream nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream)
    os.close(nowhere)
