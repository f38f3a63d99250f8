"""Plain pictures for the textured mesh and its hair, which are drawn with light terms and many pictures.

The surface keeps its mean colour over a take: what moves on it (shadows, gloss, the change of colour in
folds) is lost, and the lamp mirrored in the eyes turns along with them. The hair keeps one picture put
together from three, seen from the front and from both sides: how strands shift and shine as the head turns
is lost, and a band across the crown, the outline from the front, is a little see-through. Behind the head,
where no picture looked, it has the mean colour of the hair nearest to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import Hair, Posed, TexturedMesh
from avgen.avatars.mesh.highlights import HIGHLIGHT_LEVEL, highlight_at
from avgen.avatars.mesh.layout import NUM_TERMS
from avgen.avatars.mesh.lighting import Lighting
from avgen.avatars.mesh.scene import Scene
from avgen.avatars.raster.bleeding import colour_unseen
from avgen.avatars.raster.triangles import rasterise
from avgen.types import FloatArray

PADDING: Final = 6
"""Texels that colours go on beyond the triangles they belong to."""
LAMP_SIZE: Final = 1024
"""Pixels of the picture in which the lamp in the eyes is looked for."""
FRONT_RAMP: Final = (0.0, 0.15)
"""Cosines between hull and view from which the front picture begins to count, and counts alone: nearer
to its outline strands are see-through from the front, and would be so from everywhere."""
SIDE_RAMP: Final = (0.0, 0.2)
"""Likewise of the pictures from the sides, among themselves."""
HIDDEN_WEIGHT: Final = 0.02
"""Of a picture where something hides the hair from it."""
GUESS_WEIGHT: Final = 1e-3
"""Of the colour of the hair nearby; it counts where no picture does."""
NEIGHBOURS: Final = 16
"""Vertices whose mean colour is that of hair which no picture shows."""


@dataclass(frozen=True, slots=True)
class Covered:
    """Texels that triangles cover.

    Attributes:
        rows: [n] of the texels.
        columns: [n].
        triangles: [n] which triangle covers each.
        shares: [n, 3] of its corners.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    triangles: NDArray[np.int32]
    shares: FloatArray

    def spread(self, corners: FloatArray) -> FloatArray:
        """Values [n, K] at the texels of values [F, 3, K] at the triangles' corners."""
        out = self.shares[:, :1] * corners[self.triangles, 0]
        for k in (1, 2):
            out += self.shares[:, k : k + 1] * corners[self.triangles, k]
        return np.asarray(out, np.float32)


def cover(corners: FloatArray, height: int, width: int) -> Covered:
    """Find the texels that triangles cover; of several the one with the greatest third coordinate.

    Args:
        corners: [F, 3, 3] column and row in texels, then 1 / depth.
        height: of the picture.
        width: of the picture.
    """
    points = np.ascontiguousarray(corners.reshape(-1, 3), np.float32)
    faces = np.arange(len(points), dtype=np.int32).reshape(-1, 3)
    depth, index = np.empty((height, width), np.float32), np.empty((height, width), np.int32)
    rasterise(points, faces, 0, False, depth, index)
    rows, columns = np.nonzero(index >= 0)
    triangles = index[rows, columns]
    flat = corners[triangles, :, :2].astype(np.float64)
    (ax, ay), (bx, by), last = flat[:, 0].T, flat[:, 1].T, flat[:, 2].T
    x, y = columns + 0.5 - last[0], rows + 0.5 - last[1]
    ax, ay, bx, by = ax - last[0], ay - last[1], bx - last[0], by - last[1]
    area = ax * by - ay * bx
    first, second = (x * by - y * bx) / area, (ax * y - ay * x) / area
    shares = np.stack([first, second, 1 - first - second], 1).astype(np.float32)
    return Covered(rows, columns, triangles, shares)


def pad(picture: FloatArray, known: NDArray[np.bool_]) -> None:
    """Go on with colours [H, W, K] for PADDING texels beyond those known [H, W]."""
    known = known.copy()
    for step in range(PADDING):
        for sign in (1, -1):
            fresh = np.roll(known, sign, step % 2) & ~known
            picture[fresh] = np.roll(picture, sign, step % 2)[fresh]
            known |= fresh


