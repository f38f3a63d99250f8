"""Run-time pictures against path-traced ones that nothing was fitted to.

    MIRA_WORK=... python -m scripts.bench.bm_likeness --sheet likeness.jpg

Reads `$MIRA_WORK/captures/test_*.png` (scripts/mira/capture.py); prints SSIM / PSNR per region as Markdown.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from avgen.avatars.avatar import Avatar
from avgen.renderers.background import make_background
from avgen.renderers.numba_renderer import NumbaRenderer
from avgen.renderers.raster import rasterise
from scripts.mira.fit_texture import RESOLUTION, Picture, load_pictures

Array = NDArray[np.float64]
Masks = dict[str, NDArray[np.bool_]]

AVATAR = Path(__file__).parents[2] / "presets/actors/mira/avatar.safetensors"
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim_map(a: Array, b: Array) -> Array:
    """Structural similarity [H, W] (Wang et al. 2004), Gaussian window of 1.5 pixels, mean over channels."""

    def blur(x: Array) -> Array:
        return gaussian_filter(x, (1.5, 1.5, 0), truncate=3.5)

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    top = (2 * mean_a * mean_b + C1) * (2 * both + C2)
    return (top / ((mean_a**2 + mean_b**2 + C1) * (var_a + var_b + C2))).mean(2)


def psnr(difference: Array, mask: NDArray[np.bool_]) -> float:
    """Peak signal-to-noise ratio in dB of the masked pixels."""
    return float(10 * np.log10(255**2 / max((difference[mask] ** 2).mean(), 1e-9)))


def regions(avatar: Avatar, picture: Picture) -> Masks:
    """Pixels of the actor and of parts of her face, by the mesh seen there and where it lies at rest."""
    posed = avatar.pose_weights(picture.weights, picture.head)
    points = picture.camera.project(posed.vertices[0], RESOLUTION, RESOLUTION)
    points[:, 2] = 1 / points[:, 2]
    depth, index = np.empty((RESOLUTION,) * 2, np.float32), np.empty((RESOLUTION,) * 2, np.int32)
    rasterise(points, avatar.mesh.faces, 0, True, depth, index)
    on = index >= 0
    face = np.maximum(index, 0)
    x, y, z = np.moveaxis(avatar.mesh.rest[avatar.mesh.faces].mean(1)[face], -1, 0)
    names = np.array(avatar.parts)[avatar.mesh.part[face]]
    skin = on & np.isin(names, ["head", "mouth", "socket_l", "socket_r"])
    teeth = on & np.isin(names, ["upper", "lower", "tongue"])
    eye = on & np.isin(names, ["eye_l", "eye_r"])
    front = skin & (z > 0.05) & (y > 0.575)
    mouth = teeth | (front & (np.abs(x) < 0.036) & (y > 0.592) & (y < 0.638) & (z > 0.09))
    eyes = eye | (front & (np.abs(x) > 0.010) & (np.abs(x) < 0.055) & (y > 0.658) & (y < 0.686) & (z > 0.09))
    actor = picture.rgba[..., 3] > 127
    bald = on & (picture.rgba[..., 3] > 20)
    hair = actor & ~bald | (on & (names == "head") & (y > 0.72) & (z < 0.09))
    return {"actor": actor, "face": front | teeth | eye, "mouth": mouth, "eyes": eyes, "hair": hair}


def compare(avatar: Avatar, picture: Picture) -> tuple[dict[str, tuple[float, float]], NDArray[np.uint8]]:
    """(SSIM, PSNR) by region, and reference, run-time and 4 x difference side by side."""
    background = make_background("gradient", RESOLUTION, RESOLUTION)
    renderer = NumbaRenderer(avatar, picture.camera, RESOLUTION, RESOLUTION, "gradient")
    drawn = renderer.render_posed(avatar.pose_weights(picture.weights, picture.head))[0].astype(float)
    alpha = picture.rgba[..., 3:] / 255
    reference = (picture.rgba[..., :3] * alpha + background * (1 - alpha)).astype(float)
    similarity, difference = ssim_map(drawn, reference), drawn - reference
    masks = regions(avatar, picture)
    scores = {name: (float(similarity[mask].mean()), psnr(difference, mask)) for name, mask in masks.items()}
    row = np.concatenate([reference, drawn, np.abs(difference) * 4], 1)
    return scores, np.clip(row, 0, 255).astype(np.uint8)


def main() -> None:
    """Print the table; optionally save a contact sheet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--avatar", type=Path, default=AVATAR)
    parser.add_argument("--sheet", type=Path, help="save the comparisons as a picture")
    options = parser.parse_args()
    avatar = Avatar.load({}, options.avatar)
    pictures = load_pictures(Path(os.environ["MIRA_WORK"]) / "captures", "full", avatar)
    results = [(str(p.note["name"]), *compare(avatar, p)) for p in pictures]
    names = list(results[0][1])
    print("| picture | " + " | ".join(names) + " |\n| --- |" + " --- |" * len(names))
    for name, scores, _ in results:
        print(f"| {name} | " + " | ".join(f"{s:.3f} / {p:.1f}" for s, p in scores.values()) + " |")
    mean = np.array([[scores[n] for n in names] for _, scores, _ in results]).mean(0)
    print("| mean | " + " | ".join(f"{s:.3f} / {p:.1f}" for s, p in mean) + " |")
    if options.sheet:
        Image.fromarray(np.concatenate([row for _, _, row in results])).save(options.sheet)


if __name__ == "__main__":
    main()
