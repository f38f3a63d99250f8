"""Time and memory of `avgen render` as a user meets them: a new process, an empty cache, one clip.

    python -m scripts.bench.bm_clip --out scripts/bench/CLIP.md

The text takes about ten seconds to say. Memory is the peak of avgen's process; ffmpeg's comes on top.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch

TEXT = (
    "The train to the coast leaves every forty minutes from platform nine. Please save your work, close the "
    "lid, and wait for the green light. Have you ever wondered why the sky turns orange in the evening?"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One run.

    Attributes:
        wall: seconds from start to end of the process.
        peak: of its memory, in megabytes.
        duration: of the video, in seconds.
        stages: seconds of work in each stage.
    """

    wall: float
    peak: float
    duration: float
    stages: dict[str, float]


def measure(arguments: list[str], cache: Path, **environment: str) -> Measure:
    """Run `avgen render` and wait for it; `environment` is added to this process's own."""
    command = [sys.executable, "-m", "avgen", "render", "-", "--json", *arguments]
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as text:
        text.write(TEXT)
        text.seek(0)
        process = subprocess.Popen(
            command,
            stdin=text,
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "AVGEN_CACHE_DIR": str(cache), **environment},
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        if status:
            raise SystemExit(f"failed: {' '.join(command)}")
        out.seek(0)
        clip = json.load(out)["clips"][0]
    return Measure(wall, usage.ru_maxrss / 1024, clip["duration"], clip["seconds"])


def help_seconds() -> float:
    """Fastest of five `avgen --help`."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "avgen", "--help"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Measure the first run, then each preset, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--presets", nargs="+", default=["draft", "standard", "high"])
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    lines = [
        f"Made by `python -m scripts.bench.bm_clip` on {os.cpu_count()} cores ({platform.machine()}), Python "
        f"{platform.python_version()}, torch {torch.__version__}: new process, empty cache, no GPU.",
        "",
        f"`avgen --help`: {help_seconds():.2f} s.",
        "",
        "| preset | video | whole command | tokenize | sample | vocode | render | mux | peak memory |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    first = ("standard, the first run after installing", "standard", True)
    for name, preset, compiling in [first, *((name, name, False) for name in args.presets)]:
        with tempfile.TemporaryDirectory() as scratch:
            kernels = {"NUMBA_CACHE_DIR": f"{scratch}/kernels"} if compiling else {}
            asked = ["--preset", preset, "-o", f"{scratch}/clip.mp4"]
            run = measure(asked, Path(scratch) / "cache", **kernels)
        spent = " | ".join(
            f"{run.stages[name]:.1f} s" for name in ("tokenize", "sample", "vocode", "render", "mux")
        )
        lines.append(f"| {name} | {run.duration:.1f} s | {run.wall:.1f} s | {spent} | {run.peak:.0f} MB |")
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
