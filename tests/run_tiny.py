"""`avgen` in a process of its own, with the classes of the tiny actor; draws slowly, to be caught at it."""

from __future__ import annotations

import time
from typing import Any

import avgen.avatars.create
from avgen.actors import components
from avgen.cli import main
from avgen.jobs import local


def create_slow_renderer(*arguments: Any) -> Any:
    from tests.fakes import TinyRenderer  # torch comes with it, which the driver of a batch does without

    class SlowRenderer(TinyRenderer):
        def render(self, face: Any, head: Any) -> Any:
            time.sleep(0.1)
            return super().render(face, head)

    return SlowRenderer(*arguments)


if __name__ == "__main__":
    components.KINDS["avatar"]["tiny"] = "tests.fakes:TinyAvatar"
    avgen.avatars.create.create_renderer = create_slow_renderer
    local.WORKER_MODULE = "tests.tiny_worker"
    main()
