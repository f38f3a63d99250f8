"""The skin of a photograph, in shares of the skin of the actor whose textures it is to become.

The light of the photograph is taken out: its smooth part over the directions of the surface (nine
spherical harmonics; Ramamoorthi & Hanrahan 2001), what is left of it from one side of the face to the other,
and some of the shine. What no picture shows comes from the other half of the face, then from around.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.atlas import sample
from avgen.casting.portrait.view import TexelView
from avgen.casting.recolour import Paint, lids
from avgen.casting.tone_curve import develop, undevelop

Array = NDArray[np.float64]

HEAD: Final = "head"
EYES: Final = ("eye_l", "eye_r")
INNER: Final = ("mouth", "upper", "lower", "tongue")
LUMA: Final = np.array([0.2126, 0.7152, 0.0722])
LEAST_FACING, FACING_RANGE = 0.28, 0.35
"""Cosine from which a surface is seen, and over which it is seen ever better."""
NEAR_EYES, NEAR_MOUTH = 0.0016, 0.0012
"""Metres around eyeballs, and around the mouth's inside, in which colours may be theirs."""
SURE: Final = 0.6
ENOUGH: Final = 0.4
"""Trust at which a picture is not mixed with others."""
ROBUST: Final = 0.25
"""Difference of log luminance from the smooth light beyond which a texel counts less."""
RIDGE: Final = 1e-2
LARGEST_LIGHT: Final = 0.8
SIDE_TEXELS: Final = 26.0
"""Over which the light of one side is told from the colour of the skin."""
GLOSS_TEXELS, LEAST_GLOSS, KEPT_GLOSS = 22.0, 0.12, 0.6
"""Size of what shine stands out of, in texels; by how much; and how much of the rest stays. Less looks less
like the person."""
BRIGHTER, PALED, LEAST_LEFT = 0.2, 0.9, 0.2
"""Logarithm above the median from which skin may be mirroring; how much of what is white in it then goes, and
the least that is left of its darkest channel."""
USUAL_LEVEL: Final = 150.0
"""Display level of a light face in the studio: brighter pictures are taken half-way there, none is raised."""
LARGEST_STRAY, GROUND = 0.3, 0.01
"""How far, in logarithms, what fills unseen skin strays from the tone of it all, and that tone's weight."""
CREASE_TEXELS, PRESSED_CREASES = 7.0, 0.7
"""Size of what creases of a smile stand out of, in texels, and how much of them goes with the smile."""
RATIOS: Final = (0.02, 2000.0)
"""Of skin to what the actor has there, which may be the scalp under her hair."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What photographs show of the skin.

    Attributes:
        log_ratio: [n, 3] logarithm of the texels' albedo in shares of the actor's.
        trust: [n] in [0, 1].
    """

    log_ratio: Array
    trust: Array


@dataclass(frozen=True, slots=True)
class Relight:
    """The smooth light of a photograph, and the studio's.

    Attributes:
        old: harmonics [8] of the photograph's, over directions in its camera's axes.
        new: of the studio's, over directions in the world.
        mean: added, so that skin keeps its brightness on average.
    """

    old: Array
    new: Array
    mean: float

    def log_gain(self, in_photo: Array, in_studio: Array) -> Array:
        """Logarithm [n] of the factor on the light of surfaces that face directions [n, 3] in both."""
        gain: Array = smooth_light(self.new, in_studio) - smooth_light(self.old, in_photo) + self.mean
        return np.clip(gain, -LARGEST_LIGHT, LARGEST_LIGHT)


