"""A worker process that knows the classes of the tiny actor."""

from __future__ import annotations

import avgen.avatars.create
from avgen.actors import components
from avgen.jobs import worker
from tests.fakes import TinyRenderer


def main(name: str) -> None:
    components.KINDS["avatar"]["tiny"] = "tests.fakes:TinyAvatar"
    avgen.avatars.create.create_renderer = TinyRenderer  # type: ignore[assignment]
    worker.main(name)
