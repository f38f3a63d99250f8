"""Kernels that draw an actor, compiled by a process of its own while photographs are looked at."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from avgen.actors.actor import actor_folders, read_actor
from avgen.avatars.mesh.shading import draw
from avgen.avatars.mesh.storage import read_tensors
from avgen.avatars.raster.compile import is_kept
from avgen.casting.making import DOMAIN
from avgen.casting.sheet import draw_sheet


@contextmanager
def compiled_ahead() -> Iterator[None]:
    """Have the kernels compiled meanwhile, unless they are kept already; afterwards they are.

    A second core halves the time of a first actor so. If the process fails, they are compiled when needed.
    """
    if is_kept(draw):
        yield
        return
    # The same places to import from, and nothing from the folder the user happens to be in.
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import compile_kernels; compile_kernels()"
    )
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen([sys.executable, "-c", code], stdin=nowhere, stdout=nowhere, stderr=nowhere)
    try:
        yield
        process.wait()
    finally:
        process.kill()
        process.wait()


def compile_kernels() -> None:
    """Draw a sheet, which keeps the kernels that this takes."""
    speaker = read_actor(actor_folders()[DOMAIN])
    draw_sheet(*read_tensors(speaker.components["avatar"].file), speaker)