def bake_surface(avatar: TexturedMesh, posed: Posed, camera: Camera) -> NDArray[np.uint8]:
    """Mean colour [h, w, 3] of the mesh's surface over posed frames, as a camera sees it.

    Tongue and teeth count as much in each frame as the mouth is open: else they would be dark.
    """
    mesh, texture = avatar.mesh, avatar.texture
    terms = _mean_terms(avatar, posed, camera)
    height, width = texture.texels.shape[:2]
    flat = np.ones((*mesh.uv.shape[:2], 1), np.float32)
    covered = cover(np.concatenate([mesh.uv, flat], -1), height, width)
    here = covered.spread(terms[mesh.faces])
    layers = texture.texels[covered.rows, covered.columns].reshape(len(here), -1, 3)
    gains = np.concatenate([flat[:1, 0].repeat(len(here), 0), here[:, :NUM_TERMS]], 1) * texture.scale
    colours = np.einsum("nk,nkc->nc", gains, layers) + here[:, NUM_TERMS:]
    _paint_highlights(avatar, posed, camera, covered, colours)
    picture, known = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.bool_)
    picture[covered.rows, covered.columns] = colours
    known[covered.rows, covered.columns] = True
    pad(picture, known)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _paint_highlights(
    avatar: TexturedMesh, posed: Posed, camera: Camera, covered: Covered, colours: FloatArray
) -> None:
    """Paint the lamp in the eyes on colours [n, 3], as it is when they look where they mostly do."""
    away = np.linalg.norm(posed.eyes[:, :, 2] - posed.eyes[:, :, 2].mean(0), axis=-1).sum(1)
    frame = int(away.argmin())
    scene = Scene(avatar, camera, LAMP_SIZE, LAMP_SIZE)
    lamp = scene.highlights(posed, frame)
    corners = camera.project(posed.vertices[frame], LAMP_SIZE, LAMP_SIZE)[avatar.mesh.faces]
    for eye, part in enumerate(lamp.parts):
        texels = np.flatnonzero(avatar.mesh.part[covered.triangles] == part)
        for n, (x, y, _) in zip(texels, covered.spread(corners)[texels], strict=True):
            light = highlight_at(x, y, LAMP_SIZE, LAMP_SIZE, lamp.eyes, eye, *lamp[2:])
            colours[n] += light * np.maximum(HIGHLIGHT_LEVEL - colours[n], 0)


def _mean_terms(avatar: TexturedMesh, posed: Posed, camera: Camera) -> FloatArray:
    """Light terms and change of colour [V, NUM_TERMS + 3], their mean over frames."""
    lighting, starts = Lighting(avatar, camera), avatar.mesh.starts
    every = np.ones(len(avatar.mesh.rest), np.bool_)
    terms = np.stack([lighting.terms(posed, frame, every) for frame in range(len(posed.vertices))])
    mean = terms.mean(0)
    opening = posed.opening + np.float32(1e-6)
    for inner in (slice(starts[1], starts[2]), slice(starts[4], starts[6])):
        mean[inner] = np.average(terms[:, inner], 0, opening)
    return np.asarray(mean, np.float32)


@dataclass(frozen=True, slots=True)
class Baked:
    """One picture of the hair.

    Attributes:
        picture: [h, w, 4] straight colour and opacity.
        uv: [G, 3, 2] texel column and row of the corners of the hull's triangles.
    """

    picture: NDArray[np.uint8]
    uv: FloatArray


