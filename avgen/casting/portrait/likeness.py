"""Photographs of a person -> an avatar that looks like the person, made from a synthetic actor's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.layout import NUM_TERMS
from avgen.casting.atlas import sample
from avgen.casting.person import Colour, Person
from avgen.casting.portrait import albedo, hair
from avgen.casting.portrait.albedo import Chart, Observed, Relight
from avgen.casting.portrait.fit import Fit, expected_landmarks, fit_faces
from avgen.casting.portrait.hair_matte import Seeds, hair_matte
from avgen.casting.portrait.landmarks import IRISES, Face
from avgen.casting.portrait.shell import Surface, hair_tensors
from avgen.casting.portrait.space import UNITS, linear_face, load_faces
from avgen.casting.portrait.view import TexelView, view_texels
from avgen.casting.portrait.warp import warped_head
from avgen.casting.recolour import CLOTHES, Paint, recolour
from avgen.casting.settling import DIFFUSE
from avgen.casting.shapes import load_shapes
from avgen.casting.tone_curve import develop, undevelop
from avgen.casting.transfer import transfer
from avgen.casting.words import DARKEST

Array = NDArray[np.float64]
Tensors = dict[str, NDArray[Any]]

SKIN_BELOW: Final = ("neck", "nape_skin", "socket_l", "socket_r")
"""Parts that have the tone of the face."""
ROOTS: Final = 0.5
"""Light of the scalp under hair, in shares of the hair's."""
HAIR_LIGHT: Final = 0.35
"""Largest logarithm by which hair is lit anew."""
SURE_PERSON: Final = 0.9
RIM: Final = 0.002
"""Metres inside the person's outline in which the background shines through."""
CLOTH_BELOW: Final = 0.35
"""Faces' heights below the chin at which clothes begin."""
CLOTH_RATIOS: Final = (0.05, 40.0)
SHEEN: Final = 0.7
"""Share of the contrast of dark cloth that is its sheen."""
SHEEN_LIGHT: Final = 0.008
"""Linear light that is sheen on clothes of a portrait; what more they send back is their albedo: about one of
light falls on them."""
IRIS_RATIOS: Final = (0.3, 6.0)
LEAST_PIXELS: Final = 40
HAIR_NEAR, HAIR_FADE = 0.30, 0.25
"""Decimetres below a usual hairline from which hair of the actor is in her skin, and over which it begins."""
EAR_SIDE, EAR_HEIGHT, EAR_DEPTH = 0.68, (6.15, 6.98), (-0.15, 0.78)
"""Least |x|, range of y and of z of Mira's ears, decimetres."""
SIDE, SIDE_FADE = 0.75, 0.3
"""z from which, above the ears, a head is its side, and over which it becomes so."""
LARGEST_SIDE: Final = 0.25
"""Largest logarithm by which the studio's smooth light makes unseen skin brighter or darker."""
LESS_SHINE: Final = 0.15
"""Shine of a scalp, in shares of that of the face."""
SCALP_TEXELS: Final = 2.0
"""Over which the scalp's border is smoothed."""
CREASED: Final = ((0.16, 0.75), (5.95, 6.65))
"""Where a smile creases Mira's face: range of |x|, range of y; decimetres."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A photograph of a person.

    Attributes:
        name: of its file.
        image: [H, W, 3] sRGB.
        face: in it.
        person: [H, W] coverage of the person.
    """

    name: str
    image: NDArray[np.uint8]
    face: Face
    person: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Likeness:
    """What photographs became.

    Attributes:
        tensors: of the avatar.
        fit: of the shape to the photographs.
        landmarks: [P, L, 2] pixels at which the fitted face has its landmarks.
        relights: how each photograph's light became the studio's.
        mattes: [H, W] coverage of hair in each.
        person: the actor that the avatar was made from, with the skin and the clothes of the photographs.
    """

    tensors: Tensors
    fit: Fit
    landmarks: tuple[Array, ...]
    relights: tuple[Relight, ...]
    mattes: tuple[NDArray[np.float32], ...]
    person: Person


