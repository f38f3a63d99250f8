"""Text in, MP4 of a talking synthetic avatar out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avgen.api import render

__version__ = "0.1.0"
__all__ = ["__version__", "render"]


def __getattr__(name: str) -> Any:
    """Import the Python interface when it is first used: `import avgen` stays instant."""
    if name == "render":
        from avgen.api import render

        return render
    raise AttributeError(f"module 'avgen' has no attribute {name!r}")
