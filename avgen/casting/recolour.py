"""An avatar with other colours: its fitted textures are moved through the captures' tone curve.

A texel's display colour is base + sum of term x texture. Its diffuse part at typical terms is taken back to
linear light, multiplied by the ratio of albedos, and developed again; how it changes with the light is scaled
by the change of contrast there. Gloss, which no albedo tints, stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.codec import BLINKS
from avgen.avatars.mesh.layout import NUM_TERMS
from avgen.avatars.mesh.scene import Scene
from avgen.casting.atlas import (
    TexelMap,
    map_texels,
    quantise,
    quantise_residual_colour,
    stored_atlas,
    to_layer,
)
from avgen.casting.person import Colour, Person
from avgen.casting.settling import DIFFUSE, settled
from avgen.casting.skin import Skin
from avgen.casting.surface import vertex_normals
from avgen.casting.tone_curve import contrast, develop, dye, dyed, undevelop
from avgen.pose import head_turned

Array = NDArray[np.float64]
Tensors = dict[str, NDArray[Any]]

SKIN_PARTS: Final = ("head", "neck", "nape_skin", "mouth", "socket_l", "socket_r")
CLOTHES: Final = ("shirt", "collar", "nape")
EYES: Final = ("eye_l", "eye_r")
SHEEN: Final = 0.04
"""What skin sends back without colour from any side, in shares of the light."""
CLOTH_SHEEN: Final = 0.006
IRIS_SHEEN: Final = 0.03
"""The same of clothes, and of eyes, whose cornea shines."""
MATT: Final = 0.8
"""Power of the ratio by which what becomes darker shines less, too: dark skin is rougher in the captures."""
GAINS: Final = (0.2, 6.0)
"""Least and greatest change of contrast."""
TYPICAL_YAWS: Final = (-25.0, 0.0, 25.0)
"""Degrees of the head at which its typical light is measured."""
LARGEST_TERM: Final = 50.0
HAIR_SHADE, HAIR_SHADE_FADE = 0.4, 0.3
"""How far hair shades the skin, and over what the shade fades, decimetres."""
HIDDEN: Final = 1e-3
"""Weight of a turn that hides a vertex: it counts where none shows it."""
INSIDE: Final = 0.88
"""Share of half a picture's width and height in which clothes were surely captured."""
FACING: Final = 0.35
"""Cosine to the viewer, or upwards, from which they were."""
AROUND: Final = 12
"""Vertices that clothes go on as where they were not captured."""
LID_MOVE: Final = 0.003
"""Metres that a blink moves what is all lid."""
IRIS_RIM, IRIS_SOFTNESS = 0.40, 0.04
"""Where the iris ends in an eye's texture, in shares of half its width."""
BROW_ARC: Final = ((0.095, 0.22, 0.37, 0.515), (6.905, 6.958, 6.990, 6.905))
"""|x| and y of the middle of Mira's brows, decimetres."""
BROW_HALF, BROW_FADE, BROW_AROUND = 0.05, 0.03, 0.10
"""Half their height, over how much they fade, and how far around them their skin is looked at; decimetres."""
BROW_FRONT: Final = 0.85
"""Least z."""
BROW_HAIR: Final = 0.15
"""Light of a brow's hair in shares of the skin around it; what is darker is all hair."""
PALEST_BROW: Final = 0.6
"""The same, of the palest brows."""
DEEPEST, DIM_HAIR = 0.8, 0.2
"""Share of its light that comes from under the palest hair, and the colour of hair that halves it."""
SOFTER: Final = 0.17
"""Power of their light by which the shades of hair become less when it becomes lighter by a factor of e."""
HAIR_RATIOS: Final = (0.05, 40.0)


