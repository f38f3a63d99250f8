"""The light of clothes, fitted to path-traced pictures of a body; scripts/mira/body/hands.py fits skin."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import minimum_filter

from avgen.avatars.camera import Camera
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.body import Body
from avgen.avatars.mesh.body_lighting import BodyLighting
from avgen.avatars.mesh.codec import solve_contact
from avgen.avatars.mesh.scene import Scene
from avgen.avatars.raster.triangles import rasterise
from avgen.avatars.views import View
from avgen.casting.body_colours import PARTS, SKIN, TOP, fit_gains
from scripts.mira.pictures import named_channels

logger = logging.getLogger(__name__)
Array = NDArray[np.float32]

ROUNDS = 3
"""Of fitting gains and tint in turns."""
FEWEST = 500
"""Pixels that a material is fitted to at least."""
TRUST = 6.0
"""Pixels of an untinted surface that a vertex's tint is averaged with."""
TINT = (0.4, 1.8)


@dataclass(frozen=True)
class Capture:
    """A picture of a body.

    Attributes:
        name: of the picture.
        rgba: [H, W, 4] straight colour and coverage, 0..255.
        posed: one frame.
        camera: it was taken with.
    """

    name: str
    rgba: Array
    posed: Posed
    camera: Camera


@dataclass(frozen=True)
class Pixels:
    """Pixels of a body in pictures.

    Attributes:
        corners: [n, 3] vertices of the triangles seen there.
        shares: [n, 3] of the corners.
        features: [n, NUM_FEATURES].
        colours: [n, 3] 0..255.
    """

    corners: NDArray[np.int64]
    shares: Array
    features: Array
    colours: Array


def load_captures(folder: Path, prefix: str, avatar: TexturedMesh) -> list[Capture]:
    """Pictures whose names begin with a prefix, sorted by name."""
    assert avatar.body is not None
    out = []
    for path in sorted(folder.glob(f"{prefix}_*.json")):
        note = json.loads(path.read_text())
        channels = named_channels(note["channels"], avatar.codec.units)
        weights = solve_contact(channels, avatar.codec.units, avatar.codec.lips, avatar.codec.lids)
        head, body, hands = (np.array([note[name]], np.float32) for name in ("head", "body", "hands"))
        rgba = np.asarray(Image.open(path.with_suffix(".png")).convert("RGBA"), np.float32)
        posed = avatar.pose_figure(avatar.body, weights, head, body, hands)
        out.append(Capture(path.stem, rgba, posed, View.from_json(note["view"]).camera(*rgba.shape[:2])))
    return out


def seen_triangles(
    avatar: TexturedMesh, capture: Capture, sample: tuple[float, float] = (0.5, 0.5)
) -> tuple[NDArray[np.int32], Array]:
    """Triangle [H, W] of the scene at a place in every pixel (-1 for none), and all vertices [V, 3]."""
    height, width = capture.rgba.shape[:2]
    posed = capture.posed
    assert posed.body is not None
    vertices = np.concatenate([posed.vertices[0], posed.body.vertices[0]])
    points = capture.camera.project(vertices, width, height)
    points[:, 2] = 1 / points[:, 2]
    depth, index = np.empty((height, width), np.float32), np.empty((height, width), np.int32)
    moved = points + np.array([0.5 - sample[0], 0.5 - sample[1], 0], np.float32)
    rasterise(moved, Scene(avatar, capture.camera, width, height).triangles.faces, 0, True, depth, index)
    return index, points


def observe(avatar: TexturedMesh, capture: Capture) -> Pixels:
    """Pixels of the body in a picture, but not those at an edge."""
    assert avatar.body is not None
    body, bust = avatar.body, int(avatar.body.bust.sum())
    index, points = seen_triangles(avatar, capture)
    material = np.where(index < bust, -1, 0)
    material[index >= bust] = body.material[body.faces[index[index >= bust] - bust, 0]]
    inner = (minimum_filter(material, 3) == -minimum_filter(-material, 3)) & (material >= 0)
    rows, columns = np.nonzero(inner & (capture.rgba[..., 3] == 255))
    corners = body.faces[index[rows, columns] - bust].astype(np.int64)
    a, b, c = (points[len(capture.posed.vertices[0]) :][corners[:, k], :2] for k in range(3))
    p = np.stack([columns + 0.5, rows + 0.5], 1)

    def area(p: Array, q: Array, r: Array) -> Array:
        out: Array = (q[:, 0] - p[:, 0]) * (r[:, 1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (r[:, 0] - p[:, 0])
        return out

    shares = np.stack([area(p, b, c), area(a, p, c), area(a, b, p)], 1) / area(a, b, c)[:, None]
    lighting = BodyLighting(avatar, body, capture.camera)
    features = lighting.features(capture.posed, 0, np.ones(len(body.points), bool))
    mixed = np.einsum("nk,nkf->nf", shares, features[corners]).astype(np.float32)
    return Pixels(corners, shares.astype(np.float32), mixed, capture.rgba[rows, columns, :3])


def fit_cloth(body: Body, seen: Pixels) -> Body:
    """The body with gains and tint of its clothes, which so far were the usual ones; skin keeps both."""
    material = body.material[seen.corners[:, 0]]
    gains, usual, tint = body.gains.copy(), body.tint, body.tint.copy()
    for name in (TOP, *(part for part in PARTS if part not in (TOP, SKIN))):
        k = PARTS.index(name)
        mine = np.flatnonzero(material == k)
        if len(mine) < FEWEST:
            if not gains[k].any():
                gains[k] = gains[PARTS.index(TOP)]
            continue
        features, colours = seen.features[mine], seen.colours[mine]
        shares, corners = seen.shares[mine, :, None], seen.corners[mine]
        for _ in range(ROUNDS):
            shown = (shares * tint[corners]).sum(1)
            gains[k] = fit_gains(features, colours / shown)
            found = fit_tint(usual, corners, seen.shares[mine], features @ gains[k], colours)
            tint[body.material == k] = found[body.material == k]
        shown = (shares * tint[corners]).sum(1) * (features @ gains[k])
        error, spread = (np.abs(v - colours).mean() for v in (shown, colours.mean(0)))
        logger.info("%s: %d pixels, error %.2f of %.2f", name, len(mine), error, spread)
    return replace(body, gains=gains, tint=tint)


def fit_tint(
    usual: Array, corners: NDArray[np.int64], shares: Array, untinted: Array, colours: Array
) -> Array:
    """Tint [V, 3], close to a usual one, that turns untinted colours [n, 3] of a material into those seen.

    Pixels that are far off count less: they show something else.
    """
    error = np.abs(untinted - colours).mean(1)
    weight = (1 / (1 + (error / (8 * np.median(error) + 8)) ** 4)).astype(np.float32)[:, None]
    trust = TRUST * float((untinted**2).mean())
    top, bottom = trust * usual.astype(np.float64), np.full(usual.shape, trust)
    for k in range(3):
        np.add.at(top, corners[:, k], weight * shares[:, k, None] * untinted * colours)
        np.add.at(bottom, corners[:, k], weight * shares[:, k, None] * untinted**2)
    return np.clip(top / bottom, *TINT).astype(np.float32)
