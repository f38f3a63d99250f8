"""A worker process that knows the classes of the tiny actor."""

from __future__ import annotations

from avgen.actors import components
from avgen.jobs import worker


def main(name: str) -> None:
    components.KINDS["avatar"]["tiny"] = "tests.fakes:TinyAvatar"
    worker.main(name)
