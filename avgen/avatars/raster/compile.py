"""Just-in-time compilation of the CPU kernels, kept on disk where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def inlined(function: Function) -> Function:
    """Compile a function into the kernels that call it.

    An array is ten arguments or so, so that a call with five of them costs as much as a short function does.
    """
    compiled: Any = njit(nogil=True, fastmath=True, inline="always")(function)
    jitted: Function = compiled
    return jitted


def kernel(function: Function) -> Function:
    """Compile a kernel that releases the GIL.

    Compiled code is cached beside the source or, where that is read-only, in the user's cache folder; with
    neither writable it is compiled anew by every process.

    Kernels become part of those that call them. As functions of their own they would be compiled twice, and
    which of the two a caller gets would depend on whether it was compiled now or came from the cache: the
    rounding, and so pictures, would differ between a first run and those after it.
    """
    try:
        compiled: Any = njit(nogil=True, fastmath=True, cache=True, forceinline=True)(function)
    except RuntimeError:
        compiled = njit(nogil=True, fastmath=True, forceinline=True)(function)
    jitted: Function = compiled
    return jitted
