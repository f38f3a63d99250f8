"""Run-time pictures against path-traced ones that nothing was fitted to.

    MIRA_WORK=... python -m scripts.bench.bm_likeness --sheet scripts/bench/likeness.jpg
    MIRA_WORK=... python -m scripts.bench.bm_likeness --set dev

Prints SSIM / PSNR by region as Markdown. The held-out set (`$MIRA_WORK/heldout`, 40 pictures of
scripts/mira/heldout_captures.json) is for measuring only; the dev set (`$MIRA_WORK/captures/test_*`) was
looked at while the avatar was made. The sheet shows the five worst: path-traced, run-time, 4 x difference.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.raster.background import make_background
from avgen.avatars.raster.triangles import rasterise
from avgen.background import Background
from scripts.mira.pictures import RESOLUTION, Picture, load_pictures

Array = NDArray[np.float64]
Masks = dict[str, NDArray[np.bool_]]

AVATAR = Path(__file__).parents[2] / "presets/actors/mira/avatar.safetensors"
SETS = {"held-out": "heldout", "dev": "captures"}
NUM_WORST = 5


@dataclass(frozen=True, slots=True)
class Bound:
    """What a region should reach: SSIM and PSNR, in the mean and, where given, in every picture."""

    mean: tuple[float, float]
    each: tuple[float, float] | None = None


BOUNDS = {
    "actor": Bound((0.965, 35), (0.95, 32)),
    "face": Bound((0.95, 33)),
    "mouth": Bound((0.93, 30), (0.87, 26)),
    "eyes": Bound((0.93, 30), (0.87, 26)),
    "hair": Bound((0.87, 28)),
}
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


def regions(avatar: TexturedMesh, picture: Picture) -> Masks:
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


def compare(
    avatar: TexturedMesh, picture: Picture
) -> tuple[dict[str, tuple[float, float]], NDArray[np.uint8]]:
    """(SSIM, PSNR) by region, and reference, run-time and 4 x difference side by side."""
    background = make_background(Background(), RESOLUTION, RESOLUTION)
    renderer = NumbaRenderer(avatar, picture.camera, (RESOLUTION, RESOLUTION), Background())
    drawn = renderer.render_posed(avatar.pose_weights(picture.weights, picture.head))[0].astype(float)
    alpha = picture.rgba[..., 3:] / 255
    reference = (picture.rgba[..., :3] * alpha + background * (1 - alpha)).astype(float)
    similarity, difference = ssim_map(drawn, reference), drawn - reference
    masks = regions(avatar, picture)
    scores = {name: (float(similarity[mask].mean()), psnr(difference, mask)) for name, mask in masks.items()}
    row = np.concatenate([reference, drawn, np.abs(difference) * 4], 1)
    return scores, np.clip(row, 0, 255).astype(np.uint8)


def _pair(values: Array) -> str:
    return f"{values[0]:.3f} / {values[1]:.1f}"


def summary(scores: list[dict[str, tuple[float, float]]]) -> list[str]:
    """Markdown rows: mean, worst, and how many pictures reach the bound for a single one, by region."""
    lines = [
        "| region | mean | bound | worst SSIM / PSNR | bound | pictures that reach it |",
        "| --- |" + " --- |" * 5,
    ]
    for region, bound in BOUNDS.items():
        values = np.array([one[region] for one in scores if region in one])
        row = [region, _pair(values.mean(0)), _pair(np.array(bound.mean)), _pair(values.min(0)), "", ""]
        if bound.each:
            row[4] = _pair(np.array(bound.each))
            row[5] = f"{(values >= bound.each).all(1).sum()} of {len(values)}"
        lines.append("| " + " | ".join(row) + " |")
    return lines


def references(pictures: list[Picture]) -> list[str]:
    """How many samples a pixel the references have."""
    counts = Counter(picture.note["samples"] for picture in pictures)
    return [f"{count} references of {samples} samples a pixel" for samples, count in sorted(counts.items())]


def by_camera(pictures: list[Picture], scores: list[dict[str, tuple[float, float]]]) -> list[str]:
    """Markdown rows: mean by the camera's azimuth and focal length."""
    lines = ["| camera | pictures | " + " | ".join(BOUNDS) + " |", "| --- |" + " --- |" * (1 + len(BOUNDS))]
    kinds = [(p.note["azimuth"], p.note["focal"]) for p in pictures]
    for kind in sorted(set(kinds)):
        chosen = [one for one, k in zip(scores, kinds, strict=True) if k == kind]
        means = [_pair(np.array([one[region] for one in chosen]).mean(0)) for region in BOUNDS]
        name = f"{kind[0]:+.0f} degrees, {kind[1]:.0f} mm"
        lines.append(f"| {name} | {len(chosen)} | " + " | ".join(means) + " |")
    return lines


def by_picture(pictures: list[Picture], scores: list[dict[str, tuple[float, float]]]) -> list[str]:
    """Markdown rows: every picture."""
    lines = ["| picture | " + " | ".join(BOUNDS) + " |", "| --- |" + " --- |" * len(BOUNDS)]
    for picture, one in zip(pictures, scores, strict=True):
        cells = [_pair(np.array(one[region])) for region in BOUNDS]
        lines.append(f"| {picture.note['name']} | " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    """Print the tables; optionally save the sheet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--avatar", type=Path, default=AVATAR)
    parser.add_argument("--set", choices=list(SETS), default="held-out")
    parser.add_argument("--sheet", type=Path, help="save the five worst pictures")
    options = parser.parse_args()
    avatar = TexturedMesh.load({}, options.avatar)
    pictures = load_pictures(Path(os.environ["MIRA_WORK"]) / SETS[options.set], "full", avatar)
    compared = [compare(avatar, picture) for picture in pictures]
    scores = [one for one, _ in compared]
    tables = (
        references(pictures),
        summary(scores),
        by_camera(pictures, scores),
        by_picture(pictures, scores),
    )
    print("\n\n".join("\n".join(table) for table in tables))
    if options.sheet:
        worst = np.argsort([one["actor"][0] for one in scores])[:NUM_WORST]
        rows = np.concatenate([compared[k][1] for k in worst])
        Image.fromarray(rows).reduce(2).save(options.sheet, quality=88)


if __name__ == "__main__":
    main()
