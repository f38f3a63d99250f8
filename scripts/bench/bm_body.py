"""Drawn bodies against path-traced pictures that nothing was fitted to, and what drawing Mira's costs.

    CAST_WORK=... python -m scripts.bench.bm_body --out scripts/bench/BODY.md

The pictures are those of `python -m scripts.mira.body.captures NAME --held-out`, with hair, in other poses
than those the light was fitted to. Costs are CPU milliseconds a frame, codes in, pictures out, no encoding.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import find_actor
from avgen.actors.components import Models
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.raster.background import make_background
from avgen.background import Background
from avgen.casting.body_colours import PARTS, SKIN
from avgen.media.png import encode_png
from scripts.bench.bm_likeness import psnr, ssim_map
from scripts.mira.body.fit import pictures
from scripts.mira.body.light import Capture, load_captures, seen_triangles
from scripts.mira.body.poses import pose

FRAMES = 12
ROUNDS = 3
"""Of which the cheapest counts: others use the machine, too."""
CAST = ("amara", "ingrid", "ken", "leila", "ravi", "walter")
REGIONS = ("whole actor", "below the neckline", "hands alone")
NOTES = """
Costs: the least of three rounds, two threads, beside whatever else the machine does. Light and tints are
fitted to other pictures: FITTED.
Two held-out pictures say little of one person, all of them more of the cast.
What is left of hands is fine texture, which their vertices are too far apart for, and the shade of fingers on
the palm; of the cast, the head's seam with the clothes, too.
"""
COSTS = (("portrait", 512), ("medium", 512), ("full", 512), ("portrait", 1024), ("medium", 1024))


def both(avatar: TexturedMesh, capture: Capture) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A pose [H, W, 3] as it is drawn, and as it was traced, before the same background, 0 to 255."""
    height, width = capture.rgba.shape[:2]
    renderer = NumbaRenderer(avatar, capture.camera, (width, height), Background())
    drawn = renderer.render_posed(capture.posed)[0].astype(float)
    alpha = capture.rgba[..., 3:] / 255
    behind = make_background(Background(), width, height)
    return drawn, (capture.rgba[..., :3] * alpha + behind * (1 - alpha)).astype(float)


def likeness(avatar: TexturedMesh, capture: Capture) -> list[tuple[float, float]]:
    """SSIM and PSNR of the actor, of what lies below the neckline, and of the hands alone."""
    assert avatar.body is not None
    body, bust = avatar.body, int(avatar.body.bust.sum())
    drawn, reference = both(avatar, capture)
    similarity, difference = ssim_map(drawn, reference), drawn - reference
    index, _ = seen_triangles(avatar, capture)
    below = index >= bust
    hands = below.copy()
    hands[below] = body.material[body.faces[index[below] - bust, 0]] == PARTS.index(SKIN)
    masks = (capture.rgba[..., 3] > 127, below, hands)
    return [(float(similarity[mask].mean()), psnr(difference, mask)) for mask in masks]


def held_out(name: str) -> tuple[TexturedMesh, list[Capture]]:
    """Somebody with a body, and the held-out pictures."""
    models = Models(find_actor(name))
    figure = models.figure(models.actor.view("medium"))
    assert isinstance(figure, TexturedMesh)
    return figure, load_captures(pictures(name), "held", figure)


def measured(name: str) -> NDArray[np.float64]:
    """SSIM and PSNR [n, 3, 2] of somebody's held-out pictures, by REGIONS."""
    figure, held = held_out(name)
    return np.array([likeness(figure, capture) for capture in held])


def write_pairs(folder: Path) -> None:
    """Write all held-out poses, as drawn and as traced, into two folders, under the same names."""
    for name in ("mira", *CAST):
        figure, held = held_out(name)
        for number, capture in enumerate(held):
            for kind, image in zip(("drawn", "traced"), both(figure, capture), strict=True):
                path = folder / kind / f"{name}_{number:02d}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(encode_png(image.round().astype(np.uint8)))


def cost(models: Models, camera: str, size: int) -> float:
    """CPU milliseconds a frame."""
    view = models.actor.view(camera)
    avatar = models.figure(view)
    rng = np.random.default_rng(0)
    body = models["body"]
    codes = [pose(body.skeleton, rng, k % 4 == 3) for k in range(FRAMES)]
    turns = np.tile(np.array([1, 0, 0, 0, 0, 0, 0], np.float32), (FRAMES, 1))
    face = rng.normal(0, 0.5, (FRAMES, avatar.codec.size)).astype(np.float32)  # type: ignore[attr-defined]
    tracks = {"face": face, "head": turns}
    tracks |= {name: np.stack([code[k] for code in codes]) for k, name in enumerate(("body", "hands"))}
    renderer = avatar.renderer("cpu", view, (size, size), Background())
    renderer.render({name: values[:2] for name, values in tracks.items()})
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        renderer.render(tracks)
        spent.append(time.process_time() - start)
    return 1e3 * min(spent) / FRAMES


def fitted_to() -> str:
    """How many pictures everybody was fitted to."""
    counts = [len(list(pictures(name).glob("fit_*.png"))) for name in ("mira", *CAST)]
    return f"{counts[0]} of Mira, {min(counts[1:])} of each of the cast"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path)
    parser.add_argument("--pairs", type=Path, help="only write the pictures, for scripts.evaluate.hands")
    options = parser.parse_args()
    if options.pairs:
        write_pairs(options.pairs)
        return
    scores = measured("mira")
    lines = [
        f"Made by `python -m scripts.bench.bm_body`, Python {platform.python_version()}.",
        "",
        f"{len(scores)} held-out path-traced pictures of Mira, 512 x 512, SSIM / PSNR:",
        "",
        "| | mean | worst |",
        "| --- | --- | --- |",
    ]
    for k, name in enumerate(REGIONS):
        mean, worst = scores[:, k].mean(0), scores[:, k].min(0)
        lines.append(f"| {name} | {mean[0]:.3f} / {mean[1]:.1f} | {worst[0]:.3f} / {worst[1]:.1f} |")
    cast = {name: measured(name) for name in CAST}
    count = min(len(scores) for scores in cast.values())
    lines += ["", f"The cast, means of {count} held-out pictures each:", ""]
    lines += [f"| | {' | '.join(REGIONS)} |", "| --- | --- | --- | --- |"]
    for name, scores in (*cast.items(), ("all", np.concatenate(list(cast.values())))):
        cells = " | ".join(f"{ssim:.3f} / {ratio:.1f}" for ssim, ratio in scores.mean(0))
        lines.append(f"| {name} | {cells} |")
    models = Models(find_actor("mira"))
    lines += ["", "| camera, size | CPU ms a frame |", "| --- | --- |"]
    lines += [f"| {camera} {size} | {cost(models, camera, size):.1f} |" for camera, size in COSTS]
    text = "\n".join(lines) + "\n" + NOTES.replace("FITTED", fitted_to())
    print(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