def make_likeness(
    photos: Sequence[Photo],
    tensors: Tensors,
    names: dict[str, str],
    person: Person,
    domain: Array,
    camera: Camera,
    tell: Callable[[str], None],
) -> Likeness:
    """Make an avatar from photographs.

    Args:
        photos: of one person, the most frontal first.
        tensors: of a synthetic actor's avatar, whose textures are moved to the person's colours.
        names: metadata of its file.
        person: that it is.
        domain: [V, 3] Mira's skin, on which places are known.
        camera: from which people see the avatar.
        tell: is told what is done.
    """
    space, faces = load_shapes(), load_faces()
    model, seen = linear_face(faces, space), [photo.face for photo in photos]
    tell("shape")
    fit = fit_faces(faces, model, seen)
    head = warped_head(faces, faces.head(space, fit.shape), fit, seen)
    shaped = transfer(tensors, space.head(person.shape), head)
    avatar = TexturedMesh.from_tensors(shaped, tuple(names["units"].split()), tuple(names["parts"].split()))
    tell("skin")
    studio = Studio(Paint(avatar, person, camera), domain)
    shots = [studio.shot(photo, fit, k) for k, photo in enumerate(photos)]
    log_ratio, exposure = studio.skin(shots, fit)
    tell("hair")
    first = shots[0]
    log_ratio = studio.painted(log_ratio, first, exposure)
    out = {**shaped, **studio.textures(log_ratio), **studio.hair(first, exposure)}
    landmarks = tuple(expected_landmarks(faces, model, fit, k) for k in range(len(photos)))
    relights, mattes = zip(*((shot.relight, shot.matte) for shot in shots), strict=True)
    return Likeness(out, fit, landmarks, relights, mattes, studio.coloured(log_ratio))


@dataclass(frozen=True, eq=False)
class Shot:
    """What a photograph shows of an avatar's texels.

    Attributes:
        photo: itself.
        view: where the texels are seen.
        matte: [H, W] coverage of hair.
        relight: how its light becomes the studio's.
        seen: the skin.
        camera: of the fit.
    """

    photo: Photo
    view: TexelView
    matte: NDArray[np.float32]
    relight: Relight
    seen: Observed
    fit: Fit
    index: int