@dataclass(frozen=True, eq=False)
class Paint:
    """The texels of an avatar, and what light they send back.

    Attributes:
        avatar: whose.
        person: that the avatar is.
        camera: from which people see the avatar.
    """

    avatar: TexturedMesh
    person: Person
    camera: Camera

    @cached_property
    def texels(self) -> TexelMap:
        """Texels that show a surface."""
        return map_texels(self.avatar)

    @cached_property
    def skin(self) -> Skin:
        """What they are of, where they are skin."""
        return Skin.of(self.texels)

    @cached_property
    def stored(self) -> Array:
        """Colours [n, 1 + terms, 3] of the texels: base, and response to every light term."""
        atlas = stored_atlas(self.avatar.texture)
        return atlas[self.texels.rows, self.texels.columns].astype(np.float64)

    @cached_property
    def solution(self) -> Array:
        """The same, the skin's settled for other heads and colours."""
        out, skin = self.stored.copy(), np.flatnonzero(self.members("head", "neck"))
        albedo = self.skin.albedo(self.person)[skin] + SHEEN
        plain = (self.skin.scalp + self.skin.lips + self.skin.inside)[skin] == 0
        near_hair = np.clip((self.skin.hairline[skin] + HAIR_SHADE) / HAIR_SHADE_FADE, 0, 1) * plain
        out[skin] = settled(out[skin], self.terms[skin], albedo, plain, near_hair)
        return self._hemmed(out)

    def _hemmed(self, solution: Array) -> Array:
        """Colours with a shirt that goes on, where it was not captured, as it is around."""
        mesh, texels, shirt = self.avatar.mesh, self.texels, self.members("shirt")
        rest = mesh.rest.astype(np.float64)
        place = self.camera.project(mesh.rest, 512, 512)[:, :2] / 512
        facing = vertex_normals(rest, mesh.faces)[:, 1:] > FACING
        captured = (np.abs(2 * place - 1).max(1) < INSIDE) & facing.any(1)
        known = np.all(captured[mesh.faces[texels.face]], 1)
        flat = solution.reshape(len(solution), -1)
        corners = self.at_vertices(flat, np.flatnonzero(shirt & known), np.nan)
        every = np.unique(mesh.faces[texels.face[shirt]])
        lost = np.isnan(corners[every]).any(1)
        there, gone = every[~lost & facing[every, 1]], every[lost]
        apart = ((rest[gone, None] - rest[there]) ** 2).sum(2)
        corners[gone] = np.median(corners[there[apart.argsort(1)[:, :AROUND]]], 1)
        out, others = flat.copy(), np.flatnonzero(shirt & ~known)
        out[others] = self._between(corners, others)
        hemmed: Array = out.reshape(solution.shape)
        return hemmed

    def at_vertices(self, values: Array, members: NDArray[np.int64], none: float) -> Array:
        """Means [V, k] of values [n, k] of some texels around every vertex.

        Args:
            values: of all texels.
            members: [m] which of them count.
            none: what vertices get around which there are none.
        """
        faces = self.avatar.mesh.faces[self.texels.face[members]]
        weights = self.texels.weights[members]
        total, weight = (np.zeros((len(self.avatar.mesh.rest), size)) for size in (values.shape[1], 1))
        for k in range(3):
            share = weights[:, k, None]
            np.add.at(total, faces[:, k], share * values[members])
            np.add.at(weight, faces[:, k], share)
        return np.where(weight > 0, total / np.maximum(weight, 1e-9), none)

    def _between(self, corners: Array, members: NDArray[np.int64] | slice = slice(None)) -> Array:
        """Values [m, k] at some of the texels of values [V, k] at the vertices."""
        faces = self.avatar.mesh.faces[self.texels.face[members]]
        mixed: Array = np.einsum("nk,nkt->nt", self.texels.weights[members], corners[faces])
        return mixed

    @cached_property
    def terms(self) -> Array:
        """Typical light terms [n, terms] of the texels."""
        return self._between(typical_terms(self.avatar, self.camera))

    @cached_property
    def light(self) -> Array:
        """Linear light [n, 3] that the texels send back without gloss, in typical light."""
        return self._diffuse(self.solution)

    def _diffuse(self, colours: Array) -> Array:
        shown = colours[:, 0] + np.einsum("nt,ntc->nc", self.terms[:, :DIFFUSE], colours[:, 1 : 1 + DIFFUSE])
        return undevelop(shown)

    def members(self, *parts: str) -> NDArray[np.bool_]:
        """Which texels [n] belong to parts of the mesh."""
        names = np.array(self.avatar.parts)[self.avatar.mesh.part[self.texels.face]]
        found: NDArray[np.bool_] = np.isin(names, parts)
        return found

    def brows(self, domain: Array) -> Array:
        """How much [n] of the texels is covered by hair of a brow.

        Args:
            domain: [V, 3] Mira's skin at rest, decimetres, in the avatar's order.
        """
        corner = self.avatar.mesh.faces[self.texels.face]
        on_head = self.members("head") & (corner < len(domain)).all(1)
        place = np.einsum("nk,nkd->nd", self.texels.weights, domain[np.where(on_head[:, None], corner, 0)])
        x, y = place[:, 0], place[:, 1]
        beyond = np.maximum(np.abs(np.abs(x) - np.mean(BROW_ARC[0])) - np.ptp(BROW_ARC[0]) / 2, 0)
        away = np.hypot(np.maximum(np.abs(y - np.interp(np.abs(x), *BROW_ARC)) - BROW_HALF, 0), beyond)
        light = self._diffuse(self.stored).mean(1)
        share = on_head * (place[:, 2] > BROW_FRONT) * np.clip(1 - away / BROW_FADE, 0, 1)
        for side in (-1, 1):
            near = on_head & (place[:, 2] > BROW_FRONT) & (x * side > 0) & (away < BROW_AROUND)
            around = near & (away > BROW_FADE)
            plane = np.stack([np.ones_like(x), x, y], 1)
            value = np.log(light)
            skin = np.linalg.lstsq(plane[around], value[around], rcond=None)[0]
            bright = np.exp(value[near] - plane[near] @ skin)
            share[near] *= np.clip((1 - bright) / (1 - BROW_HAIR), 0, 1)
        cover: Array = share
        return cover

    def ratio(self, person: Person, domain: Array) -> Array:
        """Albedo [n, 3] of another person in shares of this one's.

        Args:
            person: the other.
            domain: as in `brows`.
        """
        old, new = self.person, person
        out = np.ones_like(self.light)
        skin = self.members(*SKIN_PARTS)
        colours = [self.skin.albedo(one) + SHEEN for one in (new, old)]
        out[skin] = (colours[0] / colours[1])[skin]
        cover = self.brows(domain)[:, None]
        hair = np.minimum(BROW_HAIR * _over(new.hair.colour, old.hair.colour, 0.0), PALEST_BROW * out)
        out = ((1 - cover) * out + cover * hair) / (1 - cover + cover * BROW_HAIR)
        deeper = np.maximum(_light_at_roots(new.hair.colour) - _light_at_roots(old.hair.colour), 0)
        out[skin] += (self.skin.scalp[:, None] * deeper / self.light)[skin]
        out[self.members(*CLOTHES)] = _over(new.wear.colour, old.wear.colour, CLOTH_SHEEN)
        for part in EYES:
            eye = self.members(part)
            share = self.iris_share(eye)[:, None]
            out[eye] = 1 - share + share * _over(new.iris, old.iris, IRIS_SHEEN)
        return out

    def iris_share(self, eye: NDArray[np.bool_]) -> Array:
        """Share [m] of iris in the texels of an eye, whose texture is centred on it."""
        place = np.stack([self.texels.columns, self.texels.rows], 1)[eye]
        low, high = place.min(0), place.max(0)
        radius = np.linalg.norm(place - (low + high) / 2, axis=1) / ((high - low).max() / 2)
        share: Array = np.clip((IRIS_RIM - radius) / IRIS_SOFTNESS, 0, 1)
        return share


