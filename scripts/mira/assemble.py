"""Geometry of the run-time avatar as named tensors: mesh, blendshapes, rigid parts, contact constants.

World: metres, Y up, Z towards the viewer. Vertex order: skin, tongue, left eye, right eye, upper teeth,
lower teeth, shirt. Texture coordinates are in texels of a square atlas of ATLAS_SIZE.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avgen.casting.head import LIMBUS
from avgen.casting.surface import limit_stencil, vertex_normals
from avgen.casting.transfer import contact_tensors, rigid_tensors
from scripts.mira import crowns
from scripts.mira.basemesh import triangulate
from scripts.mira.geometry import METRES, NECK_PIVOT, Head, RigidPart, head_weight
from scripts.mira.look.clothes import FULL, Cloth, shirt_shape
from scripts.mira.look.landmarks import above_neckline, bust_faces
from scripts.mira.subdivision import subdivide

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Tensors = dict[str, NDArray[np.generic]]

ATLAS_SIZE = 768
RECTANGLES = {
    # x, y, width, height in texels
    "head": (0, 0, 580, 532),
    "neck": (0, 536, 330, 232),
    "shirt": (334, 536, 250, 232),
    "collar": (588, 652, 180, 40),
    "nape": (588, 696, 180, 70),
    "mouth": (584, 340, 184, 112),
    "socket_l": (588, 536, 88, 110),
    "socket_r": (680, 536, 88, 110),
    "eye_l": (584, 0, 90, 90),
    "eye_r": (676, 0, 90, 90),
    "upper": (584, 94, 184, 76),
    "lower": (584, 174, 184, 76),
    "tongue": (584, 254, 84, 82),
}
PARTS = tuple(RECTANGLES)
"""Names of the parts, in the order of `mesh.part`."""
HEAD_CHART, MOUTH_CHART, TORSO_CHART, OTHER_CHART = range(4)
SKIN_CHARTS = {HEAD_CHART: "head", MOUTH_CHART: "mouth", TORSO_CHART: "neck", OTHER_CHART: "socket_l"}
EYE_RINGS, EYE_AROUND = 12, 20
EYE_UV_REACH = 1.3
"""Polar angle at the border of an eye's texture."""
COLLAR_GRID = (80, 8)
EYE_INSET = 0.978
"""Size of the run-time eyeball: smaller, so that it does not show through the coarse lids."""
CHEST = np.array([0.0, 0.34, -0.03])
"""Point inside the torso from which its front is spread out."""
NAPE_HALF_WIDTH = 0.10
"""Metres from the middle to which the shirt's inside shows behind the neck."""
APPARENT_IRIS = 0.872
"""Depth of the iris as seen through the cornea, in ball radii."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of the run-time mesh before it is joined to the others.

    Attributes:
        vertices: [V, 3] metres, world axes.
        faces: [F, 3] into `vertices`.
        uv: [F, 3, 2] in [0, 1].
        part: [F] names.
    """

    vertices: Array
    faces: Index
    uv: Array
    part: NDArray[np.str_]


def _without_unused(piece: Piece) -> Piece:
    """The piece without vertices that no triangle uses."""
    kept, faces = np.unique(piece.faces, return_inverse=True)
    return Piece(piece.vertices[kept], faces.reshape(-1, 3), piece.uv, piece.part)


def _piece(name: str, vertices: Array, faces: Index, uv: Array) -> Piece:
    return Piece(vertices * METRES, faces, np.clip(uv, 0, 1), np.full(len(faces), name))


def _fit_unit(values: Array) -> Array:
    low, high = values.min((0, 1)), values.max((0, 1))
    return (values - low) / (high - low)


def _skin(head: Head, surface: Array) -> tuple[Piece, Index]:
    """Skin that a shirt does not hide, with the unwrap's coordinates, and its base-mesh vertices."""
    with np.load(Path(os.environ["MIRA_WORK"]) / "uv.npz") as stored:
        corner_uv, chart = stored["uv"].astype(np.float64), stored["chart"]
    triangles, uvs, parts, start = [], [], [], 0
    for face, label in zip(bust_faces(head), chart, strict=True):
        for k in range(1, len(face) - 1):
            triangles.append([face[0][0], face[k][0], face[k + 1][0]])
            uvs.append(corner_uv[[start, start + k, start + k + 1]])
            parts.append(SKIN_CHARTS[int(label)])
        start += len(face)
    faces, uv, part = np.array(triangles), np.array(uvs), np.array(parts)
    rest = head.rest
    part[(part == "socket_l") & (rest[faces[:, 0], 0] < 0)] = "socket_r"
    for name in ("head", "mouth", "socket_l", "socket_r"):
        uv[part == name] /= uv[part == name].max((0, 1))
    neck = part == "neck"
    azimuth = np.arctan2(rest[:, 0], rest[:, 2] + 0.35)
    hidden = (above_neckline(rest)[faces] < -0.12).all(1)
    hidden |= neck & (np.abs(azimuth[faces]).max(1) > 2.3)
    faces, uv, part = faces[~hidden], uv[~hidden], part[~hidden]
    uv[part == "neck"] = _fit_unit(uv[part == "neck"])
    used, compact = np.unique(faces, return_inverse=True)
    piece = Piece(surface[used] * METRES, compact.reshape(-1, 3), uv, part)
    return piece, used


