"""What a codec avatar of the published size costs on the CPU, with random weights: their values cost nothing.

    python -m scripts.bench.bm_codec_body --out scripts/bench/CODEC_BODY.md

CPU seconds are those of the thread that draws; on a busy machine they are the ones to trust.
"""

from __future__ import annotations

import argparse
import multiprocessing
import platform
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch.profiler import ProfilerActivity, profile

from avgen.avatars.ca_body.avatar import CodecAvatar, CodecRenderer
from avgen.avatars.ca_body.sizes import Sizes
from avgen.avatars.views import View
from avgen.background import Background
from tests.codec_bodies import body_tensors

VIEW = View((0.0, 0.9, 0.0), 0.0, 0.0, 4.0, 30.0)
PICTURES = ((512, 512), (1024, 1024), (1334, 2048))
FRAMES = 10
KINDS = {
    "convolutions": ("conv",),
    "resampling": ("upsample", "grid_sampl", "pixel_shuffle"),
    "drawing": ("where", "pow", "cat", "permute"),
}
"""Kinds of work, by parts of the names of torch's functions; the rest is adding, multiplying and copying."""


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    avatar, megabytes = random_avatar()
    rng = np.random.default_rng(0)
    face = rng.standard_normal((FRAMES, 256)).astype(np.float32)
    pose = (0.1 * rng.standard_normal((FRAMES, 104))).astype(np.float32)
    rows = []
    for size in PICTURES:
        renderer = CodecRenderer(avatar.network, VIEW.camera(*size), size, Background())
        renderer.draw(face[0], pose[0])
        started, wall = time.thread_time(), time.perf_counter()
        for frame in range(FRAMES):
            renderer.draw(face[frame], pose[frame])
        spent, waited = time.thread_time() - started, time.perf_counter() - wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append(f"| {size[0]} x {size[1]} | {spent / FRAMES:.2f} | {waited / FRAMES:.2f} | {peak:.0f} |")
    started = time.perf_counter()
    renderer.render({"face": face, "pose": pose})
    together = (time.perf_counter() - started) / FRAMES
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append(f"| the last, frames side by side on two cores | | {together:.2f} | {peak:.0f} |")
    arguments.out.write_text(report(rows, shares(renderer, face[0], pose[0]), megabytes), encoding="utf-8")


def random_avatar() -> tuple[CodecAvatar, float]:
    """An avatar of the published size, and the megabytes of its file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "avatar.safetensors"
        writer = multiprocessing.get_context("spawn").Process(target=write_avatar, args=(file,))
        writer.start()
        writer.join()
        return CodecAvatar.load({}, file), file.stat().st_size / 1e6


def write_avatar(file: Path) -> None:
    """Write the file, in a process of its own: its memory is not that of drawing."""
    save_file(body_tensors(sizes=Sizes()), file)


def shares(renderer: CodecRenderer, face: np.ndarray, pose: np.ndarray) -> dict[str, float]:
    """Share of each kind of work in a frame's CPU time."""
    with profile(activities=[ProfilerActivity.CPU]) as found:
        renderer.draw(face, pose)
    total: Counter[str] = Counter()
    for event in found.key_averages():
        kinds = [kind for kind, parts in KINDS.items() if any(part in event.key for part in parts)]
        total[kinds[0] if kinds else "rest"] += event.self_cpu_time_total
    return {kind: spent / total.total() for kind, spent in total.most_common()}


def report(rows: list[str], work: dict[str, float], megabytes: float) -> str:
    """The table."""
    spent = ", ".join(f"{kind} {share:.0%}" for kind, share in work.items())
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, {platform.machine()}"
    return "\n".join(
        [
            f"Made by `python -m scripts.bench.bm_codec_body` ({versions}): {FRAMES} frames of an avatar",
            f"with random weights of the published size, whose file has {megabytes:.0f} MB; 81 vertices",
            "instead of some thousands, which cost next to nothing beside the texture of 2048 x 2048.",
            "",
            "| picture | CPU s a frame | s a frame, one thread | peak MB |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            f"Of torch's time in a frame: {spent}.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
