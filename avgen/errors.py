"""Every error avgen raises on purpose.

A message says what failed, where (file, line or clip), what was expected, and what to do next.
"""

from __future__ import annotations


class AvgenError(Exception):
    """Base of all deliberate errors; the CLI prints its message and exits with `exit_code`."""

    exit_code = 1


class InputError(AvgenError):
    """The script, manifest, option or preset is wrong; nothing was written."""

    exit_code = 2


class ActorError(AvgenError):
    """An actor folder is missing, incomplete or altered."""

    exit_code = 2


class StageError(AvgenError):
    """A stage failed on a clip although its input was valid."""

    exit_code = 3


class OutputError(AvgenError):
    """A result could not be written (full disk, no permission)."""

    exit_code = 74


class LockedError(AvgenError):
    """Another run holds the output folder."""

    exit_code = 75