@dataclass(frozen=True)
class HairBake:
    """The hair's hull seen in a few of its pictures, which become charts of one.

    The last chart holds the triangles that none of them shows, laid out as in the first.

    Attributes:
        hair: what is baked.
        chosen: [q] pictures: from the front, from both sides.
        places: [q, X, 3] texel column, row and 1 / depth of every vertex in them.
        weights: [q, X] how much they count.
    """

    hair: Hair
    chosen: NDArray[np.int64]
    places: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, hair: Hair) -> HairBake:
        """Choose pictures, and see how well each shows every vertex."""
        chosen = np.array(_three_views(hair), np.int64)
        cameras = hair.cameras[chosen].astype(np.float64)
        places = np.einsum("qij,xj->qxi", cameras[..., :3], hair.vertices) + cameras[:, None, :, 3]
        places[..., :2] /= places[..., 2:]
        places[..., 2] = 1 / places[..., 2]
        size = np.array(hair.pictures.shape[2:0:-1])
        places[..., :2] = np.clip(places[..., :2], 0.5, size - 0.5)  # no chart reaches into the next
        centres = -np.linalg.solve(cameras[..., :3], cameras[..., 3:])[..., 0]
        rays = centres[:, None] - hair.vertices
        facing = np.einsum("qxd,xd->qx", rays / np.linalg.norm(rays, axis=-1, keepdims=True), hair.normals)
        ramps = [_ramp(facing[:1], *FRONT_RAMP), _ramp(facing[1:], *SIDE_RAMP)]
        weights = (hair.seen[chosen] * (1 - HIDDEN_WEIGHT) + HIDDEN_WEIGHT) * np.concatenate(ramps)
        weights[1:] *= 1 - weights[0]
        return cls(hair, chosen, places.astype(np.float32), weights.astype(np.float32))

    def bake(self) -> Baked:
        """Draw the charts, two a row."""
        hair = self.hair
        height, width = hair.pictures.shape[1:3]
        guess = self._guess()
        charts = self._charts()
        picture = np.empty((2 * height, 2 * width, 4), np.float32)
        uv = np.empty((len(hair.faces), 3, 2), np.float32)
        for chart in range(len(self.chosen) + 1):
            places = self.places[chart % len(self.chosen)]
            members = np.flatnonzero(charts == chart)
            corners = hair.faces[members]
            top, left = chart // 2 * height, chart % 2 * width
            picture[top : top + height, left : left + width] = self._draw(places, corners, guess)
            uv[members] = places[corners, :2] + np.array([left, top], np.float32)
        return Baked(_straight(picture), uv)

    def _charts(self) -> NDArray[np.int64]:
        """Chart [G] of every triangle: the picture that shows it best as a whole, or the last chart."""
        shown = self.weights[:, self.hair.faces].min(-1)
        none = np.full((1, shown.shape[1]), GUESS_WEIGHT, np.float32)
        best: NDArray[np.int64] = np.concatenate([shown, none]).argmax(0)
        return best

    def _draw(self, places: FloatArray, corners: NDArray[np.int32], guess: FloatArray) -> FloatArray:
        """Premultiplied picture [h, w, 4] of triangles laid out at places [X, 3], from all pictures."""
        height, width = self.hair.pictures.shape[1:3]
        picture, known = np.zeros((height, width, 4), np.float32), np.zeros((height, width), np.bool_)
        covered = cover(places[corners], height, width)
        total = np.full((len(covered.rows), 1), GUESS_WEIGHT, np.float32)
        colours = GUESS_WEIGHT * covered.spread(guess[corners])
        for q, n in enumerate(self.chosen):
            weight = covered.spread(self.weights[q, corners, None])
            there = covered.spread(self.places[q, corners, :2])
            colours += weight * _bilinear(self.hair.pictures[n], there)
            total += weight
        picture[covered.rows, covered.columns] = colours / total
        known[covered.rows, covered.columns] = True
        pad(picture, known)
        return picture

    def _guess(self) -> FloatArray:
        """Premultiplied colour [X, 4] around every vertex, fully there or not at all."""
        pictures = zip(self.weights, self.chosen, self.places, strict=True)
        total = self.weights.sum(0)
        shown = np.flatnonzero(total > 0.5)
        seen = sum(w[shown, None] * _bilinear(self.hair.pictures[n], p[shown, :2]) for w, n, p in pictures)
        colours = np.asarray(seen) / total[shown, None]
        square = (self.hair.vertices[:, None] - self.hair.vertices[shown]) ** 2
        count = min(NEIGHBOURS, len(shown))
        nearest = np.argpartition(square.sum(-1), count - 1, axis=1)[:, :count]
        around = colours[nearest].mean(1)
        alpha = around[:, 3:]
        return np.where(alpha > 127.5, around * (255 / np.maximum(alpha, 1)), 0).astype(np.float32)


def _three_views(hair: Hair) -> tuple[int, int, int]:
    """Pictures of the level head from the front, and from as far as there are any to its two sides."""
    banks = hair.banks()
    middle = min(banks, key=lambda bank: abs(bank.azimuth))
    front, right, left = (
        bank.pictures[np.abs(bank.pitches).argmin()] for bank in (middle, banks[0], banks[-1])
    )
    return int(front[np.abs(middle.yaws).argmin()]), int(right[-1]), int(left[0])


def _ramp(value: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Go smoothly from 0 at low to 1 at high."""
    t = np.clip((value - low) / (high - low), 0, 1)
    ramp: NDArray[np.float64] = t * t * (3 - 2 * t)
    return ramp


def _bilinear(picture: NDArray[np.uint8], places: FloatArray) -> FloatArray:
    """Values [n, K] of a picture [h, w, K] at columns and rows [n, 2]."""
    last = np.array(picture.shape[1::-1], np.float32) - np.float32(1.01)
    at = np.clip(places - np.float32(0.5), 0, last)
    x, y = at.astype(np.int64).T
    (fx, fy) = (at - np.floor(at)).T[..., None]
    above = picture[y, x] * (1 - fx) + picture[y, x + 1] * fx
    below = picture[y + 1, x] * (1 - fx) + picture[y + 1, x + 1] * fx
    return np.asarray(above * (1 - fy) + below * fy, np.float32)


def _straight(picture: FloatArray) -> NDArray[np.uint8]:
    """Straight colours and opacity [h, w, 4] of premultiplied ones, with colour where nothing is seen."""
    alpha = picture[..., 3:]
    colours = picture[..., :3] * (255 / np.maximum(alpha, 1))
    both = np.concatenate([colours, alpha], -1)
    out: NDArray[np.uint8] = np.clip(np.rint(both), 0, 255).astype(np.uint8)
    colour_unseen(out)
    return out
