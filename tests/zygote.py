"""Runs `avgen` in forks of a process that has everything imported: a fraction of a second each.

Reads one JSON object a line, {"arguments": [...], "folder": ..., "environment": {...}}, and answers with one
line, {"code": ...}, negative for a signal. Standard output and error of the run go to files in its folder, or
in the folder "log".
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import torch

import avgen.flow.avflow
import avgen.flow.head_vae
import avgen.flow.text_to_tokens
import avgen.media.ffmpeg
import avgen.stages.mux
import avgen.stages.render
import avgen.stages.sample
import avgen.stages.tokenize
import avgen.stages.vocode
import avgen.takes.archive
import avgen.text
import avgen.vocoders.source_filter
import tests.fakes  # noqa: F401
from avgen.actors import components
from avgen.cli import main
from avgen.jobs import local
from tests import faults


def prepare() -> None:
    """Put the classes of the tiny actor and faults in, and load what every run needs."""
    torch.set_num_threads(1)
    components.KINDS["avatar"]["tiny"] = "tests.fakes:TinyAvatar"
    local.WORKER_MODULE = "tests.tiny_worker"
    avgen.text.read_script("Hello.")
    faults.install()


def run(command: dict[str, Any]) -> None:
    """Become the run; never returns."""
    os.chdir(command["folder"])
    os.environ.update(command["environment"])
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(
            os.open(os.path.join(command.get("log", "."), name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            number,
        )
    try:
        main(command["arguments"])
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(end.code if isinstance(end.code, int) else 1)


if __name__ == "__main__":
    prepare()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            run(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)
