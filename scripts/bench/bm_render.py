"""Frames per second of the CPU renderer, from face codes to uint8 pictures, without encoding.

    python -m scripts.bench.bm_render --size 512 --threads 2

On a busy machine the CPU column (CPU time per frame over all threads) is the one to trust.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from avgen.avatars.avatar import Avatar
from avgen.avatars.cameras import CAMERAS
from avgen.renderers.numba_renderer import NumbaRenderer

AVATAR = Path(__file__).parents[2] / "presets/actors/mira/avatar.safetensors"
CHUNK = 16


def main() -> None:
    """Draw chunks of a moving face and print the rate."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--avatar", type=Path, default=AVATAR)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--chunks", type=int, default=8)
    options = parser.parse_args()
    start = time.perf_counter()
    avatar = Avatar.load({}, options.avatar)
    loaded = time.perf_counter()
    renderer = NumbaRenderer(avatar, CAMERAS["portrait"], options.size, options.size, "gradient")
    renderer.threads = ThreadPoolExecutor(options.threads)
    rng = np.random.default_rng(0)
    face = rng.normal(0, 0.7, (CHUNK, avatar.codec.size)).astype(np.float32)
    turn = rng.normal(0, 0.04, (CHUNK, 3))
    head = np.concatenate([np.ones((CHUNK, 1)), turn, np.zeros((CHUNK, 3))], 1).astype(np.float32)
    renderer.render(face[:1], head[:1])
    warm = time.perf_counter()
    cpu = time.process_time()
    for _ in range(options.chunks):
        renderer.render(face, head)
    wall, cpu = time.perf_counter() - warm, time.process_time() - cpu
    frames = CHUNK * options.chunks
    print("| size | threads | load s | first frame s | frames/s | CPU ms a frame |\n" + "| --- " * 6 + "|")
    rate, cost = frames / wall, 1e3 * cpu / frames
    print(
        f"| {options.size} | {options.threads} | {loaded - start:.2f} | {warm - loaded:.2f} "
        f"| {rate:.1f} | {cost:.1f} |"
    )


if __name__ == "__main__":
    main()
