"""What listening live costs, block by block, and how long after it happened something is answered.

    python -m scripts.bench.bm_live --out scripts/bench/LIVE.md

Each part by itself, as `avgen.live.Live` does it: CPU time on one thread, the median of several blocks. An
actor's flow, and one of the paper's size and window (8 blocks of 512; 10 frames, 2 of them ahead) with random
weights, which cost what trained ones do. The latency is the block and the work on it, one after the other.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

import avgen
from avgen.casting.portrait.tracker import FaceTracker
from avgen.flow.avflow import AVFlow
from avgen.flow.config import AVFlowConfig, Condition
from avgen.flow.dit import DiTConfig, Window
from avgen.live import AHEAD_FRAMES, BLOCK_FRAMES, CONTEXT_FRAMES, HEARD_FRAMES
from avgen.performer import Performer
from avgen.types import CODE_RATE, HOP_SIZE

BLOCKS: Final = (BLOCK_FRAMES, 20, 43)
PAPER: Final = Window(past=8, future=2)
FPS: Final = 30


def paper_flow() -> AVFlow:
    """A flow of the paper's size with random weights, told of a partner."""
    dit = DiTConfig(num_blocks=8, width=512, hidden=1024, num_heads=4, window=PAPER)
    conditions = {"tokens": Condition(29, flag=False), "partner_tokens": Condition(29, flag=False)}
    conditions["partner_face"] = Condition(56)
    tracks = {"mel": 80, "face": 256, "head_latent": 8}
    return AVFlow(AVFlowConfig(conditions, tracks, audio=dit, visual=dit)).eval()


def cost(work: Callable[[], Any], count: int) -> float:
    """Median CPU milliseconds."""
    work()
    spent = []
    for _ in range(count):
        started = time.process_time()
        work()
        spent.append(1e3 * (time.process_time() - started))
    return float(np.median(spent))


def flow_cost(flow: AVFlow, block: int, steps: int, count: int) -> float:
    """Of drawing a block."""
    frames = CONTEXT_FRAMES + block + AHEAD_FRAMES
    told = {name: np.zeros((frames, c.channels), np.float32) for name, c in flow.config.conditions.items()}
    past = {name: np.zeros((CONTEXT_FRAMES, size), np.float32) for name, size in flow.config.tracks.items()}
    x_0 = flow.noise(frames, 0)
    return cost(lambda: flow.extend(told, past, x_0, num_steps=steps), count)


def picture_cost(performer: Performer, size: int, count: int) -> float:
    """Of drawing one picture, of twelve that are drawn together."""
    avatar = performer.models.figure(performer.actor.view())
    background = avgen.config.RenderConfig().background
    renderer = avatar.renderer("cpu", performer.actor.view(), (size, size), background)
    codes = performer.speak("Hello.", size="64", steps=4).codes
    tracks = codes.at(np.arange(12) / FPS, avatar.tracks)
    return cost(lambda: renderer.render(tracks), count) / 12


def tracking_cost(count: int) -> float:
    """Of following a face in a picture of 640 x 480."""
    picture = np.zeros((480, 640, 3), np.uint8)
    with FaceTracker() as tracker:
        seconds = iter(np.arange(1, 1000) / FPS)
        return cost(lambda: tracker(picture, next(seconds)), count)


def rows(performer: Performer, size: int, count: int) -> Iterator[str]:
    """Lines of the table."""
    sound = (0.1 * np.random.default_rng(0).standard_normal(HEARD_FRAMES * HOP_SIZE)).astype(np.float32)
    ear = cost(lambda: performer.models["extractor"].logits(sound), count)
    picture = picture_cost(performer, size, count)
    own = performer.models["flow"]
    flows = ((performer.actor.title, own, 4, BLOCKS), ("the paper's size", paper_flow(), 8, BLOCKS[:1]))
    yield "| flow | steps | block | flow | ear | pictures | work per second | latency |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, flow, steps, blocks in flows:
        for block in blocks:
            length = 1e3 * block / CODE_RATE
            drawing, pictures = flow_cost(flow, block, steps, count), picture * FPS * length / 1e3
            work = drawing + ear + pictures
            yield (
                f"| {name} | {steps} | {block} frames, {length:.0f} ms | {drawing:.0f} ms | {ear:.0f} ms | "
                f"{pictures:.0f} ms | {work / length:.2f} s | {length + work:.0f} ms |"
            )


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--count", type=int, default=7, help="blocks of which the median is taken")
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    performer = avgen.load_actor(args.actor)
    lines = [
        f"Made by `python -m scripts.bench.bm_live --size {args.size}` on {platform.machine()}, Python "
        f"{platform.python_version()}: CPU time on one thread. Looking for a face takes "
        f"{tracking_cost(args.count):.0f} ms a picture.",
        "",
        *rows(performer, args.size, args.count),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
