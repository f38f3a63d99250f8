"""Fit the atlas: every texel's base colour and response to the light terms, by ridge regression.

Captures are projected into the atlas through the run-time's own posing, projection and visibility. Normal
equations are summed over pictures, so memory does not grow with their number.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter

from avgen.avatars.avatar import NUM_TERMS, Avatar, Posed
from avgen.avatars.cameras import Camera
from avgen.avatars.codec import solve_contact
from avgen.renderers.raster import rasterise
from avgen.renderers.scene import EYE_PARTS, SUPERSAMPLING, Scene
from avgen.renderers.shading import glint_at
from scripts.mira.assemble import ATLAS_SIZE
from scripts.mira.expressions import Capture
from scripts.mira.geometry import METRES
from scripts.mira.pose import HeadPose

Array = NDArray[np.float32]

RESOLUTION = 512
DEPTH_TOLERANCE = 0.0025
"""Metres by which a texel may lie behind the visible surface."""
GLINT_MARGIN = 0.25
"""Metres added to the key light when its reflection in the eyes is masked out."""
BASE_PENALTY = 1e-3
FIRST_PENALTY = 5e-3
"""Ridge of the light textures towards zero, in the first pass."""
FINAL_PENALTY, FACE_PENALTY = 4e-2, 4e-3
"""Ridge towards the part's typical response, in the second pass; the face is seen best."""
NEIGHBOUR_PENALTY = 5e-2
"""Ridge towards the neighbourhood's mean, in the last solution: where the captures' light varied little, base
and response would cancel each other at great values, texel by texel."""
GLOSS_CAUTION = 4.0
"""The same ridge relative to it for the gloss terms, which other cameras take out of the captures' range."""
SMOOTH_PARTS = ("tongue", "mouth")
SMOOTHNESS = 2.5
"""Texels over which rarely seen texels, and these parts, are smoothed."""
SEEN = 0.25
"""Confidence, summed over the pictures, below which a texel counts as never seen."""
TRUST = 3.0
"""Summed confidence at which a texel counts as much as its neighbourhood: the rims of the lids have less."""
FACE_PARTS = ("head", "eye_l", "eye_r", "upper", "lower", "mouth")
OUTLIER_SCALE = 12.0
"""Residual (levels) beyond which an observation counts less in the second pass."""
BLEED = 2
"""Texels that a part's colour extends beyond its border."""
LIGHT_STEPS = 127
BASE_STEPS = 8
"""Steps per display level of the stored base texture."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A capture and the pose it shows.

    Attributes:
        rgba: [512, 512, 4] straight colour and coverage, 0..255.
        weights: [1, 53] unit weights.
        head: [1, 7] head pose.
        camera: it was taken with.
        note: the capture's settings.
    """

    rgba: Array
    weights: Array
    head: Array
    camera: Camera
    note: dict[str, object]


def head_pose(pose: HeadPose) -> Array:
    """Head pose [1, 7] as the run-time takes it."""
    angle = float(np.linalg.norm(pose.vector))
    axis = pose.vector / max(angle, 1e-9)
    shift = np.array(pose.shift) * METRES
    return np.r_[np.cos(angle / 2), np.sin(angle / 2) * axis, shift][None].astype(np.float32)


def load_pictures(folder: Path, kind: str, avatar: Avatar) -> list[Picture]:
    """Captures of a kind, sorted by name."""
    out = []
    for path in sorted(folder.glob("*.json")):
        note = json.loads(path.read_text())
        if note["kind"] != kind:
            continue
        channels = named_channels(note["channels"], avatar.codec.units)
        weights = solve_contact(channels, avatar.codec.units, avatar.codec.lips, avatar.codec.lids)
        rgba = np.asarray(Image.open(path.with_suffix(".png")).convert("RGBA"), np.float32)
        capture = Capture(**note)
        out.append(Picture(rgba, weights, head_pose(capture.pose), capture.camera, note))
    return out


def named_channels(values: dict[str, float], units: tuple[str, ...]) -> Array:
    """Channels [1, 53] by name; a name ending in `_` sets Left and Right."""
    out = np.zeros((1, len(units)), np.float32)
    for name, value in values.items():
        names = (name[:-1] + "Left", name[:-1] + "Right") if name.endswith("_") else (name,)
        for each in names:
            out[0, units.index(each)] = value
    return out


