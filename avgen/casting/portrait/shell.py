"""Hair from photographs: a closed shell around the head that reaches the outline of the hair and shows it.

What a photograph shows of the hair is laid on the shell; behind the outline the same hair is seen again, as
in a mirror that stands across the head, so that there is neither a gap at the temples nor a torn edge. The
shell is then seen from several sides, which are the views that avatars keep of their hair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.raster.triangles import rasterise
from avgen.casting.atlas import sample
from avgen.casting.portrait.fit import PortraitCamera
from avgen.casting.surface import vertex_normals

Array = NDArray[np.float64]

CENTRE: Final = np.array([0.0, 0.675, 0.02])
"""Metres: from where the shell is spread out."""
POLAR_STEPS, ROUND_STEPS = 60, 96
LOWEST: Final = float(np.radians(166))
"""Angle from straight up at which the shell ends."""
ABOVE_SKIN: Final = 0.004
"""Metres of the shell above the skin, where hair lies flat."""
BUMPS: Final = 2.0
"""Steps over which the shell is smoothed."""
OUTLINE_STEPS: Final = 96
LEAST_OUTLINE, LARGEST_OUTLINE = 0.88, 3.2
YAWS: Final = (-50.0, -25.0, 0.0, 25.0, 50.0)
"""Degrees at which the head is seen in the pictures that are kept."""
VIEW_DISTANCE: Final = 1.3
PICTURE: Final = 560
"""Pixels of their side."""
FRONT: Final = 0.06
"""Metres in front of the outline over which the shell comes back to the skin, so that no gap shows there."""
RIM: Final = 3
"""Pixels of a picture beside the head in which nothing behind it is seen."""
FULL_ROW: Final = 0.015
"""Metres of hair on both sides at a height at which there is hair behind the head, too."""
LEAST_COVER: Final = 8.0
"""Of 255: less hair than that does not show."""
NAPE, NAPE_FADE = 0.635, 0.03
"""Metres of height below which no hair is supposed that no picture shows, and over which it begins."""
OUTLINE: Final = 0.2
"""Coverage at which hair ends."""
FRINGE: Final = -0.0015
"""Metres inside the outline of the hair at which the shell ends."""
INWARDS: Final = 0.10
"""Share of the way to the middle by which what lies behind is taken from inside the outline: there hair is
full."""
SLANT, SLANT_RANGE = 0.45, 0.2
"""Cosine between the shell and the view below which the photograph shows too thin a rim of hair to go by, and
over which it becomes so."""
STRETCHED: Final = 0.25
"""The same, below which what it shows would be stretched into stripes."""
FRAYED, UNEVEN, STRAND = 5.0, 1.5, 0.7
"""Pixels of a picture over which hair ends at its outline, by how much that differs, and how fine it is."""
BEHIND: Final = 0.008
"""Metres over which, behind the outline, hair covers the scalp, and the head at every height at which the
photograph shows hair, whatever else it shows in front."""


@dataclass(frozen=True, slots=True)
class HairPicture:
    """A photograph's hair.

    Attributes:
        colour: [H, W, 3] display levels, hair everywhere.
        smooth: [H, W, 3] the same without strands, which would be stripes on hair that it does not show.
        matte: [H, W] coverage.
        inside: [H, W] coverage of hair and face together, inside their outline.
        camera: of the photograph.
        relight: factor [n] on the light of surfaces with normals [n, 3] in the world.
    """

    colour: Array
    smooth: Array
    matte: Array
    inside: Array
    camera: PortraitCamera
    relight: Callable[[Array], Array]

    def hanging(self) -> Array:
        """How far [H, W] hair hangs on both sides of the head at a pixel's height."""
        width = self.matte.shape[1]
        middle = int(np.clip(self.camera.project(CENTRE[None])[0, 0], 1, width - 1))
        sides = np.stack([self.matte[:, :middle].sum(1), self.matte[:, middle:].sum(1)])
        full = np.clip(sides.min(0) / (FULL_ROW * self.camera.scale) - 0.5, 0, 1)
        return np.repeat(full[:, None], width, 1)


@dataclass(frozen=True, slots=True)
class Surface:
    """A triangle mesh: points [n, 3] in metres, faces [m, 3] seen from outside, normals [n, 3]."""

    points: Array
    faces: NDArray[np.int64]
    normals: Array


