"""Actors from photographs: what a picture shows, whose shape it is, and which colours."""

from __future__ import annotations

from typing import Final

INSTALL: Final = "pip install 'avgen[photo]'"
"""What photographs need beyond avgen itself."""