@dataclass(frozen=True, slots=True)
class TexelMap:
    """Which surface point every used texel shows.

    Attributes:
        rows: [n] texel row.
        columns: [n] texel column.
        face: [n] triangle.
        weights: [n, 3] barycentrics of the texel's centre.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    face: NDArray[np.int32]
    weights: Array


def map_texels(avatar: Avatar) -> TexelMap:
    """Rasterise the triangles in texture space."""
    uv = avatar.mesh.uv.reshape(-1, 2)
    points = np.concatenate([uv, np.ones((len(uv), 1), np.float32)], 1)
    faces = np.arange(len(uv), dtype=np.int32).reshape(-1, 3)
    depth = np.empty((ATLAS_SIZE, ATLAS_SIZE), np.float32)
    index = np.empty((ATLAS_SIZE, ATLAS_SIZE), np.int32)
    rasterise(points, faces, 0, False, depth, index)
    rows, columns = np.nonzero(index >= 0)
    face = index[rows, columns]
    a, b, c = np.moveaxis(avatar.mesh.uv[face].astype(np.float64), 1, 0)
    p = np.stack([columns, rows], 1) + 0.5

    def cross(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        return u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]

    area = cross(b - a, c - a)
    first, second = cross(b - p, c - p) / area, cross(c - p, a - p) / area
    weights = np.stack([first, second, 1 - first - second], 1).astype(np.float32)
    return TexelMap(rows, columns, face, weights)


def sample(image: Array, x: Array, y: Array) -> Array:
    """Bilinear samples [n, channels] at pixel positions."""
    x = np.clip(x - 0.5, 0, image.shape[1] - 1.001)
    y = np.clip(y - 0.5, 0, image.shape[0] - 1.001)
    i, j = x.astype(int), y.astype(int)
    u, v = (x - i)[:, None], (y - j)[:, None]
    top = image[j, i] * (1 - u) + image[j, i + 1] * u
    return top * (1 - v) + (image[j + 1, i] * (1 - u) + image[j + 1, i + 1] * u) * v


def unobstructed(seen: Array, inverse_depth: Array, tolerance: float) -> NDArray[np.bool_]:
    """Whether no sample in the 3 x 3 around a projected point [n, 3] is clearly nearer."""
    height, width = inverse_depth.shape
    x, y = seen[:, 0].astype(int), seen[:, 1].astype(int)
    inside = (x > 1) & (y > 1) & (x < width - 2) & (y < height - 2)
    x, y = np.clip(x, 1, width - 2), np.clip(y, 1, height - 2)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            z = inverse_depth[y + dy, x + dx]
            inside &= (z == 0) | (1 / np.maximum(z, 1e-6) > seen[:, 2] - tolerance)
    return inside


def _without_glint(scene: Scene, posed: Posed, seen: Array, face: NDArray[np.int32]) -> NDArray[np.bool_]:
    """False where the key light's reflection covers a texel of the eyes."""
    glint, part = scene.glint(posed, 0), scene.avatar.mesh.part[face]
    clear = np.ones(len(face), bool)
    for eye, name in enumerate(EYE_PARTS):
        for i in np.flatnonzero(part == scene.avatar.part(name)):
            x, y = seen[i, 0] / SUPERSAMPLING, seen[i, 1] / SUPERSAMPLING
            light = glint_at(
                *(np.float32(x), np.float32(y), RESOLUTION, RESOLUTION, glint.eyes[eye], glint.key),
                *(glint.key_half + GLINT_MARGIN, glint.position, glint.axes, glint.focal),
            )
            clear[i] = light < 0.02
    return clear


