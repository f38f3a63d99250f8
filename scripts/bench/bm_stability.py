"""Flicker: how much successive pictures differ after the motion of the mesh is taken out.

    python -m scripts.bench.bm_stability --out scripts/bench/STABILITY.md

Each picture is compared with the one before it, moved along by the known motion of what is seen in every
pixel. What remains is true change of shading, the blur of moving a picture by parts of a pixel, and flicker.
The first two are the same in pictures with 16 times as many samples, which hardly flicker: the second column.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, distance_transform_edt, map_coordinates

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.raster.triangles import rasterise
from avgen.background import Background

AVATAR = Path(__file__).parents[2] / "presets/actors/mira/avatar.safetensors"
CAMERA = find_actor("mira").view("portrait").camera(512, 512)
BACKGROUND = Background("#5a6068")
FPS = 30
FINE = 4
"""Finer pictures have this many times the resolution along each axis, and are averaged."""
NOISE = {"actor": 39.2, "skin": 37.1, "eyes": 33.3, "mouth": 36.2, "hair": 32.9}
"""PSNR in dB between two path-traced pictures that differ in their seed alone (40 samples, denoised), as
measured with the prototype of this head."""
REGIONS = ("actor", "skin", "eyes", "mouth", "hair", "shirt", "outline")
SAME_DEPTH = 0.01
"""Metres by which a point may seem to be hidden."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """What every pixel of one picture shows.

    Attributes:
        back: [H, W, 2] row and column where it was in the picture before.
        regions: masks [H, W] by name, of pixels that were visible before, too.
    """

    back: Array
    regions: dict[str, NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Layer:
    """One mesh in one picture: depth [H, W] (0 where empty), triangle [H, W] and points [H, W, 3] before."""

    inverse_depth: Array
    index: NDArray[np.int32]
    before: Array

    @classmethod
    def draw(cls, now: Array, before: Array, faces: NDArray[np.int32], size: int, cull: bool) -> Layer:
        """Rasterise vertices [V, 3] as they are now, and find where what is seen was before."""
        points = CAMERA.project(now, size, size)
        points[:, 2] = 1 / points[:, 2]
        depth, index = np.empty((size, size), np.float32), np.empty((size, size), np.int32)
        rasterise(points, faces, 0, cull, depth, index)
        rows, columns = np.nonzero(index >= 0)
        corners = points[faces[index[rows, columns]]]
        place = np.stack([columns + 0.5, rows + 0.5], 1)[:, None] - corners[:, :, :2]
        cross = (
            place[:, [1, 2, 0], 0] * place[:, [2, 0, 1], 1] - place[:, [2, 0, 1], 0] * place[:, [1, 2, 0], 1]
        )
        share = cross / cross.sum(1, keepdims=True) * corners[:, :, 2]
        share = share / share.sum(1, keepdims=True)
        found = np.zeros((size, size, 3), np.float32)
        found[rows, columns] = np.einsum("nc,ncd->nd", share, before[faces[index[rows, columns]]])
        return cls(depth, index, found)


def look(avatar: TexturedMesh, posed: Posed, frame: int, size: int) -> Seen:
    """What picture `frame` shows, and where it was in the one before."""
    mesh, hair = avatar.mesh, avatar.hair
    hull = posed.turn.move(hair.vertices)
    body = Layer.draw(posed.vertices[frame], posed.vertices[frame - 1], mesh.faces, size, True)
    cover = Layer.draw(hull[frame], hull[frame - 1], hair.faces, size, False)
    old = Layer.draw(posed.vertices[frame - 1], posed.vertices[frame - 1], mesh.faces, size, True)
    old_cover = Layer.draw(hull[frame - 1], hull[frame - 1], hair.faces, size, False)
    on_hair = cover.inverse_depth > body.inverse_depth
    covered = (body.index >= 0) | on_hair
    points = np.where(on_hair[..., None], cover.before, body.before)
    column, row, depth = np.moveaxis(CAMERA.project(carried_on(points, covered), size, size), -1, 0)
    rows, columns = (np.clip(np.floor(x).astype(int), 0, size - 1) for x in (row, column))
    nearer = np.maximum(old.inverse_depth, np.where(on_hair, old_cover.inverse_depth, 0))[rows, columns]
    visible = covered & (1 / np.maximum(nearer, 1e-6) > depth - SAME_DEPTH)
    near = distance_transform_edt(~covered) <= 2
    place = np.moveaxis(np.mgrid[:size, :size], 0, -1).astype(np.float32)
    here = np.where(covered[..., None], place, carried_on(place, covered))
    back = np.where(near[..., None], place + np.stack([row, column], -1) - 0.5 - here, place)
    parts = np.array(avatar.parts)[mesh.part[np.maximum(body.index, 0)]]
    parts[(body.index < 0) | on_hair] = ""
    eyes = binary_dilation(np.isin(parts, ["eye_l", "eye_r"]), iterations=3)
    mouth = binary_dilation(np.isin(parts, ["upper", "lower", "tongue"]), iterations=5)
    outline = near & (distance_transform_edt(covered) <= 2)
    inner = visible & ~outline
    regions = {
        "actor": inner,
        "eyes": inner & eyes,
        "mouth": inner & mouth & ~on_hair,
        "hair": inner & on_hair,
        "shirt": inner & (parts == "shirt"),
        "outline": outline,
    }
    rest = regions["eyes"] | regions["mouth"] | regions["hair"] | regions["shirt"]
    return Seen(back.astype(np.float32), {**regions, "skin": inner & ~rest})


def carried_on(values: Array, covered: NDArray[np.bool_]) -> Array:
    """Values [H, W, c] of covered pixels, elsewhere those of the nearest covered pixel."""
    nearest = distance_transform_edt(~covered, return_distances=False, return_indices=True)
    out: Array = values[nearest[0], nearest[1]]
    return out


def moved(picture: Array, back: Array) -> Array:
    """A picture [H, W, 3] fetched at rows and columns [H, W, 2], by cubic interpolation."""
    at = np.moveaxis(back, -1, 0)
    return np.stack([map_coordinates(picture[..., c], at, order=3, mode="nearest") for c in range(3)], -1)


def pictures(avatar: TexturedMesh, posed: Posed, size: int, fine: int) -> list[Array]:
    """Every picture [H, W, 3], drawn `fine` times as large and averaged."""
    renderer = NumbaRenderer(avatar, CAMERA, (size * fine, size * fine), BACKGROUND)
    return [
        drawn.reshape(size, fine, size, fine, 3).mean((1, 3), dtype=np.float32)
        for drawn in renderer.render_posed(posed)
    ]


def poses(avatar: TexturedMesh, yaw: NDArray[np.floating], jaw: NDArray[np.floating]) -> Posed:
    """Heads turned by yaw [T] degrees, mouths opened by jaw [T]."""
    weights = np.zeros((len(yaw), len(avatar.codec.units)), np.float32)
    weights[:, avatar.codec.unit("jawOpen")] = jaw
    half = np.radians(yaw) / 2
    zero = np.zeros_like(half)
    head = np.stack([np.cos(half), zero, np.sin(half), zero, zero, zero, zero], 1).astype(np.float32)
    return avatar.pose_weights(weights, head)


def rms(values: Array) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(values)))) if values.size else float("nan")


def flicker(frames: list[Array], seen: list[Seen]) -> dict[str, tuple[float, float]]:
    """Per region: RMS difference of successive pictures over all of them, and of the worst one."""
    found: dict[str, list[float]] = {name: [] for name in REGIONS}
    for now, before, view in zip(frames[1:], frames, seen, strict=False):
        difference = now - moved(before, view.back)
        for name in REGIONS:
            found[name].append(rms(difference[view.regions[name]]))
    return {name: (rms(np.array(values)), float(np.max(values))) for name, values in found.items()}


def popping(avatar: TexturedMesh, size: int, step: float, reach: float) -> tuple[float, float, float]:
    """Hair during a fine turn: median and greatest RMS second difference, and the yaw of the greatest."""
    yaw = np.arange(-reach, reach + step / 2, step, dtype=np.float32)
    posed = poses(avatar, yaw, np.zeros_like(yaw))
    frames = pictures(avatar, posed, size, 1)
    differences = []
    for k in range(1, len(yaw)):
        view = look(avatar, posed, k, size)
        difference = frames[k] - moved(frames[k - 1], view.back)
        differences.append((np.where(view.regions["hair"][..., None], difference, 0), view.regions["hair"]))
    second = [rms((b - a)[on & other]) for (a, on), (b, other) in pairwise(differences)]
    return float(np.median(second)), float(np.max(second)), float(yaw[1 + int(np.argmax(second))])


def main() -> None:
    """Measure a slow turn, a held vowel and a fine turn of the hair; print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--avatar", type=Path, default=AVATAR)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--step", type=float, default=0.5, help="degrees between pictures of the hair's turn")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    avatar = TexturedMesh.load({}, args.avatar)
    time = np.arange(args.frames, dtype=np.float32) / FPS
    sequences = {
        "head turns by 12 degrees a second": (-3 + 12 * time, np.zeros_like(time)),
        "held vowel, head sways": (0.8 * np.sin(2 * np.pi * 0.5 * time), 0.35 + 0.01 * np.sin(9 * time)),
    }
    lines = [
        f"Made by `python -m scripts.bench.bm_stability`: {args.size} x {args.size}, {FPS} pictures a "
        f"second, {args.frames} pictures, portrait camera. Levels of 255.",
        "",
        "Root mean square difference of successive pictures. A path-traced sequence would differ by its "
        "noise (two seeds) and the true change, here that of the pictures with 16 times the samples.",
        "",
        "| sequence | region | ours | worst picture | with 16 times the samples | path-traced would |",
        "| --- " * 6 + "|",
    ]
    for name, (yaw, jaw) in sequences.items():
        posed = poses(avatar, yaw, jaw)
        seen = [look(avatar, posed, k, args.size) for k in range(1, args.frames)]
        ours, ideal = (flicker(pictures(avatar, posed, args.size, fine), seen) for fine in (1, FINE))
        for region in REGIONS:
            if not np.isfinite(ours[region][0]):
                continue
            noise = 255 * 10 ** (-NOISE[region] / 20) if region in NOISE else float("nan")
            traced = f"{np.hypot(noise, ideal[region][0]):.2f}" if region in NOISE else ""
            lines.append(
                f"| {name} | {region} | {ours[region][0]:.2f} | {ours[region][1]:.2f} "
                f"| {ideal[region][0]:.2f} | {traced} |"
            )
            print(lines[-1], flush=True)
    median, most, place = popping(avatar, args.size, args.step, 30.0)
    lines += [
        "",
        f"Hair, head turned from -30 to 30 degrees by {args.step} degrees a picture: second differences "
        f"have a median of {median:.2f} levels, the greatest is {most:.2f} ({most / median:.1f} times the "
        f"median) at {place:.1f} degrees.",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
