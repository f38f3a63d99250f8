"""Ways to wear hair: crops, curls, and hair that falls, all strands at once. Decimetres, MakeHuman axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scripts.mira.look.landmarks import HEAD_CENTRE, above_hairline, on_ears
from scripts.mira.look.strands import Roots, Skin, Strands, tapered, unit

Array = NDArray[np.float64]

NUM_ROOTS = 30_000
DOWN = np.array([0.0, -1.0, 0.0])
CURTAIN_DEGREES = 64.0
"""Azimuth in front of which falling hair does not hang before the face."""
FOREHEAD = 7.22
"""Height below which it does not."""
CLINGING = 6.62
"""Height above which hair lies on the head, and below which it hangs."""
CLING, LOOSE = 0.03, 5.0
BROW_LEVEL = 7.12
"""Down to which a fringe reaches."""


@dataclass(frozen=True, slots=True)
class Crop:
    """Short combed hair.

    Attributes:
        side: length above the ears.
        top: length on the crown.
        comb: direction on top.
        lift: by which the top stands off the scalp.
        wave: height of its waves.
        density: share of the roots that grow.
    """

    side: float
    top: float
    comb: tuple[float, float, float]
    lift: float
    wave: float = 0.0
    density: float = 1.0


@dataclass(frozen=True, slots=True)
class Curls:
    """Coils that stand off the scalp.

    Attributes:
        length: from the scalp to the outline.
        radius: of a coil.
        turn: length of hair per turn of a coil.
    """

    length: float
    radius: float
    turn: float


@dataclass(frozen=True, slots=True)
class Fall:
    """Hair that falls from a parting.

    Attributes:
        parting: x of it.
        cut: height at which the hair ends.
        wave: height of its waves.
        fringe: whether hair over the forehead is cut above the brows.
        curl: how much the ends turn inwards.
        volume: how far the upper layer stands off the head.
    """

    parting: float
    cut: float
    wave: float
    fringe: bool
    curl: float
    volume: float


STYLES: dict[str, Crop | Curls | Fall] = {
    "crop": Crop(side=0.05, top=0.30, comb=(-0.60, 0.05, -0.45), lift=0.10),
    "swept": Crop(side=0.14, top=0.46, comb=(-0.25, 0.10, -1.00), lift=0.16, wave=0.022),
    "receding": Crop(side=0.10, top=0.20, comb=(-0.35, 0.00, -0.90), lift=0.04, density=0.6),
    "afro": Curls(length=0.34, radius=0.024, turn=0.055),
    "long": Fall(parting=0.10, cut=5.42, wave=0.030, fringe=False, curl=0.10, volume=0.075),
    "bob": Fall(parting=-0.16, cut=5.98, wave=0.006, fringe=True, curl=0.9, volume=0.085),
}


def grow(style: str, skin: Skin) -> Strands:
    """Hair of a style on the skin of a head at rest."""
    look, rng = STYLES[style], np.random.default_rng(3)
    if isinstance(look, Crop):
        return _crop(look, style, skin, rng)
    if isinstance(look, Curls):
        return _curls(look, style, skin, rng)
    return _fall(look, style, skin, rng)


def scalp_roots(
    style: str, skin: Skin, count: int, rng: np.random.Generator, least: float = -0.03
) -> tuple[Roots, Array]:
    """Roots on the scalp and their height above the hairline, near which they are rarer."""
    centres = skin.domain[skin.triangles].mean(1)
    keep = (above_hairline(centres, style) > -0.12) & (centres[:, 1] > 6.0) & ~on_ears(centres)
    roots = skin.spread(count, rng, keep)
    height = above_hairline(roots.domain, style)
    density = np.clip((height - least + 0.025 * rng.standard_normal(count)) / 0.10, 0, 1)
    grows = rng.random(count) < density
    return roots.where(grows), height[grows]


def _grown(
    skin: Skin,
    start: Array,
    first: Array,
    length: Array,
    heading: Callable[[Array, float], Array],
    clearance: Callable[[float], Array],
    steps: int,
) -> Array:
    """Strands [n, steps, 3] that follow a heading, keep some of their direction, and stay off the skin."""
    points, direction = [start], unit(first)
    step = (length / (steps - 1))[:, None]
    for along in np.linspace(0, 1, steps)[1:]:
        direction = unit(0.68 * direction + 0.32 * unit(heading(points[-1], along)))
        point = points[-1] + direction * step
        least = clearance(along)
        loose = CLING + LOOSE * np.clip((CLINGING - point[:, 1]) / 0.25, 0, 1)
        points.append(skin.between(point, least, 1.4 * least + loose))
    return np.stack(points, 1)


def _locks(points: Array, count: int, pull: float, rng: np.random.Generator) -> Array:
    """Strands drawn towards the middle strand of their lock, more so towards the tips."""
    middle = rng.choice(len(points), count, replace=False)
    lock = middle[cKDTree(points[middle, 0]).query(points[:, 0])[1]]
    along = np.linspace(0, 1, points.shape[1])
    share = pull * rng.uniform(0.3, 1, (len(points), 1)) * along**0.8
    return points + share[..., None] * (points[lock] - points)


def _waved(points: Array, height: float, rng: np.random.Generator) -> Array:
    """Strands with waves that neighbours share."""
    root = points[:, 0]
    travelled = np.cumsum(np.linalg.norm(np.diff(points, axis=1, prepend=points[:, :1]), axis=2), 1)
    phase = root @ np.array([[5.0, 3.0], [2.0, -4.0], [-4.0, 5.0]]) + rng.normal(0, 0.35, (len(points), 2))
    swing = np.sin(travelled[..., None] / 0.42 * 2 * np.pi + phase[:, None]) * height
    swing *= np.clip(travelled / 0.6, 0, 1)[..., None]
    across = unit(np.cross(np.diff(points, axis=1, append=points[:, -1:] + DOWN * 0.01), [0.3, 0.2, 1.0]))
    outward = unit((points - HEAD_CENTRE) * [1, 0, 1])
    return points + across * swing[..., :1] + outward * swing[..., 1:] * 0.6


def _crop(look: Crop, style: str, skin: Skin, rng: np.random.Generator) -> Strands:
    roots, height = scalp_roots(style, skin, int(NUM_ROOTS * look.density), rng)
    n = len(roots.points)
    top = np.clip((roots.domain[:, 1] - 6.95) / 0.50, 0, 1)
    top = top * top * (3 - 2 * top)
    length = (look.side + (look.top - look.side) * top) * np.clip(0.35 + height / 0.35, 0.35, 1)
    length *= rng.uniform(0.75, 1.1, n)
    sides = np.stack([0.1 * np.sign(roots.domain[:, 0]), np.full(n, -0.85), np.full(n, -0.45)], 1)
    waves = np.array([(9.0, 4, 7), (-5.0, 8, 6), (7.0, -6, 9)])
    comb = np.array(look.comb) * top[:, None] + sides * (1 - top[:, None])
    comb += 0.16 * np.sin(roots.domain @ waves.T) + rng.normal(0, 0.10, (n, 3))
    front = np.clip((roots.domain[:, 2] - 0.7) / 0.4, 0, 1) * top
    first = roots.normals * (0.25 + 0.9 * look.lift / 0.16 * front + 0.3 * top)[:, None] + comb * 0.7
    layer = 0.008 + (look.lift * top + 0.012) * rng.random(n) ** 0.6
    points = _grown(
        skin,
        roots.points - roots.normals * 0.01,
        first,
        length,
        lambda _, along: comb,
        lambda along: np.minimum(layer, 0.006 + layer * along * 3),
        11,
    )
    points = _locks(points, n // 28, 0.45, rng)
    if look.wave:
        points = _waved(points, look.wave, rng)
    return Strands(points, tapered(n, 11, 0.000060, 0.6))


def _curls(look: Curls, style: str, skin: Skin, rng: np.random.Generator) -> Strands:
    roots, height = scalp_roots(style, skin, 26_000, rng, -0.01)
    n, steps = len(roots.points), 20
    along = np.linspace(0, 1, steps)[None, :, None]
    length = look.length * np.clip(0.40 + height / 0.30, 0.40, 1) * rng.uniform(0.5, 1.0, n) ** 0.6
    across = unit(np.cross(roots.normals, rng.standard_normal((n, 3))))
    other = np.cross(roots.normals, across)
    phase = 2 * np.pi * (rng.random((n, 1, 1)) + along * length[:, None, None] / look.turn)
    coil = look.radius * rng.uniform(0.6, 1.3, (n, 1, 1)) * np.sqrt(along)
    outward = unit(roots.normals + 0.8 * unit(roots.points - HEAD_CENTRE) + rng.normal(0, 0.22, (n, 3)))
    points = (roots.points - roots.normals * 0.01)[:, None] + (outward * length[:, None])[:, None] * along
    points = _locks(points, n // 40, 0.5, rng)
    points += coil * (np.cos(phase) * across[:, None] + np.sin(phase) * other[:, None])
    return Strands(points, tapered(n, steps, 0.000050, 0.2))


def _fall(look: Fall, style: str, skin: Skin, rng: np.random.Generator) -> Strands:
    roots, _ = scalp_roots(style, skin, NUM_ROOTS, rng)
    place, n, steps = roots.domain, len(roots.points), 39
    edge = look.parting + 0.02 * rng.standard_normal(n)
    side = np.tanh((place[:, 0] - edge) / 0.06)
    fringe = look.fringe & (place[:, 2] > 0.62) & (place[:, 1] > 7.25) & (np.abs(place[:, 0]) < 0.52)
    rank = np.clip((place[:, 1] - 6.3) / 1.4, 0, 1)
    layer = 0.012 + look.volume * rank * rng.random(n) ** 0.5 * np.where(fringe, 0.5, 1)
    length = np.where(fringe, 1.1, np.maximum(place[:, 1] - look.cut, 0.15) * 1.15 + 0.75)

    def heading(points: Array, along: float) -> Array:
        out = _falling(points, side, look)
        forward = np.stack([0.15 * points[:, 0], -1.0 - 0 * points[:, 1], 0.8 * (points[:, 1] - 7.1)], 1)
        out[fringe] = forward[fringe]
        return out

    sweep = np.stack([side * 0.9, np.full(n, 0.05), np.full(n, -0.25)], 1)
    sweep[fringe] = [0, 0.25, 0.9]
    first = roots.normals * 0.55 + sweep
    points = _grown(
        skin,
        roots.points - roots.normals * 0.01,
        first,
        length,
        heading,
        lambda along: np.minimum(layer, 0.008 + layer * along * 5),
        steps,
    )
    jitter = 0.035 * rng.standard_normal(n)
    level = np.where(fringe, BROW_LEVEL + 0.5 * jitter, look.cut + jitter + 0.25 * (1 - rank) * 0.2)
    points = _cut(points, level)
    points = points[fringe | ~_before_face(points)]
    n = len(points)
    points = _locks(points, n // 45, 0.55, rng)
    if look.wave:
        points = _waved(points, look.wave, rng)
    points = (points + rng.normal(0, 0.006, (n, 1, 3)) * np.linspace(0, 1, steps)[:, None])[:, ::2]
    return Strands(points, tapered(n, points.shape[1], 0.000075, 0.5))


def _before_face(points: Array) -> NDArray[np.bool_]:
    """Which strands [n] hang before the face."""
    x, y, z = np.moveaxis(points, -1, 0)
    deepest = HEAD_CENTRE[2] + np.abs(x) / np.tan(np.radians(CURTAIN_DEGREES)) + 0.12
    return ((z > deepest) & (y < 7.15) & (y > 5.9)).any(1)


def _falling(points: Array, side: Array, look: Fall) -> Array:
    """Direction in which hair falls: to its side on top, down below, never before the face."""
    top = np.clip((points[:, 1] - 7.25) / 0.35, 0, 1)
    behind = np.clip((0.35 - points[:, 2]) / 0.5, 0, 1)
    around = unit((points - [0, 0, 0.30]) * [1, 0, 1])
    lateral = np.stack([side, np.zeros_like(side), np.full_like(side, -0.15)], 1)
    lateral = lateral * (1 - behind[:, None]) + around * behind[:, None]
    low = np.clip((points[:, 1] - 7.6) / -0.5, 0, 1)
    out = DOWN * (0.45 + low)[:, None] + lateral * (0.9 * top)[:, None]
    ends = np.clip((look.cut + 0.42 - points[:, 1]) / 0.4, 0, 1) * look.curl
    out -= around * ends[:, None]
    deepest = HEAD_CENTRE[2] + np.abs(points[:, 0]) / np.tan(np.radians(CURTAIN_DEGREES))
    before = np.clip((points[:, 2] - deepest) / 0.15, 0, 1) * (points[:, 1] < FOREHEAD + 0.12)
    out[:, 2] -= 1.6 * before
    out[:, 0] += 1.3 * before * np.sign(side)
    return out


def _cut(points: Array, level: Array) -> Array:
    """Strands [n, k, 3] ended where they first fall below a height [n], with as many points as before."""
    n, k, _ = points.shape
    below = points[..., 1] < level[:, None]
    last = np.where(below.any(1), below.argmax(1), k - 1)
    place = np.linspace(0, 1, k)[None] * last[:, None]
    start = np.minimum(place.astype(int), k - 2)
    share = (place - start)[..., None]
    rows = np.arange(n)[:, None]
    return points[rows, start] * (1 - share) + points[rows, start + 1] * share