def _over(new: Colour, old: Colour, sheen: float) -> Array:
    return (np.array(new) + sheen) / (np.array(old) + sheen)


def _light_at_roots(hair: Colour) -> Array:
    """Light [3] that comes from under hair of a colour: the paler it is, the deeper light goes."""
    pale = float(np.mean(hair))
    return np.array(hair) * DEEPEST * pale / (pale + DIM_HAIR)


def typical_terms(avatar: TexturedMesh, camera: Camera) -> Array:
    """Light terms [V, terms] of an avatar's vertices: mean over a few turns of the head that show them.

    Lids are looked at while they are shut: what open eyes show of them is small and dark, and says little of
    how bright they become.
    """
    share = lids(avatar)[:, None]
    still, shut = np.zeros((2, 1, len(avatar.deltas)), np.float32)
    for side, name in enumerate(BLINKS):
        blink = avatar.codec.unit(name)
        shut[:, blink] = avatar.codec.lids.closure(still, blink, side)
    mixed: Array = (1 - share) * _mean_terms(avatar, camera, still)
    return mixed + share * _mean_terms(avatar, camera, shut)


def lids(avatar: TexturedMesh) -> Array:
    """Share [V] of lid in the vertices: what a blink moves."""
    blinks = [avatar.codec.unit(name) for name in BLINKS]
    share = np.zeros(len(avatar.mesh.rest))
    moved = np.linalg.norm(avatar.deltas[blinks], axis=2).max(0)
    share[: len(moved)] = np.clip(moved / LID_MOVE, 0, 1)
    return share


