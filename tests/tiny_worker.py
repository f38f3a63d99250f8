"""A worker process that knows the classes of the tiny actor."""

from __future__ import annotations

import avgen.renderers
from avgen import components
from avgen.jobs import worker
from tests.fakes import TinyRenderer


def main(name: str) -> None:
    components.KINDS["avatar"]["tiny"] = "tests.fakes:TinyAvatar"
    avgen.renderers.create_renderer = TinyRenderer  # type: ignore[assignment]
    worker.main(name)
