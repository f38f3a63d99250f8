"""What a released actor of the published sizes costs on the CPU, with random weights.

    python -m scripts.bench.bm_released --out scripts/bench/RELEASED.md

The files of a release are made up, imported, and speak a text, each in a process of its own, whose peak of
memory is its own. CPU seconds are those to trust on a busy machine.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import yaml

from avgen.avatars.ca_body.sizes import Sizes
from avgen.background import Background
from avgen.performer import load_actor
from avgen.released.audio2photoreal import find_files, import_actor
from avgen.released.generators import Widths
from avgen.stages import render
from tests.codec_bodies import body_tensors, write_generators, write_release

WHO = "PXB184"
STEPS = 10
FRAMES = 10
TEXT = "Hello there."


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AVGEN_HOME"] = str(Path(folder) / "home")
        alone(write_files, Path(folder))
        rows = [row(f"import, {size(Path(folder))}", alone(bring_in, Path(folder)))]
        actor = Path(folder) / "home" / "actors" / WHO.lower()
        set_steps(actor / "actor.yaml")
        for name, spent in alone(speak, actor)["stages"].items():
            rows.append(row(name, spent))
        arguments.out.write_text(report(rows), encoding="utf-8")


def alone(work: Callable[[Path], dict[str, Any]], folder: Path) -> dict[str, Any]:
    """Do work in a process of its own; what it returns, with its CPU seconds, seconds and peak of memory."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measured, (work, folder))


def measured(work: Callable[[Path], dict[str, Any]], folder: Path) -> dict[str, Any]:
    """Do work on one thread, and measure it."""
    torch.set_num_threads(1)
    started, wall = time.process_time(), time.perf_counter()
    made = work(folder)
    return {**made, "cpu": time.process_time() - started, "wall": time.perf_counter() - wall, "peak": peak()}


def peak() -> float:
    """Megabytes that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write_files(folder: Path) -> dict[str, Any]:
    """Make the files up."""
    write_release(folder / "release", WHO, body_tensors(sizes=Sizes()))
    write_generators(folder / "release", Widths(), convolutions=13)
    return {}


def size(folder: Path) -> str:
    """How large the files are."""
    files = find_files(folder / "release", WHO, lambda line: None).values()
    return f"{sum(path.stat().st_size for path in files) / 1e6:.0f} MB"


def bring_in(folder: Path) -> dict[str, Any]:
    """Import them."""
    import_actor(folder / "release", WHO, WHO.lower(), lambda line: None)
    return {}


def set_steps(path: Path) -> None:
    """Let the actor's motion take so many steps."""
    about = yaml.safe_load(path.read_text())
    about["components"]["motion"]["config"]["steps"] = STEPS
    path.write_text(yaml.safe_dump(about, sort_keys=False))


def speak(actor: Path) -> dict[str, Any]:
    """Speak a text, and draw some pictures of it; what each step cost."""
    stages: dict[str, dict[str, float]] = {}

    def step(name: str, work: Callable[[], Any]) -> Any:
        started, wall = time.process_time(), time.perf_counter()
        made = work()
        cpu, waited = time.process_time() - started, time.perf_counter() - wall
        stages[name] = {"cpu": cpu, "wall": waited, "peak": peak()}
        return made

    performer = load_actor(actor)
    take = performer.speak(TEXT, size="512x512")
    waveform = step("speech, models loaded", lambda: take.waveform)
    step(f"motion of {waveform.duration:.1f} s, {STEPS} steps, models and avatar loaded", lambda: take.codes)
    avatar = performer.models["avatar"]
    renderer = avatar.renderer("cpu", performer.actor.view(), (512, 512), Background())
    pictures = render.draw(take.codes, avatar, renderer, 30, FRAMES)
    step(f"{FRAMES} pictures of 512 x 512", lambda: next(pictures))
    return {"stages": stages}


def row(name: str, spent: dict[str, Any]) -> str:
    """A line of the table."""
    return f"| {name} | {spent['cpu']:.1f} | {spent['wall']:.1f} | {spent['peak']:.0f} |"


def report(rows: list[str]) -> str:
    """The table."""
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, {platform.machine()}"
    return "\n".join(
        [
            f"Made by `python -m scripts.bench.bm_released` ({versions}, one thread of two cores that other",
            "work shared): an actor of the published sizes with random weights, from made-up files to",
            "pictures. CPU seconds are the ones to trust.",
            "",
            "| step | CPU s | s | peak MB of the process so far |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    main()