def _tongue(head: Head, surface: Array) -> tuple[Piece, Index]:
    faces = triangulate([tuple(v for v, _ in face) for face in head.mesh.faces["helper-tongue"]])
    used, compact = np.unique(faces, return_inverse=True)
    faces = compact.reshape(-1, 3)
    plan = head.rest[used][:, [0, 2]]
    return _piece("tongue", surface[used], faces, _fit_unit(plan[faces])), used


def eye_template() -> crowns.Part:
    """Coarse eyeball whose cornea is replaced by the iris where it appears to lie.

    The flat iris makes its texture shift with the view as the real one does; the cornea's highlight is added
    analytically by the renderer.
    """
    part = crowns.eyeball(EYE_RINGS, EYE_AROUND)
    points = part.vertices.copy()
    front = part.values["ang"] <= LIMBUS + 1e-9
    points[front, 2] = APPARENT_IRIS
    return crowns.Part(points * EYE_INSET, part.faces, part.values)


def _eye(head: Head, side: str) -> tuple[Piece, RigidPart]:
    template = eye_template()
    part = head.eye(side, template)
    direction = (
        template.vertices[:, :2] / np.maximum(np.linalg.norm(template.vertices[:, :2], axis=1), 1e-6)[:, None]
    )
    faces = triangulate(template.faces)
    faces = faces[(template.values["ang"][faces] < np.pi / 2).all(1)]
    polar = template.values["ang"][faces][..., None]
    uv = direction[faces] * polar / EYE_UV_REACH / 2 + 0.5
    return _piece(f"eye_{side}", part.part.vertices, faces, uv), part


def _teeth(head: Head, row: str) -> tuple[Piece, RigidPart]:
    """Coarse tooth row without the faces that never show: those that look inwards or lie far back."""
    part = head.teeth(row, crowns.COARSE_CROWN)
    points = part.part.vertices
    faces = triangulate(part.part.faces)
    gum_start = int((part.part.values["gum"] < 0.5).sum())
    gum = np.arange(gum_start, len(points)).reshape(161, 16)[::4, ::2]
    quads = [
        (gum[i, j], gum[i, (j + 1) % 8], gum[i + 1, (j + 1) % 8], gum[i + 1, j])
        for i in range(len(gum) - 1)
        for j in range(8)
    ]
    gum_faces = triangulate([q if row == "upper" else q[::-1] for q in quads])
    faces = np.concatenate([faces[(faces < gum_start).all(1)], gum_faces])
    per_crown = gum_start // 14
    vertex = np.arange(len(points))
    owner = np.where(vertex < gum_start, vertex // per_crown, 14 + (vertex - gum_start) // 16)
    centre = np.stack([points[owner == o].mean(0) for o in owner[faces[:, 0]]])
    middle = points[faces].mean(1)
    normal = np.cross(points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]])
    flip = ((middle - centre) * normal).sum(1) < 0
    faces[flip] = faces[flip][:, ::-1]
    normal[flip] *= -1
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    back = points[:, 2].min()
    radial = middle - [0, 0, back]
    radial[:, 1] = 0
    radial /= np.linalg.norm(radial, axis=1, keepdims=True)
    uv = np.stack([np.arctan2(points[:, 0], points[:, 2] - back + 0.15), points[:, 1]], 1)
    shown = ((normal * radial).sum(1) > -0.05) & (np.abs(uv[faces][:, :, 0]).max(1) < 1.15)
    faces = faces[shown]
    return _without_unused(_piece(row, points, faces, _fit_unit(uv[faces]))), part


def _shirt(head: Head) -> Piece:
    """The captures' shirt on the skin subdivided once, without what faces away from any portrait."""
    polygons = [tuple(v for v, _ in face) for face in bust_faces(head)]
    used = np.unique([v for polygon in polygons for v in polygon])
    renumber = np.full(len(head.rest), -1)
    renumber[used] = np.arange(len(used))
    compact = [tuple(int(renumber[v]) for v in polygon) for polygon in polygons]
    quads, rest = subdivide(compact, head.rest[used])
    world = limit_stencil(quads, len(rest))(rest) * METRES
    normals = vertex_normals(world, triangulate(quads))

    def to_blender(p: Array) -> Array:
        return np.stack([p[:, 0], -p[:, 2], p[:, 1]], 1)

    faces = [list(quad) for quad in quads]
    cloth = Cloth(to_blender(world), to_blender(normals), rest, faces)
    shape = shirt_shape(cloth, COLLAR_GRID, above_neckline, FULL)
    points = np.stack([shape[0][:, 0], shape[0][:, 2], -shape[0][:, 1]], 1)
    piece = _shirt_charts(points, triangulate([tuple(p) for p in shape[1]]))
    return _without_unused(piece)


