"""Text in, MP4 of a talking synthetic avatar out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avgen.api import render
    from avgen.performer import Performer, Take, load_actor, open_take

__version__ = "0.1.0"
__all__ = ["Performer", "Take", "__version__", "load_actor", "open_take", "render"]
_HOMES = {
    "render": "avgen.api",
    **dict.fromkeys(("Performer", "Take", "load_actor", "open_take"), "avgen.performer"),
}


def __getattr__(name: str) -> Any:
    """Import the Python interface when it is first used: `import avgen` stays instant."""
    import importlib

    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'avgen' has no attribute {name!r}")
