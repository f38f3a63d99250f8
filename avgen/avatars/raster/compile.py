"""Just-in-time compilation of the CPU kernels, kept on disk where that is possible.

What numba keeps are pickles, which run code when they are read. So they lie in a folder that is the user's
own, and that belongs to these very sources: kernels of another version are never looked at.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from numba import config, njit

from avgen.files import user_cache

Function = TypeVar("Function", bound=Callable[..., object])
SOURCES: Final = Path(__file__).parents[1]
"""Whose kernels are compiled."""


def kernel_folder() -> Path | None:
    """Return the folder for compiled kernels; None if there can be none that is the user's own."""
    digest = hashlib.sha256()
    for source in sorted(SOURCES.rglob("*.py")):
        digest.update(source.read_bytes())
    folder = user_cache() / "kernels" / digest.hexdigest()[:16]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if folder.stat().st_uid == os.getuid() and os.access(folder, os.W_OK) else None
    except OSError as error:
        logging.getLogger(__name__).debug("%s: %s", folder, error)
        return None


def _keep_kernels() -> bool:
    """Tell numba where kernels are kept, unless `$NUMBA_CACHE_DIR` does; whether they are kept at all."""
    if own := os.environ.get("NUMBA_CACHE_DIR"):
        return os.access(own, os.W_OK)
    folder = kernel_folder()
    config.CACHE_DIR = str(folder or "")  # type: ignore[attr-defined]
    return folder is not None


KEPT: Final = _keep_kernels()


def inlined(function: Function) -> Function:
    """Compile a function into the kernels that call it.

    An array is ten arguments or so, so that a call with five of them costs as much as a short function does.
    """
    compiled: Any = njit(nogil=True, fastmath=True, inline="always")(function)
    jitted: Function = compiled
    return jitted


def kernel(function: Function) -> Function:
    """Compile a kernel that releases the GIL; with nowhere to keep it, every process does so anew.

    Kernels become part of those that call them. As functions of their own they would be compiled twice, and
    which of the two a caller gets would depend on whether it was compiled now or came from the cache: the
    rounding, and so pictures, would differ between a first run and those after it.
    """
    compiled: Any = njit(nogil=True, fastmath=True, cache=KEPT, forceinline=True)(function)
    jitted: Function = compiled
    return jitted


def is_kept(compiled: object) -> bool:
    """Whether a kernel need not be compiled, or would not be kept."""
    dispatcher: Any = compiled
    name = dispatcher.py_func.__name__
    return not KEPT or any(Path(dispatcher.stats.cache_path).glob(f"*.{name}-*.nbc"))
