"""Fit the atlas: every texel's base colour and response to the light terms, by ridge regression.

Captures are projected into the atlas through the run-time's own posing, projection and visibility. Normal
equations are summed over pictures, so memory does not grow with their number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.highlights import highlight_at
from avgen.avatars.mesh.layout import EYE_PARTS, NUM_TERMS
from avgen.avatars.mesh.residual_colour import ResidualColour
from avgen.avatars.mesh.scene import Scene
from avgen.avatars.raster.triangles import SUPERSAMPLING, rasterise
from avgen.casting.atlas import BLEED, TexelMap, sample, unobstructed
from scripts.mira.assemble import ATLAS_SIZE
from scripts.mira.fit_residual_colour import Residuals, Splat, fit_residual_colour
from scripts.mira.pictures import RESOLUTION, Picture

Array = NDArray[np.float32]

DEPTH_TOLERANCE = 0.0025
"""Metres by which a texel may lie behind the visible surface."""
HIGHLIGHT_MARGIN = 0.25
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
RESIDUAL_OUTLIER_SCALE = 50.0
"""The same for the residual colour: too smooth to follow single outliers, it should follow rims of light."""
ROUNDS = 2


def _without_highlights(
    scene: Scene, posed: Posed, seen: Array, face: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """False where the key light's reflection covers a texel of the eyes."""
    highlights, part = scene.highlights(posed, 0), scene.avatar.mesh.part[face]
    clear = np.ones(len(face), bool)
    for eye, name in enumerate(EYE_PARTS):
        for i in np.flatnonzero(part == scene.avatar.part(name)):
            x, y = seen[i, 0] / SUPERSAMPLING, seen[i, 1] / SUPERSAMPLING
            light = highlight_at(
                *(np.float32(x), np.float32(y), RESOLUTION, RESOLUTION, highlights.eyes, eye, highlights.key),
                *(
                    highlights.key_half + HIGHLIGHT_MARGIN,
                    highlights.position,
                    highlights.axes,
                    highlights.focal,
                ),
            )
            clear[i] = light < 0.02
    return clear


@dataclass(frozen=True, slots=True)
class Observation:
    """The m texels that a picture shows, in half precision.

    Attributes:
        texels: [m] indices.
        colour: [m, 3] levels.
        confidence: [m].
        features: [m, 1 + NUM_TERMS] one, and the light terms.
        place: [m, 2] pixel x and y at which the picture shows them.
        frame: [R] features of the whole picture.
    """

    texels: NDArray[np.int64]
    colour: NDArray[np.float16]
    confidence: NDArray[np.float16]
    features: NDArray[np.float16]
    place: Array
    frame: Array


def observe(avatar: TexturedMesh, picture: Picture, texels: TexelMap) -> Observation:
    """What a picture shows of the texture."""
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
    towards = np.array(picture.camera.position, np.float32) - points
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    facing = (normals[texels.face] * towards).sum(1)
    seen = picture.camera.project(points, side, side)
    place = seen[:, :2] / np.float32(SUPERSAMPLING)
    colour = sample(picture.rgba, place)
    shown = unobstructed(seen, depth, DEPTH_TOLERANCE) & (colour[:, 3] > 253) & (facing > 0)
    shown &= _without_highlights(scene, posed, seen, texels.face)
    confidence = shown * np.clip((facing - 0.05) / 0.25, 0, 1) * (picture.camera.focal / 8.7)
    on = np.flatnonzero(confidence > 0)
    corner_terms = surface.terms[surface.faces[texels.face[on]], :NUM_TERMS]
    terms = np.einsum("nk,nkt->nt", texels.weights[on], corner_terms)
    features = np.concatenate([np.ones((len(terms), 1), np.float32), terms], 1)
    return Observation(
        texels=on,
        colour=colour[on, :3].astype(np.float16),
        confidence=confidence[on].astype(np.float16),
        features=features.astype(np.float16),
        place=place[on],
        frame=scene.lighting.features(posed, 0),
    )


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

    def add(self, seen: Observation, colour: Array, confidence: Array) -> None:
        """Count one picture, with a colour [m, 3] and confidence [m] of its own for what was seen."""
        features = seen.features.astype(np.float32)
        weighted = features * confidence[:, None]
        self.gram[seen.texels] += weighted[:, :, None] * features[:, None]
        self.moment[seen.texels] += weighted[:, :, None] * colour[:, None]
        self.weight[seen.texels] += confidence

    def solve(self, penalty: Array, prior: Array) -> Array:
        """Ridge solution [n, 1 + NUM_TERMS, 3] towards a prior of the same shape, by penalty [n]."""
        caution = np.r_[0, 1, 1, np.full(3, GLOSS_CAUTION), 1]
        out = np.empty_like(self.moment)
        for start in range(0, len(out), 20_000):
            part = slice(start, start + 20_000)
            diagonal = np.maximum(penalty[part, None] * caution, BASE_PENALTY)[:, :, None]
            gram = self.gram[part] + diagonal * np.eye(1 + NUM_TERMS)
            out[part] = np.linalg.solve(gram, self.moment[part] + diagonal * prior[part])
        return out


