"""How much of a performance an .arkit.csv file holds: written, read, drawn again, compared with its pictures.

    python -m scripts.bench.bm_arkit TAKE.mp4 > scripts/bench/ARKIT.md

TAKE is a video that avgen made; its codes come from the cache. A file has no place for where the head is, nor
for the tip of the tongue: the head is put where it was, or left in the middle, and the tip stays at its mean.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.exports import Material
from avgen.exports.arkit import FaceMotion, face_motion, read_arkit, write_arkit
from avgen.partner import ARKIT_UNITS
from avgen.performer import open_take
from avgen.types import FloatArray

CHUNK = 16


def main() -> None:
    """Print a table of mean differences, in steps of 0..255."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("take", type=Path)
    take = parser.parse_args().take
    material = open_take(take).run.material(take)
    avatar = material.load_avatar()
    assert isinstance(avatar, TexturedMesh)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "take.arkit.csv")
        write_arkit(material, path)
        motion = read_arkit(path)
    _report(material, avatar, motion)


def _report(material: Material, avatar: TexturedMesh, motion: FaceMotion) -> None:
    tracks = material.codes.at(material.times, ("face", "head"))
    face, turn = codes_of(motion, avatar), quaternions(motion.angles[:, 0])
    still = np.zeros_like(tracks["head"][:, 4:])
    heads = {
        "face": (face, tracks["head"]),
        "face and head's turn": (face, np.concatenate([turn, tracks["head"][:, 4:]], 1)),
        "all that the file holds": (face, np.concatenate([turn, still], 1)),
    }
    written = np.abs(motion.units - face_motion(material).units).max()
    config = material.config
    print("# ARKit and back\n")
    print(
        f"`python -m scripts.bench.bm_arkit TAKE.mp4`, {material.actor.title}, {material.frames} pictures of"
    )
    print(f"{config.width}x{config.height}. Differences of pictures in steps of 0..255, mean of all pixels.")
    print(f"Weights written and read differ by {written:.1e} at most.\n")
    print("| read from the file | mean difference | worst picture |\n| --- | --- | --- |")
    for name, (codes, head) in heads.items():
        differences = np.array(list(_differences(material, avatar, tracks, codes, head)))
        print(f"| {name} | {differences.mean():.3f} | {differences.max():.3f} |", flush=True)


def codes_of(motion: FaceMotion, avatar: TexturedMesh) -> FloatArray:
    """Face codes [T, C] of the 52 units; others stay at their mean."""
    weights = np.tile(avatar.codec.mean, (len(motion.units), 1))
    weights[:, [avatar.codec.unit(name) for name in ARKIT_UNITS]] = motion.units
    return avatar.codec.encode_weights(weights)


def quaternions(angles: FloatArray) -> FloatArray:
    """Unit quaternions [T, 4] of yaw, pitch and roll [T, 3] as in FaceMotion."""
    (cy, cx, cz), (sy, sx, sz) = (part((angles * (1, 1, -1)).T / 2) for part in (np.cos, np.sin))
    w, x = cy * cx * cz + sy * sx * sz, cy * sx * cz + sy * cx * sz
    y, z = sy * cx * cz - cy * sx * sz, cy * cx * sz - sy * sx * cz
    return np.stack([w, x, y, z], 1).astype(np.float32)


def _differences(
    material: Material,
    avatar: TexturedMesh,
    tracks: dict[str, FloatArray],
    face: FloatArray,
    head: FloatArray,
) -> Iterator[float]:
    """Mean difference of every picture."""
    config = material.config
    size = config.width, config.height
    renderer = avatar.renderer(material.device, material.view, size, config.background)
    for start in range(0, len(face), CHUNK):
        part = slice(start, start + CHUNK)
        before = renderer.render({name: values[part] for name, values in tracks.items()})
        again = renderer.render({"face": face[part], "head": head[part]})
        yield from np.abs(again.astype(np.float32) - before).mean(axis=(1, 2, 3))


if __name__ == "__main__":
    main()