def _spread_front(points: Array) -> Array:
    """Plane coordinates [V, 2] of the torso as seen from the front, where what curves away gets space too."""
    towards = points - CHEST
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    polar = np.arccos(np.clip(towards[:, 2:], -1, 1))
    across = np.maximum(np.linalg.norm(towards[:, :2], axis=1, keepdims=True), 1e-6)
    return points[:, :2] + 0.2 * polar * towards[:, :2] / across


def _shirt_charts(points: Array, faces: Index) -> Piece:
    """Texture coordinates of the shirt: front (as seen), collar (a tube), the nape inside and out."""
    normal = np.cross(points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    along, around = COLLAR_GRID
    start = len(points) - along * around
    collar = faces.min(1) >= start
    middle = points[faces].mean(1)
    tube = points[start:].reshape(along, around, 3).mean(1)
    axis = tube[np.clip((faces[:, 0] - start) // around, 0, along - 1)]
    if ((middle - axis) * normal).sum(1)[collar].mean() < 0:
        faces[collar] = faces[collar][:, ::-1]
    nape = ~collar & (normal[:, 2] < -0.1) & (middle[:, 1] > 0.49) & (np.abs(middle[:, 0]) < NAPE_HALF_WIDTH)
    faces[nape] = faces[nape][:, ::-1]
    front = ~collar & ~nape & (normal[:, 2] > -0.8) & (points[faces][:, :, 1] > 0.34).any(1)
    spread = _spread_front(points)
    low, high = spread[faces[front]].min((0, 1)), spread[faces[front]].max((0, 1))
    plane = np.stack([points[:, 0] / 0.36 + 0.5, (points[:, 1] - 0.48) / 0.08], 1)
    ring = (faces - start) // around
    ring = np.where(ring.max(1, keepdims=True) - ring > along // 2, ring + along, ring)
    turn = (faces - start) % around
    turn = np.where(turn.max(1, keepdims=True) - turn > around // 2, turn + around, turn)
    uv = np.stack([ring / along, turn / around], -1)
    flat, back = (spread - low) / (high - low), faces[nape][:, ::-1]
    uv[front], uv[nape] = flat[faces[front]], plane[faces[nape]]
    part = np.select([collar, nape], ["collar", "nape"], "shirt")
    kept = collar | nape | front
    faces, uv = np.concatenate([faces[kept], back]), np.concatenate([uv[kept], flat[back]])
    return Piece(points, faces, np.clip(uv, 0, 1), np.concatenate([part[kept], np.full(len(back), "shirt")]))


def _texels(piece: Piece) -> Array:
    """Texture coordinates in texels of the atlas, two texels inside each rectangle."""
    out = np.zeros_like(piece.uv)
    for name in np.unique(piece.part):
        x, y, width, height = RECTANGLES[str(name)]
        chosen = piece.part == name
        out[chosen] = piece.uv[chosen] * [width - 4, height - 4] + [x + 2, y + 2]
    return out


def assemble(head: Head) -> Tensors:
    """All tensors of the avatar that do not depend on captures."""
    surface, moves = head.limit(head.rest), head.limit(head.deltas)
    skin, skin_ids = _skin(head, surface)
    tongue, tongue_ids = _tongue(head, surface)
    rigid = {"eye_l": _eye(head, "l"), "eye_r": _eye(head, "r"), "upper": _teeth(head, "upper")}
    rigid["lower"] = _teeth(head, "lower")
    pieces = [skin, tongue, *(piece for piece, _ in rigid.values()), _shirt(head)]
    starts = np.cumsum([0, *(len(piece.vertices) for piece in pieces)])
    faces = np.concatenate([piece.faces + start for piece, start in zip(pieces, starts, strict=False)])
    part = np.concatenate([[PARTS.index(str(name)) for name in piece.part] for piece in pieces])
    weight = np.concatenate([head_weight(head.rest[skin_ids]), np.ones(len(tongue_ids))])
    blend_ids = np.concatenate([skin_ids, tongue_ids])
    return {
        "mesh.rest": np.concatenate([piece.vertices for piece in pieces]).astype(np.float32),
        "mesh.faces": faces.astype(np.int32),
        "mesh.uv": np.concatenate([_texels(piece) for piece in pieces]).astype(np.float32),
        "mesh.part": part.astype(np.uint8),
        "mesh.starts": starts.astype(np.int32),
        "mesh.head_weight": weight.astype(np.float32),
        "mesh.pivot": (NECK_PIVOT * METRES).astype(np.float32),
        "blend.deltas": (moves[:, blend_ids] * METRES).astype(np.float16),
        "eyes.frames": head.eye_frames(),
        **rigid_tensors(head),
        **contact_tensors(head),
    }
