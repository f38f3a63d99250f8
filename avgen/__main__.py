"""`python -m avgen`."""

from __future__ import annotations

from avgen.cli import main

main()
