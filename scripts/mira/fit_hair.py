"""The hair's hull and its view-dependent pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d, gaussian_filter
from scipy.spatial import cKDTree

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.skinning import HeadTurn
from avgen.avatars.raster.pixel_filter import OVERLAP
from avgen.avatars.raster.triangles import rasterise
from avgen.casting.surface import vertex_normals
from scripts.mira.expressions import HAIR_YAWS, SIDE_YAWS
from scripts.mira.geometry import METRES, Head
from scripts.mira.look.strands import Strands
from scripts.mira.pictures import RESOLUTION, Picture

Array = NDArray[np.float64]
Tensors = dict[str, NDArray[np.generic]]

CENTRE = np.array([0, 6.85, 0.15])
"""Rays to the hull start here; decimetres."""
AXIS = np.array([0, 0.75, -0.66]) / np.hypot(0.75, 0.66)
BUN = np.array([0, 6.62, -1.0])
BUN_RADIUS = 0.30
ROUND_STEPS = 72
POLAR_STEP = np.radians(134) / 43
COMBED_POLAR, LARGEST_POLAR = np.radians(134), np.radians(172)
"""Angle from the axis down to which the hull of combed hair goes, and that of hair that hangs at most."""
COMBED_SHARE, LOOSE_SHARE, VISIBLE_SHARE = 88, 97, 70
"""Percentiles of the strands' distance: the hull lies outside the first, or of loose hair outside the second,
and what is seen at the third."""
SUNKEN = 0.01
"""Decimetres by which the strands lie below that percentile: there neighbouring pictures agree best."""
INFLATION = 0.03
"""Decimetres by which the hull lies outside the strands, so that it holds their soft outline."""
ROUNDS = 3
"""Of undoing the pixel filter; a further one would change one value in a hundred."""


def _directions(largest: float) -> Array:
    """Rays [P, ROUND_STEPS, 3] down to an angle from the axis."""
    across = np.array([1.0, 0, 0])
    up = np.cross(AXIS, across)
    polar = np.linspace(0, largest, round(largest / POLAR_STEP) + 1)[:, None, None]
    theta = np.linspace(0, 2 * np.pi, ROUND_STEPS, endpoint=False)[None, :, None]
    ring = np.cos(theta) * across + np.sin(theta) * up
    return np.cos(polar) * AXIS + np.sin(polar) * ring


def _polar(points: Array) -> tuple[Array, Array]:
    offset = points - CENTRE
    radius = np.linalg.norm(offset, axis=1)
    return offset / radius[:, None], radius


@dataclass(frozen=True, slots=True)
class Hull:
    """A shell around the hair, and a ball around a bun if there is one; decimetres.

    Attributes:
        vertices: [X, 3].
        faces: [G, 3].
        depth: [X] how far below the vertices the visible strands lie.
        shell: number of vertices of the shell, which come first.
    """

    vertices: Array
    faces: NDArray[np.int32]
    depth: Array
    shell: int

    def normals(self) -> Array:
        """Unit normals [X, 3] that point away from the middle of the head or of the bun."""
        middle = np.tile(CENTRE, (len(self.vertices), 1))
        if len(self.vertices) > self.shell:
            middle[self.shell :] = self.vertices[self.shell :].mean(0)
        normals = vertex_normals(self.vertices, self.faces)
        return normals * np.where(((self.vertices - middle) * normals).sum(1) < 0, -1, 1)[:, None]


def hull(head: Head, strands: Mapping[str, Strands]) -> Hull:
    """The hull of hair.

    Args:
        head: for the scalp where there is no hair.
        strands: by name; what lies in a `bun` has a ball of its own, and the rest was combed to it.
    """
    bun = strands.get("bun")
    loose = np.concatenate([s.points.reshape(-1, 3) for name, s in strands.items() if name != "bun"])
    direction, radius = _polar(loose[np.linalg.norm(loose - BUN, axis=1) > BUN_RADIUS] if bun else loose)
    lowest = np.percentile(np.arccos(np.clip(direction @ AXIS, -1, 1)), 99.8) + 2 * POLAR_STEP
    grid = _directions(COMBED_POLAR if bun else min(lowest, LARGEST_POLAR))
    rays, tree = grid.reshape(-1, 3), cKDTree(direction)
    near = tree.query_ball_point(rays, 0.045)
    distance, _ = tree.query(rays)
    inner, outer = (
        np.array([np.percentile(radius[i], share) if len(i) > 3 else 0 for i in near])
        for share in (VISIBLE_SHARE, COMBED_SHARE if bun else LOOSE_SHARE)
    )
    scalp = head.rest[head.mesh.indices("body")]
    scalp_direction, scalp_radius = _polar(scalp[scalp[:, 1] > 5.7])
    nearest = cKDTree(scalp_direction).query(rays, k=3)[1]
    bare = np.sort(scalp_radius[nearest], 1)[:, 1] + 0.02
    inner, outer = (
        gaussian_filter(np.maximum(r, bare).reshape(grid.shape[:2]), 0.8, mode=("nearest", "wrap"))
        for r in (inner, outer)
    )
    outer = outer + INFLATION
    shell = (CENTRE + grid * outer[..., None]).reshape(-1, 3)
    depth = (outer - inner + SUNKEN).ravel()
    faces = _shell_faces((distance < 0.12).reshape(grid.shape[:2]))
    if bun is None:
        return Hull(shell, faces.astype(np.int32), depth, len(shell))
    ball, ball_faces = _ball(bun.points.reshape(-1, 3))
    return Hull(
        np.concatenate([shell, ball]),
        np.concatenate([faces, ball_faces + len(shell)]).astype(np.int32),
        np.concatenate([depth, np.full(len(ball), INFLATION)]),
        len(shell),
    )


def _shell_faces(hairy: NDArray[np.bool_]) -> NDArray[np.int64]:
    faces = []
    for i in range(len(hairy) - 1):
        for j in range(ROUND_STEPS):
            k = (j + 1) % ROUND_STEPS
            if hairy[i, j] or hairy[i, k] or hairy[i + 1, j] or hairy[i + 1, k]:
                a, b = i * ROUND_STEPS, (i + 1) * ROUND_STEPS
                faces += [(a + j, a + k, b + k), (a + j, b + k, b + j)] if i else [(a + j, b + k, b + j)]
    return np.array(faces)


def _ball(bun: Array) -> tuple[Array, NDArray[np.int64]]:
    low, high = np.percentile(bun, 0.3, 0), np.percentile(bun, 99.7, 0)
    rings, around = 12, 20
    polar = np.linspace(0, np.pi, rings)[:, None]
    theta = np.linspace(0, 2 * np.pi, around, endpoint=False)[None]
    z = np.broadcast_to(np.cos(polar), (rings, around))
    unit = np.stack([np.sin(polar) * np.cos(theta), np.sin(polar) * np.sin(theta), z], -1).reshape(-1, 3)
    faces = []
    for i in range(rings - 1):
        for j in range(around):
            a, b, k = i * around, (i + 1) * around, (j + 1) % around
            faces += [(a + j, a + k, b + j), (a + k, b + k, b + j)]
    return (low + high) / 2 + unit * ((high - low) / 2 + INFLATION), np.array(faces)


def sharpened(rgba: NDArray[np.float32]) -> NDArray[np.float32]:
    """Premultiplied picture [H, W, 4] that the run-time's pixel filter turns into what was photographed.

    Args:
        rgba: [H, W, 4] straight colour and coverage, 0..255.
    """
    alpha = rgba[..., 3:]
    photographed = np.concatenate([rgba[..., :3] * alpha / 255, alpha], -1)
    kernel = [OVERLAP, 1 - 2 * OVERLAP, OVERLAP]
    picture = photographed
    for _ in range(ROUNDS):
        filtered = convolve1d(convolve1d(picture, kernel, 0, mode="nearest"), kernel, 1, mode="nearest")
        picture = picture + photographed - filtered
    coverage = np.clip(picture[..., 3:], 0, 255)
    return np.concatenate([np.clip(picture[..., :3], 0, coverage), coverage], -1).astype(np.float32)


def _seen(
    avatar: TexturedMesh, picture: Picture, vertices: NDArray[np.float32], faces: NDArray[np.int32]
) -> Array:
    """How well every vertex [X] of the hull is seen in a picture; hidden parts count less."""
    side = 2 * RESOLUTION
    turn = HeadTurn.from_poses(picture.head, avatar.mesh.pivot)
    seen = picture.camera.project(turn.move(vertices)[0], side, side)
    x, y = (np.clip(seen[:, k].astype(int), 0, side - 1) for k in range(2))

    def behind(points: NDArray[np.float32], triangles: NDArray[np.int32]) -> Array:
        depth, index = np.empty((side, side), np.float32), np.empty((side, side), np.int32)
        points = points.copy()
        points[:, 2] = 1 / points[:, 2]
        rasterise(points, triangles, 0, False, depth, index)
        front = depth[y, x]
        return np.where(front > 0, np.maximum(seen[:, 2] - 1 / np.maximum(front, 0.1), 0), 0)

    posed = avatar.pose_weights(picture.weights, picture.head)
    solid = picture.camera.project(posed.vertices[0], side, side)
    visible = np.clip(1 - (behind(seen, faces) - 0.006) / 0.008, 0, 1)
    return visible * np.clip(1 - (behind(solid, avatar.mesh.faces) - 0.008) / 0.008, 0, 1)


def _head_camera(avatar: TexturedMesh, picture: Picture) -> Array:
    """Matrix [3, 4] from points of the head at rest to pixels (homogeneous) of a picture."""
    turn = HeadTurn.from_poses(picture.head, avatar.mesh.pivot)
    rotation, pivot = turn.matrices[0].astype(np.float64), turn.pivot.astype(np.float64)
    right, up, forward = picture.camera.axes.astype(np.float64)
    scale, middle = picture.camera.pixels_per_tangent(RESOLUTION, RESOLUTION), RESOLUTION / 2
    rows = np.stack([middle * forward + scale * right, middle * forward - scale * up, forward])
    start = turn.shifts[0] + pivot - rotation @ pivot - np.array(picture.camera.position)
    return np.c_[rows @ rotation, rows @ start]


def complete_grid(pictures: list[Picture]) -> list[Picture]:
    """Pictures of one camera on the largest complete grid of yaws x pitches."""
    by_pose = {(p.note["yaw"], p.note["pitch"]): p for p in pictures}
    pitches = sorted({pitch for _, pitch in by_pose})
    best: list[Picture] = []
    for mask in range(1, 1 << len(pitches)):
        rows = [p for k, p in enumerate(pitches) if mask >> k & 1]
        columns = sorted({y for y, _ in by_pose if all((y, p) in by_pose for p in rows)})
        if len(rows) * len(columns) > len(best):
            best = [by_pose[yaw, pitch] for pitch in rows for yaw in columns]
    return best


def fit_hair(
    head: Head, avatar: TexturedMesh, pictures: list[Picture], strands: Mapping[str, Strands]
) -> Tensors:
    """Hair tensors of the avatar file."""
    shape = hull(head, strands)
    vertices, faces = (shape.vertices * METRES).astype(np.float32), shape.faces
    pictures = [p for p in pictures if p.note["yaw"] in (*HAIR_YAWS, *SIDE_YAWS)]
    azimuths = sorted({p.note["azimuth"] for p in pictures})
    pictures = [p for a in azimuths for p in complete_grid([q for q in pictures if q.note["azimuth"] == a])]
    covered = np.max([p.rgba[..., 3] for p in pictures], 0) > 8
    rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
    margin = 4
    box = (
        *(max(int(columns[0]) - margin, 0), max(int(rows[0]) - margin, 0)),
        *(min(int(columns[-1]) + margin, RESOLUTION), min(int(rows[-1]) + margin, RESOLUTION)),
    )
    inside = slice(box[1], box[3]), slice(box[0], box[2])
    sharp = np.stack([sharpened(p.rgba)[inside] for p in pictures])
    to_texels = np.array([[1, 0, -box[0]], [0, 1, -box[1]], [0, 0, 1]])
    notes = [p.note for p in pictures]
    return {
        "hair.vertices": vertices,
        "hair.faces": faces,
        "hair.normals": shape.normals().astype(np.float16),
        "hair.depth": (shape.depth * METRES).astype(np.float32),
        "hair.pictures": (sharp + 0.5).astype(np.uint8),
        "hair.cameras": np.stack([to_texels @ _head_camera(avatar, p) for p in pictures]).astype(np.float32),
        "hair.seen": np.stack([_seen(avatar, p, vertices, faces) for p in pictures]).astype(np.float16),
        "hair.views": np.array(
            [(n["azimuth"], n["yaw"] - n["azimuth"], n["pitch"]) for n in notes], np.float32
        ),
    }
