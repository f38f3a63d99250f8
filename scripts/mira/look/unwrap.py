"""Texture coordinates of the skin: Blender's minimum-stretch unwrap with most space for the face.

Seams are the base mesh's island borders and the border of the mouth cavity. Writes `$MIRA_WORK/uv.npz`:
`uv` [corners, 2] in [0, 1] of every corner of `bust_faces`, and `chart` [faces] (HEAD, MOUTH, TORSO, OTHER).

    python -m scripts.mira.look.unwrap
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scripts.mira.basemesh import Corner, data_root
from scripts.mira.geometry import load_head
from scripts.mira.look.landmarks import bust_faces

Array = NDArray[np.float64]
Face = tuple[Corner, ...]
Edge = tuple[int, int]

HEAD, MOUTH, TORSO, OTHER = range(4)


def _inside_mouth(faces: list[Face], texcoords: Array) -> NDArray[np.bool_]:
    mask = np.asarray(Image.open(data_root() / "mpfb2/textures/mpfb_inside-mouth.jpg").convert("L")) / 255
    height, width = mask.shape
    uv = np.array([texcoords[[t for _, t in face]].mean(0) for face in faces])
    column = np.clip(uv[:, 0] * width, 0, width - 1).astype(int)
    row = np.clip((1 - uv[:, 1]) * height, 0, height - 1).astype(int)
    inside: NDArray[np.bool_] = mask[row, column] > 0.5
    return inside


def _edges(face: Face) -> list[tuple[Edge, Edge]]:
    """Undirected vertex edges of a face with their texture-coordinate indices in the same order."""
    out = []
    for (i, ui), (j, uj) in zip(face, (*face[1:], face[0]), strict=True):
        out.append(((i, j), (ui, uj)) if i < j else ((j, i), (uj, ui)))
    return out


def find_seams(faces: list[Face], inside: NDArray[np.bool_]) -> set[Edge]:
    """Edges where the base coordinates are cut or where the mouth cavity begins."""
    first: dict[Edge, tuple[Edge, int]] = {}
    seams = set()
    for index, face in enumerate(faces):
        for edge, uv in _edges(face):
            if edge in first and (first[edge][0] != uv or inside[first[edge][1]] != inside[index]):
                seams.add(edge)
            first[edge] = (uv, index)
    return seams


def find_charts(faces: list[Face], seams: set[Edge]) -> NDArray[np.int64]:
    """Connected component [faces] of every face when seams are cut (union-find)."""
    parent = list(range(len(faces)))

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    owner: dict[Edge, int] = {}
    for index, face in enumerate(faces):
        for edge, _ in _edges(face):
            if edge in seams:
                continue
            if edge in owner:
                parent[root(index)] = root(owner[edge])
            owner[edge] = index
    return np.array([root(k) for k in range(len(faces))])


def _unwrap(faces: list[Face], rest: Array, seams: set[Edge]) -> Array:
    """Blender's unwrap [corners, 2] with the face weighted."""
    used = np.unique([v for face in faces for v, _ in face])
    renumber = {int(v): k for k, v in enumerate(used)}
    mesh = bpy.data.meshes.new("skin")
    mesh.from_pydata(rest[used].tolist(), [], [[renumber[v] for v, _ in face] for face in faces])
    thing = bpy.data.objects.new("skin", mesh)
    bpy.context.scene.collection.objects.link(thing)
    for edge in mesh.edges:
        i, j = sorted(int(used[v]) for v in edge.vertices)
        edge.use_seam = (i, j) in seams
    mesh.uv_layers.active = mesh.uv_layers.new(name="face")
    x, y, z = rest[used].T
    weight = np.clip(0.08 + np.exp(-((x**2 + (y - 6.45) ** 2) / 0.55**2) / 2) * (z > 0.6), 0, 1)
    group = thing.vertex_groups.new(name="face")
    for index, value in enumerate(weight):
        group.add([index], float(value), "REPLACE")
    bpy.context.view_layer.objects.active = thing
    thing.select_set(True)
    operators: Any = bpy.ops
    operators.object.mode_set(mode="EDIT")
    operators.mesh.select_all(action="SELECT")
    operators.uv.unwrap(
        method="MINIMUM_STRETCH",
        fill_holes=True,
        iterations=20,
        use_weights=True,
        weight_group="face",
        weight_factor=3.0,
    )
    operators.object.mode_set(mode="OBJECT")
    uv = np.zeros(len(mesh.loops) * 2, np.float32)
    mesh.uv_layers["face"].data.foreach_get("uv", uv)
    return uv.reshape(-1, 2).astype(np.float64)


def _upright(uv: Array) -> Array:
    """A chart turned to its principal axes and scaled into the unit square, keeping its aspect."""
    centred = uv - uv.mean(0)
    _, _, axes = np.linalg.svd(centred[:4000], full_matrices=False)
    turned = centred @ axes.T
    turned -= turned.min(0)
    out: Array = turned / turned.max()
    return out


def main() -> None:
    """Write uv.npz."""
    head = load_head()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    faces = bust_faces(head)
    inside = _inside_mouth(faces, head.mesh.texcoords)
    seams = find_seams(faces, inside)
    chart = find_charts(faces, seams)
    uv = _unwrap(faces, head.rest, seams)
    corner_chart = np.repeat(chart, [len(face) for face in faces])
    corner_y = np.array([head.rest[v, 1] for face in faces for v, _ in face])
    label = np.full(len(faces), OTHER)
    for one in np.unique(chart):
        corners, members = corner_chart == one, chart == one
        uv[corners] = _upright(uv[corners])
        if inside[members].mean() > 0.5:
            label[members] = MOUTH
        elif (corner_y[corners] > 7).any():
            label[members] = HEAD
        elif (corner_y[corners] < 4.5).any():
            label[members] = TORSO
    np.savez(Path(os.environ["MIRA_WORK"]) / "uv.npz", uv=uv.astype(np.float32), chart=label)


if __name__ == "__main__":
    main()
