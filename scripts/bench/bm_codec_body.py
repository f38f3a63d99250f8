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
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from avgen.avatars.ca_body.avatar import CodecAvatar, CodecRenderer
from avgen.avatars.ca_body.network import CodecBody
from avgen.avatars.ca_body.sizes import Sizes
from avgen.avatars.views import View
from avgen.background import Background
from tests.codec_bodies import body_tensors

VIEW = View((0.0, 0.9, 0.0), 0.0, 0.0, 4.0, 30.0)
PICTURES = ((512, 512), (1334, 2048))
FRAMES = 10


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
    arguments.out.write_text(
        report(rows, steps(avatar.network, face[0], pose[0]), megabytes), encoding="utf-8"
    )


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


@torch.inference_mode()
def steps(network: CodecBody, face: np.ndarray, pose: np.ndarray) -> dict[str, float]:
    """CPU seconds of each step of decoding a frame, the second of two runs."""
    code, parameters = torch.from_numpy(face)[None], torch.from_numpy(pose)[None]
    spent = {}

    def timed(name: str, step: Callable[[], Any]) -> Any:
        step()
        started = time.thread_time()
        result = step()
        spent[name] = time.thread_time() - started
        return result

    geometry, texture = timed("face", lambda: network.decoder_face(code))
    told = timed("face to body", lambda: network.encoder_face(geometry, texture))
    moved, mean = timed("body", lambda: network.decoder(parameters, network.body, told, network.seam_sampler))
    vertices = timed("skinning", lambda: network.lbs_fn(parameters, network.geo_fn.to_vertices(moved)))
    position = torch.tensor([0.0, 1.0, 3.0])
    facing = timed("normals", lambda: network.unwrapped.to_map(network.geo_fn.facing(vertices, position)))
    view = timed("view", lambda: network.decoder_view(facing, mean))
    timed("texture", lambda: network._texture(parameters, mean, view))
    return spent


def report(rows: list[str], work: dict[str, float], megabytes: float) -> str:
    """The table."""
    spent = ", ".join(f"{name} {seconds:.2f}" for name, seconds in work.items())
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, {platform.machine()}"
    return "\n".join(
        [
            f"Made by `python -m scripts.bench.bm_codec_body` ({versions}): {FRAMES} frames of an avatar",
            f"with random weights of the published size, whose file has {megabytes:.0f} MB; 81 vertices,",
            "not some thousands, which cost next to nothing beside the texture of 2048 x 2048.",
            "",
            "| picture | CPU s a frame | s a frame, one thread | peak MB |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            f"CPU s of each step of decoding: {spent}. Painting is the rest.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