def observe(avatar: Avatar, picture: Picture, texels: TexelMap) -> tuple[Array, Array, Array]:
    """Colour [n, 3], confidence [n] and features [n, 1 + NUM_TERMS] of every texel in a picture."""
    scene = Scene(avatar, picture.camera, RESOLUTION, RESOLUTION)
    posed = avatar.pose_weights(picture.weights, picture.head)
    surface = scene.surface(posed, 0)
    side = SUPERSAMPLING * RESOLUTION
    depth, index = np.empty((side, side), np.float32), np.empty((side, side), np.int32)
    rasterise(surface.points, surface.faces, 0, True, depth, index)
    corners = posed.vertices[0][surface.faces]
    points = np.einsum("nk,nkd->nd", texels.weights, corners[texels.face])
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    towards = np.float32(picture.camera.position) - points
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    facing = (normals[texels.face] * towards).sum(1)
    seen = picture.camera.project(points, side, side)
    colour = sample(picture.rgba, seen[:, 0] / SUPERSAMPLING, seen[:, 1] / SUPERSAMPLING)
    shown = unobstructed(seen, depth, DEPTH_TOLERANCE) & (colour[:, 3] > 253) & (facing > 0)
    shown &= _without_glint(scene, posed, seen, texels.face)
    confidence = shown * np.clip((facing - 0.08) / 0.35, 0, 1) * (picture.camera.focal / 8.7)
    terms = np.einsum("nk,nkt->nt", texels.weights, surface.terms[surface.faces[texels.face]])
    features = np.concatenate([np.ones((len(terms), 1), np.float32), terms], 1)
    return colour[:, :3].astype(np.float32), confidence.astype(np.float32), features.astype(np.float32)


@dataclass(slots=True)
class NormalEquations:
    """Sums of weighted feature products, per texel."""

    gram: Array
    moment: Array
    weight: Array

    @classmethod
    def empty(cls, count: int) -> NormalEquations:
        k = 1 + NUM_TERMS
        return cls(
            np.zeros((count, k, k), np.float32),
            np.zeros((count, k, 3), np.float32),
            np.zeros(count, np.float32),
        )

    def add(self, colour: Array, confidence: Array, features: Array) -> None:
        """Count one picture."""
        on = np.flatnonzero(confidence > 0)
        weighted = features[on] * confidence[on, None]
        self.gram[on] += weighted[:, :, None] * features[on][:, None]
        self.moment[on] += weighted[:, :, None] * colour[on][:, None]
        self.weight[on] += confidence[on]

    def solve(self, penalty: Array, prior: Array) -> Array:
        """Ridge solution [n, 1 + NUM_TERMS, 3] towards a prior of the same shape, by penalty [n]."""
        caution = np.r_[0, 1, 1, np.full(NUM_TERMS - 2, GLOSS_CAUTION)]
        out = np.empty_like(self.moment)
        for start in range(0, len(out), 20_000):
            part = slice(start, start + 20_000)
            diagonal = np.maximum(penalty[part, None] * caution, BASE_PENALTY)[:, :, None]
            gram = self.gram[part] + diagonal * np.eye(1 + NUM_TERMS)
            out[part] = np.linalg.solve(gram, self.moment[part] + diagonal * prior[part])
        return out


def fit(avatar: Avatar, pictures: list[Picture]) -> tuple[TexelMap, Array, Array]:
    """Texel map, solution [n, 1 + NUM_TERMS, 3] and summed confidence [n] of every texel."""
    texels = map_texels(avatar)
    count = len(texels.face)
    zero = np.zeros((count, 1 + NUM_TERMS, 3), np.float32)
    first = NormalEquations.empty(count)
    for picture in pictures:
        first.add(*observe(avatar, picture, texels))
    solution = first.solve(np.full(count, FIRST_PENALTY, np.float32), zero)
    second = NormalEquations.empty(count)
    for picture in pictures:
        colour, confidence, features = observe(avatar, picture, texels)
        residual = np.abs(np.einsum("nk,nkc->nc", features, solution) - colour).max(1)
        second.add(colour, confidence / (1 + (residual / OUTLIER_SCALE) ** 2), features)
    prior = typical_response(avatar, texels, solution, second.weight)
    part = avatar.mesh.part[texels.face]
    faces = [avatar.part(name) for name in FACE_PARTS]
    penalty = np.where(np.isin(part, faces), FACE_PENALTY, FINAL_PENALTY).astype(np.float32)
    penalty += NEIGHBOUR_PENALTY * (TRUST / np.maximum(second.weight, 0.1)) ** 2
    solution = second.solve(penalty, prior)
    around = neighbourhood(avatar, texels, solution, second.weight)
    return texels, second.solve(np.full(count, NEIGHBOUR_PENALTY, np.float32), around), second.weight