class Studio:
    """An avatar with the shape of the person, and still the colours of the actor that it is made from.

    Args:
        paint: its texels.
        domain: [V, 3] Mira's skin, decimetres.

    Attributes:
        ear: [n] whether the texels are of an ear.
        foreign: [n] share of the texels whose colours say nothing of skin: the actor's scalp, and skin under
            her hair.
    """

    def __init__(self, paint: Paint, domain: Array) -> None:
        from scipy.spatial import cKDTree

        self.paint = paint
        corner = paint.avatar.mesh.faces[paint.texels.face]
        self.on_head = paint.members(albedo.HEAD) & (corner < len(domain)).all(1)
        self.chart = Chart(paint, self.on_head)
        members = self.chart.members
        self.corner = corner[members]
        self.place = np.einsum("nk,nkd->nd", paint.texels.weights[members], domain[self.corner])
        self.mirror = cKDTree(self.place).query(self.place * [-1, 1, 1])[1]
        x, y, z = np.abs(self.place[:, 0]), self.place[:, 1], self.place[:, 2]
        (low, high), (back, front) = EAR_HEIGHT, EAR_DEPTH
        scalp = paint.skin.scalp[members]
        ear = (scalp < 0.3) & (x > EAR_SIDE) & (y > low) & (y < high) & (z > back) & (z < front)
        beside = np.clip((SIDE - z) / SIDE_FADE, 0, 1) * (y > high) * ~ear
        near_hair = np.clip((paint.skin.hairline[members] + HAIR_NEAR) / HAIR_FADE, 0, 1) * ~ear
        self.ear, self.foreign = np.zeros(len(corner), bool), np.zeros(len(corner))
        self.ear[members] = ear
        self.foreign[members] = np.maximum(near_hair, beside)

    def shot(self, photo: Photo, fit: Fit, k: int) -> Shot:
        """Look at photograph k."""
        import cv2

        paint, camera, image = self.paint, fit.cameras[k], photo.image
        view = view_texels(paint.avatar, paint.texels, camera, fit.units[k], image.shape[:2])
        front = self.on_head & (view.facing > 0) & view.visible
        seeds = Seeds(view.place[front], paint.skin.hairline[front], self.ear[front])
        matte = hair_matte(image, photo.person, photo.face, seeds)
        width = 2 * max(1, round(RIM * camera.scale)) + 1
        kernel = np.ones((width, width), np.uint8)
        inside = cv2.erode(np.clip(photo.person, 0, SURE_PERSON) / SURE_PERSON, kernel)
        other = np.dstack([matte, inside]).astype(np.float64)
        hairy, sure = sample(other, view.place).T
        trust = albedo.trust_of(paint, view, camera.scale, hairy) * np.clip(2 * sure - 1, 0, 1) * self.on_head
        relight = albedo.relight_of(paint, view, image, trust)
        seen = albedo.observe(paint, view, image, trust, relight)
        return Shot(photo, view, matte, relight, seen, fit, k)

    def skin(self, shots: Sequence[Shot], fit: Fit) -> tuple[Array, float]:
        """Logarithm [n, 3] of the skin's ratio to the actor's, and that of the exposure."""
        (x_low, x_high), (y_low, y_high) = CREASED
        x, y, _ = np.abs(self.place).T
        creased = (x > x_low) & (x < x_high) & (y > y_low) & (y < y_high)
        smiles = fit.units[:, [UNITS.index(f"mouthSmile{side}") for side in ("Left", "Right")]]
        smile = float(smiles.mean(1).max())
        creases = creased * (1 - self.paint.skin.lips[self.chart.members]) * min(2 * smile, 1.0)
        seen = albedo.levelled(self.chart, albedo.blend([shot.seen for shot in shots]), self.mirror, creases)
        seen, exposure = albedo.exposed(
            self.paint, seen, shots[0].seen.trust, shots[0].photo.image, shots[0].view
        )
        value, sure, tone = albedo.completed(self.chart, seen, self.mirror)
        out = np.zeros_like(seen.log_ratio)
        out[self.paint.members(*SKIN_BELOW)] = tone
        out[self.chart.members] = value
        seen_share = np.zeros(len(out))
        seen_share[self.chart.members] = sure
        members = np.flatnonzero(self.paint.members(albedo.HEAD, *SKIN_BELOW))
        share = seen_share[members, None]
        out[members] = share * out[members] + (1 - share) * self._unseen(
            members, out[members], tone, shots[0]
        )
        return out, exposure

    def _unseen(self, members: NDArray[np.int64], log_ratio: Array, tone: Array, shot: Shot) -> Array:
        """Ratio [m, 3] of skin that no picture shows: the actor's, or as the studio lights it.

        The actor's scalp, under her hair, is too dark to tell how skin would look there.
        """
        paint = self.paint
        light, scalp = paint.light[members], self.foreign[members, None]
        veiled = albedo.under_veil(light, paint.skin.albedo(paint.person)[members], log_ratio)
        normal = albedo.studio_normals(paint)
        sure = np.flatnonzero(shot.seen.trust > albedo.SURE)
        smooth = np.clip(albedo.smooth_light(shot.relight.new, normal), -LARGEST_SIDE, LARGEST_SIDE)
        typical = np.median(paint.light[sure] / np.exp(smooth[sure])[:, None], 0)
        bare = tone + np.log(typical * np.exp(smooth[members])[:, None] / light)
        low, high = np.log(albedo.RATIOS)
        mixed: Array = (1 - scalp) * veiled + scalp * np.clip(bare, low, high)
        return mixed

    def painted(self, log_ratio: Array, shot: Shot, exposure: float) -> Array:
        """The skin's ratio with scalp under the hair, irises and clothes."""
        out, iris = log_ratio.copy(), _iris(shot)
        paint, image = self.paint, shot.photo.image
        if not hair.is_bald(shot.matte, shot.photo.face):
            light = ROOTS * hair.hair_light(image, shot.matte) * np.exp(exposure)
            roots = np.log(np.clip(light / np.maximum(paint.light, 1e-4), *albedo.RATIOS))
            cover = (self._scalp(shot) * self.on_head)[:, None]
            out = out * (1 - cover) + roots * cover
        for part in ("eye_l", "eye_r") if iris is not None else ():
            members = paint.members(part)
            own = np.median(paint.light[members], 0)
            ratio = np.clip(iris * np.exp(exposure) / own, *IRIS_RATIOS)
            out[members] = paint.iris_share(members)[:, None] * np.log(ratio)
        cloth = _cloth(shot)
        if cloth is not None:
            members = paint.members(*CLOTHES)
            out[members] = _dyed(paint.light[members], cloth * np.exp(exposure))
        painted: Array = out
        return painted

    def coloured(self, log_ratio: Array) -> Person:
        """The actor with the skin of the neck, and the clothes, that a ratio [n, 3] makes of theirs."""
        paint, actor = self.paint, self.paint.person
        neck, cloth = (paint.members(*parts) for parts in (("neck",), CLOTHES))
        skin = np.exp(np.median(log_ratio[neck], 0)) * actor.skin
        wear = np.median(paint.light[cloth] * np.exp(log_ratio[cloth]), 0) - SHEEN_LIGHT
        return replace(actor, skin=_colour(skin), wear=replace(actor.wear, colour=_colour(wear)))

    def textures(self, log_ratio: Array) -> Tensors:
        """Texture tensors; what is foreign in them answers to the light as the skin does, with less shine."""
        out, texels = recolour(self.paint, np.exp(log_ratio)), self.paint.texels
        scale = out["texture.scale"].astype(np.float64)
        scalp = np.flatnonzero(self.foreign > 0.01)
        at, share = (texels.rows[scalp], texels.columns[scalp]), self.foreign[scalp, None]
        skin = self.on_head & (self.foreign < 0.01)
        layers = out["texture.light"][texels.rows[skin], texels.columns[skin]].reshape(-1, NUM_TERMS, 3)
        typical = np.median(layers, 0) * scale[1:, None]
        typical[DIFFUSE:] *= LESS_SHINE
        lit = develop(self.paint.light[scalp] * np.exp(log_ratio[scalp]))
        bright = develop(self.paint.light[skin] * np.exp(log_ratio[skin]))
        response = typical * (lit.mean(1) / np.median(bright.mean(1)))[:, None, None]
        base = lit - np.einsum("nt,ntc->nc", self.paint.terms[scalp, :DIFFUSE], response[:, :DIFFUSE])
        for name, value in (
            ("texture.base", base / scale[0]),
            ("texture.light", (response / scale[1:, None]).reshape(len(scalp), -1)),
        ):
            limits = np.iinfo(np.int16)
            mixed = (1 - share) * out[name][at] + share * np.clip(value, limits.min, limits.max)
            out[name][at] = np.round(mixed)
        return out

    def hair(self, shot: Shot, exposure: float) -> Tensors:
        """Hair tensors."""
        camera, mesh = shot.fit.cameras[shot.index], self.paint.avatar.mesh
        picture = hair.hair_picture(shot.photo.image, shot.matte, shot.photo.face, camera, shot.relight)
        hairline = np.full(mesh.starts[1], -1.0)
        above = self.paint.skin.hairline[self.chart.members]
        np.maximum.at(hairline, self.corner.ravel(), np.repeat(above, 3))

        def lit(levels: Array, log_gain: Array) -> Array:
            gain = np.clip(log_gain, -HAIR_LIGHT, HAIR_LIGHT) + exposure
            levels_lit: Array = develop(undevelop(levels) * np.exp(gain)[:, None])
            return levels_lit

        points = mesh.rest[: mesh.starts[1]].astype(np.float64)
        faces = mesh.faces[(mesh.faces < len(points)).all(1)].astype(np.int64)
        out = hair_tensors(picture, Surface(points, faces, np.zeros_like(points)), hairline, lit)
        if hair.is_bald(shot.matte, shot.photo.face):
            out["hair.faces"] = np.zeros((1, 3), np.int32)
        return out

    def _scalp(self, shot: Shot) -> Array:
        """Share [n] of scalp under hair."""
        usual = np.clip(self.paint.skin.hairline / 0.1, 0, 1) * (1 - np.clip(2 * shot.seen.trust, 0, 1))
        shown = sample(shot.matte[..., None].astype(np.float64), shot.view.place)[:, 0]
        shown = shown * (shot.view.facing > 0) * shot.view.visible
        share = np.maximum(usual, np.clip(2 * shown - 0.5, 0, 1))
        out = np.zeros_like(share)
        members = self.chart.members
        out[members] = self.chart.smooth(share[members, None], np.ones(len(members)), SCALP_TEXELS)[0][:, 0]
        return out