def fit(
    avatar: TexturedMesh, texels: TexelMap, seen: list[Observation]
) -> tuple[Array, Array, ResidualColour]:
    """Solution [n, 1 + NUM_TERMS, 3] and summed confidence [n] of every texel, and the residual colour.

    Textures and residual colour are fitted in turns, each to what the other leaves over.
    """
    splat = Splat(avatar, texels.face, texels.weights)
    count = len(texels.face)
    first = NormalEquations.empty(count)
    for one in seen:
        first.add(one, one.colour.astype(np.float32), one.confidence.astype(np.float32))
    zero = np.zeros((count, 1 + NUM_TERMS, 3), np.float32)
    solution = first.solve(np.full(count, FIRST_PENALTY, np.float32), zero)
    for _ in range(ROUNDS):
        residual_colour = fit_residual_colour(left_over(seen, solution, splat))
        second = summed(seen, residual_colour, splat, solution)
        solution = _steady_solution(avatar, texels, second, solution)
    return solution, second.weight, residual_colour


def fitted(one: Observation, solution: Array) -> Array:
    """Colours [m, 3] that a solution [n, 1 + NUM_TERMS, 3] gives to what was seen."""
    colours: Array = np.einsum("nk,nkc->nc", one.features.astype(np.float32), solution[one.texels])
    return colours


def summed(
    seen: list[Observation], residual_colour: ResidualColour, splat: Splat, solution: Array
) -> NormalEquations:
    """All pictures without their residual colour; what lies far from the solution so far counts less."""
    sums = NormalEquations.empty(len(solution))
    for one in seen:
        colour = one.colour - splat.to_texels(one.texels, residual_colour.colours(one.frame))
        away = np.abs(fitted(one, solution) - colour).max(1)
        sums.add(one, colour, one.confidence / (1 + (away / OUTLIER_SCALE) ** 2))
    return sums


def left_over(seen: list[Observation], solution: Array, splat: Splat) -> Residuals:
    """What the textures do not explain, around every vertex of every picture."""
    weights, colours = [], []
    for one in seen:
        residual = one.colour - fitted(one, solution)
        trust = one.confidence / (1 + (np.abs(residual).max(1) / RESIDUAL_OUTLIER_SCALE) ** 2)
        weights.append(splat.to_vertices(one.texels, trust))
        colours.append(np.stack([splat.to_vertices(one.texels, trust * residual[:, c]) for c in range(3)], 1))
    return Residuals(np.stack([one.frame for one in seen]), np.stack(weights), np.stack(colours))


def _steady_solution(avatar: TexturedMesh, texels: TexelMap, sums: NormalEquations, before: Array) -> Array:
    """Solution of the sums, held to the parts' typical response and to the neighbourhood."""
    prior = typical_response(avatar, texels, before, sums.weight)
    part = avatar.mesh.part[texels.face]
    faces = [avatar.part(name) for name in FACE_PARTS]
    penalty = np.where(np.isin(part, faces), FACE_PENALTY, FINAL_PENALTY).astype(np.float32)
    penalty += NEIGHBOUR_PENALTY * (TRUST / np.maximum(sums.weight, 0.1)) ** 2
    solution = sums.solve(penalty, prior)
    around = neighbourhood(avatar, texels, solution, sums.weight)
    return sums.solve(np.full(len(solution), NEIGHBOUR_PENALTY, np.float32), around)


def typical_response(avatar: TexturedMesh, texels: TexelMap, solution: Array, weight: Array) -> Array:
    """Median response to the light terms of each part's well-seen texels; the base stays at zero."""
    out = np.zeros_like(solution)
    part = avatar.mesh.part[texels.face]
    for name in np.unique(part):
        members = part == name
        good = members & (weight > np.percentile(weight[members], 60))
        if good.any():
            out[members, 1:] = np.median(solution[good], 0)[1:]
    return out


def neighbourhood(avatar: TexturedMesh, texels: TexelMap, solution: Array, weight: Array) -> Array:
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


def to_atlas(avatar: TexturedMesh, texels: TexelMap, solution: Array, weight: Array) -> Array:
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
