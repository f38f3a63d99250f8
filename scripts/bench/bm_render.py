"""Frames per second of drawing and encoding, as the render stage does both: codes in, picture track out.

    python -m scripts.bench.bm_render --out scripts/bench/RENDER.md

Every row is a new process on two cores that draws while ffmpeg encodes. On a busy machine the CPU columns
(CPU time per frame over all threads) are the ones to trust.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.mesh.shading import draw, vertex_gains
from avgen.avatars.raster.triangles import SUPERSAMPLING, seen_vertices
from avgen.config import RenderConfig, load_preset
from avgen.stages.render import CHUNK_FRAMES, render
from avgen.tracks import Codes, Track
from avgen.types import CODE_RATE

AVATAR = Path(__file__).parents[2] / "presets/actors/mira/avatar.safetensors"
CPUS = 2
SHORT, LONG = 3.0, 12.0
"""Seconds of video; memory must be the same for both."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One run.

    Attributes:
        rate: frames per second, from codes to a finished track.
        draw: CPU milliseconds per frame of this process.
        encode: CPU milliseconds per frame of ffmpeg.
        peak: memory of this process, in megabytes.
        encoder_peak: memory of ffmpeg, in megabytes.
    """

    rate: float
    draw: float
    encode: float
    peak: float
    encoder_peak: float


def moving_codes(channels: int, seconds: float) -> Codes:
    """Smooth random face codes and head poses with about the spread of speech."""
    frames = round(seconds * CODE_RATE)
    rng = np.random.default_rng(0)
    width = round(0.06 * CODE_RATE)
    kernel = np.hanning(2 * width + 1) / np.sqrt(np.sum(np.hanning(2 * width + 1) ** 2))
    noise = rng.normal(0, 0.7, (frames + 2 * width, channels))
    face = np.stack([np.convolve(column, kernel, "valid") for column in noise.T], 1).astype(np.float32)
    times = np.arange(frames) / CODE_RATE
    turn = 0.04 * np.sin(2 * np.pi * times[:, None] * (0.4, 0.3, 0.2))
    head = np.concatenate([np.ones((frames, 1)), turn, np.zeros((frames, 3))], 1).astype(np.float32)
    head[:, :4] /= np.linalg.norm(head[:, :4], axis=1, keepdims=True)
    return Codes({"face": Track(face), "head": Track(head, "pose")})


def cpu_seconds() -> tuple[float, float]:
    """CPU time of this process and of its finished children."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime


def renderer_of(avatar: TexturedMesh, config: RenderConfig) -> NumbaRenderer:
    """The CPU renderer that the render stage would make."""
    size = config.width, config.height
    return NumbaRenderer(
        avatar, find_actor("mira").view(config.camera).camera(*size), size, config.background
    )


def measure(config: RenderConfig, seconds: float) -> Measure:
    """Draw and encode a clip in this process, kernels compiled and avatar loaded before the clock starts."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CPUS])
    avatar = TexturedMesh.load({}, AVATAR)
    codes = moving_codes(avatar.codec.size, seconds)
    with tempfile.TemporaryDirectory() as folder:
        track = Path(folder) / "track.part"
        encode(moving_codes(avatar.codec.size, 2 / config.fps), avatar, config, track)
        before, start = cpu_seconds(), time.perf_counter()
        encode(codes, avatar, config, track)
        wall, after = time.perf_counter() - start, cpu_seconds()
    frames = codes.num_pictures(config.fps)
    own, children = (1e3 * (b - a) / frames for a, b in zip(before, after, strict=True))
    peaks = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    peak, encoder_peak = (usage.ru_maxrss / 1024 for usage in peaks)
    return Measure(frames / wall, own, children, peak, encoder_peak)


def encode(codes: Codes, avatar: TexturedMesh, config: RenderConfig, track: Path) -> None:
    """The render stage as a clip runs it."""
    render(
        codes,
        avatar,
        device="cpu",
        view=find_actor("mira").view(config.camera),
        width=config.width,
        height=config.height,
        background=config.background,
        fps=config.fps,
        format=config.format,
        crf=config.crf,
        encoder_speed=config.encoder_speed,
        path=track,
        frames=None,
        advance=lambda done, total: None,
        chunk=None,
    )


def fresh(config: RenderConfig, seconds: float) -> Measure:
    """`measure` in a new process."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as avgen.cli sets it
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (config, seconds))