def _colour(values: Array) -> Colour:
    """Linear albedo in [DARKEST, 1]."""
    red, green, blue = (float(x) for x in np.clip(values, DARKEST, 1))
    return red, green, blue


def _dyed(light: Array, wanted: Array) -> Array:
    """Logarithm [n, 3] of the ratio to cloth's light [n, 3] of cloth that sends back another light [3].

    Dark cloth shows its sheen most, which is no lighter where the cloth is: its contrast becomes less.
    """
    low, high = np.log(CLOTH_RATIOS)
    usual = np.median(light, 0)
    lighter = np.clip(np.log(wanted.mean() / usual.mean()) / high, 0, 1)
    relief = np.log(np.maximum(light.mean(1, keepdims=True), 1e-5) / usual.mean()) * (1 - SHEEN * lighter)
    dyed: Array = np.clip(np.log(wanted) + relief - np.log(np.maximum(light, 1e-5)), low, high)
    return dyed


def _iris(shot: Shot) -> Array | None:
    """Linear light [3] of the irises, both taken together, if they are large enough."""
    image, points = shot.photo.image, shot.photo.face.points[:, :2]
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    pixels = []
    for ring in IRISES:
        centre = points[ring[0]]
        radius = np.linalg.norm(points[list(ring[1:])] - centre, axis=1).mean()
        distance = np.hypot(columns + 0.5 - centre[0], rows + 0.5 - centre[1]) / max(radius, 1e-6)
        iris = (distance > 0.4) & (distance < 0.8) & (rows > centre[1] - 0.3 * radius)
        pixels.append(image[iris].astype(np.float64))
    both = np.concatenate(pixels)
    return undevelop(np.median(both, 0)[None])[0] if len(both) > 8 else None


def _cloth(shot: Shot) -> Array | None:
    """Linear light of the clothes, if any are seen."""
    photo = shot.photo
    top, chin = photo.face.points[10, 1], photo.face.points[152, 1]
    rows = np.arange(len(photo.image))[:, None]
    worn = (photo.person > SURE_PERSON) & (rows > chin + CLOTH_BELOW * (chin - top)) & (shot.matte < 0.1)
    if worn.sum() < LEAST_PIXELS:
        return None
    light: Array = undevelop(np.median(photo.image[worn].astype(np.float64), 0)[None])[0]
    return light