def hair_tensors(
    picture: HairPicture, head: Surface, hairline: Array, develop: Callable[[Array, Array], Array]
) -> dict[str, NDArray[Any]]:
    """Hair tensors of an avatar.

    Args:
        picture: of the hair.
        head: the head's skin at rest.
        hairline: [S] decimetres of its points above a usual hairline.
        develop: display levels [n, 3] of hair that has levels [n, 3] in the photograph, and a logarithm [n]
            more light.
    """
    shell, faces = _shell(head.points, picture), _shell_faces()
    shell = _stretched(shell, picture)
    normals = vertex_normals(shell, faces)
    outward = np.sign(((shell - CENTRE) * normals).sum(1, keepdims=True))
    normals *= np.where(outward == 0, 1, outward)
    if outward.mean() < 0:
        faces = faces[:, ::-1]
    covered = _scalp_cover(shell, head.points, hairline)
    alpha = _laid_on(shell, normals, covered, picture, develop)[:, 3]
    whole, surface = (Surface(shell, some, normals) for some in (faces, _hairy(faces, alpha)))
    pictures, cameras, seen = [], [], []
    for yaw in YAWS:
        matrix = _view_matrix(yaw)
        outer = _seen_from(matrix, whole, covered, picture, develop, False)
        inner = _seen_from(matrix, surface, covered, picture, develop, True)
        beside = _beside(matrix, head)
        inner[~beside] = 0
        hair = outer + (1 - outer[..., 3:] / 255.0) * inner
        hair *= _frayed((hair[..., 3] > LEAST_COVER) | ~beside)[..., None]
        pictures.append(np.round(hair).astype(np.uint8))
        cameras.append(matrix)
        seen.append(_visibility(matrix, shell, normals))
    return {
        "hair.vertices": shell.astype(np.float32),
        "hair.faces": surface.faces.astype(np.int32),
        "hair.normals": normals.astype(np.float16),
        "hair.depth": np.zeros(len(shell), np.float32),
        "hair.pictures": np.stack(pictures),
        "hair.cameras": np.stack(cameras).astype(np.float32),
        "hair.seen": np.stack(seen).astype(np.float16),
        "hair.views": np.array([(0, yaw, 0) for yaw in YAWS], np.float32),
    }


def _directions() -> Array:
    polar = np.linspace(0.02, LOWEST, POLAR_STEPS)[:, None]
    around = np.linspace(0, 2 * np.pi, ROUND_STEPS, endpoint=False)[None]
    up = np.broadcast_to(np.cos(polar), (POLAR_STEPS, ROUND_STEPS))
    return np.stack([np.sin(polar) * np.sin(around), up, np.sin(polar) * np.cos(around)], -1).reshape(-1, 3)


def _shell_faces() -> NDArray[np.int64]:
    i, j = (a.ravel() for a in np.mgrid[: POLAR_STEPS - 1, :ROUND_STEPS])
    k = (j + 1) % ROUND_STEPS
    a, b = i * ROUND_STEPS, (i + 1) * ROUND_STEPS
    return np.concatenate([np.stack([a + j, b + j, b + k], 1), np.stack([a + j, b + k, a + k], 1)])


def _shell(skin: Array, picture: HairPicture) -> Array:
    """Shell [X, 3] just above the skin, and above the ears where hair covers them."""
    from scipy.ndimage import gaussian_filter, maximum_filter
    from scipy.spatial import cKDTree

    offset = skin - CENTRE
    radius = np.linalg.norm(offset, axis=1)
    rays, mode = _directions(), ("nearest", "wrap")
    tree, around = cKDTree(offset / radius[:, None]), (POLAR_STEPS, ROUND_STEPS)
    low = np.median(radius[tree.query(rays, k=4)[1]], 1).reshape(around)
    high = radius[tree.query(rays, k=8)[1]].max(1).reshape(around)
    high = maximum_filter(high, 3, mode=mode)
    low = gaussian_filter(maximum_filter(low, 3, mode=mode), BUMPS, mode=mode)
    outer = CENTRE + rays * high.reshape(-1, 1)
    covered = sample(picture.matte[..., None], picture.camera.project(outer)[:, :2]).reshape(around)
    grid = low + gaussian_filter(covered * np.maximum(high - low, 0), 1.0, mode=mode)
    shell: Array = CENTRE + rays * (grid.reshape(-1, 1) + ABOVE_SKIN)
    return shell