def steps(config: RenderConfig) -> dict[str, float]:
    """CPU milliseconds per frame of each step of drawing, on one thread."""
    avatar = TexturedMesh.load({}, AVATAR)
    renderer = renderer_of(avatar, config)
    codes = moving_codes(avatar.codec.size, 1.0)
    every = len(codes) // CHUNK_FRAMES
    face, head = codes["face"][::every], codes["head"][::every]
    scene, frames = renderer.scene, range(len(face))
    renderer.render({"face": face[:2], "head": head[:2]})
    spent: dict[str, float] = {}
    clock = time.thread_time()

    def lap(name: str) -> None:
        nonlocal clock
        spent[name] = 1e3 * (time.thread_time() - clock) / len(face)
        clock = time.thread_time()

    points = scene.surface(avatar.pose(face[:1], head[:1]), 0).points
    size = SUPERSAMPLING * scene.width, SUPERSAMPLING * scene.height
    used = seen_vertices(points, avatar.mesh.faces, *size)
    clock = time.thread_time()
    posed = avatar.pose(face, head)
    lap("decode and skin")
    for k in frames:
        scene.lighting.terms(posed, k, used)
    lap("light")
    drawn = [(scene.surface(posed, k), scene.hull(posed, k), scene.highlights(posed, k)) for k in frames]
    lap("project (and light again)")
    picture = renderer.render_posed(posed)[0]
    clock = time.thread_time()
    for surface, hull, highlights in drawn:
        gains = vertex_gains(surface.terms, avatar.texture)
        picture[:] = renderer.background
        draw(surface, hull, highlights, gains, renderer.texels, picture)
    lap("rasterise and shade")
    spent["project"] = spent.pop("project (and light again)") - spent["light"]
    return spent


def main() -> None:
    """Measure the presets, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--presets", nargs="+", default=["draft", "standard", "high"])
    parser.add_argument("--sizes", nargs="*", default=["1024"], help="also the standard preset at these")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    rows = [(name, load_preset(name)) for name in args.presets]
    rows += [("standard", load_preset("standard").override({"size": size})) for size in args.sizes]
    lines = [
        f"Made by `python -m scripts.bench.bm_render` on {CPUS} cores ({platform.machine()}), Python "
        f"{platform.python_version()}, numpy {np.__version__}: drawn by numba while ffmpeg encodes.",
        "",
        f"| preset | picture | frames/s | s per s of video | CPU ms a frame: avgen | ffmpeg "
        f"| peak MB of avgen at {SHORT:.0f} s | at {LONG:.0f} s | of ffmpeg |",
        "| --- " * 9 + "|",
    ]
    for name, config in rows:
        short, long = fresh(config, SHORT), fresh(config, LONG)
        lines.append(
            f"| {name} | {config.width} x {config.height} | {long.rate:.1f} | {config.fps / long.rate:.2f} "
            f"| {long.draw:.1f} | {long.encode:.1f} | {short.peak:.0f} | {long.peak:.0f} "
            f"| {long.encoder_peak:.0f} |"
        )
        print(lines[-1], flush=True)
    spent = steps(load_preset("standard"))
    lines += ["", "CPU ms a frame of each step, one thread, standard preset:", ""]
    lines += ["| " + " | ".join(spent) + " |", "| --- " * len(spent) + "|"]
    lines += ["| " + " | ".join(f"{value:.1f}" for value in spent.values()) + " |"]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
