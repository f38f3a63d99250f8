"""Light to display and back, by the tone curve that Mira's captures were developed with (AgX, sRGB display).

The curve is a table over the logarithm of linear light in Rec.709, made by scripts/mira/pack_tone_curve.py.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.storage import read_tensors
from avgen.avatars.raster.compile import kernel
from avgen.config import presets_folder

Array = NDArray[np.float64]

CURVE_FILE: Final = "people/tone_curve.safetensors"
"""Under the presets."""
DARKEST, BRIGHTEST = -12.0, 4.0
"""Base-2 logarithms of the light at the table's ends."""
LEVELS: Final = 255.0
_LEAST, _MOST = 2.0, 250.0
"""Display levels that are taken back to light; beyond them the curve is too flat."""
_NEWTON_STEPS: Final = 10
_FIRST_GUESS: Final = 400
_DAMPING: Final = 0.3
_LONGEST_STEP: Final = 1.0
_SETTLED: Final = 1e-3
"""Stops below which a step is the last: the next would be far shorter still."""
_TABLE_SIDE: Final = 33


@cache
def _table() -> NDArray[np.float32]:
    """Display levels [n, n, n, 3] by red, green and blue light."""
    tensors, _ = read_tensors(presets_folder() / CURVE_FILE)
    return np.ascontiguousarray(tensors["levels"].astype(np.float32) * (LEVELS / 65535))


@kernel
def _look_up(places: Array, table: NDArray[np.float32], levels: Array, slopes: Array) -> None:
    """Trilinear interpolation at places [n, 3] in steps of the table.

    Writes levels [n, 3], and their change [n, 3, 3] (level, place) per step.
    """
    end = table.shape[0] - 1 - 1e-9
    for i in range(len(places)):
        x = min(max(places[i, 0], 0.0), end)
        y = min(max(places[i, 1], 0.0), end)
        z = min(max(places[i, 2], 0.0), end)
        r, g, b = int(x), int(y), int(z)
        u, v, w = x - r, y - g, z - b
        for c in range(3):
            a00 = table[r, g, b, c] * (1 - w) + table[r, g, b + 1, c] * w
            a01 = table[r, g + 1, b, c] * (1 - w) + table[r, g + 1, b + 1, c] * w
            a10 = table[r + 1, g, b, c] * (1 - w) + table[r + 1, g, b + 1, c] * w
            a11 = table[r + 1, g + 1, b, c] * (1 - w) + table[r + 1, g + 1, b + 1, c] * w
            near, far = a00 * (1 - v) + a01 * v, a10 * (1 - v) + a11 * v
            levels[i, c] = near * (1 - u) + far * u
            slopes[i, c, 0] = far - near
            slopes[i, c, 1] = (a01 - a00) * (1 - u) + (a11 - a10) * u
            d00 = table[r, g, b + 1, c] - table[r, g, b, c]
            d01 = table[r, g + 1, b + 1, c] - table[r, g + 1, b, c]
            d10 = table[r + 1, g, b + 1, c] - table[r + 1, g, b, c]
            d11 = table[r + 1, g + 1, b + 1, c] - table[r + 1, g + 1, b, c]
            slopes[i, c, 2] = (d00 * (1 - v) + d01 * v) * (1 - u) + (d10 * (1 - v) + d11 * v) * u


def _developed(log2_light: Array) -> tuple[Array, Array]:
    """Levels [n, 3] of base-2 logarithms of light [n, 3], and their change [n, 3, 3] per stop."""
    table = _table()
    rate = (len(table) - 1) / (BRIGHTEST - DARKEST)
    levels, slopes = np.empty_like(log2_light), np.empty((*log2_light.shape, 3))
    _look_up(np.ascontiguousarray((log2_light - DARKEST) * rate), table, levels, slopes)
    return levels, slopes * rate


def _stops(light: Array) -> Array:
    stops: Array = np.log2(np.maximum(light, 2.0**DARKEST))
    return stops


def develop(light: Array) -> Array:
    """Display levels [n, 3] in 0..255 of linear light [n, 3] in Rec.709; 0.18 is middle grey."""
    return _developed(_stops(light))[0]


def contrast(light: Array) -> Array:
    """Change [n, 3, 3] (level, light) of display levels per relative change of linear light [n, 3]."""
    change: Array = _developed(_stops(light))[1] / np.log(2)
    return change


def undevelop(levels: Array) -> Array:
    """Linear light [n, 3] of display levels [n, 3], by damped Newton steps in its logarithm."""
    target = np.clip(levels, _LEAST, _MOST)
    grey = np.linspace(DARKEST, BRIGHTEST, _FIRST_GUESS)
    shown = develop(2.0 ** np.repeat(grey[:, None], 3, 1))[:, 1]
    x = np.interp(target, shown, grey)
    moving = np.arange(len(x))
    for _ in range(_NEWTON_STEPS):
        now, slopes = _developed(x[moving])
        move = np.linalg.solve(slopes + _DAMPING * np.eye(3), (target[moving] - now)[..., None])[..., 0]
        move = np.clip(move, -_LONGEST_STEP, _LONGEST_STEP)
        x[moving] = np.clip(x[moving] + move, DARKEST, BRIGHTEST)
        moving = moving[np.abs(move).max(1) > _SETTLED]
    light: Array = 2.0**x
    return light


def dye(ratio: Array, usual: float = 1.0, softer: float = 0.0) -> NDArray[np.float32]:
    """Table [n, n, n, 3] of display levels of light that is a ratio [3] of what display levels show.

    Args:
        ratio: where the light is the usual one.
        usual: mean of its channels.
        softer: power of a light in shares of the usual one by which the ratio falls.
    """
    axis = np.linspace(0, LEVELS, _TABLE_SIDE)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    light = undevelop(grid)
    relief = (light.mean(1, keepdims=True) / usual) ** -softer
    return develop(light * ratio * relief).astype(np.float32).reshape(*(_TABLE_SIDE,) * 3, 3)


def dyed(levels: Array, table: NDArray[np.float32]) -> Array:
    """Display levels [n, 3] with the colours of a `dye`."""
    out, slopes = np.empty(levels.shape), np.empty((*levels.shape, 3))
    _look_up(np.ascontiguousarray(levels * ((len(table) - 1) / LEVELS)), table, out, slopes)
    return out