def _stretched(shell: Array, picture: HairPicture) -> Array:
    """The shell, its outline in the photograph stretched to that of the hair."""
    from scipy.ndimage import gaussian_filter1d

    camera = picture.camera
    middle = camera.project(CENTRE[None])[0, :2]
    flat = camera.project(shell)[:, :2] - middle
    bins = np.linspace(-np.pi, np.pi, OUTLINE_STEPS + 1)

    def outline(points: Array) -> Array:
        place = np.clip(np.digitize(np.arctan2(points[:, 1], points[:, 0]), bins) - 1, 0, OUTLINE_STEPS - 1)
        reach = np.zeros(OUTLINE_STEPS)
        np.maximum.at(reach, place, np.hypot(*points.T))
        return reach

    rows, columns = np.nonzero(picture.matte > OUTLINE)
    want = outline(np.stack([columns, rows], 1) + 0.5 - middle) if len(rows) else np.zeros(OUTLINE_STEPS)
    have = outline(flat)
    ratio = np.where(want > 0, (want - FRINGE * camera.scale) / np.maximum(have, 1), 1)
    ratio = gaussian_filter1d(np.clip(ratio, LEAST_OUTLINE, LARGEST_OUTLINE), 0.8, mode="wrap")
    angle = np.arctan2(flat[:, 1], flat[:, 0])
    scale = np.interp(angle, (bins[:-1] + bins[1:]) / 2, ratio, period=2 * np.pi)
    upwards = np.median(ratio[OUTLINE_STEPS // 8 : 3 * OUTLINE_STEPS // 8])
    local = (shell - CENTRE) @ camera.turn.T
    edge = np.clip(
        np.hypot(*flat.T) / np.maximum(np.interp(angle, (bins[:-1] + bins[1:]) / 2, have), 1), 0, 1
    )
    edge *= np.clip(1 - local[:, 2] / FRONT, 0, 1)
    local[:, :2] *= (1 + (scale - 1) * edge)[:, None]
    local[:, 2] *= np.where(local[:, 2] < 0, upwards, 1)
    stretched: Array = local @ camera.turn + CENTRE
    return stretched


def _scalp_cover(shell: Array, skin: Array, hairline: Array) -> Array:
    """Share [X] of the shell that covers scalp."""
    from scipy.spatial import cKDTree

    near = cKDTree(skin).query(shell, k=6)[1]
    above_nape = np.clip((shell[:, 1] - NAPE) / NAPE_FADE, 0, 1)
    cover: Array = np.clip(hairline[near].mean(1) / 0.15 + 0.5, 0, 1) * above_nape
    return cover


def _view_matrix(yaw: float) -> Array:
    """Camera [3, 4] from points of the head at rest to texels, where it is seen at a yaw."""
    a = np.radians(-yaw)
    right, ahead = np.array([np.cos(a), 0, -np.sin(a)]), np.array([np.sin(a), 0, np.cos(a)])
    focal = PICTURE * VIEW_DISTANCE / 0.42
    middle = CENTRE - [0, 0.015, 0]
    rows = np.stack([right * focal - ahead * PICTURE / 2, [0, -focal, 0] - ahead * PICTURE / 2, -ahead])
    shift = np.array([PICTURE / 2, PICTURE / 2, 1]) * VIEW_DISTANCE - rows @ middle
    matrix: Array = np.c_[rows, shift]
    return matrix


def _beside(matrix: Array, head: Surface) -> NDArray[np.bool_]:
    """Where [PICTURE, PICTURE] the head does not hide what is behind it."""
    import cv2

    _, index = _rasterised(matrix, head.points, head.faces, False)
    hidden = cv2.dilate((index >= 0).astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    beside: NDArray[np.bool_] = hidden == 0
    return beside


def _frayed(whole: NDArray[np.bool_]) -> Array:
    """Share [PICTURE, PICTURE] of hair at the outline of head and hair, where single strands end."""
    import cv2

    noise = np.random.default_rng(0).standard_normal(whole.shape)
    strands = cv2.GaussianBlur(noise, (0, 0), STRAND)
    inside = cv2.distanceTransform(whole.astype(np.uint8), cv2.DIST_L2, 5) + UNEVEN * strands / strands.std()
    share: Array = np.clip(inside / FRAYED, 0, 1)
    return share * whole


def _rasterised(
    matrix: Array, shell: Array, faces: NDArray[np.int64], inside: bool
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Points [X, 3] in the picture, and which face [PICTURE, PICTURE] is nearest; of the inside, if asked."""
    homogeneous = shell @ matrix[:, :3].T + matrix[:, 3]
    points = np.c_[homogeneous[:, :2] / homogeneous[:, 2:], 1 / homogeneous[:, 2]].astype(np.float32)
    depth, index = np.empty((PICTURE, PICTURE), np.float32), np.empty((PICTURE, PICTURE), np.int32)
    turned = (faces[:, ::-1] if inside else faces).astype(np.int32)
    rasterise(points, np.ascontiguousarray(turned), 0, True, depth, index)
    return points, index


def _hairy(faces: NDArray[np.int64], alpha: Array) -> NDArray[np.int64]:
    """Faces on which there is hair, by its coverage [X].

    Through the others the hair on the far side is seen, so that no gap parts hair from the face.
    """
    return faces[(alpha > LEAST_COVER)[faces].any(1)]


def _visibility(matrix: Array, shell: Array, normals: Array) -> Array:
    eye = -np.linalg.solve(matrix[:, :3], matrix[:, 3])
    away = eye - shell
    facing = (away * normals).sum(1) / np.linalg.norm(away, axis=1)
    facing /= np.linalg.norm(normals, axis=1)
    seen: Array = np.clip((facing + 0.05) / 0.3, 0, 1)
    return seen


def _seen_from(
    matrix: Array,
    surface: Surface,
    covered: Array,
    picture: HairPicture,
    develop: Callable[[Array, Array], Array],
    inside: bool,
) -> Array:
    """Picture [PICTURE, PICTURE, 4] of the shell, or of its inside, premultiplied, 0..255."""
    faces = surface.faces[:, ::-1] if inside else surface.faces
    points, index = _rasterised(matrix, surface.points, surface.faces, inside)
    rows, columns = np.nonzero(index >= 0)
    corner = faces[index[rows, columns]]
    a, b, c = np.moveaxis(points[corner, :2].astype(np.float64), 1, 0)
    p = np.stack([columns, rows], 1) + 0.5
    area = _cross(b - a, c - a)
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    weight = np.stack([_cross(b - p, c - p), _cross(c - p, a - p), _cross(a - p, b - p)], 1) / area[:, None]
    weight *= points[corner, 2]
    weight /= weight.sum(1, keepdims=True)
    place, normal = (np.einsum("nk,nkd->nd", weight, v[corner]) for v in (surface.points, surface.normals))
    rgba = _laid_on(place, normal, np.einsum("nk,nk->n", weight, covered[corner]), picture, develop)
    out = np.zeros((PICTURE, PICTURE, 4))
    out[rows, columns] = rgba
    return out


def _cross(u: Array, v: Array) -> Array:
    area: Array = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return area


def _laid_on(
    place: Array,
    normal: Array,
    cover: Array,
    picture: HairPicture,
    develop: Callable[[Array, Array], Array],
) -> Array:
    """Colour and coverage [n, 4], premultiplied, 0..255, of points of the shell."""
    camera = picture.camera
    local = (place - CENTRE) @ camera.turn.T
    unit = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    facing = (unit * camera.towards(place)).sum(1)
    slanted, stretched = (np.clip((most - facing) / SLANT_RANGE, 0, 1) for most in (SLANT, STRETCHED))
    far = np.clip(-local[:, 2] / BEHIND, 0, 1)
    behind, unseen = np.maximum(far, slanted * cover), np.maximum(far, stretched)[:, None]
    mirrored = np.where(local[:, 2:] < 0, local * [1, 1, -1], local) @ camera.turn + CENTRE
    middle = camera.project(CENTRE[None])[0, :2]
    away = camera.project(mirrored)[:, :2] - middle
    at = middle + away * (1 - INWARDS * behind[:, None] * np.c_[np.ones(len(away)), away[:, 1] < 0])
    layers = picture.colour, picture.smooth, picture.matte, picture.inside, picture.hanging()
    shown = sample(np.dstack(layers), at)
    strands, smooth, (matte, inside, hanging) = shown[:, :3], shown[:, 3:6], shown[:, 6:].T
    colour = develop((1 - unseen) * strands + unseen * smooth, picture.relight(unit))
    alpha = matte + behind * np.maximum(np.maximum(cover, hanging) * inside - matte, 0)
    alpha = np.clip(alpha, 0, 1)[:, None]
    premultiplied: Array = np.c_[np.clip(colour, 0, 255) * alpha, 255 * alpha]
    return premultiplied
