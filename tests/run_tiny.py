"""`avgen` in a process of its own, with the classes of the tiny actor; draws slowly, to be caught at it."""

from __future__ import annotations

from avgen.actors import components
from avgen.cli import main
from avgen.jobs import local
from tests import faults

if __name__ == "__main__":
    components.KINDS["avatar"]["tiny"] = "tests.fakes:SlowAvatar"
    local.WORKER_MODULE = "tests.tiny_worker"
    faults.install()
    main()