def typical_response(avatar: Avatar, texels: TexelMap, solution: Array, weight: Array) -> Array:
    """Median response to the light terms of each part's well-seen texels; the base stays at zero."""
    out = np.zeros_like(solution)
    part = avatar.mesh.part[texels.face]
    for name in np.unique(part):
        members = part == name
        good = members & (weight > np.percentile(weight[members], 60))
        if good.any():
            out[members, 1:] = np.median(solution[good], 0)[1:]
    return out


def neighbourhood(avatar: Avatar, texels: TexelMap, solution: Array, weight: Array) -> Array:
    """Mean solution [n, 1 + NUM_TERMS, 3] around every texel, over its part, by confidence."""
    out = np.zeros_like(solution)
    part = avatar.mesh.part[texels.face]
    for name in np.unique(part):
        members = part == name
        place = texels.rows[members], texels.columns[members]
        layer = np.zeros((ATLAS_SIZE, ATLAS_SIZE, 1 + NUM_TERMS, 3), np.float32)
        confidence = np.zeros((ATLAS_SIZE, ATLAS_SIZE), np.float32)
        layer[place], confidence[place] = solution[members], weight[members]
        out[members] = steadied(layer, confidence, np.inf)[place]
    return out


def to_atlas(avatar: Avatar, texels: TexelMap, solution: Array, weight: Array) -> Array:
    """Atlas [h, w, 1 + NUM_TERMS, 3]; a texel never seen copies the nearest well-seen one of its part."""
    atlas = np.zeros((ATLAS_SIZE, ATLAS_SIZE, 1 + NUM_TERMS, 3), np.float32)
    part = avatar.mesh.part[texels.face]
    for name in np.unique(part):
        members = part == name
        place = texels.rows[members], texels.columns[members]
        confidence = np.zeros((ATLAS_SIZE, ATLAS_SIZE), np.float32)
        confidence[place] = np.where(weight[members] > SEEN, weight[members], 0)
        well_seen = confidence >= min(TRUST, float(confidence.max()))
        if not confidence.any():
            continue
        layer = np.zeros_like(atlas)
        layer[place] = solution[members]
        layer = steadied(layer, confidence, np.inf if avatar.parts[name] in SMOOTH_PARTS else TRUST)
        nearest = distance_transform_edt(~well_seen, return_distances=False, return_indices=True)
        row, column = np.where(confidence > 0, np.indices(confidence.shape), nearest)
        used = np.zeros(confidence.shape, bool)
        used[place] = True
        near = distance_transform_edt(~used) <= BLEED
        atlas[near] = layer[row[near], column[near]]
    return atlas


def steadied(layer: Array, confidence: Array, trust: float) -> Array:
    """Blend texels [h, w, terms, 3] with their neighbourhood's mean, the more the rarer they were seen."""
    weight = confidence[:, :, None, None]
    spread = (SMOOTHNESS, SMOOTHNESS, 0, 0)
    mean = gaussian_filter(weight * layer, spread) / np.maximum(gaussian_filter(weight, spread), 1e-3)
    own = weight / (weight + trust)
    return own * layer + (1 - own) * mean


def quantise(atlas: Array) -> dict[str, NDArray[np.generic]]:
    """Texture tensors: base int16, light int8, and the value of one step of each."""
    base, light = atlas[:, :, 0], atlas[:, :, 1:]
    scale = np.percentile(np.abs(light), 99.998, axis=(0, 1, 3)) / LIGHT_STEPS + 1e-6
    steps = np.clip(np.round(light / scale[:, None]), -LIGHT_STEPS, LIGHT_STEPS).astype(np.int8)
    return {
        "texture.base": np.clip(np.round(base * BASE_STEPS), -32768, 32767).astype(np.int16),
        "texture.light": steps.reshape(*steps.shape[:2], -1),
        "texture.scale": np.r_[1 / BASE_STEPS, scale].astype(np.float32),
    }