def _mean_terms(avatar: TexturedMesh, camera: Camera, weights: NDArray[np.float32]) -> Array:
    """Mean light terms [V, terms] over the turns that show a vertex, or over all if none does."""
    scene, total, count = Scene(avatar, camera, 512, 512), np.zeros(1), np.zeros(1)
    for yaw in TYPICAL_YAWS:
        posed = avatar.pose_weights(weights, head_turned(yaw))
        terms = scene.lighting.terms(posed, 0, np.ones(len(avatar.mesh.rest), bool))
        sane = np.abs(terms).max(1, keepdims=True) < LARGEST_TERM
        share = np.where(_seen(scene, posed)[:, None], 1.0, HIDDEN) * sane
        total, count = total + share * terms, count + share
    mean: Array = total / np.maximum(count, HIDDEN)
    return mean


def _seen(scene: Scene, posed: Posed) -> NDArray[np.bool_]:
    """Which vertices [V] the first of posed frames shows."""
    lit: NDArray[np.bool_] = np.abs(scene.surface(posed, 0).terms[:, :NUM_TERMS]).sum(1) > 0
    return lit


def recolour(paint: Paint, ratio: Array) -> Tensors:
    """Texture and residual colour tensors of an avatar whose texels have other albedos.

    Args:
        paint: its texels.
        ratio: [n, 3] new over old albedo.
    """
    changed = np.flatnonzero(np.abs(ratio - 1).max(1) > 0.005)
    light, terms, old = paint.light[changed], paint.terms[changed], paint.solution[changed]
    lit = light * ratio[changed]
    rise = contrast(lit).sum(2) / np.maximum(contrast(light).sum(2), 1)
    gain = np.clip(rise, *GAINS)
    new = old.copy()
    new[:, 1 : 1 + DIFFUSE] *= gain[:, None]
    new[:, 1 + DIFFUSE :] *= np.minimum(ratio[changed].mean(1), 1)[:, None, None] ** MATT
    new[:, 0] = develop(lit) - np.einsum("nt,ntc->nc", terms[:, :DIFFUSE], new[:, 1 : 1 + DIFFUSE])
    change = paint.solution - paint.stored
    change[changed] += new - old
    atlas = stored_atlas(paint.avatar.texture)
    atlas = atlas + to_layer(paint.texels, change.astype(np.float32), atlas.shape[:2])
    return quantise(atlas) | _scaled_residual(paint, changed, np.minimum(gain, 2))


def _scaled_residual(paint: Paint, changed: NDArray[np.int64], gain: Array) -> Tensors:
    """Residual colour, which grows with the contrast [m, 3] of the changed texels around every vertex."""
    every = np.ones((len(paint.texels.face), 3))
    every[changed] = gain
    mean = paint.at_vertices(every, np.arange(len(every)), 1.0)
    residual = paint.avatar.residual_colour
    gains = (residual.gains * mean.reshape(-1)).astype(np.float32)
    return quantise_residual_colour(type(residual)(gains, residual.low, residual.high))


def recolour_hair(tensors: Mapping[str, NDArray[Any]], new: Colour, old: Colour) -> Tensors:
    """Hair pictures [Q, h, w, 4] with another colour (linear, on average)."""
    ratio = np.clip(_over(new, old, 0.0), *HAIR_RATIOS)
    softer = SOFTER * max(float(np.log(ratio.mean())), 0.0)
    table = dye(ratio, float(np.mean(old)), softer)
    pictures = tensors["hair.pictures"].copy()
    for picture in pictures:
        opaque = picture[..., 3] > 0
        cover = picture[opaque, 3:].astype(np.float64) / 255
        colour = dyed(picture[opaque, :3] / cover, table)
        picture[opaque, :3] = np.clip(colour * cover + 0.5, 0, 255)
    return {"hair.pictures": pictures}


def hair_colour(tensors: Mapping[str, NDArray[Any]]) -> Colour:
    """Linear light that the hair of an avatar sends back, on average over its frontal pictures."""
    picture = tensors["hair.pictures"][np.abs(tensors["hair.views"]).sum(1).argmin()]
    solid = picture[picture[..., 3] > 250][:, :3].astype(np.float64)
    red, green, blue = map(float, undevelop(solid).mean(0))
    return red, green, blue
