"""What a Ray actor makes clips with in tests: a worker that knows the classes of the tiny actor."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from avgen.actors import components
from avgen.jobs import worker
from tests import faults


class TinyWorker(worker.Worker):
    """Leaves its process id, the GPU it sees and its clip's name in a folder; sleeps if it is asked to."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        components.KINDS["avatar"]["tiny"] = "tests.fakes:TinyAvatar"
        faults.install()

    def run(self, job: Any, observe: Any) -> Any:
        note = f"{os.getpid()} {os.environ.get('CUDA_VISIBLE_DEVICES')} {job.spec['clip']['id']}\n"
        with Path(os.environ["AVGEN_NOTES"], self.name).open("a") as notes:
            notes.write(note)
        time.sleep(float(os.environ.get("AVGEN_SECONDS", 0)))
        return super().run(job, observe)