def trust_of(paint: Paint, view: TexelView, scale: float, hairy: Array) -> Array:
    """How well [n] the skin's texels are seen in a picture.

    Args:
        paint: the texels.
        view: of them.
        scale: pixels of a metre.
        hairy: [n] share of hair where they are seen.
    """
    import cv2

    parts = paint.avatar.parts
    clear = np.ones(len(view.facing), bool)
    for names, reach in ((EYES, NEAR_EYES), (INNER, NEAR_MOUTH)):
        other = np.isin(view.covered, [parts.index(name) for name in names]).astype(np.uint8)
        width = 2 * max(1, round(reach * scale * view.step)) + 1
        near = cv2.dilate(other, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
        x, y = (view.place * view.step).astype(int).T
        clear &= near[np.clip(y, 0, near.shape[0] - 1), np.clip(x, 0, near.shape[1] - 1)] == 0
    seen = np.clip((view.facing - LEAST_FACING) / FACING_RANGE, 0, 1) * np.clip(1 - hairy, 0, 1)
    corner = paint.avatar.mesh.faces[paint.texels.face]
    lid = np.einsum("nk,nk->n", paint.texels.weights, lids(paint.avatar)[corner])
    trust: Array = seen * (view.visible & clear & paint.members(HEAD)) * (1 - lid)
    return trust


def relight_of(paint: Paint, view: TexelView, image: NDArray[np.uint8], trust: Array) -> Relight:
    """How the smooth light of a photograph [H, W, 3] becomes the studio's, learnt from the skin."""
    used = np.flatnonzero(trust > 0)
    photo = undevelop(sample(image.astype(np.float64), view.place[used]))
    old = light_of(view.normal[used], photo, trust[used])
    new = light_of(studio_normals(paint)[used], paint.light[used], trust[used])
    raw = Relight(old, new, 0.0)
    mean = raw.log_gain(view.normal[used], studio_normals(paint)[used]) @ trust[used] / trust[used].sum()
    return Relight(old, new, -float(mean))


def observe(
    paint: Paint, view: TexelView, image: NDArray[np.uint8], trust: Array, relight: Relight
) -> Observed:
    """Skin of a photograph [H, W, 3], its smooth light replaced by the studio's."""
    used = np.flatnonzero(trust > 0)
    photo = undevelop(sample(image.astype(np.float64), view.place[used]))
    photo = without_gloss(photo, trust[used])
    gain = relight.log_gain(view.normal[used], studio_normals(paint)[used])
    out = np.zeros((len(trust), 3))
    out[used] = np.log(np.clip(photo / paint.light[used], 1e-3, 1e3)) + gain[:, None]
    return Observed(out, trust)


def without_gloss(light: Array, trust: Array) -> Array:
    """Linear light [m, 3] of skin less what it mirrors, which has the colour of the lamps and not its own.

    What is brighter than most of the skin, and paler, is taken apart into its usual colour and white (the
    dichromatic model; Shafer 1985).

    Args:
        light: of texels.
        trust: [m] how well they are seen.
    """
    sure = light[trust > SURE * trust.max()]
    colour = np.median(sure / sure.mean(1, keepdims=True), 0)
    spread = colour - colour.mean()
    own = light @ spread / (spread @ spread)
    white = np.clip(light.mean(1) - own * colour.mean(), 0, None)
    usual = float(np.median(sure @ LUMA))
    bright = np.clip(np.log(light @ LUMA / usual) / BRIGHTER, 0, 1)
    taken = np.minimum(PALED * bright * white, (1 - LEAST_LEFT) * light.min(1))
    left: Array = light - taken[:, None]
    return left


def studio_normals(paint: Paint) -> Array:
    """Normals [n, 3] of the texels on the avatar at rest."""
    from avgen.casting.surface import vertex_normals

    mesh, texels = paint.avatar.mesh, paint.texels
    every = vertex_normals(mesh.rest.astype(np.float64), mesh.faces)
    normal = np.einsum("nk,nkd->nd", texels.weights, every[mesh.faces[texels.face]])
    unit: Array = normal / (np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9)
    return unit


def harmonics(n: Array) -> Array:
    """First nine spherical harmonics [n, 9] of unit directions [n, 3], not normalised."""
    x, y, z = n.T
    return np.stack([np.ones_like(x), x, y, z, x * y, x * z, y * z, x * x - y * y, 3 * z * z - 1], 1)


def light_of(normal: Array, light: Array, weight: Array) -> Array:
    """Harmonics [8] of the logarithm of luminance over directions, without its mean.

    What is far from them counts less (Geman & McClure 1987).
    """
    basis, value = harmonics(normal), np.log(light @ LUMA)
    used = np.flatnonzero(weight > 0)[:: max(1, int((weight > 0).sum()) // 40_000)]
    b, v, first = basis[used], value[used], weight[used]
    w = first.copy()
    for _ in range(8):
        penalty = np.diag(np.r_[0, np.full(8, RIDGE * w.sum())])
        c = np.linalg.solve((b * w[:, None]).T @ b + penalty, (b * w[:, None]).T @ v)
        w = first / (1 + ((v - b @ c) / ROBUST) ** 2) ** 2
    coefficients: Array = c[1:]
    return coefficients


def smooth_light(coefficients: Array, normal: Array) -> Array:
    """Logarithm [n] of the luminance that harmonics give to directions [n, 3], within limits."""
    smooth: Array = harmonics(normal)[:, 1:] @ coefficients
    return np.clip(smooth, -LARGEST_LIGHT, LARGEST_LIGHT)


def blend(seen: Sequence[Observed]) -> Observed:
    """One skin of several pictures, brought to the tone of the first; each fills what those before it miss.

    Pictures never register exactly: a mean of them would show brows twice.
    """
    first = seen[0]
    total, left = np.zeros_like(first.log_ratio), np.ones(len(first.trust))
    for one in seen:
        both = np.minimum(one.trust, first.trust) > 0.3
        tone = np.median((first.log_ratio - one.log_ratio)[both], 0) if both.sum() > 500 else 0.0
        share = left * np.clip(one.trust / ENOUGH, 0, 1)
        total += share[:, None] * (one.log_ratio + tone)
        left = left - share
    known = 1 - left
    trust = np.max([one.trust for one in seen], 0)
    return Observed(total / np.maximum(known, 1e-9)[:, None], trust)


class Chart:
    """Smoothing over the atlas, of the texels of one part.

    Args:
        paint: the texels.
        members: [n] which of them.
    """

    def __init__(self, paint: Paint, members: NDArray[np.bool_]) -> None:
        self.members = np.flatnonzero(members)
        rows, columns = (at[self.members] for at in (paint.texels.rows, paint.texels.columns))
        self.rows, self.columns = rows - rows.min(), columns - columns.min()
        self.shape = int(self.rows.max()) + 1, int(self.columns.max()) + 1

    def smooth(self, values: Array, weight: Array, texels: float) -> tuple[Array, Array]:
        """Weighted Gaussian mean [m, c] of values [m, c] of the members, and the weight [m] around."""
        import cv2

        layer = np.zeros((*self.shape, values.shape[1] + 1))
        layer[self.rows, self.columns] = np.c_[values * weight[:, None], weight]
        mixed = cv2.GaussianBlur(layer, (0, 0), texels, borderType=cv2.BORDER_CONSTANT)
        mixed = mixed.reshape(layer.shape)[self.rows, self.columns]
        mass = mixed[:, -1]
        return mixed[:, :-1] / np.maximum(mass, 1e-9)[:, None], mass


def levelled(chart: Chart, seen: Observed, mirror: NDArray[np.int64], creases: Array) -> Observed:
    """The skin without light that falls from one side, with less shine, and without the creases of a smile.

    Args:
        chart: of the head.
        seen: by the pictures.
        mirror: [m] of the chart's texels, the one on the other half of the face.
        creases: [m] share of every texel's creases that come from a smile.
    """
    m = chart.members
    value, trust = seen.log_ratio[m], seen.trust[m]
    smooth, _ = chart.smooth(value, trust, SIDE_TEXELS)
    both = np.minimum(trust, trust[mirror])
    side = (smooth - smooth[mirror]) @ LUMA / 2
    side_mean, mass = chart.smooth(side[:, None], both, SIDE_TEXELS)
    value = value - (side_mean * np.clip(mass / 0.2, 0, 1)[:, None])
    luma = value @ LUMA
    around, _ = chart.smooth(luma[:, None], trust, GLOSS_TEXELS)
    above = np.maximum(luma - around[:, 0] - LEAST_GLOSS, 0)
    value = value - ((1 - KEPT_GLOSS) * above)[:, None]
    luma = value @ LUMA
    around, _ = chart.smooth(luma[:, None], trust, CREASE_TEXELS)
    below = np.minimum(luma - around[:, 0], 0)
    value = value - (PRESSED_CREASES * creases * below)[:, None]
    log_ratio = seen.log_ratio.copy()
    log_ratio[m] = value
    return Observed(log_ratio, seen.trust)


def exposed(
    paint: Paint, seen: Observed, trust: Array, image: NDArray[np.uint8], view: TexelView
) -> tuple[Observed, float]:
    """The skin as bright as in a picture that shows it so well [n], and the logarithm that was added."""
    sure = np.flatnonzero(trust > SURE * trust.max())[::29]
    shown = sample(image.astype(np.float64), view.place[sure])
    level = float(np.median(shown @ LUMA))
    level = min(level, (level + USUAL_LEVEL) / 2)
    gains = np.linspace(-1.8, 1.8, 25)
    light = paint.light[sure] * np.exp(seen.log_ratio[sure])
    levels = [float(np.median(develop(light * np.exp(gain)) @ LUMA)) for gain in gains]
    gain = float(np.interp(level, levels, gains))
    low, high = np.log(RATIOS)
    return Observed(np.clip(seen.log_ratio + gain, low, high), seen.trust), gain


def completed(chart: Chart, seen: Observed, mirror: NDArray[np.int64]) -> tuple[Array, Array, Array]:
    """Skin of the chart's texels, unseen ones from around.

    Returns:
        Logarithms [m, 3], how much [m] of them was seen, and the tone [3] of it all.
    """
    m = chart.members
    value, trust = seen.log_ratio[m], seen.trust[m]
    tone = np.median(value[trust > SURE * trust.max()], 0)
    keep = np.clip(trust / 0.5, 0, 1)
    other = trust[mirror] * 0.9 * (1 - keep)
    known = keep + other
    value = (keep[:, None] * value + other[:, None] * value[mirror]) / np.maximum(known, 1e-6)[:, None]
    near = np.clip(value, tone - LARGEST_STRAY, tone + LARGEST_STRAY)
    filled, mass = GROUND * tone, np.full((len(m), 1), GROUND)
    for texels, share in ((5.0, 1.0), (20.0, 0.05)):
        mean, weight = chart.smooth(near, known**2, texels)
        filled, mass = filled + share * weight[:, None] * mean, mass + share * weight[:, None]
    sure = np.clip(known / 0.4, 0, 1)
    return sure[:, None] * value + (1 - sure)[:, None] * filled / mass, sure, tone


def under_veil(light: Array, colour: Array, log_ratio: Array) -> Array:
    """Logarithm [m, 3] of a ratio that leaves alone what light sends back without colour.

    Args:
        light: [m, 3] of texels: a share of the skin's colour and one of white.
        colour: [m, 3] linear albedo of the skin.
        log_ratio: [m, 3] of the skin.
    """
    unit = colour / colour.mean(1, keepdims=True)
    spread = unit - 1
    tinted = (light * spread).sum(1) / (spread**2).sum(1)
    tinted = np.clip(tinted, 0, light.mean(1))[:, None] * unit
    tinted = np.minimum(tinted, light)
    changed: Array = np.log((light - tinted + tinted * np.exp(log_ratio)) / light)
    return changed
