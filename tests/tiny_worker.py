"""A worker process that knows the classes of the tiny actor."""

from __future__ import annotations

from avgen.actors import components
from avgen.jobs import worker
from tests import faults


def main(name: str) -> None:
    components.KINDS["avatar"]["tiny"] = "tests.fakes:TinyAvatar"
    faults.install()
    worker.main(name)
